"""The two databases of the shared state, and everything in which they differ.

Here belong how each is named, made, opened, and what its errors mean. What is asked of them is
written once, by the modules of the tables.

In SQLite every transaction takes the file's one write lock as it begins, and waits for it; so
whoever reads first and writes then cannot be overtaken in between. In PostgreSQL each statement is
atomic by itself, and whoever relies on more keeps others out by a name.
"""

import shlex
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Double,
    Engine,
    Table,
    cast,
    create_engine,
    event,
    extract,
    func,
    make_url,
    null,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from asp_dagster.disks import disk_error, full_disk_error
from asp_dagster.private_files import make_private_file, make_private_folder
from asp_dagster.state.errors import StateError, StateUnavailableError, StateURLError
from asp_dagster.state.tables import TABLES

_WAIT_SECONDS = 60
_CONNECT_SECONDS = 10

_RIGHT_URLS = (
    "give sqlite:///relative/path, sqlite:////absolute/path, or"
    " postgresql://user:password@host:5432/database, with what is special in the password"
    " percent-encoded (@ as %40)."
)


class Database(ABC):
    """A database that is connected to, and whose tables are made, when it is first needed.

    Attributes:
        name: Its URL without user, password and query, for messages.
        insert: The statement that inserts, with this database's way to meet a row that is there.
        server_time: The server's time as an expression, in seconds since 1970; null if there is no
            server, whose processes share this machine's clocks.
    """

    insert: Callable[[Table], Any]
    server_time: ColumnElement[Any]

    def __init__(self, engine: Engine, name: str) -> None:
        self.name = name
        self._engine = engine
        self._preparing = threading.Lock()
        self._is_prepared = False

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a transaction, which is committed unless the block raises.

        Raises:
            StateError: When the database cannot be reached, or refuses.
        """
        try:
            self._prepare()
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._explained(error) from error

    def close(self) -> None:
        """Close the connections; they are opened again when needed."""
        self._engine.dispose()

    @property
    @abstractmethod
    def is_there(self) -> bool:
        """Whether there is anything to connect to, as far as can be told without connecting."""

    @abstractmethod
    def keep_others_out(self, connection: Connection, name: str) -> None:
        """Let no other transaction that says the same name go on before this one has ended."""

    @abstractmethod
    def hurry(self, connection: Connection) -> None:
        """Let this transaction not wait for the disk: a crash of the machine may undo it."""

    @abstractmethod
    def _make(self) -> None:
        """Make what is missing, though other processes may be doing the same."""

    @abstractmethod
    def _explained(self, error: SQLAlchemyError) -> StateError:
        """Return what an error of the database means."""

    def _prepare(self) -> None:
        with self._preparing:
            if not self._is_prepared:
                self._make()
                self._is_prepared = True


class SQLiteDatabase(Database):
    """A file, and a few beside it while it is in use; all of them are for their owner only."""

    insert = staticmethod(sqlite.insert)
    server_time: ColumnElement[Any] = null()

    def __init__(self, path: Path) -> None:
        url = URL.create("sqlite", database=str(path))
        engine = create_engine(url, connect_args={"timeout": _WAIT_SECONDS})
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin_writing)
        super().__init__(engine, f"sqlite:///{path}")
        self._path = path

    @property
    def is_there(self) -> bool:
        """Whether the file exists."""
        return self._path.exists()

    def keep_others_out(self, connection: Connection, name: str) -> None:
        """Do nothing: a transaction has the whole file to itself."""

    def hurry(self, connection: Connection) -> None:
        """Do nothing: no transaction waits, see `_set_up`."""

    def _make(self) -> None:
        try:
            make_private_folder(self._path.parent)
            make_private_file(self._path)
        except OSError as error:
            raise StateError(
                f"The shared state (ASP_STATE) cannot be made: {disk_error(error, self._path)}"
            ) from error
        with self._engine.begin() as connection:
            TABLES.create_all(connection)

    def _explained(self, error: SQLAlchemyError) -> StateError:
        reason = _reason(error)
        if "database is locked" in reason:
            return StateUnavailableError(
                f"The shared state at {self.name} has been locked by another program for"
                f" {_WAIT_SECONDS} seconds: close that program, or wait for it, and start again."
            )
        if "disk is full" in reason:
            return StateError(
                f"The shared state (ASP_STATE) is as it was: {full_disk_error(self._path)}"
            )
        return StateError(
            f"The shared state at {self.name} cannot be used: {reason}. Check that the path names"
            f" a file of ours (ls -l {shlex.quote(str(self._path))}) that may be written to."
        )


class PostgreSQLDatabase(Database):
    """A database of a PostgreSQL server."""

    insert = staticmethod(postgresql.insert)
    server_time: ColumnElement[Any] = cast(extract("epoch", func.clock_timestamp()), Double)

    def __init__(self, url: URL) -> None:
        arguments: dict[str, Any] = {"prepare_threshold": None}  # poolers cannot keep statements
        if "connect_timeout" not in url.query:
            arguments["connect_timeout"] = _CONNECT_SECONDS
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args=arguments,
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
        )
        port = f":{url.port}" if url.port else ""
        super().__init__(engine, f"postgresql://{url.host or ''}{port}/{url.database or ''}")

    @property
    def is_there(self) -> bool:
        """Whether there is a server to ask: it must be there already."""
        return True

    def keep_others_out(self, connection: Connection, name: str) -> None:
        """Take the name's lock, and wait for it.

        https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
        """
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        connection.execute(lock, {"name": f"asp_dagster {name}"})

    def hurry(self, connection: Connection) -> None:
        """Commit before the disk has it.

        https://www.postgresql.org/docs/current/wal-async-commit.html
        """
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")

    def _make(self) -> None:
        # `CREATE TABLE IF NOT EXISTS` fails when two sessions do it at the same time.
        with self._engine.begin() as connection:
            self.keep_others_out(connection, "state")
            TABLES.create_all(connection)

    def _explained(self, error: SQLAlchemyError) -> StateError:
        kind = StateUnavailableError if isinstance(error, OperationalError) else StateError
        return kind(
            f"The shared state at {self.name} cannot be used: {_reason(error)}. Check ASP_STATE,"
            " that the server is running, and what its user may do."
        )


def open_database(url: str) -> Database:
    """Return the database at a URL, without connecting to it.

    Raises:
        StateURLError: The URL is none of `sqlite:///path` and `postgresql://host/database`.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The cause would quote what it cannot parse, maybe the password.
        raise StateURLError(f"The shared state's URL cannot be read: {_RIGHT_URLS}") from None
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"}:
        return SQLiteDatabase(_path(parsed))
    if parsed.drivername in {"postgresql", "postgresql+psycopg"}:
        if url.count("@") > 1:
            raise StateURLError(f"The shared state's URL has two @ signs: {_RIGHT_URLS}")
        return PostgreSQLDatabase(parsed)
    raise StateURLError(f"{parsed.drivername}:// is no shared state: {_RIGHT_URLS}")


def _path(url: URL) -> Path:
    path = url.database or ""
    if url.host or url.query or path in {"", ":memory:"} or path.startswith("file:"):
        raise StateURLError(
            f"A shared state in SQLite is a plain file, which all processes can open: {_RIGHT_URLS}"
        )
    return Path(path).absolute()


def _set_up(connection: DBAPIConnection, _record: object) -> None:
    """Leave transactions to `_begin_writing`, and let nobody wait for readers or the disk.

    Only a crash of the machine can undo what was committed last; a killed process undoes nothing.

    https://www.sqlite.org/pragma.html#pragma_synchronous
    """
    connection.isolation_level = None
    # Refused while another process uses a new file; that one will have done it, or the next will.
    with suppress(sqlite3.Error):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _reason(error: SQLAlchemyError) -> str:
    """Return what the driver said, on one line."""
    said = str(getattr(error, "orig", None) or error)
    return "; ".join(" ".join(line.split()) for line in said.splitlines()).rstrip(" .?;")
