"""The two databases, and everything in which they differ.

Both are reached by ADBC and speak the same SQL: `merging` is written once. Here belong how each is
named, opened and closed, how loads take turns, and what its errors mean.

DuckDB is a file that one process at a time may hold. Our own loads queue at a lock file beside it,
so that they wait instead of failing; a foreign program that holds the file is waited for too. Only
a connection of your own inside the loading process goes unnoticed, and harms: use `query` there.
PostgreSQL has many connections; loads into one schema take turns by an advisory lock, which ends
with their transaction however that ends.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import adbc_driver_duckdb.dbapi
import adbc_driver_manager
import adbc_driver_postgresql.dbapi
import pyarrow as pa
from adbc_driver_manager.dbapi import Connection, Cursor
from filelock import FileLock, Timeout

from asp_dagster.private_files import files_like, make_private_folder
from asp_dagster.warehouse.errors import (
    WarehouseBusyError,
    WarehouseError,
    WarehouseFullError,
    WarehouseURLError,
)
from asp_dagster.warehouse.sql import literal

# DuckDB would take most of the machine's; beyond this it goes on with a file beside its own. The
# index of a key is not of what it can put there.
_MEMORY_LIMIT_MB = 512
# What is written needs a block of a quarter of a megabyte for each column at the least.
_SPARING_LIMIT_MB = 80
_SPARING_MB_BESIDE_COLUMNS = 16


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a load waits for its turn.

    Attributes:
        wait_seconds: How long in all.
        poll_seconds: How long between two looks at whether DuckDB's file is free.
        sleep: What waits.
    """

    wait_seconds: float = 600
    poll_seconds: float = 0.1
    sleep: Callable[[float], None] = time.sleep

    def attempts(self) -> Iterator[None]:
        """Return once for each attempt, waiting in between."""
        yield
        for _ in range(round(self.wait_seconds / self.poll_seconds)):
            self.sleep(self.poll_seconds)
            yield


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


@dataclass(frozen=True)
class DuckDB:
    """A DuckDB file."""

    path: Path
    patience: Patience

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Open the file, creating it if need be, once nobody else holds it.

        Raises:
            WarehouseBusyError: Somebody held it for too long.
        """
        make_private_folder(self.path.parent)
        lock = FileLock(f"{self.path}.lock")
        # Beside its file DuckDB makes others with rows in them: its log, what exceeds its memory.
        with files_like(self.path):
            try:
                with closing(self._opened(lock)) as connection:
                    with connection.cursor() as cursor:
                        cursor.execute(f"SET memory_limit = '{_MEMORY_LIMIT_MB}MB'")
                    yield connection
            finally:
                # Taken once an attempt, so it would otherwise have to be given back as often.
                lock.release(force=True)

    def _opened(self, lock: FileLock) -> Connection:
        """Return a connection, opened while the lock is ours."""
        holder = ""
        for _ in self.patience.attempts():
            try:
                lock.acquire(blocking=False)
                connection: Connection = adbc_driver_duckdb.dbapi.connect(str(self.path))
            except Timeout:
                holder = "another load"
            except adbc_driver_manager.Error as error:
                if "Could not set lock on file" not in str(error):
                    raise
                holder = _holder(str(error))
            else:
                return connection
        raise WarehouseBusyError(
            f"{self.path} has been held by {holder} for {self.patience.wait_seconds:g} seconds: "
            "close that program, or wait for it, and load again."
        )

    def take_turn(self, cursor: Cursor, schema: str) -> None:
        """Do nothing: whoever has the file open has it alone."""

    @contextmanager
    def sparing_memory(self, cursor: Cursor, columns: int) -> Iterator[None]:
        """Let DuckDB write more to its file, and keep less."""
        limit = min(max(_SPARING_LIMIT_MB, _SPARING_MB_BESIDE_COLUMNS + columns), _MEMORY_LIMIT_MB)
        # One thread writes, and the core beside it is busy with making the rows.
        cursor.execute(f"SET memory_limit = '{limit}MB'; SET threads = 1")
        yield
        cursor.execute(f"SET memory_limit = '{_MEMORY_LIMIT_MB}MB'; RESET threads")

    def columns(self, cursor: Cursor, schema: str) -> list[tuple[str, str, str, str | None]]:
        """Return of each column in the schema its table, its name, its type and its comment."""
        cursor.execute(
            "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() "
            f"WHERE database_name = current_database() AND schema_name = {literal(schema)} "
            "ORDER BY table_name, column_index"
        )
        return list(cursor.fetchall())

    def explain(self, error: adbc_driver_manager.Error) -> WarehouseError:
        """Return what an error of DuckDB means."""
        message = str(error)
        if re.search("No space left|Out of disk|max_temp_directory_size", message):
            return _full(str(self.path))
        return WarehouseError(f"DuckDB at {self.path} refused: {_first_line(message)}")


@dataclass(frozen=True)
class PostgreSQL:
    """A database of a PostgreSQL server."""

    url: str = field(repr=False)
    patience: Patience

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Open a connection.

        Raises:
            WarehouseError: The server is not there, or does not let us in.
        """
        try:
            connection = adbc_driver_postgresql.dbapi.connect(self.url)
        except adbc_driver_manager.Error as error:
            # The cause quotes what it cannot parse, maybe the password, so it is not passed on.
            reason = _unquoted(_first_line(str(error)))
            raise WarehouseError(f"Cannot connect to {masked(self.url)}: {reason}") from None
        with closing(connection):
            yield connection

    def take_turn(self, cursor: Cursor, schema: str) -> None:
        """Take the schema's advisory lock, which guards the creation of its tables too.

        https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
        """
        cursor.execute(f"SET LOCAL lock_timeout = '{round(self.patience.wait_seconds * 1000)}ms'")
        key = literal(f"asp_dagster warehouse {schema}")
        cursor.execute(f"SELECT pg_advisory_xact_lock(hashtextextended({key}, 0))")
        cursor.fetchall()

    def sparing_memory(self, _cursor: Cursor, _columns: int) -> AbstractContextManager[None]:
        """Do nothing: its memory is the server's."""
        return nullcontext()

    def columns(self, cursor: Cursor, schema: str) -> list[tuple[str, str, str, str | None]]:
        """Return of each column in the schema its table, its name, its type and its comment.

        https://www.postgresql.org/docs/current/catalog-pg-attribute.html
        """
        cursor.execute(
            "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT), "
            "format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum) "
            "FROM pg_catalog.pg_class AS c "
            "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
            "JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid "
            f"WHERE n.nspname = {literal(schema)} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
            "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum"
        )
        return list(cursor.fetchall())

    def explain(self, error: adbc_driver_manager.Error) -> WarehouseError:
        """Return what an error of PostgreSQL means.

        https://www.postgresql.org/docs/current/errcodes-appendix.html
        """
        if error.sqlstate == "53100":
            return _full(masked(self.url))
        if error.sqlstate == "55P03":
            return WarehouseBusyError(
                f"{masked(self.url)} has been held by another session for "
                f"{self.patience.wait_seconds:g} seconds: wait for it, or end it, and load again."
            )
        return WarehouseError(
            f"PostgreSQL at {masked(self.url)} refused: {_first_line(str(error))}"
        )


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


def masked(url: str) -> str:
    """Return the URL without its password and its query."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return "***" if {"=", "@"} & set(url) else url
    location = rest.partition("?")[0]
    credentials, at, host = location.rpartition("@")
    if "@" in rest and not at:
        # A question mark stands in the password, or an at sign in the query: no telling which.
        return f"{scheme}://***"
    user, colon, _ = credentials.partition(":")
    return f"{scheme}://{user}{colon and ':***'}{at}{host}"


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


def _full(where: str) -> WarehouseFullError:
    """Return the error of a full disk."""
    return WarehouseFullError(
        f"There is no space left on the disk of {where}: free some, and load again."
    )


def _holder(message: str) -> str:
    """Return who holds a DuckDB file, as far as DuckDB's message says."""
    found = re.search(r"\(PID (\d+)\)", message)
    return f"the program with process id {found[1]}" if found else "another program"


def _first_line(message: str) -> str:
    """Return what a driver's message says first, without the driver's own words before it."""
    first = message.strip().partition("\n")[0]
    return re.sub(r"^.*?(ERROR: +|INTERNAL: |Failed to connect: )", "", first)


def _unquoted(reason: str) -> str:
    """Return why a connection failed, without what is quoted of a URL that was misread."""
    return reason if reason.startswith("connection to server") else re.sub('".*"', "***", reason)
