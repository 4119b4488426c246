"""Lands a report's document as Amazon made it.

Here belong: which reports a window needs, and the check that a document is what its type promises,
made before it takes the place of an earlier one. Whether a report is asked for or continued is said
in `report_runs`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, BinaryIO

from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.landing.documents import count_rows
from asp_dagster.landing.extraction import FileToLand, Landed
from asp_dagster.landing.placeholders import Placeholders
from asp_dagster.landing.report_runs import NoMemory, ReportMemory, ReportRun
from asp_dagster.landing.windows import DataWindow
from asp_dagster.spapi import ReportRequest, SellingPartnerClient, download_document
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
        run_id: The run that asks.
    """

    client: SellingPartnerClient
    spec: ReportSpec
    feed: Feed
    marketplace_ids: Sequence[str]
    memory: ReportMemory = field(default_factory=NoMemory)
    cool_down: timedelta = timedelta(0)
    run_id: str | None = None

    def files(self, window: DataWindow | None) -> Iterator[FileToLand]:
        """Yield the window's documents."""
        placeholders = Placeholders(window, self.marketplace_ids)
        marketplace_ids = placeholders.fill(self.spec.marketplace_ids)
        if isinstance(marketplace_ids, str):
            marketplace_ids = marketplace_ids.split(",")
        if not self.feed.one_marketplace_per_report:
            yield self._file(None, placeholders, marketplace_ids)
            return
        for marketplace_id in marketplace_ids:
            yield self._file(marketplace_id, placeholders, [marketplace_id])

    def _file(
        self, name: str | None, placeholders: Placeholders, marketplace_ids: Sequence[str]
    ) -> FileToLand:
        request = self._request(placeholders, marketplace_ids)
        file = _ReportFile(self, request)
        return FileToLand(name, file.write, file.landed)

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
        client, request = self.extraction.client, self.request
        report = self._run().finished()
        self.number = report.number
        preview = [_preview(request, report.report_id)]
        if report.document_id is None:
            return Landed(0, preview, is_empty=True)
        download_document(client, report.document_id, sink)
        label = f"{request.report_type} {report.report_id}"
        return Landed(count_rows(sink, self.extraction.feed, label), preview)

    def landed(self, landed: Landed) -> None:
        """Remember that the document is in its place."""
        self.extraction.memory.landed(self.number, landed.rows)

    def _run(self) -> ReportRun:
        extraction = self.extraction
        return ReportRun(
            extraction.client,
            extraction.memory,
            self.request,
            cool_down=extraction.cool_down,
            reuse_age=extraction.cool_down,
            run_id=extraction.run_id,
        )


def _preview(request: ReportRequest, report_id: str) -> dict[str, Any]:
    return {
        "report_id": report_id,
        "report_type": request.report_type,
        "marketplace_ids": ", ".join(request.marketplace_ids),
        "data_start_time": request.data_start_time,
        "data_end_time": request.data_end_time,
    }
