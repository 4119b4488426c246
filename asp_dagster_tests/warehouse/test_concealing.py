"""What is to be dropped is nowhere in the tables; what is to be hashed, only as its keyed hash."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec
from asp_dagster.warehouse import LoadResult, Origin, RawData, TableSpecError, Warehouse

Infer = Callable[..., LoadResult]
Rows = Callable[[str], list[tuple[Any, ...]]]

KEY = "pepper"


def hashed(text: str) -> str:
    """Return what is stored of a text."""
    return hmac.new(KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def table(**columns: Any) -> InferredTable:
    """Return a table that conceals columns."""
    return InferredTable(name="orders", columns=columns)


@pytest.mark.parametrize(
    ("name", "record"),
    [
        pytest.param("buyer", {"Buyer": "secret"}, id="value"),
        pytest.param("buyer", {"Buyer": {"name": "secret", "tags": ["secret"]}}, id="object"),
        pytest.param("buyer__name", {"Buyer": {"name": "secret"}}, id="field"),
        pytest.param("buyer__name", {"Buyer": [{"name": "secret"}]}, id="field-of-child"),
        pytest.param("buyer", {"Buyer": [{"name": "secret"}]}, id="child"),
        pytest.param("buyer__name", {"Buyer": [1, {"name": "secret"}]}, id="in-json"),
        pytest.param("buyer", {"Buyer": "secret", "buyer": "secret"}, id="alike"),
    ],
)
def test_dropped(infer: Infer, warehouse: Warehouse, name: str, record: dict[str, Any]) -> None:
    """What is dropped is left out wherever it would end up, with all that is below it."""
    result = infer(table(**{name: "drop"}), [record])

    tables = [one.table for one in (result, *result.children)]
    assert "secret" not in str(
        [warehouse.query(f"SELECT * FROM {one}").to_pylist() for one in tables]
    )
    assert name not in result.columns


def test_hashed(infer: Infer, rows: Rows) -> None:
    """What is hashed can be compared and joined: texts, numbers and lists, in child tables too."""
    record = {"Buyer": {"name": "x", "age": 5, "none": None, "tags": ["y", 2]}, "l": [{"b": "x"}]}
    infer(table(buyer="hash", l__b="hash"), [record], hash_key=KEY)

    (buyer,) = rows("SELECT buyer__name, buyer__age, buyer__tags FROM amazon.orders")
    assert buyer == (hashed("x"), hashed("5"), [hashed("y"), hashed("2")])
    assert rows("SELECT b FROM amazon.orders__l") == [(hashed("x"),)]


def test_hashed_in_json(infer: Infer, rows: Rows) -> None:
    """Within a value of JSON only what is named is hashed."""
    infer(table(buyer__name="hash"), [{"Buyer": [1, {"name": "x", "a": "x"}]}], hash_key=KEY)

    assert rows("SELECT buyer FROM amazon.orders") == [(f'[1,{{"name":"{hashed("x")}","a":"x"}}]',)]


def test_hashed_key(infer: Infer, rows: Rows) -> None:
    """A key may be hashed, and still leads from the children to their parent."""
    orders = InferredTable(name="orders", key=("id",), columns={"id": "hash"})
    infer(orders, [{"id": "A", "list": [{"b": 1}]}], hash_key=KEY)
    infer(orders, [{"id": "A", "list": [{"b": 2}]}], hash_key=KEY)

    assert rows("SELECT id, b FROM amazon.orders JOIN amazon.orders__list USING (id)") == [
        (hashed("A"), 2)
    ]


@pytest.mark.parametrize("key", [None, ""])
def test_no_hash_key(infer: Infer, key: str | None) -> None:
    """Without a key nothing is hashed, and nothing loaded."""
    with pytest.raises(TableSpecError, match="set ASP_HASH_KEY to a long random text"):
        infer(table(buyer="hash"), [{"Buyer": "x"}], hash_key=key)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (table(BuyerEmail="drop"), "write buyer_email, or as the column is called"),
        (table(**{"buyer.email": "drop"}), "write buyer_email"),
        (InferredTable(name="a", key=("Id",), columns={"id": "drop"}), "drops id, which is part"),
        (
            InferredTable(name="a", key=("Id",), newest_by="At", columns={"at": "hash"}),
            "conceals at, which tells the newer",
        ),
    ],
    ids=["case", "dots", "dropped-key", "hashed-order"],
)
def test_wrong_names(infer: Infer, wrong: InferredTable, words: str) -> None:
    """What could not be meant is refused with what would be right."""
    with pytest.raises(TableSpecError, match=words):
        infer(wrong, [{"Id": "A"}], hash_key=KEY)


@pytest.fixture
def load_declared(
    warehouse: Warehouse, write_records: Callable[..., Path]
) -> Callable[..., LoadResult]:
    """Load a record into a declared table with one column."""

    def run(column: ColumnSpec, value: Any, hash_key: str | None) -> LoadResult:
        (result,) = warehouse.load(
            [TableSpec(name="orders", columns={"a": column})],
            RawData([write_records("one", [{"a": value}])], "jsonl", hash_key=hash_key),
            Origin(schema="amazon", partition="one", loaded_at=datetime.now(UTC)),
        )
        return result

    return run


@pytest.mark.parametrize(("value", "stored"), [("ü", hashed("ü")), (None, None), ("", None)])
def test_declared_hash(
    load_declared: Callable[..., LoadResult], rows: Rows, value: Any, stored: str | None
) -> None:
    """A declared column may be hashed; no value stays none."""
    result = load_declared(ColumnSpec(path="a", hashed=True), value, KEY)

    assert rows("SELECT a FROM amazon.orders") == [(stored,)]
    assert result.columns == {"a": "text", "_partition": "text", "_loaded_at": "timestamp"}


@pytest.mark.parametrize(
    ("column", "key", "words"),
    [
        (ColumnSpec(path="a", hashed=True), None, "set ASP_HASH_KEY"),
        (ColumnSpec(path="a", hashed=True, type="date"), KEY, "let its type be text"),
    ],
    ids=["no-key", "no-text"],
)
def test_declared_hash_refused(
    load_declared: Callable[..., LoadResult], column: ColumnSpec, key: str | None, words: str
) -> None:
    """A hashed column needs a key and the type of texts; no message shows the key."""
    with pytest.raises(TableSpecError, match=words) as refused:
        load_declared(column, "x", key)

    assert KEY not in str(refused.value)
