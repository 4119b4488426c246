"""A report is cut at the borders of windows: nothing lost, nothing doubled, no order cut apart."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from asp_dagster.landing import DataWindow, UnexpectedDocumentError, shared_reports
from asp_dagster.landing import report_parts as module
from asp_dagster.landing.report_parts import Cut

START = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HEADER = b"amazon-order-id\tpurchase-date\tlast-updated-date\ttitle\r\n"


def _days(count: int, length: timedelta = DAY, start: datetime = START) -> list[DataWindow]:
    return [DataWindow(start + n * length, start + (n + 1) * length) for n in range(count)]


def _cut(*lines: bytes, header: bytes = HEADER, days: int = 3) -> list[bytes]:
    """Return the parts of a document, without their header."""
    cut = Cut(_days(days), "last-updated-date", "amazon-order-id", "the report")
    document = io.BytesIO(header + b"".join(lines))
    parts = cut.parts(document)
    written = []
    for number in range(days):
        sink = io.BytesIO()
        assert parts.write(number, document, sink) == len(sink.getvalue().splitlines()) - 1
        assert sink.getvalue().startswith(header.rstrip())
        written.append(sink.getvalue().partition(b"\n")[2])
    return written


def _line(order: str, at: str, title: str = "x") -> bytes:
    return f"{order}\t2026-01-01T00:00:00+00:00\t{at}\t{title}\r\n".encode()


FIRST = _line("A", "2026-11-01T00:00:00+00:00")
LATER = _line("B", "2026-11-02T23:59:59+00:00")
LAST = _line("C", "2026-11-03T00:00:00+00:00")


def test_each_line_in_its_window() -> None:
    """Lines go by their time, in whatever order they stand, byte for byte."""
    assert _cut(LAST, FIRST, LATER, FIRST) == [FIRST * 2, LATER, LAST]


def test_times_of_other_zones_and_of_none() -> None:
    """An offset counts; a time without any is in UTC."""
    offset = _line("A", "2026-11-01T20:00:00-08:00")
    naive = _line("B", "2026-11-03T00:00:00")

    assert _cut(offset, naive) == [b"", offset, naive]


def test_order_is_not_cut_apart() -> None:
    """All lines of an order go into the window of its latest."""
    early, late = _line("A", "2026-11-01T01:00:00Z"), _line("A", "2026-11-02T01:00:00Z")

    assert _cut(early, FIRST, late) == [b"", early + FIRST + late, b""]


def test_lines_outside_go_into_the_nearest_window() -> None:
    """A line of before or after all windows is kept."""
    before, after = _line("A", "2026-10-31T23:59:59Z"), _line("B", "2026-11-09T00:00:00Z")

    assert _cut(before, after) == [before, b"", after]


def test_document_without_a_last_line_end_or_with_empty_lines() -> None:
    """An empty line is none, and the last needs no end."""
    assert _cut(FIRST, b"\r\n", LATER.rstrip()) == [FIRST, LATER.rstrip(), b""]


def test_long_stretches_are_copied_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part larger than what is read at once is whole."""
    monkeypatch.setattr(module, "_CHUNK", 10)

    assert _cut(FIRST, FIRST, LATER) == [FIRST * 2, LATER, b""]


def test_quoted_header_with_a_byte_order_mark() -> None:
    """The columns are found in a header that is marked and quoted."""
    header = b"\xef\xbb\xbf" + HEADER.replace(b"last-updated-date", b'"last-updated-date"')

    assert _cut(FIRST, header=header) == [FIRST, b"", b""]


@pytest.mark.parametrize(
    ("header", "line", "words"),
    [
        (HEADER.replace(b"last-updated", b"changed"), FIRST, "has no column last-updated-date"),
        (HEADER, b"half a line\r\n", "Line 2 of the document of the report has no time"),
        (HEADER, _line("A", "yesterday"), "asp_dagster/road: api"),
    ],
    ids=["no column", "broken line", "no time"],
)
def test_document_that_cannot_be_cut(header: bytes, line: bytes, words: str) -> None:
    """What cannot be told apart is refused, with the way out."""
    with pytest.raises(UnexpectedDocumentError, match=words):
        _cut(line, header=header)


@pytest.mark.parametrize(
    ("windows", "sizes"),
    [
        ([], []),
        (_days(365), [30] * 12 + [5]),
        (_days(52, timedelta(days=7)), [4] * 13),
        ([*_days(2), *_days(2, start=START + 5 * DAY)], [2, 2]),
    ],
    ids=["none", "days", "weeks", "with a gap"],
)
def test_windows_that_share_a_report(windows: Sequence[DataWindow], sizes: list[int]) -> None:
    """Windows that follow upon each other share a report of up to thirty days."""
    groups = shared_reports(windows)

    assert [len(group) for group in groups] == sizes
    assert [window for group in groups for window in group] == list(windows)
