"""The component of reports that are found, not asked for.

Here belongs: `AmazonSPListedReport`.
"""

import warnings
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import dagster as dg
from pydantic import Field

from asp_dagster import keys, listed
from asp_dagster.catalog.declarations import DeclarationWarning, parse
from asp_dagster.catalog.feed_checks import check_listed_feed
from asp_dagster.catalog.feeds import Feed, ReportFormat
from asp_dagster.catalog.listed_reports import sums_of
from asp_dagster.catalog.personal_data import with_personal_data
from asp_dagster.checks.running import refuse_unknown
from asp_dagster.components.declared_feeds import TableComponent, check_inferred
from asp_dagster.components.ready_keys import with_ready_feed
from asp_dagster.jobs import build_feed_job
from asp_dagster.schedules import build_feed_schedules


class AmazonSPListedReport(TableComponent):
    """Lands each report that Amazon, a schedule or Seller Central makes, and loads its rows.

    It is for the types that cannot be requested, settlements first of all.
    """

    feed: str | None = Field(
        default=None,
        description="A ready feed, by name: settlements. Keys that stand beside it go before the"
        " ready feed's.",
    )
    report_spec: keys.ListedReport
    file_format: str = Field(description="CSV, TSV, JSON, XML, XLSX, PDF or ZIP, in any case.")
    version: Literal["2021-06-30"] = Field(
        default="2021-06-30", description="The version of Amazon's Reports API."
    )
    # A settlement comes every 14 days: so one look finds some, and late ones are not overlooked.
    overlap: keys.Overlap = timedelta(days=30)
    encoding_errors: keys.Encoding = "fail"
    sums: keys.Sums = Field(default_factory=dict)
    schedule: keys.Schedule = None

    @classmethod
    def _completed(cls, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put the keys of a ready feed behind those that are written."""
        return with_ready_feed(
            attributes,
            "AmazonSPListedReport",
            nested="report_spec",
            of_tables={"tables", "sums"},
        )

    def definitions(self, file: Path) -> dg.Definitions:
        """Return all that belongs to the reports that a file or its folder declares."""
        feed = self.declared(file.parent.name if file.suffix else file.name)
        for sentence in check_listed_feed(feed, self.sums, self.schedule):
            warnings.warn(f"{feed.name}: {sentence}", DeclarationWarning, stacklevel=2)
        check_inferred(feed.tables, feed.raw_format)
        feed = with_personal_data(feed)
        sums, is_scheduled = sums_of(feed, self.sums), self.schedule is not None
        reports = listed.ListedFeed(feed, self.overlap, sums, is_scheduled=is_scheduled)
        refuse_unknown(self.checks, listed.own_check_names(reports))
        assets = [listed.build_listed_assets(reports)]
        job = build_feed_job(feed, assets)
        schedules = build_feed_schedules(feed, job, self.cron_schedule)
        return dg.Definitions(
            assets=[*assets, listed.documents_spec(feed)], jobs=[job], schedules=schedules
        )

    def declared(self, default_name: str = "") -> Feed:
        """Return the declared reports and their tables."""
        return Feed(
            source=self.report_spec.source,
            raw_format=parse(ReportFormat, self.file_format.lower(), place="file_format"),
            encoding_errors=self.encoding_errors,
            **self._with_tables(default_name),
        )
