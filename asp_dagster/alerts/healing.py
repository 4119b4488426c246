"""What heals: what has failed of a cause that was told, until all of it has succeeded.

Here belong which runs heal what, and the text of the message. A cause is healed when the last of
its partitions has come: before that the message would not be true.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import dagster as dg

from asp_dagster.alerts.causes import Cause, place_of
from asp_dagster.roads import ORDER_IDS
from asp_dagster.run_tags import PARTITION, PARTITION_RANGE

MOST_FAILED = 1000
"""So many partitions of a cause are followed, the last ones of more."""


@dataclass(frozen=True)
class Failed:
    """What a run was to bring, and when it failed.

    Attributes:
        first: Its first partition; empty if it has none.
        last: Its last; the same unless it has several.
        is_part: Whether it was to bring some orders of the partition only.
        at: When it failed.
    """

    first: str
    last: str
    is_part: bool
    at: datetime

    @classmethod
    def of(cls, run: dg.DagsterRun, at: datetime) -> Self:
        """Return what a run was to bring."""
        of_one = run.tags.get(PARTITION, "")
        first, last = (run.tags.get(name, of_one) for name in PARTITION_RANGE)
        return cls(first, last, ORDER_IDS in run.tags, at)

    def is_within(self, other: Self) -> bool:
        """Tell whether another run was to bring at least as much, and ended later."""
        is_later = other.at > self.at and (self.is_part or not other.is_part)
        return is_later and other.first <= self.first <= self.last <= other.last


@dataclass(frozen=True, kw_only=True)
class Failing:
    """A cause that was told, and how much of it has healed.

    Attributes:
        feed: The feed, or the job if no step has failed.
        error: The class of the error.
        job: The job that failed last.
        failed: What has failed and not succeeded since.
        healed: The first and the last of the partitions that have succeeded since.
    """

    feed: str
    error: str
    job: str
    failed: Sequence[Failed] = ()
    healed: Sequence[str] = ()

    @classmethod
    def of(cls, cause: Cause, run: dg.DagsterRun) -> Self:
        """Return what is failing of a cause, before anything of it is noted."""
        return cls(feed=cause.feed, error=cause.error, job=run.job_name)

    def failing(self, failed: Failed) -> Self:
        """Return it once another run has failed of it."""
        others = [each for each in self.failed if not each.is_within(failed)]
        return replace(self, failed=[*others, failed][-MOST_FAILED:])

    def succeeding(self, done: Failed) -> Self:
        """Return it once a run has succeeded, which heals what lies within it."""
        healed = [each for each in self.failed if each.is_within(done)]
        left = [each for each in self.failed if each not in healed]
        named = {name for each in healed for name in (each.first, each.last)}
        ends = sorted({*self.healed, *named} - {""})
        return replace(self, failed=left, healed=[*ends[:1], *ends[1:][-1:]])

    @property
    def subject(self) -> str:
        """The message in a line."""
        return f"{self.feed} healed: {self.error}"

    def text(self, run: dg.DagsterRun, ui_url: str | None) -> str:
        """Return the message.

        Args:
            run: The run that brought the last of it.
            ui_url: Where Dagster's UI is, for the link; without it, the run's id.
        """
        named = f", partition{'s' * (len(self.healed) > 1)} {' to '.join(self.healed)}"
        job = f"job {self.job}{named if self.healed else ''}"
        return f"{self.subject}\nWhat had failed has succeeded.\n{job}\n{place_of(run, ui_url)}"


def feeds_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Collection[str]:
    """Return what a run has brought, in the words of causes: steps, and its job if it succeeded."""
    events = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_SUCCESS)
    steps = [str(each.dagster_event.step_key) for each in events if each.dagster_event]
    jobs = [run.job_name] if run.status == dg.DagsterRunStatus.SUCCESS else []
    return {*jobs, *(step.replace("__", "/") for step in steps)}
