"""Rows without a key go straight into their table, and nothing that was promised is lost by it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse import LoadResult, Origin, RawData, RawFileError, Warehouse
from asp_dagster.warehouse.databases import open_database
from asp_dagster.warehouse.staging import Staging
from asp_dagster.warehouse.turns import Patience

Load = Callable[..., LoadResult]
Rows = Callable[[str], list[tuple[Any, ...]]]

LINES = TableSpec(
    name="lines",
    columns={
        "sku": ColumnSpec(path="sku"),
        "price": ColumnSpec(path="price", type="decimal"),
        "sold_at": ColumnSpec(path="sold-at", type="timestamp"),
        "quantity": ColumnSpec(path="quantity", type="integer"),
    },
    preview=("sku", "price"),
    other_columns="text",
)
HEADER = "sku\tprice\tsold-at\tquantity"
LINE = "A\t9.99\t2026-11-01T10:20:30+00:00\t2"
ORIGIN = Origin(schema="amazon", partition="one", loaded_at=datetime(2026, 11, 23, tzinfo=UTC))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A raw file of two equal lines."""
    path = tmp_path / "raw.tsv"
    path.write_text(f"{HEADER}\n{LINE}\n{LINE}\n")
    return path


@pytest.fixture
def load_lines(warehouse: Warehouse, tmp_path: Path) -> Load:
    """Load lines as a partition, in each kind of warehouse."""

    def run(partition: str, lines: Sequence[str], header: str = HEADER) -> LoadResult:
        path = tmp_path / f"{partition}.tsv"
        path.write_text("\n".join([header, *lines]) + "\n")
        (result,) = warehouse.load(
            [LINES],
            RawData([path], "tsv"),
            Origin(schema="amazon", partition=partition, loaded_at=ORIGIN.loaded_at),
        )
        return result

    return run


def test_rows_are_written_once(warehouse_url: str, file: Path) -> None:
    """Of a table without a key only a few rows are staged; the rest is in its place already."""
    database = open_database(warehouse_url, Patience())
    file.write_text("\n".join([HEADER, *[LINE] * 100]) + "\n")
    with database.connect() as connection, connection.cursor() as cursor:
        ((table,),) = Staging(cursor, database, ORIGIN, RawData([file], "tsv")).stage_all([LINES])
        cursor.execute(f"SELECT count(*) FROM {table.stage}")
        ((staged,),) = cursor.fetchall()

    assert table.is_stored
    assert (table.row_count, staged) == (100, 5)


def test_partition_is_replaced_as_a_whole(load_lines: Load, rows: Rows) -> None:
    """Loading a partition again leaves its new lines, two equal ones as two, and others alone."""
    load_lines("one", [LINE, LINE, LINE])
    load_lines("two", [LINE])

    result = load_lines("one", [LINE, LINE])

    assert result.rows == 2
    assert result.preview.to_pylist() == [{"sku": "A", "price": "9.9900"}] * 2
    assert rows(
        "SELECT _partition, CAST(sum(quantity) AS BIGINT) AS sold FROM amazon.lines GROUP BY 1"
    ) == [("one", 4), ("two", 2)]


def test_a_refused_line_leaves_the_partition_as_it_was(load_lines: Load, rows: Rows) -> None:
    """Rows that were on their way are rolled back, and those they were to replace stay."""
    load_lines("one", [LINE])
    wrong = LINE.replace("9.99", "a lot")

    with pytest.raises(RawFileError, match="column price of table lines holds 'a lot'"):
        load_lines("one", [*[LINE] * 50_000, wrong])
    assert rows("SELECT sku, quantity FROM amazon.lines") == [("A", 2)]


def test_columns_of_earlier_documents_are_null(load_lines: Load, rows: Rows) -> None:
    """A table with columns that these rows lack takes them all the same."""
    load_lines("one", [f"{LINE}\tred"], header=f"{HEADER}\tcolour")

    load_lines("two", [LINE])

    assert rows("SELECT _partition, colour, quantity FROM amazon.lines") == [
        ("one", "red", 2),
        ("two", None, 2),
    ]


def test_columns_are_found_in_another_order(load_lines: Load, rows: Rows) -> None:
    """Columns that came to the table later stand last in it, wherever the document has them."""
    load_lines("one", [LINE])

    load_lines("two", [f"red\t{LINE}\tbig"], header=f"colour\t{HEADER}\tsize")

    assert rows("SELECT sku, colour, size FROM amazon.lines WHERE _partition = 'two'") == [
        ("A", "red", "big")
    ]
    assert load_lines("three", [f"big\t{LINE}\tred"], header=f"size\t{HEADER}\tcolour").rows == 1
    assert rows("SELECT colour, size FROM amazon.lines WHERE _partition = 'three'") == [
        ("red", "big")
    ]


def test_columns_of_somebody_else_keep_their_default(
    warehouse_url: str, load_lines: Load, rows: Rows
) -> None:
    """A column that somebody added to the table is filled by the database, as with any insert."""
    load_lines("one", [LINE])
    database = open_database(warehouse_url, Patience())
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("ALTER TABLE amazon.lines ADD COLUMN seen TEXT DEFAULT 'no'")
        connection.commit()

    load_lines("two", [LINE])

    assert rows("SELECT seen FROM amazon.lines WHERE _partition = 'two'") == [("no",)]
