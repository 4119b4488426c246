"""The door: a warehouse by its URL, a load in one transaction, a query.

Here belongs the course of a load: check the declarations, stage each table, merge all, commit. How
each is staged is said in `staging`, how rows are merged in `merging`, and how the two databases
differ in `databases`.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from itertools import chain

import adbc_driver_manager
import pyarrow as pa
from adbc_driver_manager.dbapi import Connection, Cursor

from asp_dagster.catalog.retention import RetentionFields
from asp_dagster.catalog.tables import InferredTable, TableSpec
from asp_dagster.disks import DiskFullError, disk_error
from asp_dagster.warehouse.databases import Database, open_database, plain_numbers
from asp_dagster.warehouse.duckdb_files import DuckDB
from asp_dagster.warehouse.erasing.columns import TableFinder
from asp_dagster.warehouse.erasing.erasure import Erasure, TableFinding, TableRule
from asp_dagster.warehouse.erasing.purging import (
    note_erasure,
    purge_duckdb,
    purge_postgresql,
)
from asp_dagster.warehouse.errors import WarehouseError, WarehouseFullError
from asp_dagster.warehouse.inferring.memory import Memory
from asp_dagster.warehouse.merging import Merge, StagedTable
from asp_dagster.warehouse.notes import Note
from asp_dagster.warehouse.origins import Origin
from asp_dagster.warehouse.postgresql import PostgreSQL
from asp_dagster.warehouse.results import LoadResult
from asp_dagster.warehouse.staging import RawData, Staging
from asp_dagster.warehouse.turns import Patience
from asp_dagster.warehouse.urls import masked

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
        specs: Sequence[TableSpec | InferredTable],
        raw: RawData,
        origin: Origin,
        note: Note | None = None,
    ) -> list[LoadResult]:
        """Load the raw files of one partition into the tables of their feed, in one transaction.

        Args:
            specs: The tables. A table with a parent is loaded together with it; an inferred one,
                with the child tables that its records have or had.
            raw: The raw files, and how they are read.
            origin: Which partition and whose rows they are, and the schema that they go to, made
                if it is not there.
            note: A row that tells of the load, in a table of its own.

        Returns:
            What happened to each table, in the order of `specs`; to the child tables of an
            inferred one, within its result.

        Raises:
            RawFileError: A file is not what its format or its table promises.
            TableSpecError: A table cannot be read as it is declared, needs a hash key, or is shared
                where it should not be, or the reverse.
            WarehouseBusyError: Somebody else held the warehouse for too long.
            WarehouseFullError: A disk is full.
            WarehouseUnavailableError: The server was stopped, or cannot be reached.
            WarehouseError: The database refused for another reason.
        """
        with self._connected() as (connection, cursor):
            staging = Staging(cursor, self._database, origin, raw)
            groups = staging.stage_all(specs)
            notes = [staging.stage_note(note, groups)] if note else []
            merge = Merge(cursor, origin)
            tables = sorted(chain.from_iterable(groups), key=lambda table: table.number)
            with self._memory_for(cursor, tables):
                merge.run([*tables, *notes])
            stored = Memory.of(self._database.columns(cursor, origin.schema))
            results = [_result(merge, stored, origin.schema, *group) for group in groups]
            replaced = raw.replaced_characters
            connection.commit()
        for result in results:
            _LOGGER.info(
                "Loaded %d rows of partition %s into %s",
                result.rows,
                origin.partition,
                result.table,
            )
        if replaced:
            _LOGGER.warning(
                "In the raw files of partition %s, %d characters stand for bytes that are none",
                origin.partition,
                replaced,
            )
        return [replace(result, replaced_characters=replaced) for result in results]

    def _memory_for(
        self, cursor: Cursor, tables: Sequence[StagedTable]
    ) -> AbstractContextManager[None]:
        """Return what lets a merge take little memory, unless there is the index of a key."""
        has_keys = any(table.spec.key for table in tables)
        widest = max((len(table.spec.columns) for table in tables), default=0)
        return nullcontext() if has_keys else self._database.sparing_memory(cursor, widest)

    def erase(
        self,
        tables: Sequence[TableSpec | InferredTable],
        known: RetentionFields,
        rule: TableRule,
        *,
        is_dry: bool = False,
    ) -> list[TableFinding]:
        """Set the personal values of a feed's stored rows to NULL, if they are due.

        All tables in one transaction. What the database then still has of them on its disk goes
        with `purge`.

        Args:
            tables: The feed's tables; those that are not stored are passed over.
            known: What is personal in the feed's records.
            rule: When rows are due.
            is_dry: Whether nothing is to be changed.

        Returns:
            What was found in each stored table that has personal columns, child tables included.

        Raises:
            WarehouseBusyError: Somebody else held the warehouse for too long.
            WarehouseError: The database refused for another reason.
        """
        if not self._is_there:
            return []
        with self._connected() as (connection, cursor):
            self._database.take_turn(cursor, rule.schema)
            memory = Memory.of(self._database.columns(cursor, rule.schema))
            found = TableFinder(known, memory).tables(tables)
            erasures = [Erasure(cursor, table, rule) for table in found]
            # All are found first: a child's row counts from its parent's.
            findings = [erasure.find() for erasure in erasures]
            if not is_dry and any(finding.erased for finding in findings):
                note_erasure(self._database)
                for erasure in erasures:
                    erasure.run()
                connection.commit()
        return findings

    def purge(self, changed: Sequence[str]) -> None:
        """Let what was erased go from the disk too; it may take the warehouse's size in free space.

        Args:
            changed: The tables in which something was erased: `schema.table`.

        Raises:
            WarehouseFullError: A disk is full.
            WarehouseError: The database refused for another reason.
        """
        if not self._is_there:
            return
        with self._connected() as (connection, _):
            if isinstance(self._database, DuckDB):
                purge_duckdb(self._database, connection)
            elif isinstance(self._database, PostgreSQL):
                purge_postgresql(self._database, changed)

    def query(self, sql: str) -> pa.Table:
        """Return what a query finds.

        Raises:
            WarehouseError: The database refused.
        """
        with self.queries() as query:
            return query(sql)

    def execute(self, *statements: str) -> None:
        """Run statements on tables that are not ours to load, all or none of them.

        Raises:
            WarehouseError: The database refused.
        """
        with self._connected() as (connection, cursor):
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    @contextmanager
    def queries(self) -> Iterator[Callable[[str], pa.Table]]:
        """Hand out what asks several queries by one connection; one refused spoils no other.

        Raises:
            WarehouseError: The database refused, the connection or a query.
        """
        with self._connected() as (connection, cursor):
            connection.commit()  # so that a rollback leaves the time zone as it is

            def query(sql: str) -> pa.Table:
                try:
                    cursor.execute(sql)
                    return plain_numbers(cursor.fetch_arrow_table())
                except adbc_driver_manager.Error as error:
                    connection.rollback()
                    raise self._database.explain(error) from error

            yield query

    @property
    def _is_there(self) -> bool:
        """Whether there is a database; to connect to DuckDB would make one."""
        return not isinstance(self._database, DuckDB) or self._database.path.exists()

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
            refused = disk_error(error)
            kind = WarehouseFullError if isinstance(refused, DiskFullError) else WarehouseError
            raise kind(f"Nothing is loaded: {refused}") from error


def _result(
    merge: Merge, stored: Memory, schema: str, table: StagedTable, *children: StagedTable
) -> LoadResult:
    """Return what a load brings to a table, and to its child tables."""
    columns = stored.tables[table.spec.name]
    return LoadResult(
        table=f"{schema}.{table.spec.name}",
        rows=table.row_count,
        preview=merge.preview(table),
        key=table.spec.key,
        newest_by=table.spec.newest_by,
        columns={name: column.shown_type for name, column in columns.items()},
        document_columns=table.columns,
        children=tuple(_result(merge, stored, schema, child) for child in children),
    )
