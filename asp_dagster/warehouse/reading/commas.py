"""Text with quoted fields, which may hold line breaks: CSV by RFC 4180.

A line break ends a record where an even number of quotation marks stands before it. As long as all
marks stand where the standard puts them, around whole fields and doubled within, blocks are cut
there and split by Arrow. From the first mark that does not, Python reads the rest of the file: it
takes what can be meant and refuses the other, by line.

Here belongs where records end. How the fields of a block are split is said in `splitting`.

https://www.rfc-editor.org/rfc/rfc4180
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import chain, islice

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from asp_dagster.warehouse.errors import RawFileError
from asp_dagster.warehouse.reading.splitting import (
    Layout,
    Lines,
    Positions,
    Records,
    Row,
    as_table,
    line_ends,
    parsed,
)

_LONGEST_RECORD_BYTES = 8 << 20
_CAREFUL_ROWS = 8192
_QUOTE = ord('"')


def split_records(
    blocks: Iterable[bytes], layout: Layout, wanted: Sequence[int]
) -> Iterator[pa.Table]:
    """Return the records below the header in tables: `_line`, and the wanted fields as `c`n.

    Args:
        blocks: The file's text from its first line on, each block of whole lines.
        layout: How the records are made.
        wanted: The positions of the fields.

    Raises:
        RawFileError: A record has more fields than the header, or may be a piece of one, or has a
            quotation mark too many.
    """
    header_rows = 1
    for piece in _pieces(blocks, layout.separator):
        for table in _tables(piece, layout, wanted):
            yield table.slice(header_rows)
            header_rows -= min(header_rows, len(table))


def count_records(blocks: Iterable[bytes], separator: str, file_name: str) -> int:
    """Return how many records there are, the header among them; empty lines are none.

    Raises:
        RawFileError: There is a quotation mark too many.
    """
    return sum(_count(piece, separator, file_name) for piece in _pieces(blocks, separator))


def quoted_rows(
    blocks: Iterable[bytes], separator: str, file_name: str, first_line: int = 1
) -> Iterator[Row]:
    """Return the rows of quoted text, each with the number of its first line, as Python reads them.

    Raises:
        RawFileError: There is a quotation mark too many.
    """
    reader = csv.reader(_lines(blocks), delimiter=separator, strict=True)
    line = first_line
    try:
        for fields in reader:
            if fields:
                yield line, fields
            line = first_line + reader.line_num
    except csv.Error as error:
        raise RawFileError(f"{file_name}, line {line}: {error}; extract it again.") from error


@dataclass(frozen=True)
class _Piece:
    """Whole records, one after the other.

    Attributes:
        blocks: The text: one block, or where quotation marks are out of place, all that is left.
        first_line: The number of its first line.
        records: Where its records end, if it is one block.
    """

    blocks: Iterable[bytes]
    first_line: int
    records: Records | None = None


def _pieces(blocks: Iterable[bytes], separator: str) -> Iterator[_Piece]:
    """Return the text in pieces of whole records."""
    remaining = iter(blocks)
    pending, first_line = b"", 1
    for block in remaining:
        pending += block if block.endswith(b"\n") else block + b"\n"
        breaks = line_ends(pending)
        quotes = np.flatnonzero(np.frombuffer(pending, np.uint8) == _QUOTE)
        ends = breaks[np.searchsorted(quotes, breaks) % 2 == 0]
        size = int(ends[-1]) + 1 if len(ends) else 0
        whole = pending[:size]
        is_regular = _is_regular(whole, quotes[quotes < size], separator)
        if not is_regular or len(pending) - size > _LONGEST_RECORD_BYTES:
            yield _Piece(chain([pending], remaining), first_line)
            return
        if whole:
            breaks = breaks[breaks < size]
            yield _Piece([whole], first_line, Records(ends, breaks, first_line))
            first_line += len(breaks)
            pending = pending[size:]
    if pending:
        yield _Piece([pending], first_line)


def _is_regular(block: bytes, quotes: Positions, separator: str) -> bool:
    """Return whether quotation marks stand around whole fields, or doubled within, and no else."""
    if b"\r" in block and block.count(b"\r") != block.count(b"\r\n"):
        return False
    if not len(quotes):
        return True
    octets = np.frombuffer(b"\n" + block + b"\n", np.uint8)
    before, after = octets[quotes[0::2]], octets[quotes[1::2] + 2]
    return _all_are(before, b'\n"' + separator.encode()) and _all_are(
        after, b'\n\r"' + separator.encode()
    )


def _all_are(octets: npt.NDArray[np.uint8], allowed: bytes) -> bool:
    return bool(np.isin(octets, np.frombuffer(allowed, np.uint8)).all())


def _tables(piece: _Piece, layout: Layout, wanted: Sequence[int]) -> Iterator[pa.Table]:
    if piece.records is not None:
        (block,) = piece.blocks
        table = parsed(block, layout, wanted, piece.records, is_quoted=True)
        if table is not None:
            yield table
            return
    rows = quoted_rows(piece.blocks, layout.separator, layout.file_name, piece.first_line)
    lines = Lines(layout)
    completed = (lines.completed(number, fields) for number, fields in rows)
    for some in _batched(completed, _CAREFUL_ROWS):
        yield as_table(some, wanted)


def _count(piece: _Piece, separator: str, file_name: str) -> int:
    if piece.records is not None:
        (block,) = piece.blocks
        return len(piece.records.lines(block))
    return sum(1 for _ in quoted_rows(piece.blocks, separator, file_name, piece.first_line))


def _batched(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    while some := list(islice(rows, size)):
        yield some


def _lines(blocks: Iterable[bytes]) -> Iterator[str]:
    for block in blocks:
        yield from StringIO(block.decode(), newline="")
