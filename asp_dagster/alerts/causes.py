"""What a failed run failed of, in words that may leave the house.

Here belong: the reading of a run's failures from Dagster, and the text of a message. A sentence
that may quote rows, or that nobody wrote for others, stays in the run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import dagster as dg
from dagster._core.execution.plan.objects import (  # Dagster has no public names for these
    StepFailureData,
    UserFailureData,
)

from asp_dagster.failures import CAUSE, REQUEST_ID
from asp_dagster.run_tags import PARTITION, PARTITION_RANGE
from asp_dagster.spapi.errors import redacted

_MOST_CHARACTERS = 1000
_QUOTING_ROWS = {"WarehouseError", "RawFileError"}
_SEE_RUN = "What it says may quote data, so it is told in the run only."
_NO_STEP = "The run ended before a step could tell why: see its log in Dagster."


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What a step of a run failed of.

    Attributes:
        feed: The step: the feed, below its account.
        error: The class of the error: `LoginError`.
        sentence: What happened, and the remedy.
        request_id: Amazon's id of the request, if it was one.
    """

    feed: str
    error: str
    sentence: str
    request_id: str = ""

    @property
    def key(self) -> str:
        """What is the same in all failures of one cause."""
        return f"{self.feed} {self.error}"

    @property
    def subject(self) -> str:
        """The message in a line."""
        return f"{self.feed} failed: {self.error}"

    def text(self, run: dg.DagsterRun, ui_url: str | None) -> str:
        """Return the message.

        Args:
            run: The run.
            ui_url: Where Dagster's UI is, for the link; without it, the run's id.
        """
        named = (PARTITION, *PARTITION_RANGE)
        partition = " to ".join(run.tags[tag] for tag in named if tag in run.tags)
        told = {"job": run.job_name, "partition": partition, "request id": self.request_id}
        facts = ", ".join(f"{name} {value}" for name, value in told.items() if value)
        return f"{self.subject}\n{self.sentence}\n{facts}\n{place_of(run, ui_url)}"


def place_of(run: dg.DagsterRun, ui_url: str | None) -> str:
    """Return where a run is to be seen: its page, or its id where nobody says where the UI is."""
    return f"{ui_url.rstrip('/')}/runs/{run.run_id}" if ui_url else f"run {run.run_id}"


def causes_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Iterator[Cause]:
    """Yield what each step of a run failed of; if none did, that the run failed."""
    failures = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    events = [each.dagster_event for each in failures if each.dagster_event]
    for event in events:
        yield _cause(str(event.step_key), event.step_failure_data)
    if not events:
        yield Cause(feed=run.job_name, error="RunFailure", sentence=_NO_STEP)


def _cause(step: str, data: StepFailureData) -> Cause:
    feed, told = step.replace("__", "/"), data.user_failure_data
    if told is None:
        return Cause(feed=feed, error=_class_of(data), sentence=_SEE_RUN)
    said = _said(told)
    error = said.get(CAUSE, "Failure")
    sentence = redacted(str(told.description or ""), ())[:_MOST_CHARACTERS]
    return Cause(
        feed=feed,
        error=error,
        sentence=_SEE_RUN if error in _QUOTING_ROWS else sentence,
        request_id=said.get(REQUEST_ID, ""),
    )


def _said(told: UserFailureData) -> Mapping[str, str]:
    return {name: str(value.value) for name, value in (told.metadata or {}).items()}


def _class_of(data: StepFailureData) -> str:
    """Return the class of an error that nobody foresaw: the one that led to all others."""
    error = data.error
    while error and error.cause:
        error = error.cause
    return str(error.cls_name) if error else "Failure"
