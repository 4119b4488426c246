"""The reports that were asked for, each on its way from queue to document.

Here belong: a report's life, which follows from the clock alone, and the list of all reports. What
may be asked for, and in which words, is `reports`.

https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-use-case-guide
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Literal

from asp_dagster.simulator.documents import Document, Documents
from asp_dagster.simulator.report_types import CANCELLED, FinalStatus, Outcome, ReportRequest
from asp_dagster.simulator.wire import instant, present

_MADE = 80_000_000
_FOR_EVER = timedelta(days=36_500)

ProcessingStatus = Literal["IN_QUEUE", "IN_PROGRESS", "DONE", "CANCELLED", "FATAL"]


@dataclass(frozen=True, slots=True)
class Report:
    """One report.

    Attributes:
        report_id: Amazon's id.
        request: What was asked for.
        created_at: When.
        started_at: When it leaves the queue.
        finished_at: When it is finished.
        status_at_last: The status it ends in.
        document_id: Its document, if it has one in the end.
        schedule_id: The schedule that made it, if one did.
    """

    report_id: str
    request: ReportRequest
    created_at: datetime
    started_at: datetime
    finished_at: datetime
    status_at_last: FinalStatus
    document_id: str | None
    schedule_id: str | None = None

    def status(self, now: datetime) -> ProcessingStatus:
        """Return how far it is."""
        if now >= self.finished_at:
            return self.status_at_last
        return "IN_PROGRESS" if now >= self.started_at else "IN_QUEUE"

    def cancelled(self, now: datetime) -> "Report":
        """Return the report as it is once cancelled in the queue."""
        return replace(
            self, started_at=now, finished_at=now, status_at_last="CANCELLED", document_id=None
        )

    def finished(self, now: datetime) -> "Report":
        """Return the report as it is when it is finished sooner than it would have been."""
        return replace(self, started_at=min(self.started_at, now), finished_at=now)

    def render(self, now: datetime) -> dict[str, Any]:
        """Write the report down as getReport does."""
        has_started, has_finished = now >= self.started_at, now >= self.finished_at
        return present(
            {
                "reportId": self.report_id,
                "reportType": self.request.report_type,
                "marketplaceIds": list(self.request.marketplace_ids),
                "dataStartTime": instant(self.request.start),
                "dataEndTime": instant(self.request.end),
                "createdTime": instant(self.created_at),
                "processingStatus": self.status(now),
                "processingStartTime": instant(self.started_at) if has_started else None,
                "processingEndTime": instant(self.finished_at) if has_finished else None,
                "reportDocumentId": self.document_id if has_finished else None,
                "reportScheduleId": self.schedule_id,
            }
        )


@dataclass
class ReportLedger:
    """Every report that was asked for.

    Attributes:
        documents: Where documents are kept.
        seconds: How long a report takes; it waits in the queue for the first third.
        cool_downs: For how many seconds after one no other of a type is made, by the type.
    """

    documents: Documents
    seconds: float
    cool_downs: Mapping[str, float] = field(default_factory=dict)
    _reports: dict[str, Report] = field(default_factory=dict, repr=False)
    _appeared: dict[str, Report] = field(default_factory=dict, repr=False)
    _endings: deque[Outcome] = field(default_factory=deque, repr=False)
    _stuck: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def end_next(self, outcome: Outcome) -> None:
        """Let the next report that is asked for end in this."""
        with self._lock:
            self._endings.append(outcome)

    def stick_next(self) -> None:
        """Let the next report that is asked for stay in the making."""
        with self._lock:
            self._stuck += 1

    def add(self, request: ReportRequest, outcome: Outcome, now: datetime) -> Report:
        """Queue a report.

        Every other document is compressed, as Amazon compresses some and not others.
        """
        number = len(self._reports) + 1
        outcome = self._forced() or (CANCELLED if self._is_too_soon(request, now) else outcome)
        report = Report(
            report_id=f"{50_000_000_000 + number}",
            request=request,
            created_at=now,
            started_at=now + timedelta(seconds=self.seconds / 3),
            finished_at=now + (_FOR_EVER if self._sticks() else timedelta(seconds=self.seconds)),
            status_at_last=outcome.status,
            document_id=self._keep(number, outcome, request.report_type),
        )
        self._reports[report.report_id] = report
        return report

    def make(self, request: ReportRequest, outcome: Outcome, now: datetime) -> Report:
        """Take in a report that was made by Amazon, by a schedule or in Seller Central."""
        number = _MADE + len(self._appeared)
        report = Report(
            report_id=f"{number}",
            request=request,
            created_at=now,
            started_at=now,
            finished_at=now,
            status_at_last=outcome.status,
            document_id=self._keep(number, outcome, request.report_type),
        )
        self.appear(report)
        return report

    def _is_too_soon(self, request: ReportRequest, now: datetime) -> bool:
        """Tell whether one of the type was made for the same marketplaces just before."""
        since = now - timedelta(seconds=self.cool_downs.get(request.report_type, 0))
        return any(
            report.request.report_type == request.report_type
            and report.request.marketplace_ids == request.marketplace_ids
            and report.status_at_last == "DONE"
            and report.created_at > since
            for report in self._reports.values()
        )

    def _keep(self, number: int, outcome: Outcome, report_type: str) -> str | None:
        """Keep the outcome's document and return its id, if it has one."""
        if outcome.text is None:
            return None
        document = Document.of(
            f"amzn1.spdoc.1.4.na.{number:08d}",
            outcome.text,
            outcome.media_type(report_type),
            compress=number % 2 == 1,
        )
        self.documents.add(document)
        return document.document_id

    @property
    def requested_types(self) -> list[str]:
        """The types of the reports that were asked for, in their order."""
        return [report.request.report_type for report in self._reports.values()]

    def get(self, report_id: str) -> Report | None:
        """Return a report, if there is one of this id."""
        return self._reports.get(report_id) or self._appeared.get(report_id)

    def appear(self, report: Report) -> None:
        """Take in a report that nobody asked for; its document is kept by who made it."""
        self._appeared[report.report_id] = report

    def cancel(self, report: Report, now: datetime) -> None:
        """Take a report out of the queue."""
        self._reports[report.report_id] = report.cancelled(now)

    def finish(self, now: datetime) -> None:
        """Let every report that is under way be finished."""
        for report in self._reports.values():
            if report.finished_at > now:
                self._reports[report.report_id] = report.finished(now)

    def newest_first(self) -> Sequence[Report]:
        """Return all reports."""
        appeared = sorted(self._appeared.values(), key=lambda report: report.created_at)
        return tuple(reversed([*appeared, *self._reports.values()]))

    def finished_document(self, document_id: str, now: datetime) -> Document | None:
        """Return a document, unless its report is not finished."""
        is_finished = any(
            report.document_id == document_id and now >= report.finished_at
            for report in self.newest_first()
        )
        return self.documents.get(document_id) if is_finished else None

    def _sticks(self) -> bool:
        with self._lock:
            self._stuck -= (is_stuck := self._stuck > 0)
        return is_stuck

    def _forced(self) -> Outcome | None:
        with self._lock:
            return self._endings.popleft() if self._endings else None
