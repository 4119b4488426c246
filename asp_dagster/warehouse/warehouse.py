"""The door: a warehouse by its URL, a load in one transaction, a query.

Here belongs the course of a load: check the declarations, stage each table, merge all, commit. How
raw files are read is said in `reading`, how rows are merged in `merging`, and how the two databases
differ in `databases`.
"""

import errno
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import adbc_driver_manager
import pyarrow as pa
from adbc_driver_manager.dbapi import Connection, Cursor

from asp_dagster.catalog.tables import RawFormat, TableSpec
from asp_dagster.warehouse.databases import (
    Database,
    Patience,
    masked,
    open_database,
    plain_numbers,
)
from asp_dagster.warehouse.declarations import parents_first
from asp_dagster.warehouse.errors import WarehouseError, WarehouseFullError
from asp_dagster.warehouse.merging import LoadResult, Merge, Origin, StagedTable, stage_name
from asp_dagster.warehouse.reading import RawRows, raw_rows
from asp_dagster.warehouse.sql import identifier

_LOGGER = logging.getLogger(__name__)


class Warehouse:
    """A database whose tables are kept by loading raw files into them.

    Nothing is connected before a load or a query, and nothing stays connected after it.
    """

    def __init__(self, url: str, database: Database) -> None:
        self._url = url
        self._database = database

    @classmethod
    def from_url(cls, url: str, *, patience: Patience | None = None) -> "Warehouse":
        """Return the warehouse at a URL, as SQLAlchemy spells it.

        Args:
            url: `duckdb:///relative/path`, `duckdb:////absolute/path`, or
                `postgresql://user:password@host:5432/database`.
            patience: How long a load waits for its turn; ten minutes, unless said otherwise.

        Raises:
            WarehouseURLError: The URL is neither.
        """
        return cls(url, open_database(url, patience or Patience()))

    def __repr__(self) -> str:
        return f"Warehouse({masked(self._url)!r})"

    def load(
        self,
        specs: Sequence[TableSpec],
        *,
        raw_files: Sequence[Path],
        raw_format: RawFormat,
        schema: str,
        partition: str,
        loaded_at: datetime,
    ) -> list[LoadResult]:
        """Load the raw files of one partition into the tables of their feed, in one transaction.

        Args:
            specs: The tables. A table with a parent is loaded together with it.
            raw_files: The files, on a local path. What stands later in them is newer.
            raw_format: How the files are written.
            schema: The schema of the tables, made if it is not there.
            partition: The partition's key, stored with each row as `_partition`.
            loaded_at: When the load happens, stored with each row as `_loaded_at`.

        Returns:
            What happened to each table, in the order of `specs`.

        Raises:
            RawFileError: A file is not what its format or its table promises.
            TableSpecError: A table cannot be read as it is declared.
            WarehouseBusyError: Somebody else held the warehouse for too long.
            WarehouseFullError: A disk is full.
            WarehouseError: The database refused for another reason.
        """
        origin = Origin(schema=schema, partition=partition, loaded_at=loaded_at)
        with self._connected() as (connection, cursor):
            tables: dict[str, StagedTable] = {}
            for spec in parents_first(specs):
                with raw_rows(spec, raw_files, raw_format) as rows:
                    tables[spec.name] = _stage(cursor, rows, tables)
            self._database.take_turn(cursor, schema)
            merge = Merge(cursor, origin)
            merge.run(list(tables.values()))
            results = [merge.result(tables[spec.name]) for spec in specs]
            connection.commit()
        for result in results:
            _LOGGER.info(
                "Loaded %d rows of partition %s into %s", result.rows, partition, result.table
            )
        return results

    def query(self, sql: str) -> pa.Table:
        """Return what a query finds.

        Raises:
            WarehouseError: The database refused.
        """
        with self._connected() as (_, cursor):
            cursor.execute(sql)
            return plain_numbers(cursor.fetch_arrow_table())

    @contextmanager
    def _connected(self) -> Iterator[tuple[Connection, Cursor]]:
        """Open a connection and a cursor, and tell what the errors of both mean."""
        try:
            with self._database.connect() as connection, connection.cursor() as cursor:
                cursor.execute("SET TimeZone = 'UTC'")
                yield connection, cursor
        except adbc_driver_manager.Error as error:
            raise self._database.explain(error) from error
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise WarehouseFullError(
                    f"There is no space left on the disk of {error.filename or 'temporary files'}: "
                    "free some, and load again."
                ) from error
            raise WarehouseError(f"{self!r} cannot go on: {error}") from error


def _stage(cursor: Cursor, rows: RawRows, staged: Mapping[str, StagedTable]) -> StagedTable:
    """Copy the rows of a table into a temporary one, all or none."""
    stage = stage_name(len(staged))
    try:
        cursor.adbc_ingest(stage, rows.reader(), mode="create", temporary=True)
    except adbc_driver_manager.Error:
        if rows.failure is None:
            raise
    # DuckDB takes a stream that fails for one that ends, so nothing here relies on its complaint.
    if rows.failure is not None:
        raise rows.failure
    cursor.execute(f"SELECT count(*) FROM {identifier(stage)}")
    ((count,),) = cursor.fetchall()
    if not rows.is_finished or count != rows.row_count:
        raise WarehouseError(
            f"Of {rows.row_count} rows read for table {rows.table.name} {count} arrived in the "
            "database: nothing is loaded, please report this."
        )
    parent = staged[rows.table.parent] if rows.table.parent else None
    return StagedTable(spec=rows.table, number=len(staged), row_count=count, parent=parent)
