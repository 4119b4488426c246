"""A document is counted, and refused when it is not what its type promises."""

import io
import json
from dataclasses import replace

import pytest

from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec
from asp_dagster.landing import UnexpectedDocumentError
from asp_dagster.landing.documents import count_rows, find_charset

BOMB = b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>'
US, JP = "ATVPDKIKX0DER", "A1VC38T7YXB528"
COLUMNS = {"a": ColumnSpec(path="a")}


def _feed(raw_format: str, *rows: str) -> Feed:
    tables = tuple(
        TableSpec(name=f"t{i}", rows=place, columns=COLUMNS) for i, place in enumerate(rows)
    )
    return Feed(
        name="raw_x",
        group="reports",
        source=ReportSpec(report_type="GET_X"),
        raw_format=raw_format,  # type: ignore[arg-type] - the cases name formats
        tables=tables,
    )


def _inferred(raw_format: str, rows: str | None) -> Feed:
    return replace(_feed(raw_format), tables=(InferredTable(name="t", rows=rows),))


JSON_FEED = _feed("json", "byDate", "byAsin")


def test_rows_of_all_lists_are_counted() -> None:
    """The rows of a JSON document are the entries of the lists its tables are made of."""
    document = {"spec": {"ids": ["x"]}, "byDate": [{"a": 1, "n": [{}]}], "byAsin": [{}, {}]}

    rows = count_rows(io.BytesIO(json.dumps(document).encode()), JSON_FEED, "GET_X 1")

    assert rows == 3


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param("a\tb\r\n1\t2\r\n3\t4\r\n", 2, id="crlf"),
        pytest.param("a\tb\n1\t2\n3\t4", 2, id="no-line-end-at-the-end"),
        pytest.param("a\tb\n", 0, id="header-only"),
        pytest.param("\ufeffa\tb\n1\t2\n", 1, id="byte-order-mark"),
    ],
)
def test_lines_below_the_header_are_counted(text: str, rows: int) -> None:
    """The rows of a delimited document are the lines below its header."""
    assert count_rows(io.BytesIO(text.encode()), _feed("tsv"), "GET_X 1") == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param('a,b\r\n1,"two\r\nlines"\r\n3,"say ""4"""\r\n', 2, id="line-end-in-quotes"),
        pytest.param("a,b\n1,2\n\n3,4", 2, id="empty-line"),
        pytest.param("a,b\n", 0, id="header-only"),
        pytest.param("\ufeffa,b\n1,Müller\n", 1, id="byte-order-mark"),
    ],
)
def test_csv_records_are_counted(text: str, rows: int) -> None:
    """The rows of a CSV document are its records, whatever their quoted values hold."""
    document = io.BytesIO(text.encode())

    assert count_rows(document, _feed("csv"), "GET_X 1") == rows
    assert not document.closed


@pytest.mark.parametrize(
    ("feed", "rows"),
    [
        pytest.param(_feed("xml"), 2, id="no-table"),
        pytest.param(_inferred("xml", None), 2, id="most-frequent"),
        pytest.param(_inferred("xml", "a.b"), 3, id="declared"),
        pytest.param(_inferred("xml", "a[].b"), 2, id="lists-within-a-row"),
        pytest.param(_inferred("xml", "d.e"), 0, id="none-of-them"),
    ],
)
def test_rows_of_xml_are_the_elements_of_its_tables(feed: Feed, rows: int) -> None:
    """Rows are where the tables say, or else the most frequent children of the root."""
    text = (
        "<?xml version='1.0' encoding='ISO-8859-1'?><r xmlns='urn:x'><c/><a><b/><b><e/></b></a>"
        "<a>\xe9<b/></a></r>"
    )

    assert count_rows(io.BytesIO(text.encode("latin-1")), feed, "GET_X 1") == rows


@pytest.mark.parametrize(
    ("document", "place", "rows"),
    [
        pytest.param([{"lineitem": [{}]}, {}], None, 2, id="list"),
        pytest.param({"x": [{}, {}]}, None, 1, id="object"),
        pytest.param({"x": [{}, {}]}, "x", 2, id="place"),
        pytest.param({"line": [{}], "lineitem": [{}, {}]}, "line", 1, id="similar-name"),
    ],
)
def test_rows_of_a_table_that_is_inferred(document: object, place: str | None, rows: int) -> None:
    """A table that names no list takes the document's entries, or the document as one row."""
    content = io.BytesIO(json.dumps(document).encode())

    assert count_rows(content, _inferred("json", place), "GET_X 1") == rows


@pytest.mark.parametrize(
    ("feed", "content", "words"),
    [
        pytest.param(JSON_FEED, b"<html>", "is no JSON", id="html-for-json"),
        pytest.param(JSON_FEED, b'{"byDate": [', "is no JSON", id="truncated-json"),
        pytest.param(JSON_FEED, b"", "is no JSON", id="empty-json"),
        pytest.param(
            JSON_FEED,
            b'{"byDate": [], "other": []}',
            "has no byAsin; its lists are byDate, other",
            id="no-list",
        ),
        pytest.param(_feed("csv"), b"", "is empty", id="empty-csv"),
        pytest.param(_feed("csv"), b'a,b\n1,"2', "is no CSV", id="open-quotes"),
        pytest.param(_feed("xml"), b"", "is no XML", id="empty-xml"),
        pytest.param(_feed("xml", "a.c"), b"<r><a><b/></a></r>", "elements are a, a.b", id="rows"),
        pytest.param(_feed("xml"), b"<a><b></a>", "is no XML", id="not-well-formed"),
        pytest.param(_feed("xml"), BOMB, "is no XML", id="entities"),
        pytest.param(_feed("tsv"), b"", "is empty", id="empty-tsv"),
        pytest.param(_feed("tsv"), b"  <?xml?>", "begins with '<'", id="xml-for-tsv"),
        pytest.param(_feed("tsv"), b'{"errors": []}', "begins with '{'", id="json-for-tsv"),
    ],
)
def test_wrong_document_is_refused(feed: Feed, content: bytes, words: str) -> None:
    """A document of another format, or without the promised rows, is refused by name."""
    with pytest.raises(UnexpectedDocumentError) as refused:
        count_rows(io.BytesIO(content), feed, "GET_X 17")

    assert "GET_X 17" in str(refused.value)
    assert words in str(refused.value)


def test_json_behind_a_byte_order_mark_is_counted() -> None:
    """A byte order mark before a JSON document is passed over."""
    document = io.BytesIO(b"\xef\xbb\xbf" + b'{"byDate": [{}], "byAsin": []}')

    assert count_rows(document, JSON_FEED, "GET_X 1") == 1


def test_document_is_not_quoted() -> None:
    """What is said of a broken document shows nothing of it."""
    with pytest.raises(UnexpectedDocumentError) as refused:
        count_rows(io.BytesIO(b'{"buyer": "Jane" "Doe"}'), JSON_FEED, "GET_X 17")

    assert "Jane" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("raw_format", "content", "declared", "marketplace_id", "charset"),
    [
        pytest.param("tsv", "Grün".encode("cp1252"), "cp1252", US, "cp1252", id="declared"),
        pytest.param("tsv", "文".encode("cp932"), "windows-31j", US, "cp932", id="spelling"),
        pytest.param("tsv", "Grün".encode(), "cp1252", US, "cp1252", id="declared-before-bytes"),
        pytest.param("tsv", "Grün".encode("utf-8-sig"), "cp1252", US, "utf-8", id="mark-first"),
        pytest.param("tsv", "Grün".encode(), None, JP, "utf-8", id="utf-8"),
        pytest.param("csv", "文房具".encode("cp932"), None, JP, "cp932", id="usual-in-japan"),
        pytest.param("tsv", "文房具".encode("cp932"), "iso-8859-1", JP, "cp932", id="no-statement"),
        pytest.param("tsv", "Grün".encode("cp1252"), "x-nonsense", US, "cp1252", id="unknown"),
        pytest.param("json", b"{}", "cp1252", US, None, id="json"),
        pytest.param("xml", b"<a/>", "cp1252", US, None, id="xml"),
    ],
)
def test_character_set_of_a_document(
    raw_format: str, content: bytes, declared: str | None, marketplace_id: str, charset: str | None
) -> None:
    """A mark, then what came with it, then UTF-8, then what is usual in the marketplace."""
    document = io.BytesIO(content)

    assert find_charset(document, _feed(raw_format), declared, [marketplace_id]) == charset


def test_assumed_character_set_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A character set that nobody named is not used in silence."""
    find_charset(io.BytesIO("Grün".encode("cp1252")), _feed("tsv"), None, [US])

    assert f"came with charset none and is no UTF-8: it is read as cp1252, as usual in {US}" in (
        caplog.text
    )
