"""PostgreSQL: a warehouse on a server.

It has many connections; loads into one schema take turns by an advisory lock, which ends with their
transaction however that ends.
"""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field

import adbc_driver_manager
import adbc_driver_postgresql.dbapi
from adbc_driver_manager.dbapi import Connection, Cursor

from asp_dagster.warehouse.errors import (
    WarehouseBusyError,
    WarehouseError,
    WarehouseFullError,
    WarehouseUnavailableError,
)
from asp_dagster.warehouse.sql import literal
from asp_dagster.warehouse.turns import Patience
from asp_dagster.warehouse.urls import masked

# What a server that is restarted, or a network that fails, leaves of a connection.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_PASSING_CODES = ("08", "57P01", "57P02", "57P03")
_PASSING = re.compile(
    r"closed the connection|terminating connection|no connection|connection not open|starting up"
    r"|shutting down|could not (?:receive|send) data|Connection (?:refused|reset|timed out)"
    r"|connection to server .*No such file|timeout expired|No route to host",
    re.IGNORECASE,
)
_BEFORE_REASON = re.compile(
    r"^.*?(?:(?:PGRES_FATAL_ERROR )?(?:ERROR|FATAL|PANIC): +|PGRES_FATAL_ERROR |INTERNAL: "
    r"|Failed to connect: )",
    re.DOTALL,
)


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
            reason = _unquoted(_reason(str(error)))
            kind = WarehouseUnavailableError if _PASSING.search(reason) else WarehouseError
            raise kind(f"Cannot connect to {masked(self.url)}: {reason}") from None
        with closing(connection):
            yield connection

    def take_turn(self, cursor: Cursor, schema: str) -> None:
        """Take the schema's advisory lock, which guards the creation of its tables too.

        https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
        """
        key = f"hashtextextended({literal(f'asp_dagster warehouse {schema}')}, 0)"
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({key})")
        ((is_ours,),) = cursor.fetchall()
        if is_ours:
            return
        self.patience.tell(f"schema {schema} at {masked(self.url)}", _holder(cursor, key))
        cursor.execute(f"SET LOCAL lock_timeout = '{round(self.patience.wait_seconds * 1000)}ms'")
        cursor.execute(f"SELECT pg_advisory_xact_lock({key})")
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
            return WarehouseFullError(
                f"The disk of the server at {masked(self.url)} is full, and nothing is loaded:"
                " free some space there, then load again."
            )
        if error.sqlstate == "55P03":
            return WarehouseBusyError(
                f"{masked(self.url)} has been held by another session for "
                f"{self.patience.wait_seconds:g} seconds: wait for it, or end it, and load again."
            )
        reason = _reason(str(error))
        if _PASSING.search(reason) or (error.sqlstate or "").startswith(_PASSING_CODES):
            return WarehouseUnavailableError(
                f"The connection to {masked(self.url)} broke ({reason.rstrip('.')}), and nothing is"
                " loaded: see that the server is running, then load again."
            )
        return WarehouseError(f"PostgreSQL at {masked(self.url)} refused: {reason}")


def _holder(cursor: Cursor, key: str) -> str:
    """Return whose turn it is; nobody's if it has ended meanwhile."""
    cursor.execute(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        f"AND (CAST(classid AS BIGINT) << 32 | CAST(objid AS BIGINT)) = {key}"
    )
    pids = [f"the session with process id {pid}" for (pid,) in cursor.fetchall()]
    return pids[0] if pids else "another session"


def _reason(message: str) -> str:
    """Return what the server or libpq said first, without the driver's words and our SQL."""
    said = _BEFORE_REASON.sub("", message.strip())
    return said.partition("\n")[0]


def _unquoted(reason: str) -> str:
    """Return why a connection failed, without what is quoted of a URL that was misread."""
    return reason if reason.startswith("connection to server") else re.sub('".*"', "***", reason)
