"""What becomes of the runs that were asked for, and of the messages behind them.

A message is deleted once Dagster has stored the run. A run that fails is asked for again, after
longer and longer pauses, and not for ever: the partition's own run finds what is left. Here belongs
following runs; which are asked for is said in `asking`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from logging import Logger
from typing import TYPE_CHECKING, Literal

import dagster as dg

from asp_dagster.notifications.queue import NotificationQueue
from asp_dagster.run_tags import RUN_KEY, has_failed_for_good
from asp_dagster.spapi import Clock

if TYPE_CHECKING:  # only who opens the state pays for loading it
    from asp_dagster.state import AskedRun, Notifications

PAUSES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=45))
"""How long after a failure the same is asked for again; after the last, no more."""

Outcome = Literal["unknown", "under way", "over", "failed"]

_LONGEST = timedelta(days=1)
"""A run that has not ended by then, since its process is gone say, keeps no other from coming."""

_GIVEN_UP: Mapping[Outcome, str] = {
    "failed": f"{len(PAUSES) + 1} runs for them have failed",
    "under way": "the run for them has not ended within a day; see whether it is stuck",
    "unknown": "the run for them was deleted",
}
_OVER = {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.CANCELED}
_AT_ONCE = 100


@dataclass(frozen=True)
class Settling:
    """Settles what earlier ticks have asked for.

    Attributes:
        instance: Dagster.
        queue: The queue.
        notifications: What is noted.
        clock: Tells when to stop.
        log: Where it is told what is given up.
    """

    instance: dg.DagsterInstance
    queue: NotificationQueue
    notifications: "Notifications"
    clock: Clock
    log: Logger

    def run(self, feeds: Sequence[str], until: float) -> None:
        """Settle what can be.

        Args:
            feeds: The feeds that listen.
            until: When to stop deleting, by the clock's seconds; the next tick goes on.

        Raises:
            QueueError: When SQS refuses, or does not answer.
            StateError: When the state cannot be used.
        """
        changes, arn = self.notifications.changes, self.queue.arn
        if dropped := changes.keep(arn, feeds):
            self.log.warning("%d changed orders are left: no feed listens to them now.", dropped)
        for asked in changes.asked(arn):
            if self._outcome(asked) != "unknown":
                changes.stored(asked.run_key)
        while self.clock.monotonic() < until and (spent := self._spent()):
            self.queue.delete(spent)
            self.notifications.deleted(spent)
        for run in changes.under_way(arn):
            self._follow(run)
        self.notifications.forget()

    def _spent(self) -> Sequence[str]:
        return self.notifications.spent(self.queue.arn, _AT_ONCE)

    def _follow(self, run: "AskedRun") -> None:
        """Forget what a run was to fetch once it is over, or let it be asked for again."""
        outcome, changes = self._outcome(run), self.notifications.changes
        if outcome == "under way" and not self._is_stuck(run):
            return
        if outcome == "failed" and run.failures < len(PAUSES):
            changes.failed(run.run_key, self.clock.now() + PAUSES[run.failures])
            return
        changes.over(run.run_key)
        if outcome in _GIVEN_UP:
            self.log.warning(
                "%d changed orders of %s are given up, as %s: they come with the run of partition"
                " %s, or when they change again.",
                len(run.order_ids),
                run.feed,
                _GIVEN_UP[outcome],
                run.partition_key,
            )

    def _is_stuck(self, run: "AskedRun") -> bool:
        """Tell whether a run has been under way for so long that nothing should wait for it."""
        return run.stored_at is not None and self.clock.now() - run.stored_at > _LONGEST

    def _outcome(self, asked: "AskedRun") -> Outcome:
        """Return how far the last run with a key is: Dagster's own retries have the same."""
        key = dg.RunsFilter(tags={RUN_KEY: asked.run_key})
        last = next(iter(self.instance.get_runs(key, limit=1)), None)
        if last is None:
            return "unknown"
        if last.status in _OVER:
            return "over"
        return "failed" if has_failed_for_good(last) else "under way"
