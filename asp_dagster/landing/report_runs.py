"""Gets a report's document id from Amazon, with as few reports made as possible.

What was asked for before is remembered: a run that died is continued by the next, with the same
report; one that is done and never landed is fetched, not made anew. Here belongs what follows from
what is remembered, and from how a report ends. Asking Amazon is `spapi`'s work.

    nothing, CANCELLED, FATAL      ask for a new one
    REQUESTED                      Amazon may have it: look among its reports, else ask for it
    OPEN                           wait for it, by its id
    DONE, not landed, or young     fetch its document

https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-use-case-guide
"""

import hashlib
import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import quote

from asp_dagster.catalog.report_records import ReportRecord, ReportStatus
from asp_dagster.landing.errors import ReportTooSoonError
from asp_dagster.spapi import (
    NotFoundError,
    ReportCancelledError,
    ReportFatalError,
    ReportRequest,
    SellingPartnerClient,
    SellingPartnerError,
    create_report,
    wait_for_report,
)

_log = logging.getLogger(__name__)

_REPORTS = "/reports/2021-06-30/reports"
# Amazon's clock and ours may differ; a report asked for just now is found all the same.
_CLOCK_SKEW = timedelta(minutes=5)
# A report that has been under way for longer than this will not end any more.
_LONGEST_LIFE = timedelta(days=3)
# Amazon keeps documents for 90 days, of some types for 30.
_DOCUMENT_LIFE = timedelta(days=25)
_PATIENCE = timedelta(hours=2)
# What Amazon's explanations of a fatal report speak of when asking again cannot help.
_PERMANENT = re.compile(
    r"option|parameter|date|data(?:start|end)time|range|period|role|permission|authoriz|access|marketplace|invalid"
    r"|support|format|seller|vendor|brand",
    re.IGNORECASE,
)


class ReportMemory(Protocol):
    """Where reports are remembered from one run to the next: a `state.ReportLedger`."""

    def latest(self, key: str) -> ReportRecord | None:
        """Return the last report that was asked for under a key, if any was."""
        ...

    def requested(
        self, key: str, request: Mapping[str, Any], run_id: str | None = None
    ) -> ReportRecord:
        """Note that a report is about to be asked for."""
        ...

    def is_known(self, report_id: str) -> bool:
        """Tell whether a report of Amazon's is remembered."""
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
    ) -> ReportRecord:
        """Name a report that nobody will look up."""
        return ReportRecord(number=0, key=key, status="REQUESTED", requested_at=datetime.now(UTC))

    def is_known(self, report_id: str) -> bool:  # noqa: ARG002 - as ReportMemory
        """Know none."""
        return False

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


@dataclass(frozen=True)
class FinishedReport:
    """A report with its document, or one that is empty by Amazon's word.

    Attributes:
        number: Its number in the memory.
        report_id: Amazon's id.
        document_id: The id of its document; None if Amazon says that there are no data.
    """

    number: int
    report_id: str
    document_id: str | None


@dataclass(frozen=True)
class ReportRun:
    """One run's way to a report.

    Attributes:
        client: Asks Amazon.
        memory: What is remembered of reports.
        request: What is asked for.
        cool_down: How long Amazon makes no newer report of the type after one; zero if it does.
        reuse_age: How old a report that has landed may be to be fetched again.
        run_id: The run that asks.
    """

    client: SellingPartnerClient
    memory: ReportMemory
    request: ReportRequest
    cool_down: timedelta = timedelta(0)
    reuse_age: timedelta = timedelta(0)
    run_id: str | None = None
    _started: datetime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_started", self.client.clock.now())

    def finished(self) -> FinishedReport:
        """Return the report once it is finished, continuing one that was asked for before.

        Raises:
            ReportTooSoonError: When Amazon makes none yet, and our patience ends before it does.
            ReportCancelledError: When Amazon made none, and an earlier one of the same had rows.
            ReportFatalError: When Amazon gave up, for a reason that will not pass or twice; the
                message holds its explanation.
            ReportNotReadyError: When patience ended; the next run goes on waiting.
            ApiError: When Amazon refuses, or does not answer.
        """
        record = self.memory.latest(self.key)
        if record is None or self._is_over(record):
            return self._asked_for()
        if record.status == "DONE":
            return FinishedReport(record.number, str(record.report_id), record.document_id)
        report_id = record.report_id or self._overlooked(record)
        if report_id is None:
            return self._asked_for()
        _log.info("Continuing report %s of %s", report_id, self.request.report_type)
        try:
            return self._waited_for(record.number, report_id)
        except NotFoundError:
            # Amazon has forgotten it, which it does sooner for some types than for others.
            self.memory.ended(record.number, "CANCELLED", reason="Amazon does not know it any more")
            return self._asked_for()

    @property
    def key(self) -> str:
        """What stands for this request, this selling partner and this endpoint."""
        asked = {"whose": self.client.identity, **self.request.body}
        text = json.dumps(asked, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def _is_over(self, record: ReportRecord) -> bool:
        """Tell whether nothing can come of a report any more."""
        age = self._started - record.requested_at
        if record.status == "DONE":
            is_wanted = record.landed_at is None or age < self.reuse_age
            return age > _DOCUMENT_LIFE or not is_wanted
        return record.status in {"CANCELLED", "FATAL"} or age > _LONGEST_LIFE

    def _asked_for(self, *, is_second: bool = False) -> FinishedReport:
        """Ask for a new report, and wait for it."""
        record = self.memory.requested(self.key, self.request.body, self.run_id)
        report_id = create_report(self.client, self.request)
        return self._waited_for(record.number, report_id, is_second=is_second)

    def _waited_for(
        self, number: int, report_id: str, *, is_second: bool = False
    ) -> FinishedReport:
        self.memory.created(number, report_id)
        statuses: list[str] = []
        try:
            report = wait_for_report(
                self.client,
                report_id,
                patience_seconds=_PATIENCE.total_seconds(),
                on_status=statuses.append,
            )
        except ReportCancelledError as error:
            self.memory.ended(number, "CANCELLED", reason=str(error))
            if found := self._instead_of(number, report_id, is_second=is_second):
                return found
            raise
        except ReportFatalError as error:
            self.memory.ended(number, "FATAL", reason=str(error))
            if is_second or _PERMANENT.search(error.explanation):
                raise
            _log.warning("Asking once more, since that may have been passing trouble: %s", error)
            return self._asked_again(self.client.clock.now())
        except Exception:
            raise
        except BaseException:
            # The run is being cancelled, which is no error and concerns every report in the queue.
            if statuses[-1:] == ["IN_QUEUE"]:
                self._withdraw(number, report_id)
            raise
        self.memory.ended(number, "DONE", document_id=report.report_document_id)
        return FinishedReport(number, report_id, report.report_document_id)

    def _withdraw(self, number: int, report_id: str) -> None:
        """Take a report out of Amazon's queue; one that is being made the next run goes on with."""
        try:
            self.client.request("DELETE", f"{_REPORTS}/{quote(report_id, safe='')}")
        except SellingPartnerError as error:
            _log.warning("Report %s stays in Amazon's queue: %s", report_id, error)
            return
        self.memory.ended(number, "CANCELLED", reason="the run that had asked for it was cancelled")

    def _overlooked(self, record: ReportRecord) -> str | None:
        """Return the id of a report that Amazon made, but whose answer never reached us."""
        since = record.requested_at - _CLOCK_SKEW
        alike = (str(each["reportId"]) for each in self._reports(since) if self._is_same(each))
        return next((each for each in alike if not self.memory.is_known(each)), None)

    def _instead_of(self, number: int, report_id: str, *, is_second: bool) -> FinishedReport | None:
        """Find out what a cancelled report means: there is one already, too soon, or no data.

        None where it cannot be known: an earlier one had rows, so it is not that there are no data.
        """
        earlier = self._done_within_the_cool_down()
        for report in earlier:
            if self._is_same(report) and not self.request.report_options:
                document_id = str(report["reportDocumentId"])
                self.memory.ended(number, "DONE", document_id=document_id)
                return FinishedReport(number, str(report["reportId"]), document_id)
        if earlier and not is_second:
            return self._asked_again(max(_moment(report["createdTime"]) for report in earlier))
        if self.memory.rows_landed(self.key):
            return None
        _log.warning(
            "Report %s of %s was cancelled by Amazon: by its word there are no data.",
            report_id,
            self.request.report_type,
        )
        return FinishedReport(number, report_id, None)

    def _asked_again(self, last: datetime) -> FinishedReport:
        """Ask again once Amazon makes another report, if that is within our patience."""
        now = self.client.clock.now()
        due = last + self.cool_down
        if due > self._started + _PATIENCE:
            raise ReportTooSoonError(
                f"{self.request.report_type} was made at {last:%Y-%m-%d %H:%M} UTC, and Amazon"
                f" makes none for {self.cool_down} after that. Materialize the partition again"
                f" after {due:%Y-%m-%d %H:%M} UTC."
            )
        wait = max((due - now).total_seconds(), 0)
        _log.info("%s can be asked for again in %.0f s", self.request.report_type, wait)
        self.client.clock.sleep(wait)
        return self._asked_for(is_second=True)

    def _done_within_the_cool_down(self) -> list[Mapping[str, Any]]:
        """Return the reports of the type that explain why Amazon made no newer one."""
        if not self.cool_down:
            return []
        since = self._started - self.cool_down
        return list(self._reports(since, processingStatuses="DONE"))

    def _reports(self, since: datetime, **filters: str) -> Iterator[Mapping[str, Any]]:
        """Yield the type's reports since a moment that are for the same marketplaces."""
        params = {
            "reportTypes": self.request.report_type,
            "createdSince": since,
            "pageSize": 100,
            **filters,
        }
        for report in self.client.list(_REPORTS, params):
            if set(report.get("marketplaceIds", ())) == set(self.request.marketplace_ids):
                yield report

    def _is_same(self, report: Mapping[str, Any]) -> bool:
        """Tell whether a report is for the window asked for; Amazon does not tell its options."""
        asked = self.request.body
        ends = ("dataStartTime", "dataEndTime")
        return all(
            name not in asked or _moment(report.get(name)) == _moment(asked[name]) for name in ends
        )


def _moment(value: Any) -> datetime:
    """Return the moment that Amazon, or a request, writes; without a zone it is UTC."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
