"""From raw files to typed Arrow batches: one table's rows, streamed.

DuckDB, in memory, is the reader of every format; a table's specification becomes the query it
runs. Here belongs what the formats share: the connection, the order of files and lines, and the
errors. How a format's rows are found is said in `records`, `documents` and `delimited`; where they
go then, in `merging`.
"""

import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal, assert_never

import duckdb
import pyarrow as pa

from asp_dagster.catalog.charsets import EncodingErrors
from asp_dagster.catalog.personal_columns import PersonalColumns
from asp_dagster.catalog.report_headers import HeaderNames
from asp_dagster.catalog.tables import RawFormat, TableSpec
from asp_dagster.warehouse.errors import RawFileError, WarehouseError
from asp_dagster.warehouse.reading.ahead import ahead
from asp_dagster.warehouse.reading.batches import RawRows
from asp_dagster.warehouse.reading.columns import RECORD, ROW, RawRelation, refused_value, select
from asp_dagster.warehouse.reading.delimited import DelimitedFile
from asp_dagster.warehouse.reading.delimited_columns import (
    LINES,
    DelimitedTable,
    delimited_rows,
    positions,
    single_fields,
)
from asp_dagster.warehouse.reading.document_columns import DocumentColumns
from asp_dagster.warehouse.reading.documents import document_rows, table_outline, xml_rows
from asp_dagster.warehouse.reading.found_locales import with_found_locale
from asp_dagster.warehouse.reading.hashing import hashed
from asp_dagster.warehouse.reading.plain_values import plain_values
from asp_dagster.warehouse.reading.raw_files import no_rows
from asp_dagster.warehouse.reading.records import other_shape, record_rows, refused_line
from asp_dagster.warehouse.reading.workbooks import workbook_texts

_TextFormat = Literal["jsonl", "json", "tsv", "csv", "xml"]
_BATCH_ROWS = 8192


@contextmanager
def raw_rows(  # noqa: PLR0913 - what is read, and how
    table: TableSpec,
    files: Sequence[Path],
    raw_format: RawFormat,
    *,
    hash_key: str | None = None,
    encoding_errors: EncodingErrors = "fail",
    headers: HeaderNames | None = None,
    personal: PersonalColumns | None = None,
) -> Iterator[RawRows]:
    """Open the rows of a table in its raw files.

    Args:
        table: The table.
        files: The raw files.
        raw_format: How they are written.
        hash_key: The key of the hashes that the table's hashed columns hold.
        encoding_errors: What becomes of bytes in delimited files that are no characters.
        headers: The canonical headers of delimited files.
        personal: What becomes of personal data in columns that are not declared.

    Raises:
        RawFileError: A file is not there, or not what its format or the table promises. What is
            found only while reading is raised then, and kept as the rows' `failure`.
        TableSpecError: The table is declared in a way that no file of the format can be read by.
    """
    check_files(table.name, files)
    columns = DocumentColumns()
    with _connection() as connection, _readable(table, files, raw_format) as (paths, text_format):
        match text_format:
            case "jsonl":
                batches = _records(connection, table, paths)
            case "json":
                batches = _documents(connection, table, paths)
            case "tsv" | "csv":
                inspected = [
                    DelimitedFile.inspect(file, text_format, encoding_errors) for file in paths
                ]
                found = DelimitedTable.of(
                    table, inspected, headers or HeaderNames(), personal or PersonalColumns()
                )
                table, columns = found.table, found.columns
                batches = ahead(_delimited(connection, table, found.files))
            case "xml":
                batches = _xml_documents(connection, table, paths)
            case _:
                assert_never(text_format)
        with closing(batches):
            yield RawRows(table, hashed(table, batches, hash_key), columns)


@contextmanager
def _readable(
    table: TableSpec, files: Sequence[Path], raw_format: RawFormat
) -> Iterator[tuple[Sequence[Path], _TextFormat]]:
    """Return files that can be read as they are: those of a workbook are written as text."""
    match raw_format:
        case "xlsx":
            with tempfile.TemporaryDirectory(prefix="asp_dagster_") as folder:
                yield workbook_texts(files, Path(folder)), "csv"
        case "pdf" | "zip":
            raise no_rows(table.name, raw_format)
        case _:
            yield files, raw_format


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
    with (
        # What exceeds its memory would go to a folder that all may read, where the process began.
        tempfile.TemporaryDirectory(prefix="asp_dagster_") as folder,
        duckdb.connect(":memory:", config={**config, "temp_directory": folder}) as connection,
    ):
        connection.execute("SET TimeZone = 'UTC'; SET streaming_buffer_size = '1MB'")
        yield connection


def _records(
    connection: duckdb.DuckDBPyConnection, table: TableSpec, files: Sequence[Path]
) -> Generator[pa.RecordBatch]:
    """Return the rows in files of JSON Lines."""
    for number, file in enumerate(files):
        relation = record_rows(table, file)
        with _blaming(file, partial(refused_line, file=file)):
            yield from _typed(connection, table, relation, number)


def _documents(
    connection: duckdb.DuckDBPyConnection, table: TableSpec, files: Sequence[Path]
) -> Generator[pa.RecordBatch]:
    """Return the rows in JSON documents."""
    for number, file in enumerate(files):
        with tempfile.TemporaryDirectory(prefix="asp_dagster_") as folder:
            relation = document_rows(table, file, Path(folder))
            with _blaming(file, partial(other_shape, place=relation.place)):
                yield from _typed(connection, table, relation, number)


def _xml_documents(
    connection: duckdb.DuckDBPyConnection, table: TableSpec, files: Sequence[Path]
) -> Generator[pa.RecordBatch]:
    """Return the rows in XML documents."""
    outline = table_outline(table, files)
    for number, file in enumerate(files):
        with tempfile.TemporaryDirectory(prefix="asp_dagster_") as folder:
            relation = xml_rows(table, file, outline, Path(folder))
            with _blaming(file, partial(other_shape, place=relation.place)):
                yield from _typed(connection, table, relation, number)


def _delimited(
    connection: duckdb.DuckDBPyConnection, table: TableSpec, files: Sequence[DelimitedFile]
) -> Generator[pa.RecordBatch]:
    """Return the rows in delimited files, as many as the files have lines."""
    for number, file in enumerate(files):
        row_count = 0
        found = with_found_locale(table, file)
        for lines in file.tables(positions(table, file)):
            with _blaming(file.file):
                typed = _typed_lines(connection, found, file, lines, number)
            row_count += len(typed)
            yield from typed.combine_chunks().to_batches()
        file.check_count(row_count)


def _typed_lines(
    connection: duckdb.DuckDBPyConnection,
    table: TableSpec,
    file: DelimitedFile,
    lines: pa.Table,
    file_number: int,
) -> pa.Table:
    """Return some lines of a delimited file, typed; what is plain goes around DuckDB."""
    found = {**_numbers(lines, file_number), **_plain_columns(table, file, lines)}
    others = {name: column for name, column in table.columns.items() if name not in found}
    if others:
        rest = replace(table, columns=others)
        connection.register(LINES, lines)
        query = select(rest, delimited_rows(rest, file), file_number=file_number)
        typed = connection.sql(query).to_arrow_table()
        found |= {name: typed.column(name) for name in others}
    return pa.table({name: found[name] for name in (ROW, RECORD, *table.columns)})


def _plain_columns(
    table: TableSpec, file: DelimitedFile, lines: pa.Table
) -> dict[str, pa.ChunkedArray]:
    """Return the columns whose texts are plain enough for Arrow."""
    plain = {}
    for name, position in single_fields(table, file).items():
        values = plain_values(lines.column(f"c{position}"), table.columns[name].type)
        if values is not None and not (name in table.key and values.null_count):
            plain[name] = values
    for name, column in table.columns.items():
        if (column.measure, column.type) == ("line_number", "integer"):
            plain[name] = lines.column("_number")
    return plain


def _numbers(lines: pa.Table, file_number: int) -> dict[str, pa.Array]:
    """Return the numbers of some lines' rows, and that of the record they are all of: the file."""
    before = file_number << 40
    rows = lines.column("_number").to_numpy() + before
    return {ROW: pa.array(rows), RECORD: pa.repeat(pa.scalar(before + 1), len(lines))}


def _typed(
    connection: duckdb.DuckDBPyConnection, table: TableSpec, relation: RawRelation, file_number: int
) -> Generator[pa.RecordBatch]:
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
