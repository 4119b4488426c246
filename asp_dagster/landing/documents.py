"""Looks through a report's document once: is it what its type promises, and how many rows has it?

Here belong: cheap checks made before a document replaces an earlier one. Reading values out of it
is the warehouse's work.
"""

import csv
import io
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from asp_dagster.catalog.charsets import UTF_8, codec_of, find_codec, marked_codec, usual_codec
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.workbooks import WorkbookError, sheet_rows
from asp_dagster.landing.document_kinds import check_binary, check_no_binary, count_files
from asp_dagster.landing.errors import UnexpectedDocumentError

_log = logging.getLogger(__name__)

_CHUNK = 1 << 20
_LONGEST_MARK = 3
# In UTF-16 a line end is two bytes, one of them zero.
_LINE_ENDS = b"\r\n\0"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def count_rows(document: BinaryIO, feed: Feed, label: str) -> int:
    """Count a document's rows, in constant memory.

    The rows of delimited text, and of a workbook, are those below its header; of a ZIP archive, its
    files; a PDF is one. Of XML they are the elements that the feed's
    tables are made of; of JSON, the entries of the lists that they are made of. A table that names
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
            return _xml_rows(document, feed, label)
        case "xlsx":
            check_binary(document, "xlsx", label)
            return _workbook_rows(document, label)
        case "pdf" | "zip" as binary:
            check_binary(document, binary, label)
            return count_files(document) if binary == "zip" else 1
        case "csv":
            _check_delimited(document, label)
            return _csv_rows(document, label)
        case _:
            _check_delimited(document, label)
            return max(sum(1 for line in document if line.strip(_LINE_ENDS)) - 1, 0)


def find_charset(
    document: BinaryIO, feed: Feed, declared: str | None, marketplace_ids: Sequence[str]
) -> str | None:
    """Return the character set that a delimited document is to be read by, in Python's words.

    It is the one of its byte order mark, or the one that came with it, or UTF-8 if it is that, or
    else what is usual in the marketplace. JSON and XML say it themselves: none is returned.

    Args:
        document: The complete document; it is read from its start.
        feed: The feed whose format tells whether it is delimited.
        declared: What the answer's `Content-Type` says, as Amazon spells it.
        marketplace_ids: The report's marketplaces.
    """
    if feed.raw_format not in {"tsv", "csv"}:
        return None
    document.seek(0)
    marked = marked_codec(document.read(_LONGEST_MARK))
    if codec := marked or codec_of(declared):
        return codec
    document.seek(0)
    codec = find_codec(document, [usual_codec(marketplace_ids)])
    if codec != UTF_8:
        _log.warning(
            "The document came with charset %s and is no UTF-8: it is read as %s, as usual in %s",
            declared or "none",
            codec,
            ", ".join(marketplace_ids),
        )
    return codec


def _check_delimited(document: BinaryIO, label: str) -> None:
    """Refuse what is no delimited text; leave the document at its start."""
    check_no_binary(document, label)
    first = document.read(_CHUNK).removeprefix(_BYTE_ORDER_MARK).lstrip()
    if not first or first[:1] in b"<{[":
        raise UnexpectedDocumentError(
            f"The document of {label} is no delimited text: it"
            f" {'is empty' if not first else 'begins with ' + repr(first[:1].decode())}."
            " Materialize the partition again; if it stays so, the report type has another format."
        )
    document.seek(0)


def _workbook_rows(document: BinaryIO, label: str) -> int:
    """Count the rows below a workbook's header."""
    try:
        return sum(1 for _ in sheet_rows(document)) - 1
    except WorkbookError as error:
        raise UnexpectedDocumentError(
            f"The document of {label} {error}. Materialize the partition again; if it stays so, the"
            " report type has another format."
        ) from error


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


def _xml_rows(document: BinaryIO, feed: Feed, label: str) -> int:
    """Count the elements that become rows, letting go of each.

    Where no table says which they are, they are the root's children of the most frequent name.
    """
    places = {tuple((table.rows or "").partition("[]")[0].split(".")) for table in feed.tables}
    places = {place for place in places if place != ("",)}
    counts = _elements_by_place(document, max(map(len, places), default=1), label)
    if not places:
        return max(counts.values(), default=0)
    for place in places:
        if counts[place[:1]] and not counts[place]:
            raise UnexpectedDocumentError(
                f"The document of {label} has no {'.'.join(place)}; its elements are"
                f" {', '.join(sorted('.'.join(each) for each in counts))}. Correct the table's"
                " `rows`, or extract the report that was meant."
            )
    return sum(counts[place] for place in places)


def _elements_by_place(document: BinaryIO, depth: int, label: str) -> Counter[tuple[str, ...]]:
    """Count the elements down to a depth below the root by the names that lead to them."""
    counts: Counter[tuple[str, ...]] = Counter()
    parents: list[Any] = []
    try:
        for event, element in iterparse(document, events=("start", "end")):
            if event == "start":
                parents.append(element)
                continue
            if 1 < len(parents) <= depth + 1:
                counts[tuple(each.tag.rpartition("}")[2] for each in parents[1:])] += 1
            parents.pop()
            if parents:
                parents[-1].remove(element)
    except (ParseError, DefusedXmlException) as error:
        raise UnexpectedDocumentError(
            f"The document of {label} is no XML ({error}). Materialize the partition again; if it"
            " stays so, the report type has another format."
        ) from error
    return counts


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
    # Slow to import, and only documents of JSON need it.
    from asp_dagster.json_documents import BrokenJSONError, json_events  # noqa: PLC0415

    if document.read(len(_BYTE_ORDER_MARK)) != _BYTE_ORDER_MARK:
        document.seek(0)
    try:
        for prefix, event, _value in json_events(document):
            yield prefix, event
    except BrokenJSONError as error:
        raise UnexpectedDocumentError(
            f"The document of {label} is no JSON ({error}). Materialize the partition again."
        ) from None
