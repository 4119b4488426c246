"""The bulk road to orders: which feeds can take it, by which report, and what that knows.

The all-orders reports tell the same orders as the Orders API, line by line: a year in 13 requests.
They know less of each. Here belongs, as data, where in a record of the API the report's values
stand; everything else a report cannot know. How lines become records is said in `bulk`.

https://developer-docs.amazon.com/sp-api/docs/order-tracking-reports-attributes
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec

Version = Literal["v2026", "v0"]
Backfill = Literal["report"]
"""How partitions of the past may be had, besides by the API."""

API = "api"
REPORT = "report"
"""The two roads, and what the column `_source` says of a row that came by one."""


@dataclass(frozen=True)
class BulkReport:
    """A report that tells the orders of a window.

    Attributes:
        report_type: Amazon's report type.
        dated_by: The header of the time by which orders fall into the window.
    """

    report_type: str
    dated_by: str


ALL_ORDERS_BY_LAST_UPDATE = BulkReport(
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL", "last-updated-date"
)
_BY_ORDER_DATE = BulkReport("GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL", "purchase-date")


@dataclass(frozen=True)
class BulkOrders:
    """One version of the Orders API, and what a report knows of its records.

    Attributes:
        version: The version, for what is to speak as it does.
        path: Its list operation.
        order_path: Its operation of one order.
        order_key: Where that one's answer holds the order.
        reports: The reports by the parameter that receives a window's start.
        marketplaces_param: The parameter that receives the marketplaces.
        neutral_params: The parameters that choose no orders.
        id_field: The field of the order's id.
        items_field: The field of its items.
        order_paths: What a report knows of an order.
        item_paths: What it knows of an item.
        by_header: What it knows by headers that a report may lack.
    """

    version: Version
    path: str
    order_path: str
    order_key: str
    reports: Mapping[str, BulkReport]
    marketplaces_param: str
    neutral_params: frozenset[str]
    id_field: str
    items_field: str
    order_paths: frozenset[str]
    item_paths: frozenset[str]
    by_header: Mapping[str, str]

    def known(self, table: TableSpec, lacking: Collection[str] = ()) -> frozenset[str]:
        """Return the columns of a table that a report can fill.

        Args:
            table: The table; its rows are the orders, their items, or what a report cannot tell.
            lacking: The headers that the report lacks.
        """
        of_order = self.order_paths - {self.by_header.get(header) for header in lacking}
        paths = {
            None: of_order,
            self.items_field: self.item_paths | {f"^.{path}" for path in of_order},
        }.get(table.rows, frozenset())
        columns = table.columns.items()
        return frozenset(name for name, column in columns if paths.intersection(_places(column)))

    def unknown(self, table: TableSpec) -> list[str]:
        """Return the columns of a table that no report can fill, in order."""
        known = self.known(table)
        return [name for name in table.columns if name not in known]


def _places(column: ColumnSpec) -> Iterator[str]:
    """Yield the paths of a column, with the entry that is looked for behind those of a list."""
    for path in column.paths:
        yield f"{path}={column.contains}" if column.measure == "contains" else path


_V2026 = BulkOrders(
    version="v2026",
    path="/orders/2026-01-01/orders",
    order_path="/orders/2026-01-01/orders/{}",
    order_key="order",
    reports={"lastUpdatedAfter": ALL_ORDERS_BY_LAST_UPDATE, "createdAfter": _BY_ORDER_DATE},
    marketplaces_param="marketplaceIds",
    neutral_params=frozenset({"marketplaceIds", "maxResultsPerPage", "includedData"}),
    id_field="orderId",
    items_field="orderItems",
    order_paths=frozenset(
        {
            "orderId",
            "orderAliases[aliasType=SELLER_ORDER_ID].aliasId",
            "salesChannel.marketplaceId",
            "salesChannel.marketplaceName",
            "createdTime",
            "lastUpdatedTime",
            "fulfillment.fulfillmentStatus",
            "fulfillment.fulfilledBy",
            "fulfillment.fulfillmentServiceLevel",
            "programs=AMAZON_BUSINESS",
            "proceeds.grandTotal.currencyCode",
            "orderItems",
            "orderItems.quantityOrdered",
        }
    ),
    item_paths=frozenset(
        {
            "orderItemId",
            "product.asin",
            "product.sellerSku",
            "product.title",
            "quantityOrdered",
            "proceeds.proceedsTotal.currencyCode",
            "proceeds.breakdowns[type=ITEM].subtotal.amount",
            "proceeds.breakdowns[type=SHIPPING].subtotal.amount",
            "proceeds.breakdowns[type=GIFT_WRAP].subtotal.amount",
            "proceeds.breakdowns[type=DISCOUNT].subtotal.amount",
            "proceeds.breakdowns[type=TAX].detailedBreakdowns[subtype=ITEM].value.amount",
            "proceeds.breakdowns[type=TAX].detailedBreakdowns[subtype=SHIPPING].value.amount",
            "proceeds.breakdowns[type=TAX].detailedBreakdowns[subtype=GIFT_WRAP].value.amount",
        }
    ),
    by_header={
        "merchant-order-id": "orderAliases[aliasType=SELLER_ORDER_ID].aliasId",
        "fulfillment-channel": "fulfillment.fulfilledBy",
        "ship-service-level": "fulfillment.fulfillmentServiceLevel",
        "is-business-order": "programs=AMAZON_BUSINESS",
    },
)
_V0 = BulkOrders(
    version="v0",
    path="/orders/v0/orders",
    order_path="/orders/v0/orders/{}",
    order_key="payload",
    reports={"LastUpdatedAfter": ALL_ORDERS_BY_LAST_UPDATE, "CreatedAfter": _BY_ORDER_DATE},
    marketplaces_param="MarketplaceIds",
    neutral_params=frozenset({"MarketplaceIds", "MaxResultsPerPage"}),
    id_field="AmazonOrderId",
    items_field="OrderItems",
    order_paths=frozenset(
        {
            "AmazonOrderId",
            "SellerOrderId",
            "MarketplaceId",
            "SalesChannel",
            "PurchaseDate",
            "LastUpdateDate",
            "OrderStatus",
            "FulfillmentChannel",
            "ShipmentServiceLevelCategory",
            "IsBusinessOrder",
            "OrderTotal.CurrencyCode",
            "OrderItems",
            "OrderItems.QuantityOrdered",
        }
    ),
    item_paths=frozenset(
        {
            "OrderItemId",
            "ASIN",
            "SellerSKU",
            "Title",
            "QuantityOrdered",
            "ItemPrice.CurrencyCode",
            "ItemPrice.Amount",
            "ItemTax.Amount",
            "ShippingPrice.Amount",
            "ShippingTax.Amount",
            "PromotionDiscount.Amount",
        }
    ),
    by_header={
        "merchant-order-id": "SellerOrderId",
        "fulfillment-channel": "FulfillmentChannel",
        "ship-service-level": "ShipmentServiceLevelCategory",
        "is-business-order": "IsBusinessOrder",
    },
)


def bulk_orders(source: object) -> BulkOrders | None:
    """Return what a report knows of the records of a source; none if they are no orders."""
    if not isinstance(source, EndpointSpec) or source.method != "GET":
        return None
    return next((each for each in (_V2026, _V0) if each.path == source.path), None)


def bulk_report(source: EndpointSpec) -> BulkReport | None:
    """Return the report that tells the orders of the same windows as a source, if one does."""
    orders = bulk_orders(source)
    return orders.reports.get(source.updated_at_param or "") if orders else None


def backfill_mistakes(
    source: object, tables: Sequence[TableSpec | InferredTable], *, cadence: str | None
) -> Iterator[str]:
    """Yield what keeps a feed from being backfilled by a report.

    Args:
        source: What it asks for.
        tables: Its tables.
        cadence: How long its partitions are; none if it has none.
    """
    orders = bulk_orders(source)
    if orders is None or not isinstance(source, EndpointSpec):
        yield (
            "backfill: report is for the orders of /orders/2026-01-01/orders and /orders/v0/orders"
            " only; leave it out"
        )
        return
    if source.updated_at_param not in orders.reports:
        yield f"backfill: needs updated_at_param, one of {', '.join(orders.reports)}"
    if cadence not in {"hourly", "daily", "weekly"}:
        yield "backfill: needs `partitions`, hourly, daily or weekly: a report has 30 days at most"
    if chosen := sorted(source.params.keys() - orders.neutral_params):
        yield (
            f"backfill: a report cannot choose orders by {', '.join(chosen)}; leave backfill out,"
            " or the parameters"
        )
    for table in tables:
        yield from _table_mistakes(table, orders)


def tells_the_newer(table: TableSpec | InferredTable) -> bool:
    """Tell whether a table, or its parent, knows the newer of two rows, whatever brings them."""
    has_parent = isinstance(table, TableSpec) and table.parent is not None
    return has_parent or bool(table.key and table.newest_by)


def _table_mistakes(table: TableSpec | InferredTable, orders: BulkOrders) -> Iterator[str]:
    if isinstance(table, InferredTable):
        yield (
            f"backfill: table {table.name} is found in the API's records, which a report has not;"
            " declare `tables` with their columns"
        )
        return
    if not tells_the_newer(table):
        yield (
            f"backfill: table {table.name} needs key and newest_by, or a parent, to tell the newer"
            " of two sources"
        )
    needed = {*table.key, *([table.newest_by] if table.newest_by else [])}
    if lacking := sorted(needed - orders.known(table)):
        yield f"backfill: a report does not know {', '.join(lacking)} of table {table.name}"
