"""Reports that are no text: workbooks load, PDFs and archives are kept as files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.components import AmazonSPReport, AmazonSPReportFile
from asp_dagster.simulator import Simulator
from asp_dagster.warehouse import Warehouse
from asp_dagster_tests.conftest import RunFeed
from asp_dagster_tests.workbooks import archive, workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FEES = workbook(["ASIN", "Fee discount"], ["B0ABCDEFGH", 0.15], ["B0ABCDEFGI", 5.0])
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
DATES = {"dataStartTime": "2026-11-01T00:00:00Z", "dataEndTime": "2026-11-02T00:00:00Z"}
ONE_TSV = archive({"report.tsv": b"sku\tfee\nA\t1\n"})


@dataclass(frozen=True)
class Kept:
    """A report that is kept as a file."""

    file_format: str
    content: bytes = field(repr=False)
    spec: Mapping[str, str]

    @property
    def declared(self) -> Mapping[str, Any]:
        """What both components take of its declaration."""
        return {
            "name": "kept",
            "report_spec": dict(self.spec),
            "file_format": self.file_format,
            "pii": "include",
        }


KEPT = {
    "workbook": Kept("XLSX", FEES, {"reportType": "FEE_DISCOUNTS_REPORT"}),
    "pdf": Kept("PDF", PDF, {"reportType": "GET_EASYSHIP_DOCUMENTS"}),
    "archive-of-one-tsv": Kept("ZIP", ONE_TSV, {"reportType": "FBA_BULK_INVOICE", **DATES}),
}


def test_workbook_lands_and_loads(simulator: Simulator, run_feed: RunFeed, tmp_path: Path) -> None:
    """`report: FEE_DISCOUNTS_REPORT` is a full declaration: a file, and a table of its rows."""
    simulator.end_next_report("DONE", FEES, media_type=XLSX)

    result = run_feed(simulator, AmazonSPReport, {"report": "FEE_DISCOUNTS_REPORT"})

    assert result.success
    landed = tmp_path / "raw" / "raw_fee_discounts"
    assert [file.name for file in landed.iterdir()] == ["latest.xlsx"]
    assert (landed / "latest.xlsx").read_bytes() == FEES
    warehouse = Warehouse.from_url(f"duckdb:///{tmp_path / 'warehouse.duckdb'}")
    rows = warehouse.query("SELECT asin, CAST(fee_discount AS TEXT) FROM amazon.fee_discounts")
    assert [tuple(row.values()) for row in rows.to_pylist()] == [
        ("B0ABCDEFGH", "0.1500"),
        ("B0ABCDEFGI", "5.0000"),
    ]


@pytest.mark.parametrize("kept", KEPT.values(), ids=KEPT)
def test_binary_report_lands_byte_for_byte(
    simulator: Simulator, run_feed: RunFeed, tmp_path: Path, kept: Kept
) -> None:
    """A workbook, a PDF and an archive land as Amazon sent them; an archive is not opened."""
    simulator.end_next_report("DONE", kept.content, media_type="application/octet-stream")

    assert run_feed(simulator, AmazonSPReport, {**kept.declared, "table": False}).success
    (landed,) = (tmp_path / "raw" / "kept").iterdir()
    assert landed.name == f"latest.{kept.file_format.lower()}"
    assert landed.read_bytes() == kept.content


@pytest.mark.parametrize("kept", KEPT.values(), ids=KEPT)
def test_binary_report_is_saved_byte_for_byte(
    simulator: Simulator, run_feed: RunFeed, tmp_path: Path, kept: Kept
) -> None:
    """The same under a name of one's own."""
    simulator.end_next_report("DONE", kept.content, media_type="application/octet-stream")

    assert run_feed(simulator, AmazonSPReportFile, {**kept.declared, "output": "saved.bin"}).success
    assert (tmp_path / "raw" / "saved.bin").read_bytes() == kept.content


def test_text_in_the_place_of_a_workbook_is_refused(
    simulator: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """An error page never becomes a raw file of its name."""
    simulator.end_next_report("DONE", b"<html>Sorry</html>", media_type=XLSX)

    result = run_feed(simulator, AmazonSPReport, {"report": "FEE_DISCOUNTS_REPORT"})

    assert not result.success
    assert not (tmp_path / "raw" / "raw_fee_discounts" / "latest.xlsx").exists()
    assert "is a page of HTML, not a workbook of Excel" in str(result.all_events)
