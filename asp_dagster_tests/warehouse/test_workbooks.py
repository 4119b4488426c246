"""Workbooks become tables, declared ones and inferred ones."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.tables import ColumnSpec, InferredTable, RawFormat, TableSpec
from asp_dagster.warehouse import Origin, RawData, RawFileError, TableSpecError, Warehouse
from asp_dagster_tests.workbooks import archive, workbook

ROWS = (
    ["Seller SKU", "Fee", "Units", "Since", "Note"],
    ["00123", 0.1 + 0.2, 3.0, date(2026, 11, 1), 'two\nlines, and 5"'],
    [None],
    ["B", None, 4, None, "x"],
)
DECLARED = TableSpec(
    name="fees",
    columns={
        "sku": ColumnSpec(path="Seller SKU"),
        "fee": ColumnSpec(path="Fee", type="decimal"),
        "since": ColumnSpec(path="Since", type="date"),
    },
    key=("sku",),
    other_columns="text",
)
INFERRED = InferredTable(name="fees", key=("Seller SKU",))


def _load(
    folder: Path, table: TableSpec | InferredTable, *files: bytes, raw_format: RawFormat = "xlsx"
) -> Sequence[dict[str, Any]]:
    paths = []
    for number, content in enumerate(files):
        paths.append(folder / f"{number}.{raw_format}")
        paths[-1].write_bytes(content)
    warehouse = Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}")
    warehouse.load(
        [table],
        RawData(paths, raw_format),
        Origin(schema="amazon", partition="latest", loaded_at=datetime(2026, 11, 2, tzinfo=UTC)),
    )
    rows = warehouse.query("SELECT * FROM amazon.fees ORDER BY 1").to_pylist()
    return [{name: row[name] for name in row if not name.startswith("_")} for row in rows]


def test_declared_table_of_a_workbook(tmp_path: Path) -> None:
    """Columns are found by their headers, cells take the declared types, line ends stay."""
    assert _load(tmp_path, DECLARED, workbook(*ROWS)) == [
        {
            "sku": "00123",
            "fee": Decimal("0.3000"),
            "since": date(2026, 11, 1),
            "units": "3",
            "note": 'two\nlines, and 5"',
        },
        {"sku": "B", "fee": None, "since": None, "units": "4", "note": "x"},
    ]


def test_inferred_table_of_a_workbook(tmp_path: Path) -> None:
    """Numbers and days are found in the cells; a text that looks like a number stays a text."""
    assert _load(tmp_path, INFERRED, workbook(*ROWS)) == [
        {
            "seller_sku": "00123",
            "fee": Decimal("0.3000"),
            "units": 3,
            "since": date(2026, 11, 1),
            "note": 'two\nlines, and 5"',
        },
        {"seller_sku": "B", "fee": None, "units": 4, "since": None, "note": "x"},
    ]


@pytest.mark.parametrize("table", [DECLARED, INFERRED], ids=["declared", "inferred"])
def test_several_workbooks_of_a_partition(tmp_path: Path, table: TableSpec | InferredTable) -> None:
    """The rows of all files arrive, the later file's in the place of the earlier's."""
    second = workbook(ROWS[0], ["00123", 9, 9, None, "later"])

    rows = _load(tmp_path, table, workbook(*ROWS), second)

    assert [row["note"] for row in rows] == ["later", "x"]


def test_same_header_twice_is_two_columns(tmp_path: Path) -> None:
    """The second of two columns of a name is numbered, as in delimited text."""
    rows = _load(tmp_path, InferredTable(name="fees"), workbook(["fee", "fee"], [1, 2]))

    assert rows == [{"fee": 1, "fee_2": 2}]


def test_workbook_of_a_header_only_is_no_row(tmp_path: Path) -> None:
    """A workbook without rows below its header loads none."""
    assert _load(tmp_path, DECLARED, workbook(ROWS[0])) == []


@pytest.mark.parametrize("table", [DECLARED, INFERRED], ids=["declared", "inferred"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"<html>", "0.xlsx is no workbook of Excel", id="html"),
        pytest.param(archive({"a": b""}), "0.xlsx is no workbook of Excel, or a", id="archive"),
        pytest.param(workbook(["a"], ["1", "2"]), "has a value in column 2 of row 2", id="wide"),
    ],
)
def test_file_that_is_no_workbook_is_refused(
    tmp_path: Path, table: TableSpec | InferredTable, content: bytes, words: str
) -> None:
    """The file is named, and what is wrong with it."""
    with pytest.raises(RawFileError, match=words):
        _load(tmp_path, table, content)


@pytest.mark.parametrize("table", [DECLARED, INFERRED], ids=["declared", "inferred"])
@pytest.mark.parametrize("raw_format", ["pdf", "zip"])
def test_what_has_no_rows_becomes_no_table(
    tmp_path: Path, table: TableSpec | InferredTable, raw_format: RawFormat
) -> None:
    """A PDF or an archive is no source of a table, whoever asks for it."""
    with pytest.raises(TableSpecError, match="has no rows: declare `table: false`"):
        _load(tmp_path, table, b"%PDF-1.7", raw_format=raw_format)
