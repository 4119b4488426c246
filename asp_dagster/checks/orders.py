"""The tables of the Orders API: which columns hold an order's parts, whatever a feed calls them.

Here belongs, as data, where each version of the API says what the checks of orders need.
"""

from dataclasses import dataclass

from asp_dagster.catalog.bulk_orders import BulkOrders, Version, bulk_orders
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.tables import TableSpec
from asp_dagster.checks.check import Table
from asp_dagster.checks.declared_columns import column_at, count_of

_STATUS = {"v2026": "fulfillment.fulfillmentStatus", "v0": "OrderStatus"}
_TOTAL = {"v2026": "proceeds.grandTotal.amount", "v0": "OrderTotal.Amount"}
_UPDATED = {"v2026": "lastUpdatedTime", "v0": "LastUpdateDate"}
_CHANNEL = {"v2026": "salesChannel.marketplaceName", "v0": "SalesChannel"}


@dataclass(frozen=True, kw_only=True)
class Orders:
    """A declared table of orders, and the columns of their parts; none where it has no such one.

    Attributes:
        version: The version of the API.
        items: The table of their items.
        order_id: The order's id.
        status: Its status.
        total: What it comes to.
        updated_at: When it last changed.
        sales_channel: The name of its marketplace.
        items_count: How many items it has.
    """

    version: Version
    items: TableSpec | None
    order_id: str
    status: str | None
    total: str | None
    updated_at: str | None
    sales_channel: str | None
    items_count: str | None


def orders_in(feed: Feed, table: Table) -> Orders | None:
    """Return a table as one of orders, if that is what it holds."""
    known = bulk_orders(feed.source)
    if known is None or not isinstance(table, TableSpec) or table.rows:
        return None
    order_id, version = column_at(table, known.id_field), known.version
    if order_id is None or table.key != (order_id,):
        return None
    return Orders(
        version=version,
        items=_items(feed, table, known),
        order_id=order_id,
        status=column_at(table, _STATUS[version]),
        total=column_at(table, _TOTAL[version]),
        updated_at=column_at(table, _UPDATED[version]),
        sales_channel=column_at(table, _CHANNEL[version]),
        items_count=count_of(table, known.items_field),
    )


def _items(feed: Feed, orders: TableSpec, known: BulkOrders) -> TableSpec | None:
    """Return the table of the orders' items, which has the orders' key under the same name."""
    found = (
        table
        for table in feed.tables
        if isinstance(table, TableSpec)
        and table.rows == known.items_field
        and table.parent == orders.name
    )
    return next(found, None)
