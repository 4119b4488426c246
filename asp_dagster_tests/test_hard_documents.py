"""Documents as sellers get them, and other extractors lose them: rows 19 and 20 of their pains.

Row 18, character sets, is in `test_encodings`; row 21, size, in `test_large_reports`.
"""

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.components import AmazonSPReport
from asp_dagster.simulator import Simulator
from asp_dagster.warehouse import Warehouse
from asp_dagster_tests.conftest import RunFeed
from asp_dagster_tests.workbooks import archive, workbook

LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
LEDGER = b'"Date"\t"Title"\n"11/01/2026"\t"TV, 55"" black"\n"11/02/2026"\t"Tab\there"\n'
INCHES = b'sku\tTitle\nA\t"Cable\nB\t5" Cable\nC\t"Cable" 5\nD\t"\n'
DECLARED = {"name": "hard", "report_spec": {"reportType": LISTINGS}, "file_format": "TSV"}
DATES = {"dataStartTime": "2026-11-01T00:00:00Z", "dataEndTime": "2026-11-02T00:00:00Z"}
ZIP = archive({"report.tsv": b"sku\tTitle\nA\tx\n"})


def _titles(folder: Path) -> Sequence[str]:
    warehouse = Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}")
    titles: Sequence[str] = warehouse.query("SELECT title FROM amazon.hard").column(0).to_pylist()
    return titles


@pytest.mark.parametrize(
    ("document", "titles"),
    [
        pytest.param(INCHES, ['"Cable', '5" Cable', '"Cable" 5', '"'], id="inch-signs"),
        pytest.param(LEDGER, ['TV, 55" black', "Tab\there"], id="quoted-ledger"),
    ],
)
def test_row_19_quotation_marks_in_a_tsv_swallow_no_row(
    simulator: Simulator, run_feed: RunFeed, tmp_path: Path, document: bytes, titles: list[str]
) -> None:
    """Marks are letters, unless every field of the header is quoted: as many rows as lines."""
    simulator.end_next_report("DONE", document)

    assert run_feed(simulator, AmazonSPReport, DECLARED).success
    assert _titles(tmp_path) == titles


@pytest.mark.parametrize(
    ("report_type", "file_format", "content"),
    [
        pytest.param("FEE_DISCOUNTS_REPORT", "XLSX", workbook(["a"], ["b"]), id="workbook"),
        pytest.param("FBA_BULK_INVOICE", "ZIP", ZIP, id="archive-of-one-tsv"),
        pytest.param(LISTINGS, "TSV", INCHES, id="text"),
    ],
)
def test_row_20_document_is_inflated_once_if_at_all(
    simulator: Simulator,
    run_feed: RunFeed,
    tmp_path: Path,
    report_type: str,
    file_format: str,
    content: bytes,
) -> None:
    """What lands is the document, whether Amazon compressed it or not; an archive stays one."""
    marketplaces = ["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"]
    for _ in marketplaces:  # the simulator compresses the first document and not the second
        simulator.end_next_report("DONE", content, media_type="application/octet-stream")
    dates = DATES if report_type == "FBA_BULK_INVOICE" else {}
    spec = {"reportType": report_type, "marketplaceIds": marketplaces, **dates}
    declared: dict[str, Any] = {"name": "hard", "report_spec": spec}
    declared |= {"file_format": file_format, "one_marketplace_per_report": True, "table": False}

    assert run_feed(simulator, AmazonSPReport, declared).success
    landed = sorted((tmp_path / "raw" / "hard" / "latest").glob(f"*.{file_format.lower()}"))
    assert [file.read_bytes() for file in landed] == [content, content]


def test_row_20_document_compressed_twice_is_refused(
    simulator: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """What is still compressed when it has been inflated is not inflated again in silence."""
    simulator.end_next_report("DONE", gzip.compress(gzip.compress(INCHES)))

    result = run_feed(simulator, AmazonSPReport, DECLARED)

    assert not result.success
    assert list((tmp_path / "raw").rglob("*.tsv")) == []
    assert "compressed with gzip twice" in str(result.all_events)
