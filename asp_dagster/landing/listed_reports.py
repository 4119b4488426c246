"""Finds the reports of a type that nobody here asked for, and lands their documents.

A settlement is made by Amazon, other reports by a schedule or in Seller Central. They are listed by
getReports for as long as Amazon keeps them, mostly ninety days. Each is landed once, under its id:
a raw file of that name is the sign that it has been. Here belong: the look, and the way from a
listed report to its file. When to look, and since when, is decided above.

https://developer-docs.amazon.com/sp-api/reference/getreports
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO

from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.report_types import ReportType
from asp_dagster.landing.documents import count_rows, find_charset
from asp_dagster.landing.errors import UnexpectedDocumentError
from asp_dagster.landing.extraction import FileToLand, Landed
from asp_dagster.landing.made_reports import PAGE_SIZE, REPORTS, moment_of
from asp_dagster.spapi import SellingPartnerClient, download_document

_UNNAMED = ("an unnamed marketplace",)
_SAFE_NAME = re.compile(r"[\w-]+", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class ListedReport:
    """A finished report that getReports lists.

    Attributes:
        report_id: Amazon's id.
        document_id: The id of its document; none where Amazon names none.
        created_at: When it was made, aware.
        data_end: The end of its data; none where Amazon does not say.
        marketplace_ids: Its marketplaces, as far as Amazon says them.
        is_scheduled: Whether a schedule at Amazon made it.
    """

    report_id: str
    document_id: str | None
    created_at: datetime
    data_end: datetime | None = None
    marketplace_ids: tuple[str, ...] = ()
    is_scheduled: bool = False


@dataclass(frozen=True)
class Look:
    """What a look at Amazon's reports has found.

    Attributes:
        at: When it began.
        reports: The reports, the oldest first.
        landed: Those of them that had landed before, by their ids.
    """

    at: datetime
    reports: Sequence[ListedReport]
    landed: Collection[str]

    @property
    def new(self) -> Sequence[ListedReport]:
        """The reports that have not landed."""
        return [report for report in self.reports if report.report_id not in self.landed]

    @property
    def newest(self) -> ListedReport | None:
        """The report that was made last."""
        return self.reports[-1] if self.reports else None


@dataclass(frozen=True)
class Listing:
    """The reports of one type that are found, not asked for.

    Attributes:
        client: Asks Amazon.
        report_type: What is known of the type.
        marketplace_ids: Only reports for one of these, or for none that Amazon would say; empty
            for all.
        is_scheduled: Only reports that a schedule at Amazon made. The others of such a type were
            asked for, with other options or of another time.
    """

    client: SellingPartnerClient
    report_type: ReportType
    marketplace_ids: Sequence[str] = ()
    is_scheduled: bool = False

    def look(self, since: datetime | None, landed: Collection[str]) -> Look:
        """Return what is listed since a moment; if that is nothing, all that is listed.

        So the newest report is known whenever there is any, however long ago it was made.

        Args:
            since: The earliest moment of making; none for all. Never is Amazon asked for more than
                it keeps.
            landed: The ids of the reports that have landed.

        Raises:
            ResponseError: When Amazon lists a report in a way that cannot be meant.
            ApiError: When Amazon refuses, or does not answer.
        """
        at = self.client.clock.now()
        # Without a date Amazon takes all it keeps, by its own clock and not by ours.
        dated = since if since and since > at - self.report_type.retention else None
        found = self._listed(dated)
        if not found and dated:
            found = self._listed(None)
        return Look(at, sorted(found.values(), key=lambda each: each.created_at), landed)

    def file(self, report: ListedReport, feed: Feed) -> FileToLand:
        """Return the raw file of a report, still to be written."""
        return FileToLand(report.report_id, partial(self._write, report, feed))

    def _write(self, report: ListedReport, feed: Feed, sink: BinaryIO) -> Landed:
        label = f"{self.report_type.name} {report.report_id}"
        if report.document_id is None:
            raise UnexpectedDocumentError(
                f"Amazon lists {label} as DONE, but names no document of it. Run it again; if it"
                " stays so, ask Amazon's support for this report."
            )
        downloaded = download_document(
            self.client,
            report.document_id,
            sink,
            is_restricted=self.report_type.restricted == "yes",
            roles=self.report_type.roles,
            personal_data=feed.pii == "include",
        )
        rows = count_rows(sink, feed, label)
        marketplace_ids = report.marketplace_ids or self.marketplace_ids or _UNNAMED
        charset = find_charset(sink, feed, downloaded.charset, marketplace_ids)
        return Landed(rows, [_preview(report)], charset=charset)

    def _listed(self, since: datetime | None) -> Mapping[str, ListedReport]:
        """Ask Amazon, page by page; a report that moves to the next page meanwhile comes once."""
        params = {
            "reportTypes": self.report_type.name,
            "processingStatuses": "DONE",
            "pageSize": PAGE_SIZE,
            **({"createdSince": since} if since else {}),
        }
        listed = map(_read, self.client.list(REPORTS, params))
        return {report.report_id: report for report in self._wanted(listed)}

    def _wanted(self, reports: Iterator[ListedReport]) -> Iterator[ListedReport]:
        wanted = set(self.marketplace_ids)
        for report in reports:
            if self.is_scheduled and not report.is_scheduled:
                continue
            if not (wanted and report.marketplace_ids) or wanted & set(report.marketplace_ids):
                yield report


def _read(entry: Mapping[str, Any]) -> ListedReport:
    """Read one entry of getReports.

    Raises:
        UnexpectedDocumentError: When its id cannot name a file, or it does not say when it was
            made.
    """
    report_id, created_at = str(entry.get("reportId")), entry.get("createdTime")
    if not _SAFE_NAME.fullmatch(report_id) or not created_at:
        raise UnexpectedDocumentError(
            f"Amazon lists a report with the id {report_id!r}, made at {created_at!r}; expected an"
            " id of letters and digits, and a time. Run it again later."
        )
    end = entry.get("dataEndTime")
    return ListedReport(
        report_id=report_id,
        document_id=entry.get("reportDocumentId"),
        created_at=moment_of(created_at),
        data_end=moment_of(end) if end else None,
        marketplace_ids=tuple(entry.get("marketplaceIds") or ()),
        is_scheduled=bool(entry.get("reportScheduleId")),
    )


def _preview(report: ListedReport) -> dict[str, Any]:
    return {
        "report_id": report.report_id,
        "created_at": report.created_at,
        "data_end": report.data_end,
        "marketplace_ids": ", ".join(report.marketplace_ids),
    }
