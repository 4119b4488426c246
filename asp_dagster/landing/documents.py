"""Looks through a report's document once: is it what its type promises, and how many rows has it?

Here belong: cheap checks made before a document replaces an earlier one. Reading values out of it
is the warehouse's work.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

import ijson
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from asp_dagster.catalog.feeds import Feed
from asp_dagster.landing.errors import UnexpectedDocumentError

_CHUNK = 1 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def count_rows(document: BinaryIO, feed: Feed, label: str) -> int:
    """Count a document's rows, in constant memory.

    The rows of delimited text are those below its header; of XML, what stands directly below the
    root; of JSON, the entries of the lists that the feed's tables are made of. A table that names
    no list takes the document: each entry if it is a list, else the whole as one row.

    Args:
        document: The complete document; it is read from its start.
        feed: The feed whose format and tables tell what the document should hold.
        label: Report type and id, for messages.

    Raises:
        UnexpectedDocumentError: When the document is not of the feed's format, or lacks the rows
            that its tables are made of.
    """
    document.seek(0)
    match feed.raw_format:
        case "json":
            return _json_rows(document, feed, label)
        case "xml":
            return _xml_rows(document, label)
        case "csv":
            _check_delimited(document, label)
            return _csv_rows(document, label)
        case _:
            _check_delimited(document, label)
            return max(sum(1 for line in document if line.strip()) - 1, 0)


def _check_delimited(document: BinaryIO, label: str) -> None:
    """Refuse what is no delimited text; leave the document at its start."""
    first = document.read(_CHUNK).removeprefix(_BYTE_ORDER_MARK).lstrip()
    if not first or first[:1] in b"<{[":
        raise UnexpectedDocumentError(
            f"The document of {label} is no delimited text: it"
            f" {'is empty' if not first else 'begins with ' + repr(first[:1].decode())}."
            " Materialize the partition again; if it stays so, the report type has another format."
        )
    document.seek(0)


def _csv_rows(document: BinaryIO, label: str) -> int:
    """Count the records below the header; a line end within quotation marks ends none."""
    # Amazon's documents have several encodings; in all of them quotes, commas and line ends are
    # the bytes of ASCII, and in this one every byte is a letter.
    text = io.TextIOWrapper(document, encoding="latin-1", newline="")
    try:
        return max(sum(1 for record in csv.reader(text, strict=True) if record) - 1, 0)
    except csv.Error as error:
        raise UnexpectedDocumentError(
            f"The document of {label} is no CSV ({error}). Materialize the partition again; if it"
            " stays so, the report type has another format."
        ) from error
    finally:
        text.detach()


def _xml_rows(document: BinaryIO, label: str) -> int:
    """Count the root's children, letting go of each."""
    parents: list[Any] = []
    rows = 0
    try:
        for event, element in iterparse(document, events=("start", "end")):
            if event == "start":
                parents.append(element)
                continue
            parents.pop()
            rows += len(parents) == 1
            if parents:
                parents[-1].remove(element)
    except (ParseError, DefusedXmlException) as error:
        raise UnexpectedDocumentError(
            f"The document of {label} is no XML ({error}). Materialize the partition again; if it"
            " stays so, the report type has another format."
        ) from error
    return rows


def _json_rows(document: BinaryIO, feed: Feed, label: str) -> int:
    wanted = {table.rows or "" for table in feed.tables} or {""}
    lists: set[str] = set()
    rows = 0
    for prefix, event in _events(document, label):
        if event == "start_array":
            lists.add(prefix)
        holder = "" if prefix == "item" else prefix.removesuffix(".item")
        rows += event == "start_map" and holder in wanted
    if missing := wanted - lists - {""}:
        raise UnexpectedDocumentError(
            f"The document of {label} has no {', '.join(sorted(missing))}; its lists are"
            f" {', '.join(sorted(lists)) or 'none'}."
        )
    return rows


def _events(document: BinaryIO, label: str) -> Iterator[tuple[str, str]]:
    try:
        for prefix, event, _value in ijson.parse(document):
            yield prefix, event
    except ijson.JSONError as error:
        raise UnexpectedDocumentError(
            f"The document of {label} is no JSON ({error}). Materialize the partition again."
        ) from error
