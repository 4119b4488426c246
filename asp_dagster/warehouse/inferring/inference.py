"""An inferred table and its child tables: from raw records to rows that are ready to be staged.

The raw files are walked twice. The first walk finds the shape of the records and checks that each
has what identifies it; then the stored tables are made what that asks for; the second walk puts the
rows of all tables into spools. Here belongs this course. `shapes`, `planning`, `widening` and
`flattening` say how each step is done.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from adbc_driver_manager.dbapi import Cursor

from asp_dagster.catalog.charsets import EncodingErrors
from asp_dagster.catalog.report_headers import HeaderNames
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, RawFormat, TableSpec
from asp_dagster.warehouse.inferring.concealing import Concealer
from asp_dagster.warehouse.inferring.flattening import Flattener
from asp_dagster.warehouse.inferring.identity import Identity
from asp_dagster.warehouse.inferring.memory import Memory, Place
from asp_dagster.warehouse.inferring.planning import RECORD_NUMBER, PlannedTable, Planner
from asp_dagster.warehouse.inferring.raw_records import RawRecords
from asp_dagster.warehouse.inferring.shapes import Shape
from asp_dagster.warehouse.inferring.spooling import Spools
from asp_dagster.warehouse.inferring.widening import Widener
from asp_dagster.warehouse.origins import Origin
from asp_dagster.warehouse.reading.batches import RawRows
from asp_dagster.warehouse.reading.delimited_columns import with_canonical_headers
from asp_dagster.warehouse.reading.document_columns import (
    DocumentColumns,
    all_headers,
    original_headers,
)
from asp_dagster.warehouse.reading.paths import RowsPath
from asp_dagster.warehouse.reading.rows import check_files
from asp_dagster.warehouse.reading.xml_documents import XmlOutline

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class InferredRows:
    """The rows of one table, ready to be staged.

    Attributes:
        spec: The table as it is to be merged.
        rows: Its rows.
    """

    spec: TableSpec
    rows: RawRows


@dataclass(frozen=True, kw_only=True)
class Inference:
    """What is known of an inferred table before its files are read.

    Attributes:
        table: The table.
        identity: What identifies its records.
        concealer: What is dropped or hashed.
        memory: What is stored already.
        taken_tables: Names that no child table may have.
        encoding_errors: What becomes of bytes in delimited files that are no characters.
        headers: The canonical headers of delimited files.
    """

    table: InferredTable
    identity: Identity
    concealer: Concealer
    memory: Memory
    taken_tables: frozenset[str]
    encoding_errors: EncodingErrors = "fail"
    headers: HeaderNames = field(default_factory=HeaderNames)

    def records(self, files: Sequence[Path], raw_format: RawFormat) -> RawRecords:
        """Return the table's records in raw files.

        Raises:
            RawFileError: A file is not there, or not what its format promises.
            TableSpecError: The table's `rows` are no place.
        """
        check_files(self.table.name, files)
        rows = RowsPath.parse(self.table.rows, self.table.name)
        outline = None
        if raw_format == "xml":
            known = [place for place, _ in self._remembered()]
            outline = XmlOutline.of(files, rows, known=known)
        errors, headers = self.encoding_errors, self.headers
        return RawRecords(self.table.name, files, raw_format, rows, outline, errors, headers)

    def shape(self, records: RawRecords) -> Shape:
        """Return the shape of the records, and of what is stored already.

        Raises:
            RawFileError: A record lacks what identifies it.
        """
        shape = Shape(
            self.table.name,
            concealer=self.concealer,
            order=self.identity.order,
            is_plain_text=records.is_plain_text,
        )
        for place in self.identity.places:
            shape.fix(place)
        for place, is_json in self._remembered():
            shape.remember(place, is_json=is_json)
        for record in records:
            self.identity.check(record)
            shape.add_record(record.value)
        return shape

    def _remembered(self) -> Iterator[tuple[Place, bool]]:
        """Return the places of stored columns, and whether each is kept as JSON."""
        for name in self.memory.parts(self.table.name).values():
            for column in self.memory.tables[name].values():
                if column.table == self.table.name and column.place and column.type:
                    yield column.place, column.type == "json"

    def plan(self, shape: Shape, widener: Widener) -> list[PlannedTable]:
        """Return the tables that the records become, after making the stored ones like them."""
        planner = Planner(
            name=self.table.name,
            key=self.identity.key,
            order=self.identity.order or None,
            memory=self.memory,
            taken_tables=self.taken_tables,
            widens=widener.widens,
        )
        tables = planner.plan(shape.root)
        key = self._key_columns(tables[0])
        for table in tables:
            widener.make(self.table.name, table, key)
        return tables

    def columns(self, records: RawRecords, root: PlannedTable) -> DocumentColumns:
        """Return what the columns of the files are to the table of the records."""
        found = list(records.delimited.values())
        translated = [with_canonical_headers(file, self.headers) for file in found]
        headers = all_headers(translated)
        new = tuple(column.name for column in root.columns if column.stored_type is None)
        stored = self.memory.tables.get(root.name)
        gone = [column.name for column in root.columns if column.place[0] not in headers]
        return DocumentColumns(
            added=new if stored else (),
            missing=tuple(gone) if headers else (),
            original=original_headers(found, translated),
        )

    def spec(self, table: PlannedTable, root: PlannedTable) -> TableSpec:
        """Return a table as it is to be merged."""
        key = self._key_columns(root)
        columns = {column.name: ColumnSpec(type=column.type) for column in table.columns}
        if table.place:
            return TableSpec(name=table.name, columns=columns)
        places = {column.place: column.name for column in table.columns}
        newest_by = places.get(self.identity.order) if self.identity.order else None
        return TableSpec(name=table.name, columns=columns, key=key, newest_by=newest_by)

    def _key_columns(self, root: PlannedTable) -> tuple[str, ...]:
        """Return the names of the columns that identify a record."""
        return tuple(root.named(place) for place in self.identity.key)


@contextmanager
def inferred_rows(
    cursor: Cursor, inference: Inference, records: RawRecords, origin: Origin
) -> Iterator[list[InferredRows]]:
    """Make the stored tables fit the records, and open the rows of each, the records' own first.

    Raises:
        RawFileError: A file is not what its format promises, or a record lacks its key.
        TableSpecError: A stored column cannot become what is needed.
    """
    shape = inference.shape(records)
    tables = inference.plan(shape, Widener(cursor, origin))
    with TemporaryDirectory(prefix="asp_dagster_") as folder:
        spools = Spools(Path(folder))
        flattener = Flattener(
            tables,
            shape.root,
            key_width=len(inference.identity.key),
            concealer=inference.concealer,
            spools=spools,
        )
        for number, record in enumerate(records, start=1):
            key = inference.identity.values(record, inference.concealer)
            flattener.add_record(number, record.value, key)
        spools.write()
        specs = [inference.spec(table, tables[0]) for table in tables]
        batches = [flattener.spool(table).batches() for table in tables]
        of_root = inference.columns(records, tables[0])
        columns = [of_root, *(DocumentColumns() for _ in tables[1:])]
        yield [
            InferredRows(spec, RawRows(spec, *read))
            for spec, read in zip(specs, zip(batches, columns, strict=True), strict=True)
        ]


def numbered(spec: TableSpec) -> TableSpec:
    """Return a table with the column that numbers the records of a partition."""
    columns = {RECORD_NUMBER: ColumnSpec(type="integer"), **spec.columns}
    return TableSpec(name=spec.name, columns=columns)
