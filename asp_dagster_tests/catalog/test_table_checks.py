"""Tables that contradict themselves or each other are refused."""

import pytest

from asp_dagster.catalog.declarations import DeclarationError, parse
from asp_dagster.catalog.table_checks import check_tables
from asp_dagster.catalog.tables import TableSpec

TABLE = {"name": "orders", "columns": {"order_id": {"path": "orderId"}}}

CONTRADICTIONS = [
    pytest.param({"key": ["id"]}, ["tables.orders.key: no column 'id'", "order_id"], id="key"),
    pytest.param(
        {"key": ["order_id"], "newest_by": "changed"},
        ["tables.orders.newest_by: no column 'changed'"],
        id="newest-by",
    ),
    pytest.param({"preview": ["x"]}, ["tables.orders.preview: no column 'x'"], id="preview"),
    pytest.param(
        {"parent": "customers"}, ["tables.orders.parent: no keyed table 'customers'"], id="parent"
    ),
    pytest.param(
        {"columns": {"order_id": {"type": "text"}}},
        ["tables.orders.columns.order_id.path: is missing"],
        id="column-without-a-path",
    ),
    pytest.param(
        {"columns": {"n": {"measure": "position", "path": "items"}}},
        ["tables.orders.columns.n.path: 'items' is no entry around the row"],
        id="position-of-something-else",
    ),
    pytest.param(
        {"columns": {"asins": {"path": "items[].asin"}}},
        ["tables.orders.columns.asins.path: 'items[].asin' gathers a list"],
        id="list-in-a-text",
    ),
    pytest.param(
        {"columns": {"total": {"path": "total", "type": "decimal", "hashed": True}}},
        ["tables.orders.columns.total.hashed: needs `type: text`"],
        id="hashed-number",
    ),
    pytest.param(
        {"columns": {"asins": {"path": "asins", "type": "list", "measure": "count"}}},
        ["tables.orders.columns.asins.type: list takes neither `measure` nor `words`"],
        id="measured-list",
    ),
    pytest.param(
        {"columns": {"order_id": {"path": "x", "measure": "contains"}}},
        ["tables.orders.columns.order_id: `measure: contains` and `contains` go together"],
        id="contains-without-what",
    ),
    pytest.param(
        {"columns": {"order_id": {"path": "order-id", "locale": "any"}}},
        ["tables.orders.columns.order_id.locale: is for the types decimal, timestamp and date"],
        id="text-in-a-manner",
    ),
    pytest.param(
        {"columns": {"total": {"path": "total", "type": "decimal", "currency": "currency"}}},
        ["tables.orders.columns.total.currency: goes with `type: decimal` and `locale: any`"],
        id="currency-of-a-known-manner",
    ),
    pytest.param(
        {"columns": {"sent_at": {"path": "sent", "zone": "Asia/Tokyo"}}},
        ["tables.orders.columns.sent_at.zone: is for the type timestamp"],
        id="zone-of-a-text",
    ),
    pytest.param(
        {"columns": {"sent_at": {"path": "sent", "type": "timestamp", "zone": "Tokyo"}}},
        ["tables.orders.columns.sent_at.zone: 'Tokyo' is no time zone; write one like Asia/Tokyo"],
        id="zone-that-is-none",
    ),
    pytest.param(
        {"columns": {"sent_at": {"path": "sent", "type": "timestamp", "zone": "/etc/zone"}}},
        ["tables.orders.columns.sent_at.zone: '/etc/zone' is no time zone"],
        id="zone-that-is-a-path",
    ),
]


@pytest.mark.parametrize(("changes", "words"), CONTRADICTIONS)
def test_contradicting_tables_are_refused(changes: dict[str, object], words: list[str]) -> None:
    """Tables that contradict themselves are refused, naming table, key and the columns."""
    tables = parse(tuple[TableSpec, ...], [{**TABLE, **changes}], place="tables")

    with pytest.raises(DeclarationError) as refused:
        check_tables(tables)

    assert all(word in str(refused.value) for word in words)


def test_child_needs_its_parents_key() -> None:
    """A child table without its parent's key columns is refused."""
    tables = parse(
        tuple[TableSpec, ...],
        [
            {**TABLE, "key": ["order_id"]},
            {"name": "items", "parent": "orders", "columns": {"sku": {"path": "sku"}}},
        ],
        place="tables",
    )

    with pytest.raises(DeclarationError, match=r"tables\.items: needs column 'order_id'"):
        check_tables(tables)


@pytest.mark.parametrize(
    "column",
    [
        pytest.param({"measure": "line_number", "type": "integer"}, id="line-number"),
        pytest.param({"measure": "position", "type": "integer"}, id="position"),
        pytest.param(
            {"measure": "position", "path": "^.^", "type": "integer"}, id="outer-position"
        ),
        pytest.param({"path": "items[].asin", "type": "list"}, id="gathered-list"),
        pytest.param({"path": "items[].price", "measure": "sum", "type": "decimal"}, id="sum"),
        pytest.param({"path": "buyer", "hashed": True}, id="hashed-text"),
        pytest.param(
            {"path": "sent", "type": "timestamp", "zone": "America/Los_Angeles"}, id="zone"
        ),
    ],
)
def test_right_column_passes(column: dict[str, object]) -> None:
    """Measures of the row itself need no path, and a list may be gathered or measured."""
    columns = {**TABLE["columns"], "other": column}  # type: ignore[dict-item] - a mapping

    check_tables(parse(tuple[TableSpec, ...], [{**TABLE, "columns": columns}], place="tables"))


def test_undeclared_report_columns_may_be_named() -> None:
    """A table that keeps undeclared columns may preview them, since only the report knows them."""
    tables = parse(
        tuple[TableSpec, ...],
        [{**TABLE, "other_columns": "text", "preview": ["ship_country"]}],
        place="tables",
    )

    check_tables(tables)

    assert tables[0].preview == ("ship_country",)
