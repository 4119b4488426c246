"""The rows of a workbook: which they are, and what their cells say."""

import io
import struct
import zipfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from asp_dagster.catalog.workbooks import WorkbookError, cell_text, sheet_rows
from asp_dagster_tests.workbooks import archive, without, workbook, workbook_of

SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = (
    b'<!DOCTYPE a [<!ENTITY x "xxxx"><!ENTITY y "&x;&x;&x;&x;">]>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<sheetData><row r="1"><c t="inlineStr"><is><t>&y;</t></is></c></row></sheetData></worksheet>'
)


def _rows(content: bytes) -> list[tuple[int, tuple[Any, ...]]]:
    return list(sheet_rows(io.BytesIO(content)))


@pytest.mark.parametrize(
    ("value", "number_format", "said"),
    [
        pytest.param("00123", None, "00123", id="text-that-looks-like-a-number"),
        pytest.param("2026-11-01", None, "2026-11-01", id="text-that-looks-like-a-date"),
        pytest.param(7, None, 7, id="whole-number"),
        pytest.param(5.0, None, 5, id="whole-number-with-a-point"),
        pytest.param(9.99, None, Decimal("9.99"), id="money"),
        pytest.param(0.1 + 0.2, None, Decimal("0.3"), id="no-noise-of-binary-numbers"),
        pytest.param(1e-7, None, Decimal("1E-7"), id="small"),
        pytest.param(0.15, "0%", Decimal("0.15"), id="percent"),
        pytest.param(True, None, True, id="boolean"),
        pytest.param(datetime.fromisoformat("2026-11-01"), "yyyy-mm-dd", "2026-11-01", id="day"),
        pytest.param(date(2026, 11, 1), None, "2026-11-01", id="date"),
        pytest.param(
            datetime.fromisoformat("2026-11-01T10:20:00"),
            "yyyy-mm-dd hh:mm",
            "2026-11-01T10:20:00",
            id="moment",
        ),
        pytest.param(
            datetime.fromisoformat("2026-11-01"),
            "yyyy-mm-dd hh:mm",
            "2026-11-01T00:00:00",
            id="midnight",
        ),
        pytest.param(time(10, 20), "hh:mm", "10:20:00", id="time"),
        pytest.param(timedelta(hours=30), "[h]:mm", "1 day, 6:00:00", id="duration"),
        pytest.param("", None, None, id="empty-text"),
        pytest.param("=1+1", None, None, id="formula-that-nobody-has-computed"),
    ],
)
def test_what_a_cell_says(value: Any, number_format: str | None, said: Any) -> None:
    """Text stays text, a number is as Excel shows it, a date is ISO 8601 without a zone."""
    content = workbook(
        ["name", "sku"], [value, "A"], formats={"A2": number_format} if number_format else {}
    )

    _header, (_number, (found, _sku)) = _rows(content)

    assert (found, type(found)) == (said, type(said))


def test_rows_with_nothing_in_them_are_none() -> None:
    """The first row with anything in it is the header; empty rows are left out, but counted."""
    content = workbook([None], ["sku", "fee"], ["A", 1], [None, ""], ["B", None])

    assert _rows(content) == [(2, ("sku", "fee")), (3, ("A", 1)), (5, ("B", None))]


def test_column_without_a_name_is_called_by_its_place() -> None:
    """Nothing is lost of a column that the header does not name; a number names one as text."""
    assert _rows(workbook(["sku", None, 2026], ["A", "x", 1]))[0] == (
        1,
        ("sku", "column 2", "2026"),
    )


def test_rows_are_those_of_the_first_visible_sheet_with_any(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A hidden sheet and an empty one are passed over; of a further one a warning tells."""
    content = workbook_of({".lists": [["x"]], "Empty": [], "Fees": [["sku"]], "Help": [["y"]]})

    assert _rows(content) == [(1, ("sku",))]
    assert "has the sheets Empty, Fees, Help: it is Fees" in caplog.text


def test_wrong_dimension_hides_no_row() -> None:
    """What a sheet says of its own size is not believed."""
    content = workbook(["sku"], ["A"], ["B"])
    sheet = _member(content, SHEET)
    assert b'<dimension ref="A1:A3"' in sheet

    told = without(content, SHEET, sheet.replace(b'ref="A1:A3"', b'ref="A1:A1"'))

    assert [values for _, values in _rows(told)] == [("sku",), ("A",), ("B",)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "is no workbook of Excel, or breaks off", id="empty"),
        pytest.param(workbook(["a"])[:-40], "is no workbook of Excel, or breaks off", id="cut"),
        pytest.param(archive({"a.tsv": b"a"}), "or a damaged one", id="archive"),
        pytest.param(without(workbook(["a"]), SHEET, b"<"), "a damaged one", id="broken-sheet"),
        pytest.param(without(workbook(["a"]), SHEET, ENTITIES), "a damaged one", id="entities"),
        pytest.param(workbook(), "with nothing in it", id="nothing"),
        pytest.param(
            workbook(["a", "b"], ["1"], ["1", "2", "3"]),
            "has a value in column 3 of row 3, where its header has 2 columns",
            id="value-beside-the-header",
        ),
    ],
)
def test_workbook_that_cannot_be_told_is_refused(content: bytes, words: str) -> None:
    """What is no workbook, or not whole, says so, and nothing of the document is shown."""
    with pytest.raises(WorkbookError, match=words):
        _rows(content)


def test_archive_that_inflates_without_measure_is_refused_unread() -> None:
    """A few bytes that say they are gigabytes are not inflated."""
    content = _claiming(workbook(["a"]), size=3 << 30)

    with pytest.raises(WorkbookError, match=r"would inflate from .* which is a trap"):
        _rows(content)


def test_archive_that_lies_about_its_size_gives_no_more_than_it_says() -> None:
    """What a member inflates to beyond what it says of itself is never read."""
    with pytest.raises(WorkbookError, match="damaged"):
        _rows(_claiming(workbook(["sku"], *[["A"]] * 1000), size=300))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(None, "", id="nothing"),
        pytest.param(True, "true", id="boolean"),
        pytest.param(Decimal("1E-7"), "0.0000001", id="no-exponent"),
        pytest.param(12, "12", id="whole-number"),
    ],
)
def test_cell_as_text(value: Any, text: str) -> None:
    """A cell's value in plain words."""
    assert cell_text(value) == text


def _member(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        return whole.read(name)


def _claiming(content: bytes, size: int) -> bytes:
    """Let the directory of an archive say another size of the sheet."""
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(SHEET.encode()))
    return content[: at + 24] + struct.pack("<L", size) + content[at + 28 :]
