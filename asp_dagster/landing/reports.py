"""Lands a report's document as Amazon made it.

Here belong: which reports a window needs, and the check that a document is what its type promises,
made before it takes the place of an earlier one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.landing.documents import count_rows
from asp_dagster.landing.extraction import FileToLand, Landed
from asp_dagster.landing.placeholders import Placeholders
from asp_dagster.landing.windows import DataWindow
from asp_dagster.spapi import (
    ReportRequest,
    SellingPartnerClient,
    create_report,
    download_document,
    wait_for_report,
)
from asp_dagster.spapi.wire import timestamp


@dataclass(frozen=True)
class ReportExtraction:
    """The documents of one report type: one a window, or one a window and marketplace."""

    client: SellingPartnerClient
    spec: ReportSpec
    feed: Feed
    marketplace_ids: Sequence[str]

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
        return FileToLand(name, lambda sink: self._write(request, sink))

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

    def _write(self, request: ReportRequest, sink: BinaryIO) -> Landed:
        report_id = create_report(self.client, request)
        report = wait_for_report(self.client, report_id)
        download_document(self.client, report.report_document_id, sink)
        rows = count_rows(sink, self.feed, f"{request.report_type} {report_id}")
        return Landed(rows, [_preview(request, report_id)])


def _preview(request: ReportRequest, report_id: str) -> dict[str, Any]:
    return {
        "report_id": report_id,
        "report_type": request.report_type,
        "marketplace_ids": ", ".join(request.marketplace_ids),
        "data_start_time": request.data_start_time,
        "data_end_time": request.data_end_time,
    }
