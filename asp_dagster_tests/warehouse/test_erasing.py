"""Personal values go out of stored tables when they are due; rows, keys and money stay.

Every test runs against both databases.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.personal_fields import RecordFields
from asp_dagster.catalog.retention import RetentionFields
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec
from asp_dagster.warehouse import LoadResult, Origin, RawData, TableFinding, TableRule, Warehouse
from asp_dagster.warehouse.duckdb_files import DuckDB
from asp_dagster.warehouse.erasing.purging import note_erasure

Infer = Callable[..., LoadResult]
Load = Callable[..., list[LoadResult]]
Rows = Callable[[str], list[tuple[Any, ...]]]

BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
LOADED_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RULE = TableRule("amazon", BEFORE)
EVERYTHING = TableRule("amazon", LOADED_AT)
KNOWN = RetentionFields(
    RecordFields(
        ("buyer.name", "tags", "items.gift", "items.notes", "id"), ("deliver_by", "delivered.at")
    ),
    ("updated",),
)
ROWS_OF_REPORTS = RetentionFields(
    RecordFields(("buyer-name", "id"), ("promise-date",), is_anywhere=True), ("updated",)
)
ORDERS = InferredTable(name="orders", key=("id",), newest_by="updated")


def _order(order_id: str, deliver_by: str | None, **more: Any) -> dict[str, Any]:
    return {
        "id": order_id,
        "updated": "2026-09-01T00:00:00Z",
        "deliver_by": deliver_by,
        "buyer": {"name": f"Ada {order_id}", "kind": "b"},
        "tags": ["x", order_id],
        "total": 5.5,
        "items": [{"gift": f"Hi {order_id}", "n": 1, "notes": [{"text": f"No {order_id}"}]}],
        **more,
    }


DUE = _order("A", "2026-10-01T00:00:00Z")
YOUNG = _order("B", "2026-12-01T00:00:00Z")


def test_inferred_table_and_its_children(infer: Infer, warehouse: Warehouse, rows: Rows) -> None:
    """Of a due record the personal columns become NULL, and in child tables by its date."""
    infer(ORDERS, [DUE, YOUNG])

    findings = warehouse.erase([ORDERS], KNOWN, RULE)

    assert rows("SELECT id, buyer__name, buyer__kind, tags, total FROM amazon.orders") == [
        ("A", None, "b", None, Decimal("5.5")),
        ("B", "Ada B", "b", ["x", "B"], Decimal("5.5")),
    ]
    assert rows("SELECT id, position, gift, n FROM amazon.orders__items") == [
        ("A", 1, None, 1),
        ("B", 1, "Hi B", 1),
    ]
    assert rows("SELECT id, text FROM amazon.orders__items__notes") == [("A", None), ("B", "No B")]
    earliest = datetime(2026, 12, 1, tzinfo=UTC)
    assert {finding.table: finding for finding in findings} == {
        name: TableFinding(table=name, rows=2, erased=1, earliest=earliest, kept=("id",))
        for name in ("orders", "orders__items", "orders__items__notes")
    }


def test_second_run_finds_nothing(infer: Infer, warehouse: Warehouse) -> None:
    """What is erased is not erased again, until a load brings it back."""
    infer(ORDERS, [DUE])
    warehouse.erase([ORDERS], KNOWN, RULE)

    again = warehouse.erase([ORDERS], KNOWN, RULE)
    infer(ORDERS, [DUE])
    after = warehouse.erase([ORDERS], KNOWN, RULE)

    assert {finding.erased for finding in again} == {0}
    assert {finding.erased for finding in after} == {1}


def test_dry_run_changes_nothing(infer: Infer, warehouse: Warehouse, rows: Rows) -> None:
    """A dry run counts, and no more."""
    infer(ORDERS, [DUE])

    findings = warehouse.erase([ORDERS], KNOWN, RULE, is_dry=True)

    assert findings[0].erased == 1
    assert rows("SELECT buyer__name FROM amazon.orders") == [("Ada A",)]


@pytest.mark.parametrize(
    ("record", "rule", "is_due"),
    [
        (_order("A", None, delivered={"at": "2026-10-01T00:00:00Z"}), RULE, True),
        (_order("A", "2026-10-01", delivered={"at": "2026-11-05T00:00:00Z"}), RULE, False),
        (_order("A", "2026-10-31"), RULE, True),
        (_order("A", "2026-11-05"), RULE, False),
        (_order("A", None), RULE, True),
        (_order("A", "at once", updated="2026-11-05T00:00:00Z"), RULE, False),
        (_order("A", None, updated=None), RULE, False),
        (_order("A", None, updated=None), EVERYTHING, True),
        (_order("A", None, updated=None), TableRule("amazon", BEFORE, DAY), True),
        (_order("A", None, updated=None), TableRule("amazon", BEFORE - DAY, DAY), False),
    ],
    ids=[
        "delivered",
        "delivered later in part",
        "a day",
        "a day to come",
        "changed long ago",
        "no date but the last change",
        "no date, loaded lately",
        "no date, loaded long ago",
        "no date, partition over",
        "no date, partition not over for long",
    ],
)
def test_what_a_row_counts_from(
    infer: Infer, warehouse: Warehouse, record: dict[str, Any], rule: TableRule, *, is_due: bool
) -> None:
    """A row counts from its latest delivery, its last change, its partition's end, or its load."""
    infer(InferredTable(name="orders", key=("id",)), [record], partition="2026-10-31")

    findings = warehouse.erase([InferredTable(name="orders", key=("id",))], KNOWN, rule)

    assert {finding.erased for finding in findings} == {int(is_due)}


def test_dates_that_are_stored_as_texts(infer: Infer, warehouse: Warehouse, rows: Rows) -> None:
    """A date in a column of texts counts; one that is none does not, whatever it looks like."""
    table = InferredTable(name="orders")
    dates = ["2026-10-01T00:00:00Z", "2026-02-31", "2026-99-99", "soon", None]
    infer(table, [{"n": n, "deliver_by": at, "buyer": {"name": "A"}} for n, at in enumerate(dates)])

    warehouse.erase([table], KNOWN, RULE)

    assert rows("SELECT n FROM amazon.orders WHERE buyer__name IS NULL") == [(0,), (1,)]


def test_records_without_a_key(infer: Infer, warehouse: Warehouse, rows: Rows) -> None:
    """Where no key identifies a record, its children are found by its number in the partition."""
    table = InferredTable(name="orders")
    infer(table, [YOUNG, DUE])

    warehouse.erase([table], KNOWN, RULE)

    assert rows("SELECT _record, gift FROM amazon.orders__items") == [(1, "Hi B"), (2, None)]


def test_children_without_a_parent(infer: Infer, warehouse: Warehouse, rows: Rows) -> None:
    """A child's row whose parent's is gone counts by itself."""
    infer(ORDERS, [DUE])
    with warehouse._connected() as (connection, cursor):
        cursor.execute("DELETE FROM amazon.orders")
        connection.commit()

    (_, items, _) = warehouse.erase([ORDERS], KNOWN, EVERYTHING)

    assert items.erased == 1
    assert rows("SELECT gift FROM amazon.orders__items") == [(None,)]


PARENT = TableSpec(
    name="parents",
    key=("parent_id",),
    newest_by="changed_at",
    columns={
        "parent_id": ColumnSpec(path="id"),
        "changed_at": ColumnSpec(path="updated", type="timestamp"),
        "due_at": ColumnSpec(path="deliver_by", type="timestamp"),
        "who": ColumnSpec(path=("buyer.nick", "buyer.name"), hashed=True),
        "about": ColumnSpec(path="items", type="json"),
        "tag_list": ColumnSpec(path="tags", type="list"),
        "total": ColumnSpec(path="total", type="json"),
    },
)
CHILD = TableSpec(
    name="children",
    rows="items",
    key=("parent_id", "place"),
    parent="parents",
    columns={
        "parent_id": ColumnSpec(path="^.id"),
        "place": ColumnSpec(measure="position", type="integer"),
        "words": ColumnSpec(path="gift"),
        "buyer": ColumnSpec(path="^.buyer.name"),
        "first_note": ColumnSpec(path="notes[0].text"),
    },
)


def test_declared_tables(
    warehouse: Warehouse, write_records: Callable[..., Path], rows: Rows
) -> None:
    """Declared columns are found by their paths: hashes and JSON that holds a name go as well."""
    warehouse.load(
        [PARENT, CHILD],
        RawData([write_records("day", [DUE, YOUNG])], "jsonl", hash_key="key"),
        Origin(schema="amazon", partition="one", loaded_at=LOADED_AT),
    )

    parents, children = warehouse.erase([PARENT, CHILD], KNOWN, RULE)

    gone = "SELECT parent_id, total FROM amazon.parents WHERE coalesce(who, about) IS NULL"
    assert rows(f"{gone} AND tag_list IS NULL") == [("A", "5.5")]
    assert rows(
        "SELECT parent_id, place FROM amazon.children"
        " WHERE coalesce(words, buyer, first_note) IS NULL"
    ) == [("A", 1)]
    assert (parents.kept, children.kept) == (("parent_id",), ("parent_id",))


def test_columns_that_are_not_declared_any_more(infer: Infer, warehouse: Warehouse) -> None:
    """A column that a declaration once had is found by the name of its field."""
    infer(ORDERS, [DUE])
    table = TableSpec(name="orders", key=("id",), columns={"id": ColumnSpec(path="id")})

    (finding,) = warehouse.erase([table], KNOWN, RULE)

    assert finding.erased == 1


def test_rows_of_a_report(warehouse: Warehouse, tmp_path: Path, rows: Rows) -> None:
    """A report's columns are found by header, the undeclared ones by the name made of theirs."""
    file = tmp_path / "day.tsv"
    file.write_text(
        "order.id/no\tbuyer-name\tpromise-date\nA\tAda\t2026-10-01\nB\tBob\t2026-12-01\n"
    )
    table = TableSpec(
        name="lines",
        columns={
            "line": ColumnSpec(measure="line_number", type="integer"),
            "order_id": ColumnSpec(path="order.id/no"),
        },
        other_columns="text",
    )
    warehouse.load(
        [table],
        RawData([file], "tsv"),
        Origin(schema="amazon", partition="one", loaded_at=LOADED_AT),
    )

    (finding,) = warehouse.erase([table], ROWS_OF_REPORTS, RULE)

    assert rows("SELECT line, order_id, buyer_name FROM amazon.lines") == [
        (1, "A", None),
        (2, "B", "Bob"),
    ]
    assert finding == TableFinding(
        table="lines", rows=2, erased=1, earliest=datetime(2026, 12, 1, tzinfo=UTC)
    )


def test_rows_of_xml(infer: Infer, warehouse: Warehouse, rows: Rows) -> None:
    """An element is found by its way from the root, though its table begins further in."""
    table = InferredTable(name="orders", rows="Message.Order", key=("Id",))
    known = RetentionFields(
        RecordFields(("Order.Address.Name",), ("PromiseDate",), is_anywhere=True)
    )
    address = "<Address><Name>Ada</Name><City>Rome</City></Address>"
    order = f"<Order><Id>A</Id>{address}<PromiseDate>2026-10-01T00:00:00Z</PromiseDate></Order>"
    infer(table, f"<E><Message>{order}</Message></E>", raw_format="xml")

    warehouse.erase([table], known, RULE)

    assert rows("SELECT id, address__name, address__city FROM amazon.orders") == [
        ("A", None, "Rome")
    ]


def test_only_the_key_is_personal(infer: Infer, warehouse: Warehouse, rows: Rows) -> None:
    """A personal key is kept, and told."""
    table = InferredTable(name="orders", key=("id",))
    infer(table, [{"id": "A", "n": 1}])

    assert warehouse.erase([table], KNOWN, EVERYTHING) == [
        TableFinding(table="orders", rows=1, erased=0, kept=("id",))
    ]
    assert rows("SELECT id FROM amazon.orders") == [("A",)]


def test_tables_that_are_not_there(warehouse: Warehouse, tmp_path: Path) -> None:
    """What was never loaded holds nothing, and is not made for that."""
    assert warehouse.erase([ORDERS, PARENT, CHILD], KNOWN, RULE) == []
    warehouse.purge([])
    assert not list(tmp_path.iterdir())

    warehouse.query("SELECT 1")
    assert warehouse.erase([ORDERS, PARENT, CHILD], KNOWN, RULE) == []


def test_nothing_is_left_in_the_file(
    tmp_path: Path, infer: Infer, warehouse_url: str, rows: Rows
) -> None:
    """After a purge the database's file has none of the values any more, and all the others."""
    warehouse = Warehouse.from_url(warehouse_url)
    infer(ORDERS, [_order(f"{n}due", "2026-10-01T00:00:00Z") for n in range(3000)] + [YOUNG])

    warehouse.erase([ORDERS], KNOWN, RULE)
    warehouse.purge(["amazon.orders", "amazon.orders__items"])

    assert rows("SELECT count(*) AS n, count(buyer__name) AS named FROM amazon.orders") == [
        (3001, 1)
    ]
    assert {file.name for file in tmp_path.glob("warehouse*")} <= {
        "warehouse.duckdb",
        "warehouse.duckdb.lock",
    }
    for file in tmp_path.glob("warehouse.duckdb"):
        content = file.read_bytes()
        assert (content.count(b"Ada 1"), content.count(b"Hi 1"), content.count(b"No 1")) == (0,) * 3
        assert b"Ada B" in content
        assert file.stat().st_mode & 0o777 == 0o600
    infer(ORDERS, [DUE])
    assert rows("SELECT count(*) FROM amazon.orders") == [(3002,)]


def test_purge_that_was_killed_is_made_good(tmp_path: Path) -> None:
    """What a killed purge left is removed, and the file is written anew by the next."""
    warehouse = Warehouse.from_url(f"duckdb:///{tmp_path / 'x.duckdb'}")
    warehouse.query("SELECT 1")
    before = (tmp_path / "x.duckdb").stat().st_ino
    warehouse.purge([])
    assert (tmp_path / "x.duckdb").stat().st_ino == before
    assert isinstance(warehouse._database, DuckDB)
    note_erasure(warehouse._database)
    (tmp_path / "x.duckdb.purged").write_bytes(b"half")

    warehouse.purge([])

    assert (tmp_path / "x.duckdb").stat().st_ino != before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["x.duckdb", "x.duckdb.lock"]
