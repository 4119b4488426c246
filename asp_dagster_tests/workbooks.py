"""Workbooks of Excel for tests: made by openpyxl, which other programs than ours read too."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook

Rows = Sequence[Sequence[Any]]


def workbook(*rows: Sequence[Any], formats: Mapping[str, str] | None = None) -> bytes:
    """Make a workbook of one sheet.

    Args:
        rows: The values of the rows.
        formats: The number formats of cells: `{"A2": "yyyy-mm-dd"}`.
    """
    return workbook_of({"Sheet1": rows}, formats)


def workbook_of(sheets: Mapping[str, Rows], formats: Mapping[str, str] | None = None) -> bytes:
    """Make a workbook of several sheets; one whose name begins with a dot is hidden."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        sheet.sheet_state = "hidden" if name.startswith(".") else "visible"
        for row in rows:
            sheet.append(list(row))
        for cell, number_format in (formats or {}).items():
            sheet[cell].number_format = number_format
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def archive(files: Mapping[str, bytes]) -> bytes:
    """Make a ZIP archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in files.items():
            made.writestr(name, text)
    return content.getvalue()


def without(content: bytes, name: str, instead: bytes | None = None) -> bytes:
    """Return an archive without one of its files, or with another in its place."""
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        files = {entry: whole.read(entry) for entry in whole.namelist() if entry != name}
    return archive(files if instead is None else {**files, name: instead})
