"""The components of a report: its rows as a table, or its document as a file.

Here belong: `AmazonSPReport` and `AmazonSPReportFile`.
"""

import difflib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import dagster as dg
from pydantic import Field

from asp_dagster import keys, landing
from asp_dagster.catalog.declarations import DeclarationError, parse
from asp_dagster.catalog.feeds import Feed, ReportFormat, Wait
from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.components.declared_feeds import FeedComponent, TableComponent
from asp_dagster.components.ready_keys import laid_over, with_ready_feed
from asp_dagster.landing import DataWindow, SettingError
from asp_dagster.reports.examples import attributes as declared_as
from asp_dagster.reports.examples import short_name
from asp_dagster.windows import SNAPSHOT


class _ReportComponent(dg.Model):
    """The keys that both kinds of report have."""

    report: str | None = Field(
        default=None,
        description="A report type, declared as its rules want it: `asp reports`"
        " lists them and shows what is meant. Keys that stand beside it go before the type's.",
    )
    report_spec: keys.Report
    file_format: str = Field(description="CSV, TSV, JSON, XML, XLSX, PDF or ZIP, in any case.")
    version: Literal["2021-06-30"] = Field(
        default="2021-06-30", description="The version of Amazon's Reports API."
    )
    one_marketplace_per_report: bool | None = Field(
        default=None,
        description="Whether each marketplace needs a report of its own. Without it, as the type"
        " wants it; a report saved as a file covers all.",
    )
    wait: Wait = Field(
        default="in_run",
        description="in_run: a run stays until the report is made. sensor: it ends once it has"
        " asked for it, and a sensor starts another when it is made.",
    )
    reuse_age: keys.ReuseAge = None

    def _report(self) -> dict[str, Any]:
        """Return what both kinds of report take from their declaration."""
        return {
            "source": self.report_spec,
            "raw_format": parse(ReportFormat, self.file_format.lower(), place="file_format"),
            "one_marketplace_per_report": bool(self.one_marketplace_per_report),
            "wait": self.wait,
            "reuse_age": self.reuse_age,
        }


class AmazonSPReport(TableComponent, _ReportComponent):
    """Lands the document of a requestable report as Amazon made it, and loads its rows."""

    feed: str | None = Field(
        default=None,
        description="A default feed, by name: sales_and_traffic, all_orders. Keys that stand beside"
        " it go before the default feed's.",
    )
    encoding_errors: keys.Encoding = "fail"

    @classmethod
    def _completed(cls, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put what the default feed, and what the type wants, behind what is written."""
        attributes = with_ready_feed(
            attributes, "AmazonSPReport", nested="report_spec", of_tables={"tables"}
        )
        has_rows = "tables" not in attributes and attributes.get("table") is not False
        return _by_its_type(attributes, leave_out=() if has_rows else ("rows",))

    def declared(self, default_name: str = "") -> Feed:
        """Return the declared report and its tables."""
        report = self._report()
        if self.one_marketplace_per_report is None:
            known = ReportTypes.load().find(self.report_spec.report_type)
            report["one_marketplace_per_report"] = known.marketplaces in {"one", "first"}
        report["encoding_errors"] = self.encoding_errors
        return Feed(**report, **self._with_tables(default_name))


class AmazonSPReportFile(FeedComponent, _ReportComponent):
    """Saves the document of a requestable report as a file, under a name of yours."""

    output: str = Field(
        description="The file's name or path below the raw path; {partition}, {start}, {end},"
        " {account} and {marketplace_id} are filled in."
    )

    @classmethod
    def _completed(cls, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put what the type wants behind what is written; a fixed name has no partitions."""
        return _by_its_type(
            attributes, leave_out=("rows", "table", "partitions", "one_marketplace_per_report")
        )

    def declared(self, default_name: str = "") -> Feed:
        """Return the declared report."""
        feed = Feed(**self._report(), **self._common(default_name), output=self.output)
        _check_output(feed, self.output)
        return feed


def _by_its_type(attributes: Mapping[str, Any], leave_out: Collection[str]) -> Mapping[str, Any]:
    """Return a declaration with what its `report` means, behind what is written."""
    name = attributes.get("report")
    if not name:
        return attributes
    known = ReportTypes.load().find(str(name))
    if not known.is_known:
        near = difflib.get_close_matches(str(name), [each.name for each in ReportTypes.load().all])
        hint = f"; did you mean {near[0]}" if near else ""
        raise DeclarationError(
            f"report: {name!r} is no type that is known{hint}; declare it by report_spec and"
            " file_format"
        )
    wanted = {key: each for key, each in declared_as(known).items() if key not in leave_out}
    spec = laid_over(wanted["report_spec"], attributes.get("report_spec", {}))
    return {"name": short_name(known), **wanted, **attributes, "report_spec": spec}


def _check_output(feed: Feed, output: str) -> None:
    """Refuse a name that could not be filled in when a run saves the file."""
    some_day = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        landing.output_name(
            output,
            partition=SNAPSHOT,
            window=DataWindow(some_day, some_day) if feed.partitions else None,
            account=feed.account.name,
            marketplace_id="ANY" if feed.one_marketplace_per_report else None,
            extension=feed.extension,
        )
    except SettingError as error:
        raise DeclarationError(str(error)) from error
