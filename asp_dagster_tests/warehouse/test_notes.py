"""What a load notes of itself is there exactly if the load is."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse import Note, Origin, RawData, RawFileError, Warehouse

NOTED = TableSpec(
    name="noted",
    key=("file",),
    columns={
        "file": ColumnSpec(path="file"),
        "row_count": ColumnSpec(path="row_count", type="integer"),
    },
)


def _row(row_counts: Sequence[int]) -> Mapping[str, str | int]:
    return {"file": "november", "row_count": sum(row_counts)}


@pytest.fixture
def load_noted(
    warehouse: Warehouse, orders: TableSpec, order_items: TableSpec
) -> Callable[[Path], None]:
    """Load a file of orders, noting it."""

    def load(file: Path) -> None:
        warehouse.load(
            [orders, order_items],
            RawData([file], "jsonl"),
            Origin(schema="sales", partition="2026-11", loaded_at=datetime.now(UTC)),
            note=Note(NOTED, _row),
        )

    return load


def test_load_is_noted_once(
    load_noted: Callable[[Path], None],
    write_records: Callable[..., Path],
    order: Callable[..., Any],
    rows: Callable[[str], list[tuple[Any, ...]]],
) -> None:
    """The row has what the load brought; loading again replaces it."""
    load_noted(write_records("one", [order("A", 1)]))
    load_noted(write_records("two", [order("A", 1, a=1), order("B", 2)]))

    sql = "SELECT file, row_count, _partition FROM sales.noted"
    assert rows(sql) == [("november", 3, "2026-11")]


def test_failed_load_is_not_noted(
    load_noted: Callable[[Path], None],
    write_records: Callable[..., Path],
    order: Callable[..., Any],
    rows: Callable[[str], list[tuple[Any, ...]]],
) -> None:
    """A file that cannot be read leaves neither rows nor a note."""
    with pytest.raises(RawFileError):
        load_noted(write_records("wrong", [order("A", 1), {"id": "B", "updated": "yesterday"}]))

    sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'sales'"
    assert rows(sql) == []
