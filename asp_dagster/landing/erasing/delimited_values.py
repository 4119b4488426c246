"""Personal values in the lines of delimited text: found, and blanked.

Only the cells that go are touched: all else stays byte for byte, its character set, quotation marks
and line ends included. For that, bytes are taken for characters one to one. No character set of a
report has tabs, commas, quotation marks or line ends within another character, but UTF-16, which
is taken by twos. Here belongs the way from bytes to cells and back.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from asp_dagster.catalog.report_headers import HeaderNames
from asp_dagster.catalog.retention import FieldKind, FieldKinds
from asp_dagster.landing.erasing.judging import Judge, Seen

_AS_IT_IS = "latin-1"
_QUOTE = '"'


@dataclass(frozen=True)
class Lines:
    """A delimited text whose bytes are taken for characters.

    Attributes:
        codec: What takes bytes for characters and back, without a loss.
        charset: The text's character set, for its header; of UTF-16, with the order of its bytes.
        separators: What may separate its cells.
        names: The canonical headers.
    """

    codec: str
    charset: str
    separators: str
    names: HeaderNames

    @classmethod
    def of(cls, charset: str, raw_format: str, names: HeaderNames) -> "Lines":
        """Return the text of a character set and a format."""
        codec = charset if charset.startswith("utf-16") else _AS_IT_IS
        return cls(codec, charset, ",\t;" if raw_format == "csv" else "\t", names)

    def erased(self, document: IO[bytes], kinds: FieldKinds, judge: Judge) -> Iterator[bytes]:
        """Yield the lines without the personal values that are due.

        Raises:
            ValueError: A line has other cells than the header, so that nobody knows which is which.
        """
        records = self._records(document)
        header = next(records, "")
        row = self._row(header, kinds)
        yield self._bytes(header)
        for record in records:
            yield self._bytes(row.erased(record, judge) if record.strip("\r\n") else record)

    def _records(self, document: IO[bytes]) -> Iterator[str]:
        """Yield the lines with their ends; in text with commas, a record may go over several."""
        with io.TextIOWrapper(document, self.codec, "surrogatepass", newline="\n") as lines:
            yield from lines if self.separators == "\t" else _joined(lines)

    def _row(self, header: str, kinds: FieldKinds) -> "_Row":
        separator = next((each for each in self.separators if each in header), self.separators[0])
        quoted = header.strip("\r\n").removesuffix(separator).split(separator)
        is_quoted = self.separators != "\t" or all(map(_is_quoted, quoted))
        cells = _cells(header.strip("\r\n").removesuffix(separator), separator, is_quoted=is_quoted)
        headers = [self._header(cell) for cell in cells]
        found = (kinds.of(name) for name in self._canonical(headers))
        positions = {position: kind for position, kind in enumerate(found) if kind}
        return _Row(separator, is_quoted, len(cells), positions)

    def _header(self, cell: str) -> str:
        text = self._bytes(cell).decode(self.charset, "replace")
        return text.strip("\ufeff").strip(_QUOTE)

    def _canonical(self, headers: Sequence[str]) -> Iterable[str]:
        """Return the canonical headers; where two are alike, each by itself."""
        is_unique = len(set(headers)) == len(headers)
        return self.names.translated(headers) if is_unique else map(self.names.canonical, headers)

    def _bytes(self, text: str) -> bytes:
        return text.encode(self.codec, "surrogatepass")


@dataclass(frozen=True)
class _Row:
    """What stands where in a line."""

    separator: str
    is_quoted: bool
    width: int
    kinds: dict[int, FieldKind]

    def erased(self, record: str, judge: Judge) -> str:
        """Return a line with its personal cells blank, if they are due."""
        body = record.rstrip("\r\n")
        cells = _cells(body, self.separator, is_quoted=self.is_quoted)
        if len(cells) > self.width + 1 or (len(cells) > self.width and cells[-1]):
            raise ValueError(f"a line has {len(cells)} cells where the header has {self.width}")
        seen = Seen()
        for position, kind in self._within(cells):
            seen.note(kind, _unquoted(cells[position]))
        if not judge.is_due(seen):
            return record
        personal = {position for position, kind in self._within(cells) if kind == "personal"}
        kept = (_blank(cell) if at in personal else cell for at, cell in enumerate(cells))
        return self.separator.join(kept) + record[len(body) :]

    def _within(self, cells: Sequence[str]) -> Iterator[tuple[int, FieldKind]]:
        return ((at, kind) for at, kind in self.kinds.items() if at < len(cells))


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines, each with those that follow while a quotation mark is open."""
    begun: list[str] = []
    is_open = False
    for line in lines:
        begun.append(line)
        is_open ^= line.count(_QUOTE) % 2 == 1
        if not is_open:
            yield "".join(begun)
            begun.clear()
    yield "".join(begun)


def _cells(text: str, separator: str, *, is_quoted: bool) -> list[str]:
    """Return the cells of a line as they are written."""
    pieces = text.split(separator)
    if not is_quoted:
        return pieces
    cells: list[str] = []
    for piece in pieces:
        if cells and cells[-1].count(_QUOTE) % 2:
            cells[-1] += separator + piece
        else:
            cells.append(piece)
    return cells


def _is_quoted(cell: str) -> bool:
    return len(cell) > 1 and cell.strip("\ufeff\xef\xbb\xbf").startswith(_QUOTE)


def _unquoted(cell: str) -> str:
    return cell.strip().strip(_QUOTE)


def _blank(cell: str) -> str:
    return _QUOTE * 2 if _is_quoted(cell) else ""
