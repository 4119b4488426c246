"""From raw files to typed Arrow batches: one table's rows, streamed.

DuckDB, in memory, is the reader of every format; a table's specification becomes the query it
runs. Here belongs what the formats share: the connection, the order of files and lines, and the
errors. How a format's rows are found is said in `records`, `documents` and `delimited`; where they
go then, in `merging`.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import assert_never

import duckdb
import pyarrow as pa

from asp_dagster.catalog.tables import ColumnType, RawFormat, TableSpec
from asp_dagster.warehouse.errors import RawFileError, WarehouseError
from asp_dagster.warehouse.reading.columns import RECORD, ROW, RawRelation, refused_value, select
from asp_dagster.warehouse.reading.delimited import (
    LINES,
    DelimitedFile,
    delimited_rows,
    positions,
    with_other_columns,
)
from asp_dagster.warehouse.reading.documents import document_rows, table_outline, xml_rows
from asp_dagster.warehouse.reading.hashing import hashed
from asp_dagster.warehouse.reading.records import other_shape, record_rows, refused_line

_BATCH_ROWS = 8192
ARROW_TYPES: Mapping[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(18, 4),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", "UTC"),
    "date": pa.date32(),
    "list": pa.list_(pa.string()),
    "json": pa.string(),
}
"""How each type of column stands in a batch."""


@dataclass
class RawRows:
    """The rows of one table in a load's raw files, to be read once.

    Attributes:
        table: The table, with the undeclared columns that it keeps.
        row_count: How many rows have been handed out.
        is_finished: Whether that is all there are.
        failure: What ended the reading early, if anything did: a database may not pass it on.
    """

    table: TableSpec
    batches: Iterator[pa.RecordBatch]
    row_count: int = field(default=0, init=False)
    is_finished: bool = field(default=False, init=False)
    failure: BaseException | None = field(default=None, init=False)

    def reader(self) -> pa.RecordBatchReader:
        """Return the rows as an Arrow stream: `_row`, `_record`, then the table's columns."""
        columns = {ROW: pa.int64(), RECORD: pa.int64()}
        for name, column in self.table.columns.items():
            columns[name] = ARROW_TYPES[column.type]
        return pa.RecordBatchReader.from_batches(pa.schema(columns), self._watched())

    def _watched(self) -> Iterator[pa.RecordBatch]:
        """Return the batches, and keep count of them and of what ends them."""
        try:
            for batch in self.batches:
                self.row_count += batch.num_rows
                yield batch
            self.is_finished = True
        except GeneratorExit:
            raise
        except BaseException as error:
            # The interruption of a run is among them, and would be swallowed like any other.
            self.failure = error
            raise


@contextmanager
def raw_rows(
    table: TableSpec,
    files: Sequence[Path],
    raw_format: RawFormat,
    *,
    hash_key: str | None = None,
) -> Iterator[RawRows]:
    """Open the rows of a table in its raw files.

    Args:
        table: The table.
        files: The raw files.
        raw_format: How they are written.
        hash_key: The key of the hashes that the table's hashed columns hold.

    Raises:
        RawFileError: A file is not there, or not what its format or the table promises. What is
            found only while reading is raised then, and kept as the rows' `failure`.
        TableSpecError: The table is declared in a way that no file of the format can be read by.
    """
    check_files(table.name, files)
    with _connection() as connection:
        match raw_format:
            case "jsonl":
                batches = _records(connection, table, files)
            case "json":
                batches = _documents(connection, table, files)
            case "tsv" | "csv":
                inspected = [DelimitedFile.inspect(file, raw_format) for file in files]
                table = with_other_columns(table, inspected)
                batches = _delimited(connection, table, inspected)
            case "xml":
                batches = _xml_documents(connection, table, files)
            case _:
                assert_never(raw_format)
        yield RawRows(table, hashed(table, batches, hash_key))


def check_files(table: str, files: Sequence[Path]) -> None:
    """Refuse to load a table from no file at all.

    Raises:
        RawFileError: There is no file, or one of them is not there.
    """
    if not files:
        raise RawFileError(f"There is no raw file for table {table}: extract one first.")
    for file in files:
        if not file.is_file():
            raise RawFileError(f"The raw file {file} is not there: extract it first.")


@contextmanager
def _connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB of our own, in memory, which reads local files and fetches no extension."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with duckdb.connect(":memory:", config=config) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def _records(
    connection: duckdb.DuckDBPyConnection, table: TableSpec, files: Sequence[Path]
) -> Iterator[pa.RecordBatch]:
    """Return the rows in files of JSON Lines."""
    for number, file in enumerate(files):
        relation = record_rows(table, file)
        with _blaming(file, partial(refused_line, file=file)):
            yield from _typed(connection, table, relation, number)


def _documents(
    connection: duckdb.DuckDBPyConnection, table: TableSpec, files: Sequence[Path]
) -> Iterator[pa.RecordBatch]:
    """Return the rows in JSON documents."""
    for number, file in enumerate(files):
        with tempfile.TemporaryDirectory(prefix="asp_dagster_") as folder:
            relation = document_rows(table, file, Path(folder))
            with _blaming(file, partial(other_shape, place=relation.place)):
                yield from _typed(connection, table, relation, number)


def _xml_documents(
    connection: duckdb.DuckDBPyConnection, table: TableSpec, files: Sequence[Path]
) -> Iterator[pa.RecordBatch]:
    """Return the rows in XML documents."""
    outline = table_outline(table, files)
    for number, file in enumerate(files):
        with tempfile.TemporaryDirectory(prefix="asp_dagster_") as folder:
            relation = xml_rows(table, file, outline, Path(folder))
            with _blaming(file, partial(other_shape, place=relation.place)):
                yield from _typed(connection, table, relation, number)


def _delimited(
    connection: duckdb.DuckDBPyConnection, table: TableSpec, files: Sequence[DelimitedFile]
) -> Iterator[pa.RecordBatch]:
    """Return the rows in delimited files, as many as the files have lines."""
    for number, file in enumerate(files):
        relation = delimited_rows(table, file)
        row_count = 0
        for lines in file.batches(positions(table, file)):
            connection.register(LINES, lines)
            with _blaming(file.file):
                for batch in _typed(connection, table, relation, number):
                    row_count += batch.num_rows
                    yield batch
        if row_count != file.line_count:
            raise RawFileError(
                f"{file.file.name} has {file.line_count} lines below its header, but {row_count} "
                "rows were read: nothing is loaded, please report this."
            )


def _typed(
    connection: duckdb.DuckDBPyConnection, table: TableSpec, relation: RawRelation, file_number: int
) -> Iterator[pa.RecordBatch]:
    """Return the rows of one relation, typed."""
    query = select(table, relation, file_number=file_number)
    yield from connection.sql(query).to_arrow_reader(_BATCH_ROWS)


@contextmanager
def _blaming(file: Path, explain: Callable[[str], str | None] = lambda _: None) -> Iterator[None]:
    """Turn DuckDB's refusal of a raw file into an error that names the place.

    Args:
        file: The raw file.
        explain: Returns the place and the reason that stand in DuckDB's message, if they do.
    """
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        reason = refused_value(str(error)) or explain(str(error))
        if reason is None:
            raise WarehouseError(f"{file.name} cannot be read: {error}") from error
        # DuckDB's message quotes whole records, so it is not passed on.
        raise RawFileError(
            f"{file.name}, {reason}: correct the table's declaration, or extract the file again."
        ) from None
