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

from dataclasses import replace
from functools import partial

import dagster as dg

from asp_dagster.catalog.bulk_orders import ALL_ORDERS_BY_LAST_UPDATE, bulk_report
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.catalog.tables import TableSpec
from asp_dagster.checks.check import (
    Check,
    Judge,
    Loaded,
    Table,
    Verdict,
    is_beyond_chance,
    unjudged,
)
from asp_dagster.checks.compared_orders import Counts, Side, compare
from asp_dagster.checks.declared_columns import column_at
from asp_dagster.checks.orders import orders_in
from asp_dagster.warehouse import WarehouseError

NAME = "orders_match_report"

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
    try:
        compared = compare(loaded, orders, report)
        found = compared.counts() if compared else Counts()
    except WarehouseError:
        return unjudged(f"there are no tables {orders.table} and {report.table} to compare")
    reported, known = found.reported, found.known
    if compared is None or not (reported or known):
        return unjudged(f"{orders.table} and {report.table} do not tell of the same time yet")
    unreported, unknown = found.unreported, found.unknown
    metadata = {
        "orders_in_report": reported,
        "missing_in_orders": unknown,
        "orders": known,
        "missing_in_report": unreported,
    }
    if not (is_beyond_chance(unreported, known) or is_beyond_chance(unknown, reported)):
        return Verdict(passed=True, says="Both tell of the same orders.", metadata=metadata)
    return Verdict(
        passed=False,
        says=f"Of {reported} orders in {report.table}, {unknown} are missing in {orders.table}; of"
        f" {known} in {orders.table}, {unreported} are missing in {report.table}. Materialize the"
        " partition of both feeds again; if it stays so, compare their marketplaces and time"
        " zones.",
        metadata={**metadata, "examples": dg.MetadataValue.json(compared.missing())},
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
