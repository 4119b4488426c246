"""Whether a feed can be meant: what can be known of it without asking Amazon.

Here belong: rules between the parts of a feed. The requests of an endpoint are checked in
`endpoint_checks`, tables in `declarations`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from asp_dagster.catalog.bulk_orders import backfill_mistakes
from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.catalog.endpoint_checks import check_endpoint
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Account, Feed, ReportSpec
from asp_dagster.catalog.listed_reports import listed_report_mistakes, listed_report_warnings
from asp_dagster.catalog.listening import listening_mistakes
from asp_dagster.catalog.personal_checks import personal_mistakes
from asp_dagster.catalog.region_checks import endpoint_warnings, region_mistakes, written_ids
from asp_dagster.catalog.report_checks import check_report
from asp_dagster.catalog.report_schedules import ScheduleSpec
from asp_dagster.catalog.table_checks import check_tables
from asp_dagster.catalog.tables import InferredTable, TableSpec

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TABLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_COLUMN = re.compile(r"[a-z0-9]+(?:_+[a-z0-9]+)*")
_WINDOW = "{window_"
_OF_PARTITION = ("{partition}", "{start}", "{end}")


def check_feed(feed: Feed, *, today: date) -> Sequence[str]:
    """Refuse a feed that cannot be meant; return what somebody should know of it.

    Args:
        feed: The feed.
        today: The date, which decides what Amazon has retired.

    Raises:
        DeclarationError: With every mistake, its dotted place and what would have been right.
    """
    if mistakes := list(_mistakes(feed)):
        raise DeclarationError("; ".join(mistakes))
    check_tables([table for table in feed.tables if isinstance(table, TableSpec)])
    account = feed.account
    if isinstance(feed.source, ReportSpec):
        warnings = check_report(
            feed.source,
            file_format=feed.raw_format,
            partitions=feed.partitions,
            one_marketplace_per_report=feed.one_marketplace_per_report,
            marketplace_ids=account.marketplaces,
            today=today,
        )
        return [*warnings, *endpoint_warnings(account.endpoint)]
    warnings = check_endpoint(
        feed.source,
        endpoint=account.endpoint,
        marketplace_ids=account.marketplaces,
        today=today,
    )
    return [*warnings, *_doubts(feed, feed.source)]


def check_listed_feed(
    feed: Feed, sums: Mapping[str, str], schedule: ScheduleSpec | None = None
) -> Sequence[str]:
    """Refuse a feed of listed reports that cannot be meant; return what one should know of it.

    Args:
        feed: The feed.
        sums: The sums that it declares.
        schedule: The schedule at Amazon that it declares, if it does.

    Raises:
        DeclarationError: With every mistake, its dotted place and what would have been right.
    """
    if mistakes := [*_mistakes(feed), *listed_report_mistakes(feed, sums, schedule)]:
        raise DeclarationError("; ".join(mistakes))
    check_tables([table for table in feed.tables if isinstance(table, TableSpec)])
    return [*listed_report_warnings(feed), *endpoint_warnings(feed.account.endpoint)]


def _mistakes(feed: Feed) -> Iterator[str]:
    yield from _name_mistakes(feed)
    yield from _table_mistakes(feed)
    yield from _incremental_mistakes(feed)
    yield from _output_mistakes(feed)
    yield from personal_mistakes(feed)
    if feed.backfill:
        cadence = feed.partitions.every if feed.partitions else None
        yield from backfill_mistakes(feed.source, feed.tables, cadence=cadence)
    if feed.notifications:
        yield from listening_mistakes(feed)
    if isinstance(feed.source, ReportSpec):
        yield from _date_mistakes(feed, feed.source)
        yield from _region_mistakes(feed.account, feed.source)
    elif feed.partitions is None:
        yield from _window_mistakes(feed.source)


def _name_mistakes(feed: Feed) -> Iterator[str]:
    for key, name in {"name": feed.name, "account": feed.account.name}.items():
        if name is not None and not _NAME.fullmatch(name):
            yield f"{key}: {name!r} is no name; use letters, digits and underscores, a letter first"
    names = [("table", "table", table.name) for table in feed.tables]
    shared = feed.shared_tables if isinstance(feed.shared_tables, str) else None
    if feed.shared_tables and not feed.account.name:
        yield "shared_tables: needs `account`, whose name tells its rows from those of others"
    schemas = [("schema", "schema", feed.schema), ("shared_tables", "schema", shared)]
    for key, kind, name in [*names, *schemas]:
        if name is not None and not _TABLE.fullmatch(name):
            yield (
                f"{key}: {name!r} cannot name a {kind}; use at most 63 lower-case letters, digits"
                " and underscores"
            )


def _table_mistakes(feed: Feed) -> Iterator[str]:
    if feed.encoding_errors == "replace" and feed.raw_format not in {"tsv", "csv"}:
        yield "encoding_errors: is for delimited text, TSV or CSV; leave it out"
    if feed.tables and feed.raw_format in {"pdf", "zip"}:
        yield f"table: a {feed.raw_format.upper()} has no rows for one; write `table: false`"
    for table in feed.tables:
        if table.rows and feed.raw_format in {"tsv", "csv", "xlsx"}:
            yield f"rows: {table.rows!r} is a place in a document, and {feed.raw_format} has lines"
        for name in table.columns:
            if isinstance(table, InferredTable) and not _COLUMN.fullmatch(name):
                yield (
                    f"columns.{name}: is no column's name; write it as in the table, in snake_case,"
                    " with __ between nested names"
                )


def _incremental_mistakes(feed: Feed) -> Iterator[str]:
    """A record that is asked for twice must find the row it was."""
    reaches_back = feed.lookback > timedelta(0)
    if reaches_back and not feed.is_dated:
        yield "lookback: needs updated_at_param, or {window_start} in params, to take it from"
    for key in _missing_keys(feed):
        if feed.is_incremental:
            yield (
                f"{key}: is missing; without `partitions` a record may come in two runs, and only"
                " its id lets it replace itself"
            )
        if reaches_back:
            yield f"lookback: needs {key}; what is asked for again would come twice into the table"


def _missing_keys(feed: Feed) -> Iterator[str]:
    """Yield what would identify the rows of each table where nothing does."""
    for table in feed.tables:
        if isinstance(table, InferredTable):
            if not table.key:
                yield "record_config.id_field"
        elif not table.key and not table.parent:
            yield f"tables.{table.name}.key"


def _output_mistakes(feed: Feed) -> Iterator[str]:
    if feed.output is None:
        return
    if feed.partitions and not any(name in feed.output for name in _OF_PARTITION):
        yield (
            f"output: {feed.output!r} would name the files of all partitions alike; put"
            " {partition}, {start} or {end} into it"
        )
    if feed.one_marketplace_per_report and "{marketplace_id}" not in feed.output:
        yield (
            f"output: {feed.output!r} would name the files of all marketplaces alike; put"
            " {marketplace_id} into it"
        )


def _date_mistakes(feed: Feed, report: ReportSpec) -> Iterator[str]:
    dates = {"dataStartTime": report.data_start_time, "dataEndTime": report.data_end_time}
    for key, value in dates.items():
        if value and "{" in value and feed.partitions is None:
            yield f"report_spec.{key}: {value} needs `partitions`, which it is taken from"


def _window_mistakes(source: EndpointSpec) -> Iterator[str]:
    """Name placeholders of a window where no partition gives one."""
    start = source.updated_at_param
    parts = {"path": source.path, "params": source.params, "body": source.body}
    for key, part in {**parts, "extend_resources": source.extend_resources}.items():
        if start is None and _WINDOW in repr(part):
            yield f"{key}: {_WINDOW}…}} needs `partitions`, or updated_at_param, to be taken from"
    if start and _WINDOW in str(source.params.get(start)):
        yield f"params.{start}: is where the first run begins; write a date, or leave it out"


def _region_mistakes(account: Account, report: ReportSpec) -> Iterator[str]:
    named = {
        "marketplaces": account.marketplaces,
        "report_spec.marketplaceIds": written_ids(report.marketplace_ids),
    }
    yield from region_mistakes(account.endpoint, named)


def _doubts(feed: Feed, source: EndpointSpec) -> Iterator[str]:
    if feed.partitions and source.updated_at_param and not source.updated_before_param:
        yield (
            f"{source.path} has no parameter for the end of a window that is known, so each"
            " partition also takes what came later. If there is one, name it as"
            " updated_before_param"
        )
