"""Reports that are not asked for but found: Amazon, a schedule or Seller Central makes them.

Here belong: what a declaration says of them, and the rules it must keep. How they are found is
`landing`'s work.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import ConfigDict, Field

from asp_dagster.catalog.declarations import known
from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.catalog.report_schedules import ScheduleSpec, schedule_mistakes
from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.catalog.tables import TableSpec

_SUMMED = ("decimal", "integer")


@dataclass(frozen=True, kw_only=True)
class ListedReportSpec:
    """The reports to be found, in the words of Amazon's getReports.

    Attributes:
        report_type: Amazon's report type.
        marketplace_ids: Only reports that are for one of these, or say none; by default all of the
            selling region. Of settlements Amazon's own filter is known to be wrong, so it is not
            used.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    report_type: Annotated[str, Field(alias="reportType", min_length=1)]
    marketplace_ids: Annotated[tuple[str, ...], Field(alias="marketplaceIds")] = ()

    @property
    def source(self) -> ReportSpec:
        """The type and the marketplaces, as a feed has them."""
        return ReportSpec(report_type=self.report_type, marketplace_ids=self.marketplace_ids)


@dataclass(frozen=True, kw_only=True)
class SumSpec:
    """A sum that must come out: the rows of a table add up to what their parent's row says.

    Attributes:
        table: The table whose rows are added up.
        column: The column that is.
        parent: The table that says the sum; its key tells which rows belong together.
        total: The column that says it.
    """

    table: str
    column: str
    parent: TableSpec
    total: str


def sums_of(feed: Feed, declared: Mapping[str, str]) -> tuple[SumSpec, ...]:
    """Return the sums that a feed's declaration names.

    Args:
        feed: The feed, without mistakes: see `sum_mistakes`.
        declared: Columns of the parent by what is added up: `settlement_lines.amount:
            total_amount`.
    """
    tables = {table.name: table for table in feed.tables if isinstance(table, TableSpec)}
    found = []
    for summed, total in declared.items():
        table, _, column = summed.rpartition(".")
        parent = tables[tables[table].parent or ""]
        found.append(SumSpec(table=table, column=column, parent=parent, total=total))
    return tuple(found)


def listed_report_mistakes(
    feed: Feed, sums: Mapping[str, str], schedule: ScheduleSpec | None = None
) -> Iterator[str]:
    """Name what cannot be meant of a listed report's feed."""
    source = _report(feed)
    report_type = ReportTypes.load().find(source.report_type)
    file_format = feed.raw_format.upper()
    if report_type.formats and file_format not in report_type.formats:
        made = " or ".join(report_type.formats)
        yield f"file_format: {report_type.name} is made as {made}, not as {file_format}"
    if feed.partitions:
        yield "partitions: each report is one by itself here, by its id; leave them out"
    for summed, total in sums.items():
        yield from _sum_mistakes(feed, summed, total)
    if schedule:
        ids = source.marketplace_ids or feed.account.marketplaces
        yield from schedule_mistakes(schedule, source.report_type, ids)


def listed_report_warnings(feed: Feed) -> Sequence[str]:
    """Return what somebody should know of a listed report's feed."""
    report_type = ReportTypes.load().find(_report(feed).report_type)
    if not report_type.is_removed:
        return []
    since = f"Amazon makes no {report_type.name} since {report_type.removed_on}"
    instead = f"; use {report_type.successor}" if report_type.successor else ""
    return [f"report_spec.reportType: {since}{instead}"]


def _report(feed: Feed) -> ReportSpec:
    assert isinstance(feed.source, ReportSpec)  # noqa: S101 - only reports are listed
    return feed.source


def _sum_mistakes(feed: Feed, summed: str, total: str) -> Iterator[str]:
    tables = {table.name: table for table in feed.tables if isinstance(table, TableSpec)}
    name, _, column = summed.rpartition(".")
    table = tables.get(name)
    parent = tables.get(table.parent or "") if table else None
    if table is None or parent is None:
        children = [f"{each.name}.…" for each in tables.values() if each.parent]
        yield f"sums.{summed}: is no column of a declared table with a `parent`{known(children)}"
        return
    for holder, place in ((table, column), (parent, total)):
        numbers = [each for each, spec in holder.columns.items() if spec.type in _SUMMED]
        if place not in numbers:
            yield f"sums.{summed}: {holder.name} has no numbers {place!r}{known(numbers)}"
