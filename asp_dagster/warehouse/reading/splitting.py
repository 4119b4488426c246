"""Blocks of delimited text become columns of fields.

A block in which all is as it should be is split by Arrow, twenty times as fast as by Python. Where
the smallest thing is odd (another number of fields, a quotation mark out of place, a lone carriage
return) the block is split again line by line: then a line that has to be refused is named, and one
that is merely odd is read right. What Arrow returns is counted against the block's lines.

Here belongs the way from bytes to fields. Where records end in text with quoted line breaks is said
in `commas`; what the fields mean, in `delimited`.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

from asp_dagster.warehouse.errors import RawFileError

Row = tuple[int, list[str]]
"""The number of a line, and its fields."""

Positions = npt.NDArray[np.int64]
"""Where bytes stand in a block."""

_BYTE_ORDER_MARK = "\ufeff".encode()
_NEWLINE, _RETURN = b"\n\r"
_SHORTEST = 2


@dataclass(frozen=True)
class Layout:
    """How the lines of a file are made.

    Attributes:
        file_name: The file's name, for messages.
        width: How many fields a line has.
        ends_in_separator: Whether another separator stands behind the last field.
        separator: What separates the fields.
        is_quoted: Whether fields may stand in quotation marks.
    """

    file_name: str
    width: int
    ends_in_separator: bool
    separator: str
    is_quoted: bool

    def unquoted(self, text: str, number: int) -> list[str]:
        """Return the fields of a line in which fields are quoted.

        Raises:
            RawFileError: A quotation mark is out of place.
        """
        try:
            return next(csv.reader([text], delimiter=self.separator, strict=True), [])
        except csv.Error as error:
            raise RawFileError(
                f"{self.file_name}, line {number}: {error}, in a file whose header is quoted; "
                "extract it again."
            ) from error


@dataclass
class Lines:
    """The lines of a file, each made as long as its header.

    A line that ends early lacks its last fields, which are empty. It may as well be one piece of a
    line that a line break within a field has cut: such pieces follow each other and have the fields
    of one line together, or stand with a single field beside a whole one. These are refused.

    Attributes:
        layout: How the lines are made.
    """

    layout: Layout
    _short: deque[tuple[int, int]] = field(default_factory=deque)

    def completed(self, number: int, fields: list[str]) -> Row:
        """Return a line's number and as many fields as the header has.

        Raises:
            RawFileError: It has more of them, or may be a piece of a line.
        """
        width = self.layout.width
        if len(fields) == width + 1 and not fields[-1]:
            fields = fields[:-1]
        if len(fields) == width:
            self.forget()
        elif not 1 < len(fields) < width:
            raise self._refused(number, len(fields))
        else:
            self._look_for_pieces(number, len(fields))
        return number, fields + [""] * (width - len(fields))

    def forget(self) -> None:
        """Begin anew after a whole line."""
        self._short.clear()

    def _look_for_pieces(self, number: int, count: int) -> None:
        """Refuse short lines that together have the fields of one: each cut makes one more."""
        whole = self.layout.width - 1
        self._short.append((number, count))
        while (together := sum(each - 1 for _, each in self._short)) > whole:
            self._short.popleft()
        if together == whole:
            raise self._refused(*self._short[0])

    def _refused(self, number: int, count: int) -> RawFileError:
        return RawFileError(
            f"{self.layout.file_name}, line {number}: there are {count} fields where the header "
            f"has {self.layout.width}: a line break or a tab may stand within a field; extract it "
            "again, and if it stays so, correct the text in question at Amazon."
        )


def split_lines(
    blocks: Iterable[bytes], layout: Layout, wanted: Sequence[int]
) -> Iterator[pa.Table]:
    """Return the lines below the header in tables: `_line`, and the wanted fields as `c`n.

    Args:
        blocks: The file's text from its first line on, each block of whole lines.
        layout: How the lines are made.
        wanted: The positions of the fields.

    Raises:
        RawFileError: A line has more fields than the header, or may be a piece of one, or has a
            quotation mark too many.
    """
    lines = Lines(layout)
    first_line = 1
    for whole in blocks:
        line_count = whole.count(b"\n")
        begins = first_line
        block = whole.replace(b"\r\n", b"\n") if b"\r" in whole else whole
        if first_line == 1:
            block, begins = block.partition(b"\n")[2], 2
        first_line += line_count
        if block.strip(b"\n"):
            block = block if block.endswith(b"\n") else block + b"\n"
            yield _split(block, begins, lines, wanted)


def _split(block: bytes, first_line: int, lines: Lines, wanted: Sequence[int]) -> pa.Table:
    layout = lines.layout
    plain = _without_quotes(block, layout) if layout.is_quoted else block
    if plain is not None and b"\r" not in plain:
        ends = line_ends(plain)
        table = parsed(plain, layout, wanted, Records(ends, ends, first_line), is_quoted=False)
        if table is not None:
            lines.forget()
            return table
    return as_table(_careful(block, first_line, lines), wanted)


def _without_quotes(block: bytes, layout: Layout) -> bytes | None:
    """Return a block without its quotation marks, if they are around every field and nowhere else.

    A tab within quotation marks shows in the number of fields, which is counted later.
    """
    separator = layout.separator.encode()
    lines, inner = block.count(b"\n"), block.count(separator)
    is_regular = (
        block.startswith(b'"')
        and block.count(b'\n"') == lines - 1
        and block.count(b'"\n') == lines
        and block.count(b'"' + separator + b'"') == inner
        and block.count(b'"') == 2 * (inner + lines)
    )
    return block.replace(b'"', b"") if is_regular else None


def _careful(block: bytes, first_line: int, lines: Lines) -> Iterator[Row]:
    """Return the lines of a block, one by one."""
    layout = lines.layout
    for number, text in enumerate(block.decode().split("\n"), start=first_line):
        if text:
            fields = (
                layout.unquoted(text, number) if layout.is_quoted else text.split(layout.separator)
            )
            yield lines.completed(number, fields)


@dataclass(frozen=True)
class Records:
    """Where the records of a block end.

    Attributes:
        ends: The positions of the line breaks that end a record.
        breaks: The positions of all its line breaks.
        first_line: The number of the block's first line.
    """

    ends: Positions
    breaks: Positions
    first_line: int

    def lines(self, block: bytes) -> Positions:
        """Return the number of the line in which each record begins; empty lines are none."""
        begins = np.concatenate([np.zeros(1, np.int64), self.ends[:-1] + 1])
        length = self.ends - begins
        if length.size and length.min() < _SHORTEST:
            octets = np.frombuffer(block, np.uint8)
            is_empty = (length == 0) | ((length == 1) & (octets[begins] == _RETURN))
            begins = begins[~is_empty]
        return np.asarray(self.first_line + np.searchsorted(self.breaks, begins), np.int64)


def line_ends(block: bytes) -> Positions:
    """Return the positions of a block's line breaks."""
    return np.flatnonzero(np.frombuffer(block, np.uint8) == _NEWLINE)


def parsed(
    block: bytes, layout: Layout, wanted: Sequence[int], records: Records, *, is_quoted: bool
) -> pa.Table | None:
    """Return a block's records as Arrow splits them, none if it finds anything odd."""
    # Arrow would take a first character that is also the byte order mark for one.
    if block.startswith(_BYTE_ORDER_MARK):
        return None
    lines = records.lines(block)
    width = layout.width + layout.ends_in_separator
    kept = [*wanted, *([layout.width] if layout.ends_in_separator else [])] or [0]
    try:
        table = _read(block, width, kept, layout.separator, is_quoted=is_quoted)
    except pa.ArrowInvalid:
        return None
    if layout.ends_in_separator:
        if table.column(f"c{layout.width}").null_count != len(table):
            return None
        table = table.drop_columns([f"c{layout.width}"])
    if len(table) != len(lines):
        return None
    return table.select([f"c{n}" for n in wanted]).add_column(0, "_line", pa.array(lines))


def _read(
    block: bytes, width: int, kept: Sequence[int], separator: str, *, is_quoted: bool
) -> pa.Table:
    names = [f"c{n}" for n in range(width)]
    kept_names = [f"c{n}" for n in kept]
    return pyarrow.csv.read_csv(
        pa.BufferReader(block),
        pyarrow.csv.ReadOptions(column_names=names, block_size=len(block) + 1, use_threads=False),
        pyarrow.csv.ParseOptions(
            delimiter=separator,
            quote_char='"' if is_quoted else False,
            double_quote=is_quoted,
            escape_char=False,
            newlines_in_values=is_quoted,
            ignore_empty_lines=True,
        ),
        pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(kept_names, pa.string()),
            include_columns=kept_names,
            null_values=[""],
            strings_can_be_null=True,
            check_utf8=False,
        ),
    )


def as_table(rows: Iterable[Row], wanted: Sequence[int]) -> pa.Table:
    """Return lines as a table like Arrow's."""
    listed = list(rows)
    columns: dict[str, Any] = {"_line": pa.array([number for number, _ in listed], pa.int64())}
    for position in wanted:
        values = [fields[position] or None for _, fields in listed]
        columns[f"c{position}"] = pa.array(values, pa.string())
    return pa.table(columns)


Splitter = Callable[[Iterable[bytes], Layout, Sequence[int]], Iterator[pa.Table]]
"""What turns blocks of text into tables of fields."""
