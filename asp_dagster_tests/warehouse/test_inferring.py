"""Records become tables by themselves: columns, child tables, keys, and what changes in them.

Every test runs against both databases.
"""

from collections.abc import Callable
from typing import Any

import pytest

from asp_dagster.catalog.tables import InferredTable
from asp_dagster.warehouse import LoadResult, RawFileError, TableSpecError

Infer = Callable[..., LoadResult]
Rows = Callable[[str], list[tuple[Any, ...]]]

ORDERS = InferredTable(name="orders", key=("OrderId",), newest_by="Updated")
LINES = InferredTable(name="lines")
ITEMS = "SELECT order_id, position, asin FROM amazon.orders__order_items"


def order(order_id: str, day: int, *asins: str, **rest: Any) -> dict[str, Any]:
    """Return an order that was updated on a day of November."""
    items = [{"ASIN": asin} for asin in asins]
    updated = f"2026-11-{day:02}T00:00:00Z"
    return {"OrderId": order_id, "Updated": updated, "OrderItems": items, **rest}


def test_columns(infer: Infer) -> None:
    """Columns are named in snake_case, nested ones with two underscores, each with its type."""
    record = order(
        "A",
        1,
        Total={"Amount": "5.50", "CurrencyCode": "USD"},
        quantityOrdered=5,
        weight=0.25,
        ratio=1e-9,
        IsPrime=False,
        ShipDate="2026-11-01",
        Tags=["x", 1, None, True],
        Nothing=None,
        Empty={"list": [], "object": {}, "text": ""},
    )

    result = infer(ORDERS, [record])

    assert result.table == "amazon.orders"
    assert result.rows == 1
    assert result.columns == {
        "order_id": "text",
        "updated": "timestamp",
        "total__amount": "text",
        "total__currency_code": "text",
        "quantity_ordered": "integer",
        "weight": "decimal",
        "ratio": "double",
        "is_prime": "boolean",
        "ship_date": "date",
        "tags": "list",
        "_partition": "text",
        "_loaded_at": "timestamp",
    }
    assert result.children == ()


def test_lists_of_single_values(infer: Infer, rows: Rows) -> None:
    """A list of single values is kept as a list of texts."""
    infer(LINES, [{"tags": ["x", 1, None, True, 2.50, ""]}])

    assert rows("SELECT tags FROM amazon.lines") == [(["x", "1", None, "true", "2.5", ""],)]


def test_child_tables(infer: Infer, rows: Rows) -> None:
    """Lists of objects are tables with the parent's key and the position on every level."""
    promotions = [{"id": "p"}, {"id": "q"}]
    items = [{"ASIN": "X"}, {"ASIN": "Y", "Promotions": promotions}]

    result = infer(ORDERS, [order("A", 1, OrderItems=items)])

    assert [(child.table, child.rows) for child in result.children] == [
        ("amazon.orders__order_items", 2),
        ("amazon.orders__order_items__promotions", 2),
    ]
    assert rows(ITEMS) == [("A", 1, "X"), ("A", 2, "Y")]
    assert rows(
        "SELECT order_id, order_items_position, position, id "
        "FROM amazon.orders__order_items__promotions"
    ) == [("A", 2, 1, "p"), ("A", 2, 2, "q")]


def test_children_without_key(infer: Infer, rows: Rows) -> None:
    """Without a key the record's number in the partition leads from a child to its parent."""
    infer(LINES, [{"a": "x", "list": [{"b": "y"}]}, {"a": "z", "list": [{"b": "w"}]}])

    found = rows(
        "SELECT a, position, b FROM amazon.lines "
        "JOIN amazon.lines__list USING (_partition, _record)"
    )

    assert found == [("x", 1, "y"), ("z", 1, "w")]


def test_partition_without_key(infer: Infer, rows: Rows) -> None:
    """Without a key the rows of the partition are replaced as a whole, children included."""
    infer(LINES, [{"a": "x", "list": [{"b": "y"}]}], partition="one")
    infer(LINES, [{"a": "x", "list": [{"b": "y"}]}], partition="two")
    infer(LINES, [{"a": "z"}, {"a": "z"}], partition="one")

    assert rows("SELECT _partition, a FROM amazon.lines") == [
        ("one", "z"),
        ("one", "z"),
        ("two", "x"),
    ]
    assert rows("SELECT _partition, b FROM amazon.lines__list") == [("two", "y")]


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param({"OrderItems": [{"ASIN": "Z"}]}, id="other-entries"),
        pytest.param({"OrderItems": []}, id="empty"),
        pytest.param({"OrderItems": None}, id="null"),
    ],
)
def test_children_go_with_their_parent(infer: Infer, rows: Rows, gone: dict[str, Any]) -> None:
    """A newer record replaces its child rows, also where it has none; others keep theirs."""
    infer(ORDERS, [order("A", 1, "X", "Y"), order("B", 1, "X")], partition="one")
    infer(ORDERS, [{**order("A", 2), **gone}], partition="two")

    left = [("A", 1, entry["ASIN"]) for entry in gone["OrderItems"] or []]
    assert rows(ITEMS) == [*left, ("B", 1, "X")]


def test_nested_children_go_too(infer: Infer, rows: Rows) -> None:
    """Rows of lists within lists go with the record, also when the outer list is there no more."""
    items = [{"ASIN": "X", "Promotions": [{"id": "p"}]}]
    infer(ORDERS, [order("A", 1, OrderItems=items)])
    infer(ORDERS, [order("A", 2)])

    assert rows("SELECT * FROM amazon.orders__order_items__promotions") == []


def test_older_record_changes_nothing(infer: Infer, rows: Rows) -> None:
    """A record never goes back in time, nor do its child rows."""
    infer(ORDERS, [order("A", 2, "Y"), order("A", 1, "X")])
    infer(ORDERS, [order("A", 1, "X", later="x")])

    assert rows(ITEMS) == [("A", 1, "Y")]


@pytest.mark.parametrize("newest_by", ["2026-11-10", "2026-11-10T12:00:00", None])
def test_order_by_other_times(infer: Infer, rows: Rows, newest_by: str | None) -> None:
    """A day or a time without a zone counts as UTC where it tells the newer of two records."""
    newer = {"OrderId": "A", "Updated": newest_by and "2026-11-10T12:30:00+00:00", "state": "new"}
    infer(ORDERS, [newer])
    infer(ORDERS, [{"OrderId": "A", "Updated": newest_by, "state": "old"}])

    assert rows("SELECT state FROM amazon.orders") == [("new" if newest_by else "old",)]


def test_missing_field_is_emptied(infer: Infer, rows: Rows) -> None:
    """A field that the newer record does not have any more is empty in its row."""
    infer(ORDERS, [order("A", 1, note="x", address={"city": "y"})])
    infer(ORDERS, [order("A", 2)])

    assert rows("SELECT note, address__city FROM amazon.orders") == [(None, None)]


@pytest.mark.parametrize(
    "order_id", [None, "", [], {"a": 1}], ids=["null", "empty", "list", "object"]
)
def test_record_without_key(infer: Infer, order_id: Any) -> None:
    """A record that lacks its key is refused with its line and the place of the key."""
    table = InferredTable(name="orders", key=("ids.order",))
    records = [{"ids": {"order": 1}}, {"ids": {"order": order_id}}]

    with pytest.raises(
        RawFileError,
        match=r"^raw\.jsonl, line 2: the record has no value at ids\.order, which is part of",
    ):
        infer(table, records)


def test_numbers_as_keys(infer: Infer, rows: Rows) -> None:
    """Key columns are texts, whatever the keys are."""
    table = InferredTable(name="orders", key=("a.id", "part"))
    infer(table, [{"a": {"id": 1}, "part": True}, {"a": {"id": "01"}, "part": 1.0}])

    assert rows("SELECT a__id, part FROM amazon.orders") == [("01", "1"), ("1", "true")]


def test_order_that_is_no_single_value(infer: Infer) -> None:
    """A record whose order is no single value is refused with its line."""
    with pytest.raises(RawFileError, match="line 1: the record has something else than a single"):
        infer(ORDERS, [{"OrderId": "A", "Updated": {"at": 1}}])


def test_fields_alike(infer: Infer, rows: Rows) -> None:
    """Fields whose names become the same keep columns of their own, the same in every load."""
    infer(LINES, [{"orderId": "a"}], partition="one")
    infer(LINES, [{"OrderId": "b"}], partition="two")
    infer(LINES, [{"order_id": "c", "OrderId": "d", "orderId": "e"}], partition="three")

    assert rows("SELECT _partition, order_id, order_id_2, order_id_3 FROM amazon.lines") == [
        ("one", "a", None, None),
        ("three", "e", "d", "c"),
        ("two", None, "b", None),
    ]


def test_lists_alike(infer: Infer, rows: Rows) -> None:
    """Lists whose names become the same keep tables of their own."""
    infer(LINES, [{"Items": [{"a": 1}], "items": [{"a": 2}]}])

    assert rows("SELECT a FROM amazon.lines__items") == [(1,)]
    assert rows("SELECT a FROM amazon.lines__items_2") == [(2,)]


def test_fields_named_like_ours(infer: Infer, rows: Rows) -> None:
    """A field that is named like a column of ours, or like the parent's key, has another column."""
    entries = [{"position": 7, "OrderId": "x", "_partition": "y"}]
    infer(ORDERS, [order("A", 1, OrderItems=entries, _loaded_at="z")])

    assert rows(
        "SELECT order_id, position, position_2, order_id_2, partition "
        "FROM amazon.orders__order_items"
    ) == [("A", 1, 7, "x", "y")]
    assert rows("SELECT loaded_at FROM amazon.orders") == [("z",)]


def test_what_no_database_stores(infer: Infer, rows: Rows) -> None:
    """Zero characters and halves of surrogate pairs become the replacement character."""
    infer(LINES, [{"a": "x\0\ud800", "list": ["\udfff"], "b": 1}, {"b": {"\0": "\0"}}])

    assert rows("SELECT _record, a, list, b FROM amazon.lines") == [
        (1, "x\ufffd\ufffd", ["\ufffd"], "1"),
        (2, None, None, '{"\ufffd":"\ufffd"}'),
    ]


def test_long_names(infer: Infer) -> None:
    """Names longer than PostgreSQL's are cut, and still told apart."""
    result = infer(LINES, [{"a" * 100: 1, "a" * 101: 2, "b" * 70: [{"c": 1}]}])

    names = [*result.columns, *(child.table.partition(".")[2] for child in result.children)]
    assert max(map(len, names)) == 63
    assert len(names) == len(set(names)) == 6


@pytest.mark.parametrize("name", ["_orders", 'orders"', "Orders"])
def test_wrong_name(infer: Infer, name: str) -> None:
    """A table's name must be one that both databases take."""
    with pytest.raises(TableSpecError):
        infer(InferredTable(name=name), [{}])


def test_no_records(infer: Infer, rows: Rows) -> None:
    """A file without records makes an empty table, and a later one fills it."""
    infer(ORDERS, [])
    infer(ORDERS, [order("A", 1, "X")])

    assert rows(ITEMS) == [("A", 1, "X")]


def test_line_that_is_no_object(infer: Infer) -> None:
    """A line that is no JSON object is refused with its number, and not quoted."""
    with pytest.raises(RawFileError, match=r"^raw\.jsonl, line 2 is no JSON object: extract it"):
        infer(LINES, '{"a": 1}\n{"secret": NaN}\n')


def test_rows_in_records(infer: Infer, rows: Rows) -> None:
    """The records may be the entries of a list, in a document too."""
    table = InferredTable(name="lines", rows="data.entries")
    infer(table, [{"data": {"entries": [{"a": 1}, {"a": 2}]}}, {}])

    assert rows("SELECT _record, a FROM amazon.lines") == [(1, 1), (2, 2)]


def test_document(infer: Infer, rows: Rows) -> None:
    """The entries of a list in a document are records, all digits of their numbers kept."""
    table = InferredTable(name="lines", rows="data")
    infer(table, '{"data": [{"a": 12345678901234567890, "b": [{"c": 1.50}]}]}', raw_format="json")

    assert rows("SELECT a FROM amazon.lines") == [("12345678901234567890",)]
    assert rows("SELECT CAST(c AS TEXT) FROM amazon.lines__b") == [("1.5000",)]
