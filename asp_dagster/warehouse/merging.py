"""From staged rows to tables: one set of SQL statements for both databases.

The rows of every table are staged first, in a temporary table. Then, parents before their children,
it is decided and noted in another which of them are taken in:

    a table with a key      of each key the newest row, the later one of two as new, unless the
                            stored row is newer
    a table with a parent   the rows of the raw record from which the parent's row is taken in,
                            of each key the last
    a table with neither    all rows; these go straight into their table, and only a few are
                            staged, to be shown

Then the rows they replace are removed (those of the parents that are taken in; those of the
partition), and what is taken in is merged by key, or inserted where there is none. A row without a
value in `newest_by` is older than any with one.

Where a partial source brings the rows, those of the same state that came from a whole one stay, and
what is merged leaves the columns alone that the source does not know.

Where the raw files are a snapshot, all there is of the partition, its rows that are not in them any
more are deleted at the end, a parent's children with it.

Where a table is shared by several accounts, all this is about the rows of one of them.

Here belong the statements. In which transaction they run is said in `warehouse`; in what the two
databases differ, in `databases`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa
from adbc_driver_manager.dbapi import Cursor

from asp_dagster.catalog.tables import TableSpec
from asp_dagster.warehouse.accounts import ACCOUNT, is_of
from asp_dagster.warehouse.creating import TableMaker
from asp_dagster.warehouse.origins import PARTITION, Origin
from asp_dagster.warehouse.reading.columns import RECORD, ROW
from asp_dagster.warehouse.reading.document_columns import DocumentColumns
from asp_dagster.warehouse.sources import SOURCE
from asp_dagster.warehouse.sql import identifier, identifiers, literal

_PREVIEW_ROWS = 5


@dataclass(frozen=True, kw_only=True)
class StagedTable:
    """A table whose rows stand in a temporary table.

    Attributes:
        spec: The table, with all its columns.
        number: Its number in the load.
        row_count: How many rows are staged.
        columns: What the columns of the files are to the table.
        parent: The staged table whose rows bring this one's, if there is one.
        whole: The table as it is stored, where the staged rows have not all of its columns.
        is_stored: Whether the rows are in their table already, and only a few also staged.
    """

    spec: TableSpec
    number: int
    row_count: int
    columns: DocumentColumns = field(default_factory=DocumentColumns)
    parent: "StagedTable | None" = None
    whole: TableSpec | None = None
    is_stored: bool = False

    @property
    def stage(self) -> str:
        """The temporary table of the rows."""
        return identifier(stage_name(self.number))

    @property
    def taken(self) -> str:
        """The temporary table that tells which rows are taken in."""
        return identifier(f"_taken_{self.number}")

    @property
    def is_chosen(self) -> bool:
        """Whether rows are chosen one by one, and not taken in as they are."""
        return bool(self.spec.key or self.parent)


def stage_name(number: int) -> str:
    """Return the name of the temporary table of a load's table."""
    return f"_stage_{number}"


class Merge:
    """The statements of one load."""

    def __init__(self, cursor: Cursor, origin: Origin) -> None:
        self._cursor = cursor
        self._origin = origin
        self._is_ours = is_of(origin.account, "t.")

    def run(self, tables: Sequence[StagedTable]) -> None:
        """Bring the staged rows of all tables into the stored ones.

        Args:
            tables: The tables, a parent before its children.

        Raises:
            TableSpecError: A column is stored with another type than it is declared.
        """
        for table in tables:
            if not table.is_stored:
                self._make(table)
                self._decide(table)
                self._remove(table)
                self._write(table)
        if self._origin.is_snapshot:
            # Children are found by their parents, so they go first.
            for table in reversed(tables):
                self._forget(table)

    def make_room(self, table: StagedTable) -> None:
        """Make the stored table ready for rows that need no decision, and go straight into it.

        Raises:
            TableSpecError: A column is stored with another type than it is declared.
        """
        self._make(table)
        self._remove(table)

    def preview(self, table: StagedTable) -> pa.Table:
        """Return the table's first staged rows, in the columns that may be shown."""
        columns = table.spec.preview or table.spec.key
        if not columns:
            return pa.table({})
        shown = ", ".join(_shown(table.spec, name) for name in columns)
        self._cursor.execute(
            f"SELECT {shown} FROM {table.stage} ORDER BY {ROW} LIMIT {_PREVIEW_ROWS}"
        )
        return self._cursor.fetch_arrow_table()

    def _make(self, table: StagedTable) -> None:
        """Make the stored table what the staged rows need."""
        stored = table.whole or table.spec
        columns = {name: column.type for name, column in stored.columns.items()}
        origin = {name: type_ for name, (type_, _) in self._origin.columns.items()}
        maker = TableMaker(self._cursor, self._origin, table.spec.name)
        maker.make({**columns, **origin}, table.spec.key)

    def _decide(self, table: StagedTable) -> None:
        """Note which staged rows are taken in, for the children to follow."""
        if not table.is_chosen:
            return
        # Without its numbers of rows PostgreSQL plans for a handful, and joins in nested loops.
        self._cursor.execute(f"ANALYZE {table.stage}")
        chosen = _newest_of_each_key(table.spec, f"{table.stage} AS s {self._condition(table)}")
        self._cursor.execute(f"CREATE TEMPORARY TABLE {table.taken} AS {chosen}")
        self._cursor.execute(f"ANALYZE {table.taken}")

    def _condition(self, table: StagedTable) -> str:
        """Return under which condition a staged row may be taken in."""
        if table.parent:
            return f"WHERE {_exists(table.parent, 's', f'taken.{RECORD} = s.{RECORD} AND ')}"
        if table.spec.newest_by:
            newest = identifier(table.spec.newest_by)
            return (
                f"WHERE NOT EXISTS (SELECT 1 FROM {self._target(table)} AS t "
                f"WHERE {self._is_ours}{_same(table.spec.key, 't', 's')} "
                f"AND (t.{newest} > s.{newest} OR (s.{newest} IS NULL "
                f"AND t.{newest} IS NOT NULL){self._outranked(newest)}))"
            )
        return ""

    def _outranked(self, newest: str) -> str:
        """Return under which condition a stored row as new as a staged one stays."""
        source = self._origin.source
        if source is None or not source.is_partial:
            return ""
        return (
            f" OR (t.{newest} IS NOT DISTINCT FROM s.{newest}"
            f" AND t.{SOURCE} IS DISTINCT FROM {literal(source.name)})"
        )

    def _remove(self, table: StagedTable) -> None:
        """Delete what the rows that are taken in replace, but do not merge with."""
        if table.parent:
            replaced = _exists(table.parent, "t")
            if table.spec.key:
                # A row that is staged again is left to the merge: to delete and insert it anew
                # takes DuckDB thirty times as long.
                replaced += f" AND NOT {_exists(table, 't')}"
        elif not table.spec.key:
            replaced = f"t.{PARTITION} = {literal(self._origin.partition)}"
        else:
            return
        self._cursor.execute(
            f"DELETE FROM {self._target(table)} AS t WHERE {self._is_ours}{replaced}"
        )

    def _write(self, table: StagedTable) -> None:
        """Merge the rows that are taken in by key; without a key, insert them."""
        names = (*table.spec.columns, *self._origin.columns)
        target, source = self._target(table), self._source(table)
        if not table.spec.key:
            self._cursor.execute(f"INSERT INTO {target} ({identifiers(names)}) {source}")
            return
        updates = ", ".join(
            f"{identifier(name)} = s.{identifier(name)}"
            for name in names
            if name not in {ACCOUNT, *table.spec.key}
        )
        self._cursor.execute(
            f"MERGE INTO {target} AS t USING ({source}) AS s "
            f"ON {self._is_ours}{_same(table.spec.key, 't', 's')} "
            f"WHEN MATCHED THEN UPDATE SET {updates} "
            f"WHEN NOT MATCHED THEN INSERT ({identifiers(names)}) "
            f"VALUES ({identifiers(names, 's.')})"
        )

    def _forget(self, table: StagedTable) -> None:
        """Delete the partition's rows whose key is not staged any more."""
        known = table.parent or table
        if not known.spec.key:
            return
        self._cursor.execute(
            f"DELETE FROM {self._target(table)} AS t "
            f"WHERE {self._is_ours}t.{PARTITION} = {literal(self._origin.partition)} "
            f"AND NOT EXISTS (SELECT 1 FROM {known.stage} AS s "
            f"WHERE {_same(known.spec.key, 's', 't')})"
        )

    def _source(self, table: StagedTable) -> str:
        """Return the query of the rows that are taken in, with their origin."""
        columns = identifiers(tuple(table.spec.columns))
        origin = ", ".join(
            f"{value} AS {name}" for name, (_, value) in self._origin.columns.items()
        )
        chosen = f" WHERE {ROW} IN (SELECT {ROW} FROM {table.taken})" if table.is_chosen else ""
        return f"SELECT {columns}, {origin} FROM {table.stage}{chosen}"

    def _target(self, table: StagedTable) -> str:
        """Return the stored table's name."""
        return f"{identifier(self._origin.schema)}.{identifier(table.spec.name)}"


def _newest_of_each_key(spec: TableSpec, candidates: str) -> str:
    """Return the query of the candidates' rows, of those with the same key only the newest."""
    if not spec.key:
        return f"SELECT {ROW}, {RECORD} FROM {candidates}"
    newest = f"{identifier(spec.newest_by)} DESC NULLS LAST, " if spec.newest_by else ""
    keys = identifiers(spec.key)
    return (
        f"SELECT {ROW}, {RECORD}, {keys} FROM (SELECT *, row_number() OVER "
        f"(PARTITION BY {keys} ORDER BY {newest}{ROW} DESC) AS _rank FROM {candidates}) AS ranked "
        "WHERE _rank = 1"
    )


def _exists(table: StagedTable, row: str, condition: str = "") -> str:
    """Return the condition that a row with the same key is taken in, and fulfils a condition."""
    same = condition + _same(table.spec.key, "taken", row)
    return f"EXISTS (SELECT 1 FROM {table.taken} AS taken WHERE {same})"


def _same(key: tuple[str, ...], one: str, other: str) -> str:
    """Return the condition that two rows have the same key."""
    return " AND ".join(f"{one}.{identifier(name)} = {other}.{identifier(name)}" for name in key)


def _shown(spec: TableSpec, name: str) -> str:
    """Return a column as a preview shows it: numbers as numbers, all else as text."""
    column = identifier(name)
    if spec.columns[name].type in {"integer", "double"}:
        return column
    if spec.columns[name].type == "decimal":
        # PostgreSQL stages it without its scale, and would show 9.5 for 9.5000.
        return f"CAST(CAST({column} AS DECIMAL(18, 4)) AS VARCHAR) AS {column}"
    return f"CAST({column} AS VARCHAR) AS {column}"
