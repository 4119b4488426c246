"""Rows out of delimited text: the raw formats `tsv`, in which flat file reports come, and `csv`.

Most tab-delimited reports are not quoted: a quotation mark in them is an inch sign, a character
like any other, and a reader that takes it for more swallows rows. Only where every field of the
header is quoted are the lines unquoted. Text with commas is quoted as RFC 4180 says, line breaks
within quotation marks included; where a header has no comma, a tab or a semicolon separates.

Every line must have the fields of the header (one empty field more, after a trailing separator, is
none), and lines are counted beforehand, for the rows to be checked against.

The text is UTF-8, or else Windows-1252, or else Shift-JIS (cp932): the first of them in which the
whole file can be read without a doubt. The file may be gzip or not, whatever its name.
"""

import csv
import re
import unicodedata
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import TextIOWrapper
from itertools import chain, count, islice
from pathlib import Path
from typing import IO, Literal

import pyarrow as pa

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse.errors import RawFileError, TableSpecError
from asp_dagster.warehouse.reading.columns import Column, RawRelation
from asp_dagster.warehouse.reading.raw_files import open_raw

LINES = "lines"
"""The name under which DuckDB is shown a batch of lines."""

_ENCODINGS = ("utf-8", "cp1252", "cp932")
_BATCH_LINES = 8192
_NAME_LENGTH = 56


@dataclass(frozen=True)
class DelimitedFile:
    """A delimited file after a first look.

    Attributes:
        file: The file.
        encoding: How its text is encoded.
        headers: The fields of its first line; the second of a kind ends in a tab and a 2.
        is_quoted: Whether its fields are quoted.
        line_count: How many lines with rows there are.
        separator: What separates the fields.
        breaks_lines: Whether a quoted field may hold line breaks.
    """

    file: Path
    encoding: str
    headers: tuple[str, ...]
    is_quoted: bool
    line_count: int
    separator: str = "\t"
    breaks_lines: bool = False

    @classmethod
    def inspect(cls, file: Path, raw_format: Literal["tsv", "csv"] = "tsv") -> "DelimitedFile":
        """Return the file after reading it once: its encoding, its header, its number of lines.

        Raises:
            RawFileError: The file has no header, or is no text in an encoding we know, or the
                quotation marks of text with commas do not match.
        """
        encoding = _encoding(file)
        if raw_format == "csv":
            return cls._inspect_quoted(file, encoding)
        with open_raw(file) as stream:
            header = _text(stream.readline(), encoding)
            line_count = sum(1 for line in stream if _text(line, encoding))
        if not header:
            raise _empty(file)
        header = header.removesuffix("\t")
        fields = header.split("\t")
        is_quoted = all(re.fullmatch(r'".*"', field) for field in fields)
        if is_quoted:
            fields = _unquoted(header, file, 1)
        return cls(file, encoding, _numbered(fields), is_quoted, line_count)

    @classmethod
    def _inspect_quoted(cls, file: Path, encoding: str) -> "DelimitedFile":
        """Return a file of text with commas after reading it once."""
        with open_raw(file) as stream:
            separator = _separator(_text(stream.readline(), encoding))
        rows = _quoted_rows(file, encoding, separator)
        _, header = next(rows, (1, []))
        if not header:
            raise _empty(file)
        if not header[-1]:
            header.pop()
        line_count = sum(1 for _ in rows)
        return cls(file, encoding, _numbered(header), True, line_count, separator, True)

    def batches(self, positions: Sequence[int]) -> Iterator[pa.Table]:
        """Return the lines in batches: `_line`, `_number`, and the fields at the positions as `c`n.

        Raises:
            RawFileError: A line has other fields than the header, or a quotation mark too many.
        """
        lines = self.lines()
        for first in range(1, self.line_count + 1, _BATCH_LINES):
            batch = list(islice(lines, _BATCH_LINES))
            columns = {
                "_line": pa.array([line for line, _ in batch], pa.int64()),
                "_number": pa.array(range(first, first + len(batch)), pa.int64()),
            }
            for position in positions:
                values = [fields[position] for _, fields in batch]
                columns[f"c{position}"] = pa.array(values, pa.string())
            yield pa.table(columns)

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """Return each line's number in the file and its fields.

        Raises:
            RawFileError: A line has other fields than the header, or a quotation mark too many.
        """
        if self.breaks_lines:
            rows = _quoted_rows(self.file, self.encoding, self.separator)
            for number, fields in islice(rows, 1, None):
                yield number, self._as_many(fields, number)
            return
        with open_raw(self.file) as stream:
            for number, line in enumerate(stream, start=1):
                text = _text(line, self.encoding)
                if number > 1 and text:
                    yield number, self._fields(text, number)

    def _fields(self, text: str, number: int) -> list[str]:
        """Return the fields of a line, as many as the header has."""
        file, is_quoted = self.file, self.is_quoted
        fields = _unquoted(text, file, number) if is_quoted else text.split("\t")
        return self._as_many(fields, number)

    def _as_many(self, fields: list[str], number: int) -> list[str]:
        """Return the fields of a line if they are as many as the header has."""
        if len(fields) == len(self.headers) + 1 and not fields[-1]:
            fields.pop()
        if len(fields) != len(self.headers):
            raise RawFileError(
                f"{self.file.name}, line {number}: there are {len(fields)} fields where the header "
                f"has {len(self.headers)}; extract it again."
            )
        return fields


def delimited_rows(table: TableSpec, file: DelimitedFile) -> RawRelation:
    """Return the table's rows in a batch of the file's lines, which DuckDB knows as `lines`."""
    raw = tuple(_raw_value(Column(table, name, "line"), file) for name in table.columns)
    # The whole file is one record: its lines that share a parent belong together.
    return RawRelation(f"SELECT *, CAST(1 AS BIGINT) AS _record FROM {LINES}", raw)


def _raw_value(column: Column, file: DelimitedFile) -> str:
    """Return the expression of one column's text."""
    if column.spec.measure == "line_number":
        return "_number"
    if column.spec.measure != "value":
        raise TableSpecError(
            f"The {column.label} measures {column.spec.measure}, but the fields of a delimited "
            "file are single values: let it take the value."
        )
    found = [f"c{file.headers.index(path)}" for path in column.spec.paths if path in file.headers]
    return column.text(found) if found else "CAST(NULL AS VARCHAR)"


def positions(table: TableSpec, file: DelimitedFile) -> list[int]:
    """Return the positions of the fields that the table's columns take."""
    paths = _paths(table)
    return [position for position, header in enumerate(file.headers) if header in paths]


def with_other_columns(table: TableSpec, files: Sequence[DelimitedFile]) -> TableSpec:
    """Return the table with the undeclared columns of the files, as far as it keeps them.

    Raises:
        RawFileError: A file has none of the declared columns.
    """
    declared = _paths(table)
    for file in files:
        if declared and declared.isdisjoint(file.headers):
            raise RawFileError(
                f"{file.file.name} has no column of table {table.name}, its header is "
                f"{', '.join(file.headers)}: extract the report that was meant, or correct the "
                "table's paths."
            )
    columns = dict(table.columns)
    if table.other_columns == "text":
        for header in dict.fromkeys(header for file in files for header in file.headers):
            if header not in declared:
                columns[_free_name(header, columns)] = ColumnSpec(path=header)
    return replace(table, columns=columns)


def _paths(table: TableSpec) -> frozenset[str]:
    """Return the headers that the table's columns are declared to stand under."""
    return frozenset(path for column in table.columns.values() for path in column.paths)


def _free_name(header: str, taken: Container[str]) -> str:
    """Return the header in snake_case, numbered from 2 if a column of that name is there."""
    first = header.partition("\t")[0]
    ascii_text = unicodedata.normalize("NFKD", first).encode("ascii", "ignore").decode()
    words = re.sub(r"([a-z])([A-Z])", r"\1_\2", ascii_text).lower()
    name = re.sub(r"[^a-z0-9]+", "_", words).strip("_")[:_NAME_LENGTH]
    if not name or name[0].isdigit():
        name = f"column_{name}".rstrip("_")
    names = chain([name], (f"{name}_{number}" for number in count(2)))
    return next(free for free in names if free not in taken)


def _numbered(fields: Sequence[str]) -> tuple[str, ...]:
    """Return the header's fields, told apart where one stands there again."""
    # A tab cannot be part of a field, so no field is called that already.
    earlier = (fields[:position].count(field) for position, field in enumerate(fields))
    return tuple(
        f"{field}\t{count + 1}" if count else field
        for field, count in zip(fields, earlier, strict=True)
    )


def _unquoted(text: str, file: Path, number: int) -> list[str]:
    """Return the fields of a line in which fields are quoted."""
    try:
        return next(csv.reader([text], delimiter="\t", strict=True))
    except csv.Error as error:
        raise RawFileError(
            f"{file.name}, line {number}: {error}, in a file whose header is quoted; extract it "
            "again."
        ) from error


def _empty(file: Path) -> RawFileError:
    """Return the error of a file without a header."""
    return RawFileError(f"{file.name} is empty where its header should be: extract it again.")


def _separator(header: str) -> str:
    """Return what separates the fields of a header: a comma, unless it has none."""
    return next((separator for separator in ",\t;" if separator in header), ",")


def _quoted_rows(file: Path, encoding: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Return the rows of quoted text, each with the number of its first line; empty lines are none.

    https://www.rfc-editor.org/rfc/rfc4180
    """
    with _text_stream(file, encoding) as stream:
        reader = csv.reader(stream, delimiter=separator, strict=True)
        line = 1
        try:
            for fields in reader:
                if fields:
                    yield line, fields
                line = reader.line_num + 1
        except csv.Error as error:
            raise RawFileError(f"{file.name}, line {line}: {error}; extract it again.") from error


@contextmanager
def _text_stream(file: Path, encoding: str) -> Iterator[IO[str]]:
    """Open a file as text, its line breaks as they are."""
    with open_raw(file) as stream:
        text = TextIOWrapper(stream, encoding, newline="")
        try:
            yield text
        finally:
            text.detach()


def _text(line: bytes, encoding: str) -> str:
    """Return the text of a line without its end."""
    return line.decode(encoding).removesuffix("\n").removesuffix("\r")


def _encoding(file: Path) -> str:
    """Return the first encoding in which the whole file can be read."""
    for encoding in _ENCODINGS:
        if _is_encoded(file, encoding):
            return encoding
    raise RawFileError(
        f"{file.name} is no text in any of {', '.join(_ENCODINGS)}: extract it again, or look at "
        "what it is."
    )


def _is_encoded(file: Path, encoding: str) -> bool:
    """Return whether the whole file is text in the encoding."""
    with open_raw(file) as stream:
        try:
            # A zero byte is text of some other encoding, and PostgreSQL would not take it.
            return all("\0" not in line.decode(encoding) for line in stream)
        except UnicodeDecodeError:
            return False
