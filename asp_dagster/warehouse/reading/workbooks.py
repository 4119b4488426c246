"""Rows out of a workbook: the raw format `xlsx`.

The rows that a declared table is read from are first written as text with commas, so that all that
is true of headers and columns there is true here. An inferred table takes the cells as they are: a
text that looks like a number stays a text. What a cell says is told by `catalog.workbooks`.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from asp_dagster.catalog.workbooks import CellValue, SheetRow, WorkbookError, cell_text, sheet_rows
from asp_dagster.warehouse.errors import RawFileError
from asp_dagster.warehouse.reading.delimited import numbered
from asp_dagster.warehouse.reading.raw_files import open_raw


def workbook_texts(files: Sequence[Path], folder: Path) -> list[Path]:
    """Write the rows of workbooks as text with commas, under their names in a folder.

    Raises:
        RawFileError: A file is no workbook whose rows can be told.
    """
    texts = []
    for number, file in enumerate(files):
        text = folder / str(number) / file.name
        text.parent.mkdir()
        with text.open("w", encoding="utf-8", newline="") as stream, _rows(file) as rows:
            writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
            writer.writerows(map(cell_text, values) for _, values in rows)
        texts.append(text)
    return texts


def workbook_records(file: Path) -> Iterator[tuple[int, dict[str, CellValue]]]:
    """Yield each row's number in its sheet, and its values by their headers.

    Raises:
        RawFileError: The file is no workbook whose rows can be told.
    """
    with _rows(file) as rows:
        _, header = next(rows)
        names = numbered(list(map(cell_text, header)))
        for number, values in rows:
            yield number, dict(zip(names, values, strict=True))


@contextmanager
def _rows(file: Path) -> Iterator[Iterator[SheetRow]]:
    """Open a workbook for one walk."""
    with open_raw(file) as stream:
        try:
            yield sheet_rows(stream)
        except WorkbookError as error:
            raise RawFileError(f"{file.name} {error}: extract it again.") from error
