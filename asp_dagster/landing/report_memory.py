"""Where reports are remembered from one run to the next, as landing sees it.

Here belong: what a run and a look have to tell and may ask, and the memory of who has none. The
real ones are `state.ReportLedger` and `state.WaitingReports`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from asp_dagster.catalog.report_records import ReportRecord, ReportStatus, WaitingReport


class ReportMemory(Protocol):
    """Where reports are remembered from one run to the next: a `state.ReportLedger`."""

    def latest(self, key: str) -> ReportRecord | None:
        """Return the last report that was asked for under a key, if any was."""
        ...

    def requested(
        self,
        key: str,
        request: Mapping[str, Any],
        run_id: str | None = None,
        *,
        after: int | None = None,
    ) -> ReportRecord | None:
        """Note that a report is about to be asked for; none if another run was quicker."""
        ...

    def adopted(
        self,
        key: str,
        request: Mapping[str, Any],
        report_id: str,
        document_id: str,
        *,
        made_at: datetime,
        run_id: str | None = None,
    ) -> int:
        """Note a finished report that somebody else had made, and return its number."""
        ...

    def key_of(self, report_id: str) -> str | None:
        """Return the key that a report of Amazon's was asked for under; none if it is unknown."""
        ...

    def rows_landed(self, key: str) -> int:
        """Return how many rows the last report had that landed under a key."""
        ...

    def created(self, number: int, report_id: str) -> None:
        """Note the id by which Amazon knows a report."""
        ...

    def ended(
        self, number: int, status: ReportStatus, *, document_id: str | None = None, reason: str = ""
    ) -> None:
        """Note how a report ended at Amazon."""
        ...

    def landed(self, number: int, rows: int) -> None:
        """Note that a report's document is in its place as a raw file."""
        ...


class WaitingMemory(Protocol):
    """Where the reports are that runs have left to a sensor: a `state.WaitingReports`."""

    def open(self, whose: str) -> Sequence[WaitingReport]:
        """Return what a selling partner waits for and has not been seen to have ended."""
        ...

    def ended(self, documents: Mapping[int, str | None]) -> None:
        """Note that reports have ended: the documents of those that are done."""
        ...

    def begin_look(self, whose: str, lasting: timedelta) -> str | None:
        """Return where the last look ended, if it is time for another; none if it is not."""
        ...

    def end_look(self, whose: str, pause: timedelta, place: str) -> None:
        """Note where a look has ended, and when it is time for the next."""
        ...


class NoMemory:
    """A memory of nothing: every run asks for its reports anew."""

    def latest(self, key: str) -> ReportRecord | None:  # noqa: ARG002 - as ReportMemory
        """Remember none."""
        return None

    def requested(
        self,
        key: str,
        request: Mapping[str, Any],  # noqa: ARG002 - as ReportMemory
        run_id: str | None = None,  # noqa: ARG002 - as ReportMemory
        *,
        after: int | None = None,  # noqa: ARG002 - as ReportMemory
    ) -> ReportRecord:
        """Name a report that nobody will look up."""
        return ReportRecord(number=0, key=key, status="REQUESTED", requested_at=datetime.now(UTC))

    def adopted(
        self,
        key: str,  # noqa: ARG002 - as ReportMemory
        request: Mapping[str, Any],  # noqa: ARG002 - as ReportMemory
        report_id: str,  # noqa: ARG002 - as ReportMemory
        document_id: str,  # noqa: ARG002 - as ReportMemory
        *,
        made_at: datetime,  # noqa: ARG002 - as ReportMemory
        run_id: str | None = None,  # noqa: ARG002 - as ReportMemory
    ) -> int:
        """Forget it."""
        return 0

    def key_of(self, report_id: str) -> str | None:  # noqa: ARG002 - as ReportMemory
        """Know none."""
        return None

    def rows_landed(self, key: str) -> int:  # noqa: ARG002 - as ReportMemory
        """Know of none."""
        return 0

    def created(self, number: int, report_id: str) -> None:
        """Forget it."""

    def ended(
        self, number: int, status: ReportStatus, *, document_id: str | None = None, reason: str = ""
    ) -> None:
        """Forget it."""

    def landed(self, number: int, rows: int) -> None:
        """Forget it."""
