"""What a document is, told by its bytes: Amazon's answer may be another thing than was asked for.

Here belong: what files of each kind begin with, and the sentence about one that is of another kind
than its report type promises. What is inside is said in `documents`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from asp_dagster.catalog.tables import RawFormat
from asp_dagster.landing.errors import UnexpectedDocumentError

_START_BYTES = 4096
_PDF_WITHIN = 1024
_WORKBOOK = "xl/"
_UNREADABLE = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old workbook of Excel (XLS), or one with a password",
    b"\x1f\x8b": "compressed with gzip twice",
}
_WORDS: Mapping[RawFormat, str] = {
    "xlsx": "a workbook of Excel (XLSX)",
    "pdf": "a PDF",
    "zip": "a ZIP archive",
}
_HTML = re.compile(rb"\s*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def check_binary(document: BinaryIO, raw_format: RawFormat, label: str) -> None:
    """Refuse a document that should be a workbook, a PDF or an archive, and is none.

    Args:
        document: The complete document; it is left at its start.
        raw_format: What it should be.
        label: Report type and id, for messages.

    Raises:
        UnexpectedDocumentError: It is something else; the sentence says what.
    """
    found = binary_format(document)
    if found == raw_format:
        return
    if found:
        raise UnexpectedDocumentError(
            f"The document of {label} is {_WORDS[found]}, not {_WORDS[raw_format]}: declare"
            f" `file_format: {found.upper()}`."
        )
    raise UnexpectedDocumentError(
        f"The document of {label} is {_described(document)}, not {_WORDS[raw_format]}. Materialize"
        " the partition again; if it stays so, the report type has another format."
    )


def check_no_binary(document: BinaryIO, label: str) -> None:
    """Refuse a document that should be text, and is a workbook, a PDF or an archive.

    Raises:
        UnexpectedDocumentError: It is one; the sentence says which.
    """
    found = binary_format(document)
    if found:
        table = "" if found == "xlsx" else ", with `table: false`"
        raise UnexpectedDocumentError(
            f"The document of {label} is {_WORDS[found]}, not text: declare"
            f" `file_format: {found.upper()}`{table}."
        )
    for words in _marked(_start(document)):
        raise UnexpectedDocumentError(
            f"The document of {label} is {words}, which nobody here reads. Materialize the"
            " partition again."
        )


def binary_format(document: BinaryIO) -> RawFormat | None:
    """Return which of the formats that are no text a document is, and leave it at its start."""
    start = _start(document)
    if b"%PDF-" in start[:_PDF_WITHIN]:
        return "pdf"
    if not start.startswith(b"PK"):
        return None
    try:
        with ZipFile(document) as archive:
            is_workbook = any(name.startswith(_WORKBOOK) for name in archive.namelist())
    except BadZipFile:
        return None
    finally:
        document.seek(0)
    return "xlsx" if is_workbook else "zip"


def count_files(document: BinaryIO) -> int:
    """Return how many files an archive holds; nothing of them is inflated."""
    with ZipFile(document) as archive:
        return sum(not entry.is_dir() for entry in archive.infolist())


def _start(document: BinaryIO) -> bytes:
    document.seek(0)
    start = document.read(_START_BYTES)
    document.seek(0)
    return start


def _marked(start: bytes) -> Iterator[str]:
    return (words for mark, words in _UNREADABLE.items() if start.startswith(mark))


def _described(document: BinaryIO) -> str:
    """Return in words what a document is that is none of the binary formats."""
    start = _start(document)
    if words := next(_marked(start), None):
        return words
    if start.startswith(b"PK"):
        return "a ZIP archive that breaks off"
    if _HTML.match(start):
        return "a page of HTML"
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text:
        return "empty"
    return {b"<": "XML", b"{": "JSON", b"[": "JSON"}.get(text[:1], "something else")
