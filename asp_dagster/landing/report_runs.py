"""Gets a report's document id from Amazon, with as few reports made as possible.

What was asked for before is remembered: a run that died is continued by the next, with the same
report; one that is done and never landed is fetched, not made anew. Here belongs what follows from
what is remembered, and from how a report ends. Asking Amazon is `spapi`'s work.

    nothing, CANCELLED, FATAL      ask for a new one, unless somebody has just had the same made
    REQUESTED                      another run may be asking just now: wait for it; else Amazon may
                                   have it: look among its reports, else ask for it
    OPEN                           wait for it, by its id
    DONE, not landed, or young     fetch its document
    EMPTY, not landed              there are no data

https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-use-case-guide
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from asp_dagster.catalog.report_records import ReportRecord
from asp_dagster.landing.errors import ReportTooSoonError
from asp_dagster.landing.made_reports import REPORTS, MadeReports, moment_of
from asp_dagster.landing.report_endings import FinishedReport, will_last
from asp_dagster.landing.report_memory import ReportMemory
from asp_dagster.spapi import (
    NotFoundError,
    Report,
    ReportCancelledError,
    ReportFatalError,
    ReportNotReadyError,
    ReportRequest,
    SellingPartnerClient,
    SellingPartnerError,
    create_report,
    wait_for_report,
)

_log = logging.getLogger(__name__)

CLOCK_SKEW = timedelta(minutes=5)
"""Amazon's clock and ours may differ; a report asked for just now is found all the same."""
# A run that has been asking for longer than this without a report id is dead.
_ASKING = timedelta(minutes=1)
_LOOK_AGAIN_SECONDS = 1.0
LONGEST_LIFE = timedelta(days=3)
"""A report that has been under way for longer than this will not end any more."""
# Amazon keeps documents for 90 days, of some types for 30.
_DOCUMENT_LIFE = timedelta(days=25)
_PATIENCE = timedelta(hours=2)


@dataclass(frozen=True)
class ReportRun:
    """One run's way to a report.

    A report that is done and not older than `reuse_age` is fetched again rather than asked for
    again. One that has landed here is found in the memory. One of somebody else, of Seller Central
    or a schedule, is found by getReports; that costs quota, so only where `reuse_age` is longer
    than nothing, and never for a request with options, which getReports does not tell.

    Attributes:
        client: Asks Amazon.
        memory: What is remembered of reports.
        request: What is asked for.
        cool_down: How long Amazon makes no newer report of the type after one; zero if it does.
        reuse_age: How old a finished report may be to be fetched rather than asked for.
        run_id: The run that asks.
        is_waiting: Whether it waits for the report to be made. What follows from a bad end is
            waited for in any case.
    """

    client: SellingPartnerClient
    memory: ReportMemory
    request: ReportRequest
    cool_down: timedelta = timedelta(0)
    reuse_age: timedelta = timedelta(0)
    run_id: str | None = None
    is_waiting: bool = True
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
            ReportNotReadyError: When patience ended, or there is none; the next run goes on.
            ApiError: When Amazon refuses, or does not answer.
        """
        record = self._latest()
        if record is None or self._is_over(record):
            return self._made_elsewhere() or self._asked_for(record)
        if record.status in {"DONE", "EMPTY"}:
            return FinishedReport(record.number, str(record.report_id), record.document_id)
        report_id = record.report_id or self._overlooked(record)
        if report_id is None:
            return self._asked_for(record)
        _log.info("Continuing report %s of %s", report_id, self.request.report_type)
        try:
            return self._waited_for(record.number, report_id)
        except NotFoundError:
            # Amazon has forgotten it, which it does sooner for some types than for others.
            self.memory.ended(record.number, "CANCELLED", reason="Amazon does not know it any more")
            return self._asked_for(record)

    @property
    def key(self) -> str:
        """What stands for this request, this selling partner and this endpoint."""
        asked = {"whose": self.client.identity, **self.request.body}
        text = json.dumps(asked, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def _latest(self) -> ReportRecord | None:
        """Return the last report that was asked for, once no other run is just asking for it."""
        while record := self.memory.latest(self.key):
            age = self.client.clock.now() - record.requested_at
            is_theirs = record.status == "REQUESTED" and record.run_id != self.run_id
            if not is_theirs or age > _ASKING:
                break
            self.client.clock.sleep(_LOOK_AGAIN_SECONDS)
        return record

    def _is_over(self, record: ReportRecord) -> bool:
        """Tell whether nothing can come of a report any more."""
        age = self._started - record.requested_at
        match record.status:
            case "DONE":
                is_wanted = record.landed_at is None or age < self.reuse_age
                return age > _DOCUMENT_LIFE or not is_wanted
            case "EMPTY":
                return age > _DOCUMENT_LIFE or record.landed_at is not None
            case "CANCELLED" | "FATAL":
                return True
        return age > LONGEST_LIFE

    def _made_elsewhere(self) -> FinishedReport | None:
        """Return a young report of the same that somebody else had made, if there is one."""
        if not self.reuse_age or self.request.report_options:
            return None
        young = self._done_since(self._started - self.reuse_age)
        found = next((report for report in young if self._is_same(report)), None)
        if found is None:
            return None
        report_id, document_id = str(found["reportId"]), str(found["reportDocumentId"])
        made_at = moment_of(found["createdTime"])
        _log.info("Report %s of %s was made at %s", report_id, self.request.report_type, made_at)
        number = self.memory.adopted(
            self.key,
            self.request.body,
            report_id,
            document_id,
            made_at=made_at,
            run_id=self.run_id,
        )
        return FinishedReport(number, report_id, document_id)

    def _asked_for(self, last: ReportRecord | None, *, is_second: bool = False) -> FinishedReport:
        """Ask for a new report after the last one, and wait for it."""
        after = last.number if last else None
        record = self.memory.requested(self.key, self.request.body, self.run_id, after=after)
        if record is None:
            return self.finished()  # another run was quicker, and what it asks for is ours too
        report_id = create_report(self.client, self.request, partial(self._overlooked, record))
        return self._waited_for(record.number, report_id, is_new=True, is_second=is_second)

    def _waited_for(
        self, number: int, report_id: str, *, is_new: bool = False, is_second: bool = False
    ) -> FinishedReport:
        if is_new and not (self.is_waiting or is_second):
            self.memory.created(number, report_id)
            raise ReportNotReadyError(report_id, self.request.report_type, "IN_QUEUE")
        try:
            patience = _PATIENCE if self.is_waiting or is_second else timedelta(0)
            report = self._ended(number, report_id, patience)
        except ReportCancelledError as error:
            if self._is_withdrawn(number):
                return self.finished()
            self.memory.ended(number, "CANCELLED", reason=str(error))
            if found := self._instead_of(number, report_id, is_second=is_second):
                return found
            raise
        except ReportFatalError as error:
            self.memory.ended(number, "FATAL", reason=str(error))
            if is_second or will_last(error):
                raise
            _log.warning("Asking once more, since that may have been passing trouble: %s", error)
            return self._asked_again(self.client.clock.now())
        self.memory.ended(number, "DONE", document_id=report.report_document_id)
        return FinishedReport(number, report_id, report.report_document_id)

    def _ended(self, number: int, report_id: str, patience: timedelta) -> Report:
        """Wait for a report; if the run is cancelled meanwhile, so is the report in the queue."""
        statuses: list[str] = []
        try:
            self.memory.created(number, report_id)
            return wait_for_report(
                self.client,
                report_id,
                patience_seconds=patience.total_seconds(),
                on_status=statuses.append,
            )
        except Exception:
            raise
        except BaseException:
            # The run is being cancelled, which is no error and concerns every report in the queue.
            if statuses[-1:] != ["IN_PROGRESS"]:
                self._withdraw(number, report_id)
            raise

    def _withdraw(self, number: int, report_id: str) -> None:
        """Take a report out of Amazon's queue; one that is being made the next run goes on with."""
        try:
            self.client.request("DELETE", f"{REPORTS}/{quote(report_id, safe='')}")
        except SellingPartnerError as error:
            _log.warning("Report %s stays in Amazon's queue: %s", report_id, error)
            return
        self.memory.ended(number, "CANCELLED", reason="the run that had asked for it was cancelled")

    def _is_withdrawn(self, number: int) -> bool:
        """Tell whether another run that waited for the same has taken it out of the queue."""
        last = self.memory.latest(self.key)
        return last is not None and (last.number > number or last.status == "CANCELLED")

    def _overlooked(self, record: ReportRecord) -> str | None:
        """Return the id of a report that Amazon made, but whose answer never reached us."""
        made = self._made.since(record.requested_at - CLOCK_SKEW)
        alike = (str(each["reportId"]) for each in made if self._made.is_same(each))
        return next((each for each in alike if self.memory.key_of(each) is None), None)

    def _instead_of(self, number: int, report_id: str, *, is_second: bool) -> FinishedReport | None:
        """Find out what a cancelled report means: there is one already, too soon, or no data.

        None where it cannot be known: an earlier one had rows, so it is not that there are no data.
        """
        since = self._started - self.cool_down
        earlier = list(self._done_since(since)) if self.cool_down else []
        for report in earlier:
            if self._is_same(report) and not self.request.report_options:
                document_id = str(report["reportDocumentId"])
                self.memory.ended(number, "DONE", document_id=document_id)
                return FinishedReport(number, str(report["reportId"]), document_id)
        if earlier and not is_second:
            return self._asked_again(max(moment_of(report["createdTime"]) for report in earlier))
        if self.memory.rows_landed(self.key):
            return None
        reason = f"{self.request.report_type} was cancelled: by Amazon's word there are no data."
        _log.warning("Report %s: %s", report_id, reason)
        self.memory.ended(number, "EMPTY", reason=reason)
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
        return self._asked_for(self.memory.latest(self.key), is_second=True)

    def _is_same(self, report: Mapping[str, Any]) -> bool:
        """Tell whether a report is what would be asked for, and is not known to be another."""
        is_free = self.memory.key_of(str(report["reportId"])) in {None, self.key}
        return is_free and self._made.is_same(report)

    def _done_since(self, since: datetime) -> Iterator[Mapping[str, Any]]:
        return self._made.since(since, processingStatuses="DONE")

    @property
    def _made(self) -> MadeReports:
        return MadeReports(self.client, self.request)
