"""The rows of an XLSX document, told for both halves of the way.

Amazon makes a few reports as workbooks of Excel. Their rows are those of the first sheet with
anything on it, below its first row with anything in it, which is the header. Here belongs how a
workbook is opened and what its cells say: text as it stands, numbers with the 15 digits that Excel
keeps, dates in ISO 8601 without a zone, since Excel knows none. What types they take in a table is
the warehouse's work.

https://learn.microsoft.com/en-us/office/troubleshoot/excel/floating-point-arithmetic-inaccurate-result
"""

import logging
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any
from warnings import catch_warnings, simplefilter
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

# Loaded by those who read workbooks only: it takes a tenth of a second.
_MOST_INFLATED_BYTES = 1 << 30
_MOST_TIMES_INFLATED = 200
_DAMAGES = (
    *(BadZipFile, ParseError, zlib.error, EOFError, OSError),
    *(LookupError, ValueError, TypeError, AttributeError),
)

_log = logging.getLogger(__name__)

CellValue = str | int | Decimal | bool | None
"""What a cell says; nothing, if it is empty."""

SheetRow = tuple[int, tuple[CellValue, ...]]
"""The number of a row in its sheet, from 1, and its values."""


class WorkbookError(ValueError):
    """The document is no workbook whose rows can be told."""


def sheet_rows(document: IO[bytes]) -> Iterator[SheetRow]:
    """Yield the header, as texts, and the rows below it, each with as many values as the header.

    Rows without any value are none.

    Args:
        document: The complete document; only the texts of the workbook are held in memory.

    Raises:
        WorkbookError: The document is no workbook, holds nothing, inflates without measure, or has
            a value beside its header.
    """
    _check_size(document)
    with _opened(document) as workbook:
        number, header, rows = _first_filled(workbook)
        names = [_name(value, column) for column, value in enumerate(header, start=1)]
        yield number, tuple(names)
        for row_number, values in rows:
            if len(values) > len(names):
                raise WorkbookError(
                    f"has a value in column {len(values)} of row {row_number}, where its header"
                    f" has {len(names)} columns"
                )
            yield row_number, (*values, *[None] * (len(names) - len(values)))


def cell_text(value: CellValue) -> str:
    """Return what a cell says as plain text; nothing is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _check_size(document: IO[bytes]) -> None:
    """Refuse what would inflate to many times its size; Python's reader holds it to what it says.

    https://docs.python.org/3/library/zipfile.html#decompression-pitfalls
    """
    try:
        with ZipFile(document) as archive:
            entries = archive.infolist()
    except BadZipFile:
        raise WorkbookError("is no workbook of Excel, or breaks off") from None
    inflated = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if inflated > max(_MOST_INFLATED_BYTES, _MOST_TIMES_INFLATED * packed):
        raise WorkbookError(f"would inflate from {packed:,} bytes to {inflated:,}, which is a trap")


@contextmanager
def _opened(document: IO[bytes]) -> Iterator[Any]:
    """Open a workbook for one walk; what breaks on the way is its damage."""
    from openpyxl import load_workbook  # noqa: PLC0415 - few reports are workbooks

    try:
        with catch_warnings():
            simplefilter("ignore")  # of styles, which say nothing of the values
            workbook = load_workbook(document, read_only=True, data_only=True, keep_links=False)
        try:
            yield workbook
        finally:
            workbook.close()
    except WorkbookError:
        raise
    except _DAMAGES as error:
        # What the error says may be quoted from the document.
        kind = type(error).__name__
        raise WorkbookError(f"is no workbook of Excel, or a damaged one ({kind})") from None


def _first_filled(workbook: Any) -> tuple[int, tuple[CellValue, ...], Iterator[SheetRow]]:
    """Return the first row with anything in it, and what follows it."""
    sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    for sheet in sheets:
        rows = _filled(sheet)
        first = next(rows, None)
        if first is not None:
            if len(sheets) > 1:
                names = ", ".join(other.title for other in sheets)
                _log.warning("The workbook has the sheets %s: it is %s", names, sheet.title)
            return *first, rows
    raise WorkbookError("is a workbook with nothing in it")


def _filled(sheet: Any) -> Iterator[SheetRow]:
    """Yield the rows with anything in them, up to their last value."""
    sheet.reset_dimensions()  # what the sheet says of its size is known to be wrong
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        values = _without_end(_value(cell) for cell in cells)
        if values:
            yield number, values


def _without_end(values: Iterable[CellValue]) -> tuple[CellValue, ...]:
    """Return the values without the empty ones behind the last."""
    found = list(values)
    while found and found[-1] is None:
        found.pop()
    return tuple(found)


def _value(cell: Any) -> CellValue:
    value = cell.value
    if isinstance(value, datetime):
        return _moment(value, cell.number_format)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    plain: CellValue = value or None if isinstance(value, str) else value
    return plain


def _moment(value: datetime, number_format: str) -> str:
    """Return a point in time, or its day, if no more of it is shown."""
    from openpyxl.styles.numbers import is_datetime  # noqa: PLC0415 - as above

    is_day = is_datetime(number_format) == "date" and value.time() == time()
    return value.date().isoformat() if is_day else value.isoformat()


def _number(value: float) -> int | Decimal:
    """Return a number as Excel shows it: 0.1 + 0.2 is 0.3, and 5.0 is 5."""
    number = Decimal(f"{value:.15g}")
    return int(number) if number == number.to_integral_value() else number


def _name(value: CellValue, column: int) -> str:
    return cell_text(value) or f"column {column}"
