"""Inferred tables load beside others: in one load, in several threads, over several files.

Every test runs against both databases.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.tables import InferredTable, TableSpec
from asp_dagster.warehouse import (
    LoadResult,
    Origin,
    RawData,
    RawFileError,
    TableSpecError,
    Warehouse,
)

Rows = Callable[[str], list[tuple[Any, ...]]]
Write = Callable[..., Path]
Order = Callable[..., dict[str, Any]]
Load = Callable[..., list[LoadResult]]

INFERRED = InferredTable(name="found", key=("id",), newest_by="updated")
LINES = InferredTable(name="lines")


@pytest.fixture
def load_all(warehouse: Warehouse) -> Load:
    """Load raw files into several tables."""

    def run(specs: list[TableSpec | InferredTable], partition: str, *files: Path) -> Any:
        return warehouse.load(
            specs,
            RawData(files, "jsonl"),
            Origin(schema="amazon", partition=partition, loaded_at=datetime.now(UTC)),
        )

    return run


def test_one_result_for_each(
    load_all: Load, write_records: Write, orders: TableSpec, order_items: TableSpec, order: Order
) -> None:
    """A load returns one result for each table it was given, in order, children within them."""
    file = write_records("one", [order("A", 1, x=1, y=2)])

    results = load_all([order_items, LINES, orders, INFERRED], "one", file)

    assert [(one.table, one.rows, len(one.children)) for one in results] == [
        ("amazon.order_items", 2, 0),
        ("amazon.lines", 1, 1),
        ("amazon.orders", 1, 0),
        ("amazon.found", 1, 1),
    ]
    assert results[3].preview.to_pylist() == [{"id": "A"}]
    assert results[2].columns["total"] == "decimal"


def test_several_files(load_all: Load, write_records: Write, order: Order, rows: Rows) -> None:
    """Records of several files are numbered on, and what stands later is newer."""
    files = [write_records("one", [order("A", 1, x=1)]), write_records("two", [order("A", 1, y=2)])]
    load_all([LINES, INFERRED], "one", *files)

    assert rows("SELECT _record FROM amazon.lines") == [(1,), (2,)]
    assert rows("SELECT id, quantity FROM amazon.found__items") == [("A", 2)]


def test_threads(load_all: Load, write_records: Write, order: Order, rows: Rows) -> None:
    """Loads that find different columns at the same time all succeed, and nothing is lost."""
    files = {
        str(day): write_records(str(day), [{**order("A", day, x=day), f"on{day}": day}])
        for day in (1, 2, 3, 4)
    }

    with ThreadPoolExecutor(len(files)) as threads:
        list(threads.map(lambda name: load_all([INFERRED, LINES], name, files[name]), files))

    assert rows("SELECT on1, on2, on3, on4 FROM amazon.found") == [(None, None, None, 4)]
    assert rows("SELECT quantity FROM amazon.found__items") == [(4,)]
    assert len(rows("SELECT _partition FROM amazon.lines")) == 4


def test_failed_load(load_all: Load, write_records: Write, order: Order, rows: Rows) -> None:
    """A load that fails leaves columns and types as they were, too."""
    load_all([INFERRED], "one", write_records("one", [order("A", 1, total=5.5)]))
    broken = write_records("two", [{**order("A", 2), "total": "x", "new": 1}])
    with pytest.raises(RawFileError, match="is not there"):
        load_all([INFERRED], "two", broken, broken.with_name("none"))
    with pytest.raises(RawFileError, match="line 1: the record has no value at id"):
        load_all([INFERRED], "two", broken, write_records("three", [{"note": "x"}]))

    columns = rows("SELECT column_name FROM information_schema.columns WHERE table_name = 'found'")
    assert ("new",) not in columns
    assert [str(total) for (total,) in rows("SELECT total FROM amazon.found")] == ["5.5000"]


def test_table_of_somebody_else(
    load_all: Load, write_records: Write, warehouse: Warehouse, order: Order, rows: Rows
) -> None:
    """A child table does not take the name of a table that is there already."""
    with warehouse._connected() as (connection, cursor):
        cursor.execute("CREATE SCHEMA amazon")
        cursor.execute("CREATE TABLE amazon.found__items (note TEXT)")
        connection.commit()

    (result,) = load_all([INFERRED], "one", write_records("one", [order("A", 1, x=1)]))

    assert [child.table for child in result.children] == ["amazon.found__items_2"]
    assert rows("SELECT * FROM amazon.found__items") == []


def test_declared_table_becomes_inferred(
    load_all: Load, write_records: Write, orders: TableSpec, order: Order, rows: Rows
) -> None:
    """A table that was declared can be inferred from now on: its columns are found by name."""
    load_all([orders], "one", write_records("one", [order("A", 1, total=5)]))
    table = InferredTable(name="orders", key=("order_id",), newest_by="updated_at")
    record = {"order_id": "A", "updated_at": "2026-11-02T00:00:00Z", "total": 7, "items_count": "x"}
    load_all([table], "two", write_records("two", [record]))

    found = rows("SELECT order_id, total, items_count FROM amazon.orders")
    assert [(order_id, int(total), count) for order_id, total, count in found] == [("A", 7, "x")]


def test_column_that_cannot_become_a_key(load_all: Load, write_records: Write) -> None:
    """A stored column that cannot become the text a key must be is refused."""
    load_all([LINES], "one", write_records("one", [{"a": ["x"]}]))

    with pytest.raises(TableSpecError, match=r"Column a of amazon\.lines is declared text"):
        load_all(
            [InferredTable(name="lines", key=("a",))], "one", write_records("two", [{"a": "x"}])
        )


def test_same_name_twice(load_all: Load, write_records: Write) -> None:
    """Two tables cannot have one name."""
    with pytest.raises(TableSpecError, match="have the same name"):
        load_all([LINES, LINES], "one", write_records("one", []))
