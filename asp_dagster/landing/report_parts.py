"""Cuts one delimited report into the parts of several windows, line by line.

A part holds the document's own bytes: its header, and the lines of one window. All lines of an
order go together, into the window of the latest, since a table takes an order's lines as a whole.
Lines that lie outside of all windows (a report tells the state of when it was made) go into the
nearest. Nothing is left out, nothing comes twice.

Of each order some hundred bytes are held, of the document none.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from asp_dagster.landing.errors import UnexpectedDocumentError
from asp_dagster.landing.windows import DataWindow

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE_ENDS = b"\r\n"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class ReportParts:
    """Where the lines of each part stand in a document.

    Attributes:
        header: Its first line.
        runs: For each part, the stretches of its lines: first byte, and byte after the last.
        counts: For each part, how many lines it has.
    """

    header: bytes
    runs: Sequence[Sequence[tuple[int, int]]]
    counts: Sequence[int]

    def write(self, number: int, document: BinaryIO, sink: BinaryIO) -> int:
        """Write a part of the document, and return how many lines it has below the header."""
        sink.write(self.header)
        for start, end in self.runs[number]:
            document.seek(start)
            places = range(start, end, _CHUNK)
            sink.writelines(document.read(min(_CHUNK, end - place)) for place in places)
        return self.counts[number]


@dataclass(frozen=True)
class Cut:
    """How a document is cut.

    Attributes:
        windows: The windows in order, each beginning where the one before ends.
        dated_by: The header of the time that decides.
        kept_together: The header of what is not cut apart.
        label: Report type and id, for messages.
    """

    windows: Sequence[DataWindow]
    dated_by: str
    kept_together: str
    label: str

    def parts(self, document: BinaryIO) -> ReportParts:
        """Return the parts of a document.

        Raises:
            UnexpectedDocumentError: When it lacks one of the columns, or a line has no time.
        """
        document.seek(0)
        header = document.readline()
        latest: dict[bytes, int] = {}
        for _, order, window in self._lines(document, header):
            latest[order] = max(window, latest.get(order, 0))
        runs: list[list[tuple[int, int]]] = [[] for _ in self.windows]
        counts = [0] * len(self.windows)
        document.seek(len(header))
        for (start, end), order, _ in self._lines(document, header):
            _add(runs[latest[order]], start, end)
            counts[latest[order]] += 1
        return ReportParts(header.rstrip(_LINE_ENDS) + b"\r\n", runs, counts)

    def _lines(
        self, document: BinaryIO, header: bytes
    ) -> Iterator[tuple[tuple[int, int], bytes, int]]:
        """Yield where each line stands, its order and its window's number."""
        names = header.removeprefix(_BYTE_ORDER_MARK).rstrip(_LINE_ENDS).split(b"\t")
        names = [name.strip(b'"') for name in names]
        order, moment = self._column(self.kept_together, names), self._column(self.dated_by, names)
        last = max(order, moment) + 1
        end = len(header)
        for number, line in enumerate(document, start=2):
            start, end = end, end + len(line)
            if line.strip(_LINE_ENDS):
                fields = line.split(b"\t", last)
                yield (start, end), fields[order], self._window(fields, moment, number)

    def _column(self, name: str, names: Sequence[bytes]) -> int:
        try:
            return names.index(name.encode())
        except ValueError:
            raise UnexpectedDocumentError(
                f"The document of {self.label} has no column {name}, by which it would be cut into"
                " partitions. Materialize them with the tag asp_dagster/road: api."
            ) from None

    def _window(self, fields: Sequence[bytes], moment: int, number: int) -> int:
        try:
            at = datetime.fromisoformat(fields[moment].strip(b'"').decode())
        except (ValueError, IndexError):
            raise UnexpectedDocumentError(
                f"Line {number} of the document of {self.label} has no time under"
                f" {self.dated_by}. Materialize the partitions with the tag asp_dagster/road: api."
            ) from None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        found = bisect_right(self.windows, at, key=lambda window: window.start) - 1
        return max(found, 0)


def _add(runs: list[tuple[int, int]], start: int, end: int) -> None:
    """Add a line to the stretches of a part, to the last one if it follows upon that."""
    if runs and runs[-1][1] == start:
        runs[-1] = (runs[-1][0], end)
    else:
        runs.append((start, end))
