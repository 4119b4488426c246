"""Whether the Orders API and the all-orders report tell of the same orders.

Each can show what the other lost. But between the two, orders change and go over to a later day, so
a window is compared as far as what came later explains nothing:

    missing in orders   an order of the report of which the API never told: where the orders were
                        loaded before the report, or have been loaded beyond it since
    missing in report   an order that still stands in the window, though orders have been loaded
                        beyond the report: then nothing took it out of the report's window

So the window before the loaded one is compared too: by then, orders have been loaded beyond it. The
report has lines, so an order without items is not in it; it also has orders that were placed
elsewhere and are fulfilled by Amazon, which have ids of another form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import dagster as dg

from asp_dagster.catalog.bulk_orders import ALL_ORDERS_BY_LAST_UPDATE, bulk_report
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.catalog.tables import TableSpec
from asp_dagster.checks.check import (
    FEW,
    Check,
    Judge,
    Loaded,
    Table,
    Verdict,
    is_beyond_chance,
    unjudged,
    windows_as_values,
)
from asp_dagster.checks.declared_columns import column_at
from asp_dagster.checks.orders import orders_in
from asp_dagster.landing import DataWindow
from asp_dagster.warehouse import WarehouseError
from asp_dagster.warehouse.sql import identifier, literal

NAME = "orders_match_report"

_ID_OF_AMAZON = "___-_______-_______"


@dataclass(frozen=True, kw_only=True)
class Side:
    """A table that tells of orders, and its columns.

    Attributes:
        table: The table's name.
        order_id: The order's id.
        sales_channel: The name of its marketplace.
        updated_at: When it last changed.
        items_count: How many items it has, if that is told.
    """

    table: str
    order_id: str
    sales_channel: str
    updated_at: str
    items_count: str | None = None


_ORDERS = Side(
    table="orders",
    order_id="order_id",
    updated_at="last_updated_at",
    sales_channel="sales_channel",
    items_count="items_count",
)
_REPORT = Side(
    table="all_orders",
    order_id="amazon_order_id",
    updated_at="last_updated_date",
    sales_channel="sales_channel",
)
"""The tables of the feeds that come with the package."""


def _judge(loaded: Loaded, *, orders: Side, report: Side) -> Verdict:
    compared = _compared(loaded, orders, report)
    try:
        counted = loaded.first(f"{compared} {_COUNTS}")
    except WarehouseError:
        return unjudged(f"there are no tables {orders.table} and {report.table} to compare")
    reported, known = counted["in_report"], counted["in_orders"]
    if not (reported or known):
        return unjudged(f"{orders.table} and {report.table} do not tell of the same time yet")
    unreported, unknown = counted["unreported"], counted["unknown"]
    metadata = {
        "orders_in_report": reported,
        "missing_in_orders": unknown,
        "orders": known,
        "missing_in_report": unreported,
    }
    if not (is_beyond_chance(unreported, known) or is_beyond_chance(unknown, reported)):
        return Verdict(passed=True, says="Both tell of the same orders.", metadata=metadata)
    ids = loaded.query(f"{compared} {_MISSING}").column("id").to_pylist()
    return Verdict(
        passed=False,
        says=f"Of {reported} orders in {report.table}, {unknown} are missing in {orders.table}; of"
        f" {known} in {orders.table}, {unreported} are missing in {report.table}. Materialize the"
        " partition of both feeds again; if it stays so, compare their marketplaces and time"
        " zones.",
        metadata={**metadata, "examples": dg.MetadataValue.json(ids)},
    )


def _compared(loaded: Loaded, orders: Side, report: Side) -> str:
    """Return the head of a query that knows what is compared, and what is missing of it."""
    of_orders, of_report = (loaded.table_named(each.table) for each in (orders, report))
    order_id, updated_at = identifier(orders.order_id), identifier(orders.updated_at)
    has_items = f" WHERE o.{identifier(orders.items_count)} > 0" if orders.items_count else ""
    reported_id, reported_at = identifier(report.order_id), identifier(report.updated_at)
    in_window = "{0} >= w.start_at AND {0} < w.end_at".format
    # names are checked by `identifier`
    return (
        f"WITH w AS (SELECT w.* FROM {windows_as_values(_with_those_before(loaded.dated))}),"  # noqa: S608 - as above
        f" known AS (SELECT max({updated_at}) AS until FROM {of_orders} AS o),"
        " seen AS (SELECT w.name, known.until,"
        f" (SELECT max(r._loaded_at) FROM {of_report} AS r"
        f" WHERE {in_window(f'r.{reported_at}')}) AS report_at,"
        f" (SELECT min(o._loaded_at) FROM {of_orders} AS o"
        f" WHERE {in_window(f'o.{updated_at}')}) AS orders_at FROM w, known),"
        f" r AS (SELECT DISTINCT w.name, r.{reported_id} AS id FROM {of_report} AS r JOIN w"
        f" ON {in_window(f'r.{reported_at}')}"
        f" WHERE r.{reported_id} LIKE {literal(_ID_OF_AMAZON)}"
        f" AND r.{identifier(report.sales_channel)}"
        f" IN (SELECT {identifier(orders.sales_channel)} FROM {of_orders} AS o)),"
        f" o AS (SELECT w.name, o.{order_id} AS id FROM {of_orders} AS o JOIN w"
        f" ON {in_window(f'o.{updated_at}')}{has_items}),"
        " in_report AS (SELECT r.* FROM r JOIN seen ON seen.name = r.name"
        " WHERE seen.until >= seen.report_at OR seen.orders_at <= seen.report_at),"
        " in_orders AS (SELECT o.* FROM o JOIN seen ON seen.name = o.name"
        " WHERE seen.until >= seen.report_at),"
        " unreported AS (SELECT id FROM in_orders AS o WHERE NOT EXISTS"
        " (SELECT 1 FROM r WHERE r.id = o.id AND r.name = o.name)),"
        " unknown AS (SELECT id FROM in_report AS r WHERE NOT EXISTS"
        f" (SELECT 1 FROM {of_orders} AS t WHERE t.{order_id} = r.id))"
    )


def _with_those_before(windows: Mapping[str, DataWindow]) -> Mapping[str, DataWindow]:
    """Return the windows, and before each the stretch of the same length."""
    before = {
        f"before {key}": DataWindow(window.start - (window.end - window.start), window.start)
        for key, window in windows.items()
        if not any(each.end == window.start for each in windows.values())
    }
    return {**before, **windows}


_COUNTS = (
    "SELECT (SELECT count(*) FROM in_orders) AS in_orders,"
    " (SELECT count(*) FROM in_report) AS in_report,"
    " (SELECT count(*) FROM unreported) AS unreported, (SELECT count(*) FROM unknown) AS unknown"
)
_MISSING = (
    "SELECT id FROM (SELECT id FROM unknown UNION ALL SELECT id FROM unreported) AS missing"  # noqa: S608 - a number
    f" ORDER BY id LIMIT {FEW}"
)


def _judge_of(feed: Feed, table: Table) -> Judge | None:
    if feed.partitions is None:
        return None
    orders, report = _orders_side(feed, table), _report_side(feed, table)
    if orders:
        return partial(_judge, orders=orders, report=_REPORT)
    return partial(_judge, orders=_ORDERS, report=report) if report else None


def _orders_side(feed: Feed, table: Table) -> Side | None:
    """Return a table of orders by last update as a side to be compared."""
    found, source = orders_in(feed, table), feed.source
    if found is None or not isinstance(source, EndpointSpec):
        return None
    is_by_update = bulk_report(source) == ALL_ORDERS_BY_LAST_UPDATE
    if not (is_by_update and found.updated_at and found.sales_channel):
        return None
    return Side(
        table=table.name,
        order_id=found.order_id,
        updated_at=found.updated_at,
        sales_channel=found.sales_channel,
        items_count=found.items_count,
    )


def _report_side(feed: Feed, table: Table) -> Side | None:
    """Return a table of the all-orders report by last update as a side to be compared."""
    source = feed.source
    if not isinstance(source, ReportSpec):
        return None
    if source.report_type != ALL_ORDERS_BY_LAST_UPDATE.report_type:
        return None
    if not isinstance(table, TableSpec):
        return replace(_REPORT, table=table.name)
    order_id, channel = column_at(table, "amazon-order-id"), column_at(table, "sales-channel")
    updated_at = column_at(table, ALL_ORDERS_BY_LAST_UPDATE.dated_by)
    if order_id is None or channel is None or updated_at is None:
        return None
    return Side(table=table.name, order_id=order_id, updated_at=updated_at, sales_channel=channel)


CHECK = Check(
    name=NAME,
    description="Whether the Orders API and the all-orders report tell of the same orders, where"
    " both feeds have loaded the same time.",
    judge_of=_judge_of,
)
