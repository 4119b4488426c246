"""The rows of a load's tables, copied into temporary tables of the database.

Declared tables are staged while others may still be loading; inferred ones once it is the load's
turn, since what is stored decides about them. Here belongs this course. How a declared table's rows
are read is said in `reading`, how an inferred one's come about, in `inferring`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import adbc_driver_manager
import pyarrow as pa
from adbc_driver_manager.dbapi import Cursor

from asp_dagster.catalog.charsets import EncodingErrors
from asp_dagster.catalog.personal_columns import PersonalColumns
from asp_dagster.catalog.report_headers import HeaderNames
from asp_dagster.catalog.tables import InferredTable, RawFormat, TableSpec
from asp_dagster.warehouse.databases import Database
from asp_dagster.warehouse.declarations import check_inferred, parents_first
from asp_dagster.warehouse.errors import WarehouseError
from asp_dagster.warehouse.inferring.concealing import Concealer
from asp_dagster.warehouse.inferring.identity import Identity
from asp_dagster.warehouse.inferring.inference import Inference, inferred_rows, numbered
from asp_dagster.warehouse.inferring.memory import Memory
from asp_dagster.warehouse.merging import Merge, StagedTable, stage_name
from asp_dagster.warehouse.notes import Note
from asp_dagster.warehouse.origins import Origin
from asp_dagster.warehouse.reading.batches import RawRows
from asp_dagster.warehouse.reading.rows import raw_rows
from asp_dagster.warehouse.reading.texts import TextFile
from asp_dagster.warehouse.sql import identifier
from asp_dagster.warehouse.straight import StraightRows


@dataclass(frozen=True)
class RawData:
    """What a load loads.

    A raw file without a single byte stands for a report that is empty by Amazon's word.

    Attributes:
        files: The raw files, on a local path. What stands later in them is newer.
        raw_format: How they are written.
        hash_key: The key of the hashes that hashed columns hold.
        encoding_errors: What becomes of bytes in delimited files that are no characters: they fail,
            or another character stands for them, and they are counted.
        headers: The canonical headers of delimited files: by these the columns of the tables are
            found, whatever language the files are in.
        personal: What becomes of personal data that no declaration names; none is known by default.
    """

    files: Sequence[Path]
    raw_format: RawFormat
    hash_key: str | None = field(default=None, repr=False)
    encoding_errors: EncodingErrors = "fail"
    headers: HeaderNames = field(default_factory=HeaderNames)
    personal: PersonalColumns = field(default_factory=PersonalColumns)

    @property
    def filled(self) -> list[Path]:
        """The files that hold anything, and those that are missing, which somebody will tell."""
        return [file for file in self.files if not file.is_file() or file.stat().st_size]

    @property
    def is_empty(self) -> bool:
        """Whether there are files, and none of them holds anything."""
        return bool(self.files) and not self.filled

    @property
    def replaced_characters(self) -> int | None:
        """How many characters of the files stand for bytes that are none, where they may."""
        if self.encoding_errors == "fail" or self.raw_format not in {"tsv", "csv"}:
            return None
        return sum(TextFile.of(file, self.encoding_errors).replaced() for file in self.filled)


class Staging:
    """The staging of one load."""

    def __init__(self, cursor: Cursor, database: Database, origin: Origin, raw: RawData) -> None:
        self._cursor = cursor
        self._database = database
        self._origin = origin
        self._schema = origin.schema
        self._raw = raw
        self._stages = 0

    def stage_all(self, specs: Sequence[TableSpec | InferredTable]) -> list[list[StagedTable]]:
        """Stage the rows of all tables, and wait for the load's turn.

        Returns:
            For each of `specs`, in order, its table and those of the lists in its records; a
            declared table has none of these.

        Raises:
            RawFileError: A file is not what its format or its table promises.
            TableSpecError: A table cannot be read as it is declared.
            WarehouseError: The rows did not arrive.
        """
        declared = [spec for spec in specs if isinstance(spec, TableSpec)]
        check_inferred(specs)
        names = frozenset(spec.name for spec in specs)
        staged: dict[str, list[StagedTable]] = {}
        source = self._origin.source
        for spec in parents_first(declared):
            parent = staged[spec.parent][0] if spec.parent else None
            known = source.narrowed(spec) if source else spec
            rows = self._declared(known, parent)
            staged[spec.name] = [rows if known is spec else replace(rows, whole=spec)]
        self._database.take_turn(self._cursor, self._schema)
        for table in specs:
            if isinstance(table, InferredTable):
                staged[table.name] = self._inferred(table, names)
        return [staged[spec.name] for spec in specs]

    def stage_note(self, note: Note, groups: Sequence[Sequence[StagedTable]]) -> StagedTable:
        """Stage what a load notes of itself, once all its tables are.

        Raises:
            WarehouseError: The row did not arrive.
        """
        batch = note.batch([group[0].row_count for group in groups])
        return self._stage(RawRows(note.table, iter([batch])), note.table, None)

    def _declared(self, spec: TableSpec, parent: StagedTable | None) -> StagedTable:
        """Stage the rows of a declared table."""
        raw = self._raw
        if raw.is_empty:
            return self._stage(RawRows(spec, iter(())), spec, parent)
        with raw_rows(
            spec,
            raw.filled,
            raw.raw_format,
            hash_key=raw.hash_key,
            encoding_errors=raw.encoding_errors,
            headers=raw.headers,
            personal=raw.personal,
        ) as rows:
            stored = self._stored().tables.get(spec.name) if rows.columns.added else None
            staged = self._arrived(rows, parent)
        return replace(staged, columns=rows.columns.new_to(stored))

    def _stored(self) -> Memory:
        """Return what is stored in the schema."""
        return Memory.of(self._database.columns(self._cursor, self._schema))

    def _arrived(self, rows: RawRows, parent: StagedTable | None) -> StagedTable:
        """Bring a declared table's rows into the database, straight into the table if may be."""
        spec = rows.table
        if spec.key or parent:
            return self._stage(rows, spec, parent)
        self._database.take_turn(self._cursor, self._schema)
        table = StagedTable(spec=spec, number=self._stages, row_count=0)
        Merge(self._cursor, self._origin).make_room(table)
        straight = StraightRows(rows, self._origin, tuple(self._stored().tables[spec.name]))
        if not straight.fits:
            return self._stage(rows, spec, parent)
        with self._database.sparing_memory(self._cursor, len(rows.schema)):
            count = self._copy(rows, straight.readers(), spec.name, self._schema)
        self._check(rows, count)
        first = iter([rows.first] if rows.first else [])
        shown = self._stage(RawRows(spec, first), spec, parent)
        return replace(shown, row_count=count, is_stored=True)

    def _inferred(self, table: InferredTable, names: frozenset[str]) -> list[StagedTable]:
        """Stage the rows of an inferred table and of its child tables."""
        table = self._in_canonical_words(table)
        inference = Inference(
            table=table,
            identity=Identity.of(table, self._raw.raw_format),
            concealer=Concealer.of(table, self._raw.hash_key, self._raw.personal),
            memory=self._stored(),
            taken_tables=names,
            encoding_errors=self._raw.encoding_errors,
            headers=self._raw.headers,
        )
        raw = self._raw
        # Without a line, a file of JSON Lines has no record, and asks for no header.
        records = (
            inference.records(raw.files, "jsonl")
            if raw.is_empty
            else inference.records(raw.filled, raw.raw_format)
        )
        staged: list[StagedTable] = []
        with inferred_rows(self._cursor, inference, records, self._origin) as tables:
            for one in tables:
                spec = one.spec if table.key else numbered(one.spec)
                parent = staged[0] if staged and table.key else None
                staged.append(self._stage(one.rows, spec, parent))
        return staged

    def _in_canonical_words(self, table: InferredTable) -> InferredTable:
        """Return an inferred table with the headers it names as they are called when translated."""
        canonical = self._raw.headers.canonical
        newest_by = canonical(table.newest_by) if table.newest_by else None
        return replace(table, key=tuple(map(canonical, table.key)), newest_by=newest_by)

    def _stage(self, rows: RawRows, spec: TableSpec, parent: StagedTable | None) -> StagedTable:
        """Copy the rows of a table into a temporary one, all or none."""
        number = self._stages
        self._stages += 1
        with self._database.sparing_memory(self._cursor, len(rows.schema)):
            self._copy(rows, rows.readers(), stage_name(number))
        self._cursor.execute(f"SELECT count(*) FROM {identifier(stage_name(number))}")
        ((count,),) = self._cursor.fetchall()
        self._check(rows, count)
        return StagedTable(
            spec=spec, number=number, row_count=count, columns=rows.columns, parent=parent
        )

    def _check(self, rows: RawRows, count: int) -> None:
        """Refuse to go on unless all rows have arrived."""
        if not rows.is_finished or count != rows.row_count:
            raise WarehouseError(
                f"Of {rows.row_count} rows read for table {rows.table.name} {count} arrived in the "
                "database: nothing is loaded, please report this."
            )

    def _copy(
        self,
        rows: RawRows,
        readers: Iterator[pa.RecordBatchReader],
        table: str,
        schema: str | None = None,
    ) -> int:
        """Copy rows into a table of a schema, or else into a new temporary one; return how many.

        Args:
            rows: The rows.
            readers: The same as streams.
            table: The table's name.
            schema: Its schema, none for a temporary table.
        """
        count = 0
        mode: Literal["create", "append"] = "append" if schema else "create"
        for reader in readers:
            try:
                count += self._cursor.adbc_ingest(
                    table, reader, mode=mode, db_schema_name=schema, temporary=not schema
                )
            except adbc_driver_manager.Error:
                if rows.failure is None:
                    raise
            # DuckDB takes a stream that fails for one that ends, so nothing relies on its
            # complaint.
            if rows.failure is not None:
                raise rows.failure
            mode = "append"
        return count
