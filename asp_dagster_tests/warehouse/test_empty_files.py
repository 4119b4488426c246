"""A raw file without a byte stands for a report that is empty by Amazon's word: it has no rows."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.tables import ColumnSpec, InferredTable, RawFormat, TableSpec
from asp_dagster.warehouse import Origin, RawData, Warehouse

DECLARED = TableSpec(
    name="lines",
    columns={
        "sku": ColumnSpec(path="seller-sku (new)"),
        "line": ColumnSpec(measure="line_number", type="integer"),
    },
)
FOUND = InferredTable(name="lines")
FULL = b"seller-sku (new)\tquantity\nA1\t2\nB2\t3\n"


@pytest.fixture
def load(warehouse: Warehouse, tmp_path: Path) -> Callable[..., list[Any]]:
    """Load files of one partition, and return the table's rows."""

    def run(table: TableSpec | InferredTable, *contents: bytes, raw_format: RawFormat) -> list[Any]:
        files = [tmp_path / f"{number}.raw" for number, _ in enumerate(contents)]
        for file, content in zip(files, contents, strict=True):
            file.write_bytes(content)
        warehouse.load(
            [table],
            RawData(files, raw_format),
            Origin(schema="amazon", partition="2026-11-01", loaded_at=datetime.now(UTC)),
        )
        return warehouse.query("SELECT * FROM amazon.lines").to_pylist()

    return run


@pytest.mark.parametrize("table", [DECLARED, FOUND], ids=["declared", "found"])
@pytest.mark.parametrize("raw_format", ["tsv", "csv", "json", "xml"])
def test_empty_file_has_no_rows(
    load: Callable[..., list[Any]], table: TableSpec | InferredTable, raw_format: RawFormat
) -> None:
    """Whatever the format, the load of an empty file succeeds and brings nothing."""
    assert load(table, b"", raw_format=raw_format) == []


@pytest.mark.parametrize("table", [DECLARED, FOUND], ids=["declared", "found"])
def test_empty_file_empties_its_partition(
    load: Callable[..., list[Any]], table: TableSpec | InferredTable
) -> None:
    """Rows that an earlier document brought to the partition are gone."""
    assert len(load(table, FULL, raw_format="tsv")) == 2

    assert load(table, b"", raw_format="tsv") == []


@pytest.mark.parametrize("table", [DECLARED, FOUND], ids=["declared", "found"])
def test_empty_file_beside_others_takes_nothing_from_them(
    load: Callable[..., list[Any]], table: TableSpec | InferredTable
) -> None:
    """Of several marketplaces' files one may be empty."""
    assert len(load(table, b"", FULL, b"", raw_format="tsv")) == 2
