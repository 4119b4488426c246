"""Rows out of delimited text: the raw formats `tsv`, in which flat file reports come, and `csv`.

Most tab-delimited reports are not quoted: a quotation mark in them is an inch sign, a character
like any other, and a reader that takes it for more swallows rows. Only where every field of the
header is quoted are the lines unquoted. Text with commas is quoted as RFC 4180 says, line breaks
within quotation marks included; where a header has no comma, a tab or a semicolon separates.

A line may end in a separator more than the header, and may lack its last, empty fields; one with
more fields is refused, and so are short lines that may be the pieces of one which a line break
within a field has cut. Lines are counted beforehand, for the rows to be checked against.

Here belongs what a file is found to be. Its characters are the matter of `texts`, splitting it that
of `splitting` and `commas`, its columns that of `delimited_columns`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa

from asp_dagster.catalog.charsets import EncodingErrors
from asp_dagster.warehouse.errors import RawFileError
from asp_dagster.warehouse.reading.commas import count_records, quoted_rows, split_records
from asp_dagster.warehouse.reading.splitting import Layout, Records, line_ends, split_lines
from asp_dagster.warehouse.reading.texts import TextFile


@dataclass(frozen=True)
class DelimitedFile:
    """A delimited file after a first look.

    Attributes:
        text: The file's text.
        layout: How its lines are made.
        headers: The fields of its first line; the second of a kind ends in a tab and a 2.
        line_count: How many lines with rows there are.
        breaks_lines: Whether a quoted field may hold line breaks.
    """

    text: TextFile
    layout: Layout
    headers: tuple[str, ...]
    line_count: int
    breaks_lines: bool = False

    @property
    def file(self) -> Path:
        """The file."""
        return self.text.file

    @classmethod
    def inspect(
        cls,
        file: Path,
        raw_format: Literal["tsv", "csv"] = "tsv",
        encoding_errors: EncodingErrors = "fail",
    ) -> "DelimitedFile":
        """Return the file after reading it once: its character set, its header, its lines.

        Raises:
            RawFileError: The file has no header, or bytes that are no characters, or the
                quotation marks of text with commas do not match.
        """
        text = TextFile.of(file, encoding_errors)
        header = _header(text)
        if not header:
            raise _empty(file)
        found = _inspect_commas if raw_format == "csv" else _inspect_tabs
        return found(text, header)

    def tables(self, positions: Sequence[int]) -> Iterator[pa.Table]:
        """Return the rows, some at a time: `_line`, `_number`, and the fields wanted as `c`n.

        An empty field is NULL.

        Args:
            positions: The positions of the fields that are wanted.

        Raises:
            RawFileError: A line has other fields than the header, or a quotation mark too many.
        """
        split = split_records if self.breaks_lines else split_lines
        first = 1
        for table in split(self.text.blocks(), self.layout, positions):
            numbers = pa.array(np.arange(first, first + len(table)), pa.int64())
            yield table.add_column(1, "_number", numbers)
            first += len(table)

    def lines(self) -> Iterator[tuple[int, tuple[str | None, ...]]]:
        """Return each row's line in the file and its fields; an empty one is None.

        Raises:
            RawFileError: A line has other fields than the header, or a quotation mark too many.
        """
        row_count = 0
        for table in self.tables(range(len(self.headers))):
            lines, _, *columns = (column.to_pylist() for column in table.columns)
            yield from zip(lines, zip(*columns, strict=True), strict=True)
            row_count += len(table)
        self.check_count(row_count)

    def check_count(self, row_count: int) -> None:
        """Refuse another number of rows than there are lines.

        Raises:
            RawFileError: It is another.
        """
        if row_count != self.line_count:
            raise RawFileError(
                f"{self.file.name} has {self.line_count} lines below its header, but {row_count} "
                "rows were read: nothing is loaded, please report this."
            )


def _inspect_tabs(text: TextFile, header: str) -> DelimitedFile:
    """Return a file of lines with tabs, after counting the lines."""
    line_count = sum(_filled_lines(block) for block in text.blocks()) - 1
    ends_in_separator = header.endswith("\t")
    header = header.removesuffix("\t")
    fields = header.split("\t")
    is_quoted = all(re.fullmatch(r'".*"', field) for field in fields)
    layout = Layout(text.file.name, len(fields), ends_in_separator, "\t", is_quoted)
    if is_quoted:
        fields = layout.unquoted(header, 1)
    return DelimitedFile(text, layout, numbered(fields), line_count)


def _inspect_commas(text: TextFile, header: str) -> DelimitedFile:
    """Return a file of text with commas, after counting its records."""
    separator = next((each for each in ",\t;" if each in header), ",")
    name = text.file.name
    record_count = count_records(text.blocks(), separator, name)
    _, fields = next(quoted_rows(text.blocks(), separator, name))
    ends_in_separator = not fields[-1]
    fields = fields[:-1] if ends_in_separator else fields
    layout = Layout(name, len(fields), ends_in_separator, separator, is_quoted=True)
    return DelimitedFile(text, layout, numbered(fields), record_count - 1, breaks_lines=True)


def _header(text: TextFile) -> str:
    """Return the first line, without its end."""
    block = next(text.blocks(), b"")
    return block.partition(b"\n")[0].decode().removesuffix("\r")


def _filled_lines(block: bytes) -> int:
    """Return how many lines of a block are not empty."""
    whole = block if block.endswith(b"\n") else block + b"\n"
    ends = line_ends(whole)
    return len(Records(ends, ends, 1).lines(whole))


def numbered(fields: Sequence[str]) -> tuple[str, ...]:
    """Return the header's fields, told apart where one stands there again."""
    # A tab cannot be part of a field, so no field is called that already.
    earlier = (fields[:position].count(field) for position, field in enumerate(fields))
    return tuple(
        f"{field}\t{count + 1}" if count else field
        for field, count in zip(fields, earlier, strict=True)
    )


def _empty(file: Path) -> RawFileError:
    """Return the error of a file without a header."""
    return RawFileError(f"{file.name} is empty where its header should be: extract it again.")
