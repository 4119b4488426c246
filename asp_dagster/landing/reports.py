"""Lands a report's document as Amazon made it.

Here belong: which reports a window needs, and the check that a document is what its type promises,
made before it takes the place of an earlier one. Whether a report is asked for or continued is said
in `report_runs`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, BinaryIO

from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.landing.documents import count_rows, find_charset
from asp_dagster.landing.errors import UnexpectedDocumentError
from asp_dagster.landing.extraction import FileToLand, Landed
from asp_dagster.landing.placeholders import Placeholders
from asp_dagster.landing.report_endings import FinishedReport
from asp_dagster.landing.report_memory import NoMemory, ReportMemory
from asp_dagster.landing.report_runs import ReportRun
from asp_dagster.landing.submissions import Submission, SubmittedReport
from asp_dagster.landing.windows import DataWindow
from asp_dagster.spapi import (
    NotFoundError,
    ReportNotReadyError,
    ReportRequest,
    SellingPartnerClient,
    download_document,
)
from asp_dagster.spapi.wire import timestamp


@dataclass(frozen=True)
class ReportExtraction:
    """The documents of one report type: one a window, or one a window and marketplace.

    Attributes:
        client: Asks Amazon.
        spec: What is asked for.
        feed: The feed, for its format and tables.
        marketplace_ids: What `{marketplace_ids}` stands for.
        memory: What is remembered of reports from one run to the next.
        cool_down: How long Amazon makes no newer report of the type after one.
        reuse_age: How old a finished report may be to be fetched rather than asked for; none for
            the cool-down.
        run_id: The run that asks.
        is_restricted: Whether the type's documents are known to need a restricted data token.
        roles: The roles of which the application needs one; only errors speak of them.
        finished: The reports that have been submitted and are finished, by their keys.
    """

    client: SellingPartnerClient
    spec: ReportSpec
    feed: Feed
    marketplace_ids: Sequence[str]
    memory: ReportMemory = field(default_factory=NoMemory)
    cool_down: timedelta = timedelta(0)
    reuse_age: timedelta | None = None
    run_id: str | None = None
    is_restricted: bool = False
    roles: Sequence[str] = ()
    finished: Mapping[str, FinishedReport] = field(default_factory=dict)

    def files(self, window: DataWindow | None) -> Iterator[FileToLand]:
        """Yield the window's documents."""
        for name, request in self.requests(window):
            file = _ReportFile(self, request)
            yield FileToLand(name, file.write, file.landed)

    def submitted(self, windows: Mapping[str, DataWindow | None]) -> Submission:
        """Ask for the reports of all windows without waiting for them; tell how far they are.

        Args:
            windows: What is asked for, by its name.

        Raises:
            LandingError: When a report cannot be had; what was asked for before is remembered.
            ApiError: When Amazon refuses, or does not answer.
        """
        return Submission(
            [
                self.submit(request, name)
                for name, window in windows.items()
                for _, request in self.requests(window)
            ]
        )

    def submit(self, request: ReportRequest, window: str = "") -> SubmittedReport:
        """Ask for a report without waiting for it; tell how far it is.

        Args:
            request: What is asked for.
            window: What its window is called, for whoever wants to know.
        """
        run = self.run(request, is_waiting=False)
        try:
            finished = run.finished()
        except ReportNotReadyError as error:
            record = self.memory.latest(run.key)
            number, report_id, ending = record.number if record else 0, error.report_id, None
        else:
            number, report_id, ending = finished.number, finished.report_id, finished
        return SubmittedReport(
            key=run.key, window=window, number=number, report_id=report_id, finished=ending
        )

    def requests(self, window: DataWindow | None) -> Iterator[tuple[str | None, ReportRequest]]:
        """Yield what a window needs, each with the stem of its file if there are several."""
        placeholders = Placeholders(window, self.marketplace_ids)
        marketplace_ids = placeholders.fill(self.spec.marketplace_ids)
        if isinstance(marketplace_ids, str):
            marketplace_ids = marketplace_ids.split(",")
        if not self.feed.one_marketplace_per_report:
            yield None, self._request(placeholders, marketplace_ids)
            return
        for marketplace_id in marketplace_ids:
            yield marketplace_id, self._request(placeholders, [marketplace_id])

    def with_finished(self, submission: Submission) -> "ReportExtraction":
        """Return what lands the reports that were submitted and are finished."""
        return replace(self, finished=submission.finished)

    def run(self, request: ReportRequest, *, is_waiting: bool = True) -> ReportRun:
        """Return the way to a report."""
        reuse_age = self.cool_down if self.reuse_age is None else self.reuse_age
        return ReportRun(
            self.client,
            self.memory,
            request,
            cool_down=self.cool_down,
            reuse_age=reuse_age,
            run_id=self.run_id,
            is_waiting=is_waiting,
        )

    def _request(self, placeholders: Placeholders, marketplace_ids: Sequence[str]) -> ReportRequest:
        spec, window = self.spec, placeholders.window
        start = timestamp(window.start) if window else None
        end = timestamp(window.last_instant) if window else None
        return ReportRequest(
            report_type=spec.report_type,
            marketplace_ids=tuple(marketplace_ids),
            data_start_time=placeholders.fill(spec.data_start_time) or start,
            data_end_time=placeholders.fill(spec.data_end_time) or end,
            report_options=spec.report_options,
        )


@dataclass
class _ReportFile:
    """One report's way to its raw file."""

    extraction: ReportExtraction
    request: ReportRequest
    number: int = 0

    def write(self, sink: BinaryIO) -> Landed:
        """Get the report, and write its document; nothing if there are no data."""
        extraction, request = self.extraction, self.request
        run = extraction.run(request)
        report = extraction.finished.get(run.key) or run.finished()
        self.number = report.number
        preview = [_preview(request, report.report_id)]
        if report.document_id is None:
            return Landed(0, preview, is_empty=True)
        try:
            rows, charset = self._written(report.report_id, report.document_id, sink)
        except (UnexpectedDocumentError, NotFoundError) as error:
            # It is no better when it is fetched again: the next run asks for another report.
            extraction.memory.ended(report.number, "FATAL", reason=str(error))
            raise
        return Landed(rows, preview, charset=charset)

    def _written(self, report_id: str, document_id: str, sink: BinaryIO) -> tuple[int, str | None]:
        """Write a document, and return its rows and its character set."""
        extraction, request = self.extraction, self.request
        downloaded = download_document(
            extraction.client,
            document_id,
            sink,
            is_restricted=extraction.is_restricted,
            roles=extraction.roles,
            personal_data=extraction.feed.pii == "include",
        )
        rows = count_rows(sink, extraction.feed, f"{request.report_type} {report_id}")
        charset = find_charset(sink, extraction.feed, downloaded.charset, request.marketplace_ids)
        return rows, charset

    def landed(self, landed: Landed) -> None:
        """Remember that the document is in its place."""
        self.extraction.memory.landed(self.number, landed.rows)


def _preview(request: ReportRequest, report_id: str) -> dict[str, Any]:
    return {
        "report_id": report_id,
        "report_type": request.report_type,
        "marketplace_ids": ", ".join(request.marketplace_ids),
        "data_start_time": request.data_start_time,
        "data_end_time": request.data_end_time,
    }
