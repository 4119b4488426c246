"""URLs name a database or are refused; loads take turns; errors say what to do; passwords hide."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import adbc_driver_manager
import pytest
from filelock import FileLock

from asp_dagster.warehouse import (
    Patience,
    Warehouse,
    WarehouseBusyError,
    WarehouseError,
    WarehouseFullError,
    WarehouseURLError,
)
from asp_dagster.warehouse.databases import open_database
from asp_dagster.warehouse.duckdb_files import DuckDB
from asp_dagster.warehouse.postgresql import PostgreSQL
from asp_dagster.warehouse.urls import masked

IMPATIENT = Patience(wait_seconds=0.2, poll_seconds=0.1, sleep=lambda _: None)


@pytest.mark.parametrize(
    ("url", "path"),
    [("duckdb:///data/w.duckdb", "data/w.duckdb"), ("duckdb:////data/w.duckdb", "/data/w.duckdb")],
    ids=["relative", "absolute"],
)
def test_duckdb_url(url: str, path: str) -> None:
    """Three slashes begin a relative path, four an absolute one."""
    assert open_database(url, IMPATIENT) == DuckDB(Path(path), IMPATIENT)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "data/warehouse.duckdb",
        "duckdb://data/warehouse.duckdb",
        "duckdb:///",
        "duckdb:///:memory:",
        "duckdb:///data/warehouse.duckdb?threads=1",
        "postgres://host/database",
        "sqlite:///data.db",
    ],
)
def test_no_warehouse(url: str) -> None:
    """Any other URL is refused with the two that are understood."""
    with pytest.raises(WarehouseURLError, match="is no warehouse: give duckdb:///relative/path, "):
        Warehouse.from_url(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://user:secret@host:5432/db", "postgresql://user:***@host:5432/db"),
        ("postgresql://user:sec/ret@host/db", "postgresql://user:***@host/db"),
        ("postgresql://user:sec@ret@host/db", "postgresql://user:***@host/db"),
        ("postgresql://user:sec?ret@host/db", "postgresql://***"),
        ("postgresql://host/db?password=secret", "postgresql://host/db"),
        ("postgresql://host/db?password=sec@ret", "postgresql://***"),
        ("postgresql://user@host/db", "postgresql://user@host/db"),
        ("host=there password=secret", "***"),
        ("duckdb:///data/w.duckdb", "duckdb:///data/w.duckdb"),
        ("data/w.duckdb", "data/w.duckdb"),
    ],
)
def test_masked_url(url: str, shown: str) -> None:
    """A URL is shown without its password, wherever that stands."""
    assert masked(url) == shown


def test_repr_hides_password() -> None:
    """A warehouse shows where it is, and not how it is opened."""
    warehouse = Warehouse.from_url("postgresql://user:secret@host/db")

    assert repr(warehouse) == "Warehouse('postgresql://user:***@host/db')"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param(
            "postgresql://user:secret@127.0.0.1:1/db",
            'connection to server at "127.0.0.1", port 1 failed: Connection refused',
            id="nobody-there",
        ),
        pytest.param(
            "postgresql://user:sec%zzret@127.0.0.1:1/db",
            "invalid percent-encoded token: ***",
            id="malformed-password",
        ),
    ],
)
def test_no_connection(url: str, reason: str) -> None:
    """A server that cannot be reached is named without the password, also in what caused it."""
    with pytest.raises(WarehouseError) as refused:
        Warehouse.from_url(url).query("SELECT 1")

    assert str(refused.value) == f"Cannot connect to postgresql://user:***@127.0.0.1:1/db: {reason}"
    assert refused.value.__cause__ is None


def test_refused_query(warehouse: Warehouse) -> None:
    """A query the database refuses ends with the database's reason."""
    with pytest.raises(WarehouseError, match=r"refused: .*nowhere.* does not exist"):
        warehouse.query("SELECT * FROM nowhere")


def test_no_database_file(tmp_path: Path) -> None:
    """A file that is no database is left alone."""
    file = tmp_path / "notes.txt"
    file.write_text("important " * 999)

    with pytest.raises(WarehouseError, match="not a valid DuckDB database file"):
        Warehouse.from_url(f"duckdb:///{file}").query("SELECT 1")

    assert file.read_text() == "important " * 999


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A path below something that is no folder is refused."""
    (tmp_path / "file").touch()

    with pytest.raises(
        WarehouseError, match=r"folder.* cannot be used: Not a directory\. Check the path"
    ):
        Warehouse.from_url(f"duckdb:///{tmp_path}/file/folder/w.duckdb").query("SELECT 1")


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A foreign program that has the DuckDB file open."""
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "w.duckdb"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        process.stdout.readline()
        yield process


def test_foreign_program_is_waited_for(tmp_path: Path, holder: subprocess.Popen[bytes]) -> None:
    """A file that a foreign program holds is opened as soon as it lets go."""

    def let_go(_: float) -> None:
        assert holder.stdin
        holder.stdin.close()
        holder.wait()

    patience = Patience(wait_seconds=1, poll_seconds=0.1, sleep=let_go)
    warehouse = Warehouse.from_url(f"duckdb:///{tmp_path}/w.duckdb", patience=patience)

    assert warehouse.query("SELECT 1 AS one").to_pylist() == [{"one": 1}]
    with FileLock(tmp_path / "w.duckdb.lock", timeout=0):
        """Our own lock was given back as well."""


def test_foreign_program_stays(tmp_path: Path, holder: subprocess.Popen[bytes]) -> None:
    """A foreign program that does not let go is named."""
    warehouse = Warehouse.from_url(f"duckdb:///{tmp_path}/w.duckdb", patience=IMPATIENT)

    with pytest.raises(
        WarehouseBusyError,
        match=rf"w\.duckdb has been held by the program with process id {holder.pid} for 0\.2 sec",
    ):
        warehouse.query("SELECT 1")


def test_other_load_stays(tmp_path: Path) -> None:
    """Another load that takes too long ends the waiting."""
    warehouse = Warehouse.from_url(f"duckdb:///{tmp_path}/w.duckdb", patience=IMPATIENT)

    with (
        FileLock(tmp_path / "w.duckdb.lock"),
        pytest.raises(
            WarehouseBusyError,
            match=rf"held by another load, of the process with id {os.getpid()} for 0\.2 sec",
        ),
    ):
        warehouse.query("SELECT 1")


def test_other_postgresql_load_stays(new_postgres_url: str, feed: Callable[..., None]) -> None:
    """A load into a schema where another stays at work gives up after its patience."""
    other = PostgreSQL(new_postgres_url, Patience())

    with other.connect() as connection, connection.cursor() as cursor:
        other.take_turn(cursor, "amazon")

        with pytest.raises(WarehouseBusyError, match=r"by another session for 0\.2 seconds: wait"):
            feed(Warehouse.from_url(new_postgres_url, patience=IMPATIENT), "one")


def test_full_disk_of_a_server() -> None:
    """A full disk of the server is told as such, and whose it is."""
    database = PostgreSQL("postgresql://user:secret@host/db", IMPATIENT)
    error = adbc_driver_manager.OperationalError(
        "ERROR:  could not extend file: No space left on device",
        status_code=adbc_driver_manager.AdbcStatusCode.IO,
        sqlstate="53100",
    )

    explained = database.explain(error)

    assert isinstance(explained, WarehouseFullError)
    assert "The disk of the server at postgresql://user:***@host/db is full" in str(explained)
