"""What a database still keeps on its disk of values that are erased, and how that goes too.

DuckDB leaves the old bytes in its file until something else takes their place: so the file is
written anew, which takes its size in free disk space. That there is something to purge is noted in
a file beside it before the erasure is committed, so that a run which is killed in between is made
good by the next. PostgreSQL keeps old versions of rows until they are vacuumed. What lies in a log,
a replica or a backup of the server is its operator's.

https://duckdb.org/docs/stable/operations_manual/footprint_of_duckdb/reclaiming_space
https://www.postgresql.org/docs/current/sql-vacuum.html
"""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import adbc_driver_postgresql.dbapi
from adbc_driver_manager.dbapi import Connection

from asp_dagster.private_files import make_private_file
from asp_dagster.warehouse.databases import Database
from asp_dagster.warehouse.duckdb_files import DuckDB
from asp_dagster.warehouse.postgresql import PostgreSQL
from asp_dagster.warehouse.sql import identifier, literal


def note_erasure(database: Database) -> None:
    """Note that something is about to be erased, for whoever purges."""
    if isinstance(database, DuckDB):
        make_private_file(_note(database))


def purge_duckdb(database: DuckDB, connection: Connection) -> None:
    """Write the file anew, if something has been erased in it since that was done last.

    Args:
        database: The file; nobody else may open it meanwhile.
        connection: A connection to it.
    """
    if not _note(database).exists():
        return
    new = database.path.with_name(f"{database.path.name}.purged")
    for left in (new, new.with_name(f"{new.name}.wal")):
        left.unlink(missing_ok=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        ((old,),) = cursor.fetchall()
        cursor.execute(f"ATTACH {literal(str(new))} AS purged")
        cursor.execute(f'COPY FROM DATABASE "{old}" TO purged')
        connection.commit()
        cursor.execute("DETACH purged")
    new.replace(database.path)
    _note(database).unlink()


def purge_postgresql(database: PostgreSQL, tables: Sequence[str]) -> None:
    """Vacuum tables: `schema.table`."""
    connect = adbc_driver_postgresql.dbapi.connect
    with (
        closing(connect(database.url, autocommit=True)) as connection,
        connection.cursor() as cursor,
    ):
        for table in tables:
            schema, _, name = table.partition(".")
            cursor.execute(f"VACUUM {identifier(schema)}.{identifier(name)}")


def _note(database: DuckDB) -> Path:
    return database.path.with_name(f"{database.path.name}.erased")
