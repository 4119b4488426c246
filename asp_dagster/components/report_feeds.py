"""The components of a report: its rows as a table, or its document as a file.

Here belong: `AmazonSPReport` and `AmazonSPReportFile`.
"""

from datetime import UTC, datetime
from typing import Any, Literal

import dagster as dg
from pydantic import Field

from asp_dagster import keys
from asp_dagster.catalog.declarations import DeclarationError, parse
from asp_dagster.catalog.feeds import Feed, ReportFormat
from asp_dagster.components.declared_feeds import FeedComponent, TableComponent
from asp_dagster.landing import DataWindow, SettingError, output_name
from asp_dagster.windows import SNAPSHOT


class _ReportComponent(dg.Model):
    """The keys that both kinds of report have."""

    report_spec: keys.Report
    file_format: str = Field(description="CSV, TSV, JSON or XML, in any case.")
    version: Literal["2021-06-30"] = Field(
        default="2021-06-30", description="The version of Amazon's Reports API."
    )
    one_marketplace_per_report: bool = Field(
        default=False, description="Whether each marketplace needs a report of its own."
    )

    def _report(self) -> dict[str, Any]:
        """Return what both kinds of report take from their declaration."""
        return {
            "source": self.report_spec,
            "raw_format": parse(ReportFormat, self.file_format.lower(), place="file_format"),
            "one_marketplace_per_report": self.one_marketplace_per_report,
        }


class AmazonSPReport(TableComponent, _ReportComponent):
    """Lands the document of a requestable report as Amazon made it, and loads its rows."""

    def declared(self, default_name: str = "") -> Feed:
        """Return the declared report and its tables."""
        return Feed(**self._report(), **self._with_tables(default_name))


class AmazonSPReportFile(FeedComponent, _ReportComponent):
    """Saves the document of a requestable report as a file, under a name of yours."""

    output: str = Field(
        description="The file's name or path below the raw path; {partition}, {start}, {end},"
        " {account} and {marketplace_id} are filled in."
    )

    def declared(self, default_name: str = "") -> Feed:
        """Return the declared report."""
        feed = Feed(**self._report(), **self._common(default_name), output=self.output)
        _check_output(feed, self.output)
        return feed


def _check_output(feed: Feed, output: str) -> None:
    """Refuse a name that could not be filled in when a run saves the file."""
    some_day = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        output_name(
            output,
            partition=SNAPSHOT,
            window=DataWindow(some_day, some_day) if feed.partitions else None,
            account=feed.account.name,
            marketplace_id="ANY" if feed.one_marketplace_per_report else None,
            extension=feed.extension,
        )
    except SettingError as error:
        raise DeclarationError(str(error)) from error
