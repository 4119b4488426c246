"""The two databases, and what a load needs of either.

Both are reached by ADBC and speak the same SQL: `merging` is written once. Here belongs what they
have in common; in what they differ stands in `duckdb_files` and `postgresql`.
"""

from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import adbc_driver_manager
import pyarrow as pa
from adbc_driver_manager.dbapi import Connection, Cursor

from asp_dagster.warehouse.duckdb_files import DuckDB
from asp_dagster.warehouse.errors import WarehouseError, WarehouseURLError
from asp_dagster.warehouse.postgresql import PostgreSQL
from asp_dagster.warehouse.turns import Patience
from asp_dagster.warehouse.urls import masked


class Database(Protocol):
    """What a load needs of a database."""

    def connect(self) -> AbstractContextManager[Connection]:
        """Open a connection with a transaction, which is rolled back unless it is committed."""

    def take_turn(self, cursor: Cursor, schema: str) -> None:
        """Wait until no other load is at work in the schema, and keep others waiting."""

    def sparing_memory(self, cursor: Cursor, columns: int) -> AbstractContextManager[None]:
        """Let rows be written meanwhile with little memory; what needs a key's index takes more.

        Args:
            cursor: Of the connection.
            columns: How many columns the widest of the tables has.
        """

    def columns(self, cursor: Cursor, schema: str) -> list[tuple[str, str, str, str | None]]:
        """Return of each column in the schema its table, its name, its type and its comment."""

    def explain(self, error: adbc_driver_manager.Error) -> WarehouseError:
        """Return what an error of the database means."""


def open_database(url: str, patience: Patience) -> Database:
    """Return the database at a URL, without connecting to it.

    Raises:
        WarehouseURLError: The URL is none of `duckdb:///path` and `postgresql://host/database`.
    """
    if url.startswith("duckdb:///") and (path := url.removeprefix("duckdb:///")):
        if path != ":memory:" and "?" not in path:
            return DuckDB(Path(path), patience)
    elif url.startswith("postgresql://"):
        return PostgreSQL(url, patience)
    raise WarehouseURLError(
        f"{masked(url)!r} is no warehouse: give duckdb:///relative/path, duckdb:////absolute/path, "
        "or postgresql://user:password@host:5432/database."
    )


def plain_numbers(table: pa.Table) -> pa.Table:
    """Return the table with PostgreSQL's numerics, which ADBC hands out as text, as decimals."""
    for position, column in enumerate(table.schema):
        if isinstance(column.type, pa.OpaqueType) and column.type.type_name == "numeric":
            texts = table.column(position).combine_chunks().storage.to_pylist()
            numbers = pa.array([None if text is None else Decimal(text) for text in texts])
            if pa.types.is_null(numbers.type):
                numbers = numbers.cast(pa.decimal128(38, 0))
            table = table.set_column(position, column.name, numbers)
    return table
