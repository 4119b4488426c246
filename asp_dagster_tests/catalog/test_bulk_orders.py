"""Which feeds a report can backfill, and what it knows of their columns."""

import pytest

from asp_dagster.catalog.bulk_orders import backfill_mistakes, bulk_orders, bulk_report
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec

ORDERS = TableSpec(
    name="orders",
    key=("order_id",),
    newest_by="updated_at",
    columns={
        "order_id": ColumnSpec(path="orderId"),
        "updated_at": ColumnSpec(path="lastUpdatedTime", type="timestamp"),
        "is_business": ColumnSpec(path="programs", measure="contains", contains="AMAZON_BUSINESS"),
        "is_prime": ColumnSpec(path="programs", measure="contains", contains="PRIME"),
        "total": ColumnSpec(path="proceeds.grandTotal.amount"),
    },
)
ITEMS = TableSpec(
    name="items",
    rows="orderItems",
    parent="orders",
    key=("order_id", "item_id"),
    columns={
        "order_id": ColumnSpec(path="^.orderId"),
        "item_id": ColumnSpec(path="orderItemId"),
        "shipped": ColumnSpec(path="fulfillment.quantityFulfilled"),
    },
)


def _source(path: str = "/orders/2026-01-01/orders", **changes: object) -> EndpointSpec:
    return EndpointSpec(path=path, **{"updated_at_param": "lastUpdatedAfter", **changes})  # type: ignore[arg-type]


def test_known_columns() -> None:
    """A report knows those columns whose place it can fill, by the entry looked for if need be."""
    orders = bulk_orders(_source())

    assert orders is not None
    assert orders.known(ORDERS) == {"order_id", "updated_at", "is_business"}
    assert orders.known(ORDERS, ["is-business-order"]) == {"order_id", "updated_at"}
    assert orders.known(ITEMS) == {"order_id", "item_id"}
    assert orders.unknown(ORDERS) == ["is_prime", "total"]
    assert not orders.known(TableSpec(name="x", rows="packages", columns=ORDERS.columns))


@pytest.mark.parametrize(
    ("source", "report"),
    [
        (_source(), "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"),
        (
            _source(updated_at_param="createdAfter"),
            "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL",
        ),
        (
            _source("/orders/v0/orders", updated_at_param="CreatedAfter"),
            "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL",
        ),
        (_source(updated_at_param=None), None),
        (_source("/sellers/v1/marketplaceParticipations"), None),
        (_source(method="POST"), None),
    ],
    ids=["update", "creation", "v0", "undated", "others", "POST"],
)
def test_report_of_the_same_windows(source: EndpointSpec, report: str | None) -> None:
    """The parameter of the window's start tells by which time the report must be made."""
    found = bulk_report(source)

    assert (found and found.report_type) == report


def test_declaration_that_can_be_meant() -> None:
    """Orders with their items, dated, in partitions and without a choice can be backfilled."""
    source = _source(params={"marketplaceIds": "{marketplace_ids}", "includedData": ["PROCEEDS"]})

    assert not list(backfill_mistakes(source, [ORDERS, ITEMS], cadence="weekly"))


@pytest.mark.parametrize(
    ("source", "tables", "cadence", "words"),
    [
        (_source("/sellers/v1/marketplaceParticipations"), [], "daily", "only; leave it out"),
        (_source(updated_at_param="since"), [ORDERS], "daily", "one of lastUpdatedAfter"),
        (_source(), [ORDERS], "monthly", "30 days at most"),
        (_source(), [ORDERS], None, "30 days at most"),
        (
            _source(params={"fulfilledBy": "AMAZON"}),
            [ORDERS],
            "daily",
            "cannot choose orders by fulfilledBy",
        ),
        (_source(), [InferredTable(name="orders")], "daily", "declare `tables`"),
        (
            _source(),
            [TableSpec(name="orders", columns=ORDERS.columns)],
            "daily",
            "needs key and newest_by",
        ),
        (
            _source(),
            [TableSpec(name="x", columns=ORDERS.columns, key=("total",), newest_by="updated_at")],
            "daily",
            "does not know total of table x",
        ),
    ],
    ids=["others", "undated", "monthly", "whole", "choosing", "inferred", "keyless", "unknown key"],
)
def test_declaration_that_cannot(
    source: EndpointSpec,
    tables: list[TableSpec | InferredTable],
    cadence: str | None,
    words: str,
) -> None:
    """What a report cannot do is refused in words that say what would have been right."""
    (mistake,) = backfill_mistakes(source, tables, cadence=cadence)

    assert words in mistake
