"""Looks through a report's document once: is it what its type promises, and how many rows has it?

Here belong: cheap checks made before a document replaces an earlier one. Reading values out of it
is the warehouse's work.
"""

from collections.abc import Iterator
from typing import BinaryIO

import ijson

from asp_dagster.catalog.feeds import Feed
from asp_dagster.landing.errors import UnexpectedDocumentError

_CHUNK = 1 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def count_rows(document: BinaryIO, feed: Feed, label: str) -> int:
    """Count a document's rows, in constant memory.

    Args:
        document: The complete document; it is read from its start.
        feed: The feed whose format and tables tell what the document should hold.
        label: Report type and id, for messages.

    Raises:
        UnexpectedDocumentError: When the document is not of the feed's format, or lacks the rows
            that its tables are made of.
    """
    document.seek(0)
    return (
        _json_rows(document, feed, label) if feed.raw_format == "json" else _lines(document, label)
    )


def _lines(document: BinaryIO, label: str) -> int:
    """Count the lines below the header line of a delimited document."""
    first = document.read(_CHUNK).removeprefix(_BYTE_ORDER_MARK).lstrip()
    if not first or first[:1] in b"<{[":
        raise UnexpectedDocumentError(
            f"The document of {label} is no delimited text: it"
            f" {'is empty' if not first else 'begins with ' + repr(first[:1].decode())}."
            " Materialize the partition again; if it stays so, the report type has another format."
        )
    document.seek(0)
    return max(sum(1 for line in document if line.strip()) - 1, 0)


def _json_rows(document: BinaryIO, feed: Feed, label: str) -> int:
    wanted = {table.rows for table in feed.tables if table.rows}
    lists: set[str] = set()
    rows = 0
    for prefix, event in _events(document, label):
        if event == "start_array":
            lists.add(prefix)
        rows += event == "start_map" and prefix.removesuffix(".item") in wanted
    if missing := wanted - lists:
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
