"""Schemas, tables and columns that are not there yet, in SQL that both databases take.

Here belong the column types as they are stored. A table only ever gains columns, and none is
dropped. A declared column never changes its type; that an inferred one may, is said in `widening`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from asp_dagster.catalog.tables import ColumnType
from asp_dagster.warehouse.accounts import ACCOUNT
from asp_dagster.warehouse.errors import TableSpecError
from asp_dagster.warehouse.sql import identifier, identifiers, literal

if TYPE_CHECKING:  # declarations ask for the types, and load no database
    from adbc_driver_manager.dbapi import Cursor

    from asp_dagster.warehouse.origins import Origin

_TYPES: Mapping[ColumnType, str] = {
    "text": "TEXT",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18, 4)",
    "double": "FLOAT8",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "date": "DATE",
    "list": "TEXT[]",
    "json": "TEXT",
}
# How the names of these types begin in the information schemas of the two databases.
_STORED_TYPES: Mapping[ColumnType, tuple[str, ...]] = {
    "list": ("varchar[]", "text[]", "array"),
    "text": ("text", "varchar", "character varying"),
    "json": ("text", "varchar", "character varying"),
    "integer": ("bigint",),
    "decimal": ("decimal", "numeric"),
    "double": ("double",),
    "boolean": ("boolean",),
    "timestamp": ("timestamp with time zone",),
    "date": ("date",),
}


def database_type(type_: ColumnType) -> str:
    """Return the type of a column in words that both databases know."""
    return _TYPES[type_]


def stored_type(stored: str) -> ColumnType | None:
    """Return the type that a database calls by a name, in lower case; None if it is none of ours.

    JSON is stored as text, and called so.
    """
    return next((type_ for type_ in _STORED_TYPES if _is_stored_as(stored, type_)), None)


def _is_stored_as(stored: str, type_: ColumnType) -> bool:
    """Return whether a type may be called by the name that a database has for it."""
    is_list = stored.endswith("[]") or stored == "array"
    return is_list == (type_ == "list") and stored.startswith(_STORED_TYPES[type_])


class TableMaker:
    """Makes one table of a schema what a load needs it to be."""

    def __init__(self, cursor: Cursor, origin: Origin, name: str) -> None:
        self._cursor = cursor
        self._schema = origin.schema
        self._account = origin.account
        self._name = name
        self._table = f"{identifier(origin.schema)}.{identifier(name)}"

    def make(self, columns: Mapping[str, ColumnType], key: tuple[str, ...]) -> None:
        """Create the schema, the table with its key, or the columns that are missing.

        A table that is shared by accounts has their column from the beginning, and in its key.

        Raises:
            TableSpecError: A column is there with another type, or a table of one account is to
                be shared by several, or the reverse.
        """
        stored = self._stored_types()
        if self._account:
            columns = {**columns, ACCOUNT: "text"}
            key = (ACCOUNT, *key) if key else ()
        if stored:
            self._refuse_mixing(stored)
            self._add_columns(columns, stored)
        else:
            self._create_schema()
            self._create_table(columns, key)

    def _refuse_mixing(self, stored: Mapping[str, str]) -> None:
        """Refuse rows that say whose they are beside such as do not: nobody could tell them apart.

        Raises:
            TableSpecError: With what is to be done.
        """
        is_shared = ACCOUNT in stored
        if is_shared == bool(self._account):
            return
        found, loaded = (
            (f"has a column {ACCOUNT} and is shared by several accounts", "that is not shared")
            if is_shared
            else (f"has no column {ACCOUNT} and is of one account", "shared by several accounts")
        )
        raise TableSpecError(
            f"{self._schema}.{self._name} {found}, but a feed {loaded} is to be loaded into it:"
            " give the shared tables a schema of their own, or drop the table and load its"
            " partitions again, for which Amazon is not asked."
        )

    def _stored_types(self) -> dict[str, str]:
        """Return the types of the table's columns, none if there is no such table."""
        self._cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_catalog = current_database() "
            f"AND table_schema = {literal(self._schema)} AND table_name = {literal(self._name)}"
        )
        return {name: stored.lower() for name, stored in self._cursor.fetchall()}

    def _create_schema(self) -> None:
        """Create the schema, unless it is there: then we may lack the right to create any."""
        self._cursor.execute(
            f"SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = {literal(self._schema)}"
        )
        if not self._cursor.fetchall():
            self._cursor.execute(f"CREATE SCHEMA {identifier(self._schema)}")

    def _create_table(self, columns: Mapping[str, ColumnType], key: tuple[str, ...]) -> None:
        """Create the table with all columns."""
        parts = [f"{identifier(name)} {_TYPES[type_]}" for name, type_ in columns.items()]
        if key:
            # A primary key is not null of itself.
            parts.append(f"PRIMARY KEY ({identifiers(key)})")
        self._cursor.execute(f"CREATE TABLE {self._table} ({', '.join(parts)})")

    def _add_columns(self, columns: Mapping[str, ColumnType], stored: Mapping[str, str]) -> None:
        """Add the columns that the stored table does not have."""
        for name, type_ in columns.items():
            if name not in stored:
                self._cursor.execute(
                    f"ALTER TABLE {self._table} ADD COLUMN {identifier(name)} {_TYPES[type_]}"
                )
            elif not _is_stored_as(stored[name], type_):
                raise TableSpecError(
                    f"Column {name} of {self._schema}.{self._name} is declared {type_}, but stored "
                    f"as {stored[name]}: declare it under another name, or drop the table and load "
                    "its partitions again."
                )
