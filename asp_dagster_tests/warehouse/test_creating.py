"""Tables come into being, and gain columns, with the loads that need them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse import Origin, RawData, TableSpecError, Warehouse

Rows = Callable[[str], list[tuple[Any, ...]]]

TYPES = (
    "SELECT column_name, data_type, is_nullable FROM information_schema.columns "
    "WHERE table_schema = 'amazon' AND table_name = 'lines'"
)


@pytest.fixture
def load_line(
    warehouse: Warehouse, write_records: Callable[..., Path]
) -> Callable[[TableSpec], None]:
    """Load a file of one record into a table."""

    def run(table: TableSpec) -> None:
        warehouse.load(
            [table],
            RawData([write_records("one", [{"a": "1"}])], "jsonl"),
            Origin(schema="amazon", partition="one", loaded_at=datetime.now(UTC)),
        )

    return run


@pytest.fixture
def line() -> TableSpec:
    """A table with a column of each type."""
    types = ("text", "integer", "decimal", "double", "boolean", "timestamp", "date")
    columns = {f"a_{type_}": ColumnSpec(path="b", type=type_) for type_ in types}
    return TableSpec(name="lines", columns={"a": ColumnSpec(path="a"), **columns}, key=("a",))


def test_new_table(load_line: Callable[[TableSpec], None], line: TableSpec, rows: Rows) -> None:
    """A new table has the declared columns with their types, and a key that cannot be NULL."""
    load_line(line)

    stored = {name: (type_.lower(), nullable) for name, type_, nullable in rows(TYPES)}

    assert {name: type_.split("(")[0] for name, (type_, _) in stored.items()} in (
        {**TYPE_NAMES, "a": "varchar", "a_text": "varchar", "_partition": "varchar"},
        {**TYPE_NAMES, "a_decimal": "numeric", "a_double": "double precision"},
    )
    assert {name for name, (_, nullable) in stored.items() if nullable == "NO"} == {"a"}


TYPE_NAMES = {
    "a": "text",
    "a_text": "text",
    "a_integer": "bigint",
    "a_decimal": "decimal",
    "a_double": "double",
    "a_boolean": "boolean",
    "a_timestamp": "timestamp with time zone",
    "a_date": "date",
    "_partition": "text",
    "_loaded_at": "timestamp with time zone",
}


def test_new_column(load_line: Callable[[TableSpec], None], line: TableSpec, rows: Rows) -> None:
    """A column that is declared later is added, and filled by the loads that follow."""
    load_line(line)
    load_line(replace(line, columns={**line.columns, "later": ColumnSpec(path="a")}))

    assert rows("SELECT a, later FROM amazon.lines") == [("1", "1")]


def test_column_no_longer_declared(
    load_line: Callable[[TableSpec], None], line: TableSpec, rows: Rows
) -> None:
    """A column that is no longer declared stays."""
    load_line(replace(line, columns={**line.columns, "former": ColumnSpec(path="a")}))
    load_line(line)

    assert rows("SELECT a, former FROM amazon.lines") == [("1", "1")]


def test_column_of_another_type(load_line: Callable[[TableSpec], None], line: TableSpec) -> None:
    """A column that is stored with another type than declared is refused, not converted."""
    load_line(line)
    columns = {**line.columns, "a_integer": ColumnSpec(path="b", type="decimal")}

    with pytest.raises(
        TableSpecError,
        match=r"Column a_integer of amazon\.lines is declared decimal, but stored as",
    ):
        load_line(replace(line, columns=columns))
