"""Headers in other languages become the canonical ones; columns that come and go are told."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.report_headers import HeaderNames
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec
from asp_dagster.warehouse import LoadResult, Origin, RawData, RawFileError, Warehouse
from asp_dagster.warehouse.inferring.naming import snake_case
from asp_dagster.warehouse.reading.document_columns import DocumentColumns

NAMES = HeaderNames({"出品者sku": "seller-sku", "価格": "price", "cost": "price"})
DECLARED = TableSpec(
    name="listings",
    columns={
        "sku": ColumnSpec(path="seller-sku"),
        "price": ColumnSpec(path="price", type="decimal"),
        "points": ColumnSpec(path="points", optional=True),
    },
    key=("sku",),
)
TEXT = TableSpec(
    name="listings",
    columns={"sku": ColumnSpec(path="seller-sku")},
    other_columns="text",
)
INFERRED = InferredTable(name="listings", key=("seller-sku",))
ENGLISH = "seller-sku\tprice\nA\t1.5\n"
JAPANESE = "出品者SKU\t価格\nA\t1.5\n"

Load = Callable[..., DocumentColumns]
Rows = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def load(warehouse: Warehouse, tmp_path: Path) -> Load:
    """Load documents into a table, and return what their columns are to it."""

    def run(table: TableSpec | InferredTable, *contents: str, partition: str = "one") -> Any:
        files = []
        for number, content in enumerate(contents):
            files.append(tmp_path / f"report_{number}.tsv")
            files[-1].write_text(content)
        result: LoadResult
        (result,) = warehouse.load(
            [table],
            RawData(files, "tsv", headers=NAMES),
            Origin(
                schema="amazon",
                partition=partition,
                loaded_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
            ),
        )
        return result.document_columns

    return run


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(DECLARED, id="declared"),
        pytest.param(TEXT, id="other columns"),
        pytest.param(INFERRED, id="inferred"),
        pytest.param(InferredTable(name="listings", key=("出品者SKU",)), id="inferred, its key"),
        pytest.param(
            TableSpec(
                name="listings",
                columns={
                    "seller_sku": ColumnSpec(path="出品者SKU"),
                    "price": ColumnSpec(path="cost"),
                },
            ),
            id="declared in its language",
        ),
    ],
)
def test_japanese_document_is_read_as_the_english_one(
    load: Load, warehouse: Warehouse, table: TableSpec | InferredTable
) -> None:
    """A document in Japanese fills the columns that one in English does, and tells its headers."""
    english = load(table, ENGLISH)
    before = warehouse.query("SELECT * FROM amazon.listings")

    japanese = load(table, JAPANESE)

    assert warehouse.query("SELECT * FROM amazon.listings") == before
    assert english.original == {}
    assert japanese.original == {"seller-sku": "出品者SKU", "price": "価格"}
    assert (japanese.added, japanese.missing) == ((), ())


def test_headers_that_would_become_the_same(load: Load, rows: Rows) -> None:
    """Two headers with one canonical name keep their own."""
    columns = load(INFERRED, "seller-sku\t価格\tcost\nA\t1\t2\n")

    assert rows(f"SELECT seller_sku, {snake_case('価格')}, cost FROM amazon.listings") == [
        ("A", 1, 2)
    ]
    assert columns.original == {}


@pytest.mark.parametrize("table", [TEXT, INFERRED], ids=["declared", "inferred"])
def test_unknown_headers_have_stable_names(
    load: Load, warehouse: Warehouse, table: TableSpec | InferredTable
) -> None:
    """Headers of which no ASCII letter is left are told apart, in whichever order they come."""
    load(table, "seller-sku\t利益\t原価\nA\tx\ty\n")
    first = warehouse.query("SELECT * FROM amazon.listings").to_pylist()

    columns = load(table, "原価\t利益\tseller-sku\ny\tx\tA\n")

    assert warehouse.query("SELECT * FROM amazon.listings").to_pylist() == first
    assert (columns.added, columns.missing) == ((), ())


def test_columns_of_a_declared_table(load: Load, rows: Rows) -> None:
    """A column that has gone is NULL and told; one that nobody declared is told, too."""
    columns = load(DECLARED, "seller-sku\tcolour\tcolour\nA\tred\tblue\n")

    assert rows("SELECT sku, price, points FROM amazon.listings") == [("A", None, None)]
    assert columns.missing == ("price",)
    assert columns.left_out == ("colour", "colour 2")
    assert columns.added == ()


def test_columns_of_several_documents(load: Load) -> None:
    """A column has gone when none of a load's documents has it."""
    columns = load(DECLARED, "seller-sku\nA\n", "出品者SKU\t価格\nB\t1\n")

    assert columns.missing == ()


@pytest.mark.parametrize("table", [TEXT, INFERRED], ids=["declared", "inferred"])
def test_new_column(load: Load, rows: Rows, table: TableSpec | InferredTable) -> None:
    """A column that a later document brings is loaded, and told once."""
    first = load(table, ENGLISH)
    second = load(table, "seller-sku\tprice\tcolour\nB\t2\tred\n", partition="two")
    third = load(table, "seller-sku\tprice\tcolour\nC\t2\tblue\n", partition="three")

    assert rows("SELECT colour FROM amazon.listings WHERE colour IS NOT NULL") == [
        ("blue",),
        ("red",),
    ]
    assert [each.added for each in (first, second, third)] == [(), ("colour",), ()]


def test_column_that_an_inferred_table_misses(load: Load, rows: Rows) -> None:
    """A column that later documents lack is NULL, and told as long as they do."""
    load(INFERRED, ENGLISH)
    second = load(INFERRED, "seller-sku\nB\n", partition="two")
    third = load(INFERRED, "seller-sku\nC\n", partition="three")
    again = load(INFERRED, "seller-sku\tprice\n", partition="four")

    assert rows("SELECT seller_sku FROM amazon.listings WHERE price IS NULL") == [("B",), ("C",)]
    assert [each.missing for each in (second, third, again)] == [("price",), ("price",), ()]


def test_key_that_has_gone(load: Load) -> None:
    """Without the column of its key a declared table cannot be loaded, and that is said."""
    with pytest.raises(
        RawFileError,
        match=r"report_0\.tsv has no column seller-sku, which is part of the key of table listings,"
        r" its header is msku, price: if Amazon calls it otherwise by now, add that name to the"
        r" paths of sku\.",
    ):
        load(DECLARED, "msku\tprice\nA\t1\n")


def test_records_leave_out_what_is_empty(warehouse: Warehouse, tmp_path: Path) -> None:
    """Of a document in JSON a new field is told, and none is missed."""
    told = []
    for number, text in enumerate(['[{"a": 1, "b": 2}]', '[{"a": 1, "c": 2}]']):
        file = tmp_path / "report.json"
        file.write_text(text)
        (result,) = warehouse.load(
            [InferredTable(name="facts")],
            RawData([file], "json"),
            Origin(
                schema="amazon",
                partition=str(number),
                loaded_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
            ),
        )
        told.append(result.document_columns)

    assert told == [DocumentColumns(), DocumentColumns(added=("c",))]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("2026-07-01 10:00:00", "2026-07-01T17:00:00", id="summer"),
        pytest.param("2026-01-01T10:00:00", "2026-01-01T18:00:00", id="winter"),
        pytest.param("2026-01-01", "2026-01-01T08:00:00", id="day"),
        pytest.param("2026-07-01T10:00:00Z", "2026-07-01T10:00:00", id="utc"),
        pytest.param("2026-07-01T10:00:00+02:00", "2026-07-01T08:00:00", id="offset"),
        pytest.param("2026-07-01 10:00:00.5-07", "2026-07-01T17:00:00.500000", id="short offset"),
    ],
)
def test_zone_of_times_without_one(load: Load, rows: Rows, text: str, read: str) -> None:
    """A text without a zone is read in the column's, also in summer time; one with it is not."""
    at = ColumnSpec(path="at", type="timestamp", zone="America/Los_Angeles")

    load(TableSpec(name="times", columns={"sent_at": at}), f"at\n{text}\n")

    assert rows("SELECT sent_at FROM amazon.times") == [
        (datetime.fromisoformat(read).replace(tzinfo=UTC),)
    ]
