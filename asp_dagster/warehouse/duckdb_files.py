"""DuckDB: a warehouse in a file.

One process at a time may hold the file. Our own loads queue at a lock file beside it, so that they
wait instead of failing; a foreign program that holds the file is waited for too. Only a connection
of your own inside the loading process goes unnoticed, and harms: use `query` there.
"""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import adbc_driver_duckdb.dbapi
import adbc_driver_manager
from adbc_driver_manager.dbapi import Connection, Cursor
from filelock import FileLock, Timeout

from asp_dagster.disks import DiskFullError, full_disk_error, told_disk_error
from asp_dagster.private_files import files_like, make_private_folder
from asp_dagster.warehouse.errors import WarehouseBusyError, WarehouseError, WarehouseFullError
from asp_dagster.warehouse.sql import literal
from asp_dagster.warehouse.turns import Patience

# DuckDB would take most of the machine's; beyond this it goes on with a file beside its own. The
# index of a key is not of what it can put there.
_MEMORY_LIMIT_MB = 512
# What is written needs a block of a quarter of a megabyte for each column at the least.
_SPARING_LIMIT_MB = 80
_SPARING_MB_BESIDE_COLUMNS = 16


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
        for waited_seconds in self.patience.attempts():
            try:
                lock.acquire(blocking=False)
                connection: Connection = adbc_driver_duckdb.dbapi.connect(str(self.path))
            except Timeout:
                holder = _other_load(Path(lock.lock_file))
            except adbc_driver_manager.Error as error:
                if "Could not set lock on file" not in str(error):
                    raise
                holder = _holder(str(error))
            else:
                return connection
            self.patience.tell(str(self.path), holder, waited_seconds)
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
        refused = told_disk_error(message, self.path)
        if re.search("Out of disk|max_temp_directory_size", message):
            refused = full_disk_error(self.path)
        if refused is not None:
            kind = WarehouseFullError if isinstance(refused, DiskFullError) else WarehouseError
            return kind(f"Nothing is loaded: {refused}")
        said = message.strip().partition("\n")[0].removeprefix("INTERNAL: ")
        return WarehouseError(f"DuckDB at {self.path} refused: {said}")


def _holder(message: str) -> str:
    """Return who holds a DuckDB file, as far as DuckDB's message says."""
    found = re.search(r"\(PID (\d+)\)", message)
    return f"the program with process id {found[1]}" if found else "another program"


def _other_load(lock_file: Path) -> str:
    """Return who holds our own lock, as far as the system says.

    https://man7.org/linux/man-pages/man5/proc_locks.5.html
    """
    with suppress(OSError):
        inode = str(lock_file.stat().st_ino)
        for line in Path("/proc/locks").read_text().splitlines():
            _, kind, *_, process_id, file, _, _ = line.split()
            if kind == "FLOCK" and file.rpartition(":")[2] == inode:
                return f"another load, of the process with id {process_id}"
    return "another load"
