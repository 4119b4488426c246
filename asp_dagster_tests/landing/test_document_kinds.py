"""Workbooks, PDFs and archives land as they are; what is of another kind is refused by its name."""

import gzip
import io

import pytest

from asp_dagster.catalog.feeds import Feed, ReportFormat, ReportSpec
from asp_dagster.landing import UnexpectedDocumentError
from asp_dagster.landing.documents import count_rows, find_charset
from asp_dagster_tests.workbooks import archive, workbook

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
ZIP = archive({"invoices/": b"", "invoices/1.pdf": PDF, "invoices/2.pdf": PDF})
XLSX = workbook(["sku", "fee"], ["A", 1], ["B", 2])
XLS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
TSV = b"sku\tfee\nA\t1\n"


def _feed(raw_format: ReportFormat) -> Feed:
    source = ReportSpec(report_type="GET_X")
    return Feed(name="raw_x", group="reports", source=source, raw_format=raw_format)


@pytest.mark.parametrize(
    ("raw_format", "content", "rows"),
    [
        pytest.param("xlsx", XLSX, 2, id="rows-of-a-workbook"),
        pytest.param("xlsx", workbook(["sku"]), 0, id="header-only"),
        pytest.param("pdf", PDF, 1, id="pdf"),
        pytest.param("pdf", b"\n\n" + PDF, 1, id="pdf-behind-blank-lines"),
        pytest.param("zip", ZIP, 2, id="files-of-an-archive"),
        pytest.param("zip", archive({"report.tsv": TSV}), 1, id="archive-of-one-tsv"),
        pytest.param("zip", archive({}), 0, id="empty-archive"),
        pytest.param("tsv", b"PK\tfee\nA\t1\n", 1, id="text-that-begins-as-an-archive-does"),
        pytest.param("tsv", "sku\tfee\nA\t1\n".encode("utf-16"), 1, id="two-bytes-a-letter"),
    ],
)
def test_document_of_its_format_is_counted(
    raw_format: ReportFormat, content: bytes, rows: int
) -> None:
    """A workbook has rows below its header, an archive its files, and a PDF is one."""
    document = io.BytesIO(content)

    assert count_rows(document, _feed(raw_format), "GET_X 1") == rows
    assert not document.closed
    assert document.getvalue() == content


@pytest.mark.parametrize("raw_format", ["xlsx", "pdf", "zip"])
def test_binary_document_has_no_character_set(raw_format: ReportFormat) -> None:
    """Whatever the answer's header says, a file that is no text gets no note of its characters."""
    assert find_charset(io.BytesIO(XLSX), _feed(raw_format), "cp1252", ["A1VC38T7YXB528"]) is None


@pytest.mark.parametrize(
    ("raw_format", "content", "words"),
    [
        pytest.param("xlsx", b"<!DOCTYPE HTML><html>", "is a page of HTML, not", id="html"),
        pytest.param("xlsx", b'{"errors": []}', "is JSON, not a workbook of Excel", id="json"),
        pytest.param("pdf", b"<?xml version='1.0'?><Error/>", "is XML, not a PDF", id="xml"),
        pytest.param("zip", b"", "is empty, not a ZIP archive", id="empty"),
        pytest.param("zip", TSV, "is something else, not a ZIP archive", id="text"),
        pytest.param("xlsx", XLS, "an old workbook of Excel", id="old-workbook"),
        pytest.param("xlsx", XLSX[:300], "is a ZIP archive that breaks off", id="broken-off"),
        pytest.param("xlsx", ZIP, "declare `file_format: ZIP`", id="archive-for-workbook"),
        pytest.param("pdf", ZIP, "declare `file_format: ZIP`", id="archive-for-pdf"),
        pytest.param("zip", XLSX, "declare `file_format: XLSX`", id="workbook-for-archive"),
        pytest.param("xlsx", workbook(), "is a workbook with nothing in it", id="empty-workbook"),
        pytest.param("tsv", XLSX, "not text: declare `file_format: XLSX`.", id="workbook-for-tsv"),
        pytest.param("tsv", ZIP, "`file_format: ZIP`, with `table: false`", id="archive-for-tsv"),
        pytest.param("csv", PDF, "is a PDF, not text", id="pdf-for-csv"),
        pytest.param("tsv", XLS, "an old workbook of Excel", id="old-workbook-for-tsv"),
        pytest.param(
            "tsv", gzip.compress(TSV), "compressed with gzip twice", id="gzip-twice-for-tsv"
        ),
    ],
)
def test_document_of_another_kind_is_refused(
    raw_format: ReportFormat, content: bytes, words: str
) -> None:
    """The sentence says what the document is, and what to declare if that was meant."""
    with pytest.raises(UnexpectedDocumentError) as refused:
        count_rows(io.BytesIO(content), _feed(raw_format), "GET_X 17")

    assert "GET_X 17" in str(refused.value)
    assert words in str(refused.value)
