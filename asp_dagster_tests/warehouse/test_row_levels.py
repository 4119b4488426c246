"""Rows come out of lists within lists, and columns reach what is around them and within them."""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse import TableSpecError

Read = Callable[..., list[dict[str, Any]]]
Write = Callable[[str, Sequence[Any]], Path]

ORDERS = [
    {
        "id": "A",
        "data": {
            "items": [
                {"sku": "x", "promotions": [{"id": "p", "n": 1}, {"id": "q", "n": 2}]},
                {"sku": "y", "promotions": []},
                {"sku": "z"},
            ]
        },
    },
    {"id": "B", "data": {"items": [{"sku": "x", "promotions": [{"id": "r"}]}]}},
    {"id": "C"},
]
PROMOTIONS = TableSpec(
    name="promotions",
    rows="data.items[].promotions[]",
    columns={
        "order_id": ColumnSpec(path="^.^.id"),
        "item": ColumnSpec(path="^", measure="position", type="integer"),
        "sku": ColumnSpec(path="^.sku"),
        "position": ColumnSpec(measure="position", type="integer"),
        "id": ColumnSpec(path="id"),
        "line": ColumnSpec(measure="line_number", type="integer"),
        "others": ColumnSpec(path="^.^.data.items", measure="count", type="integer"),
    },
)


@pytest.mark.parametrize("rows", ["data.items[].promotions[]", "data.items[].promotions"])
def test_lists_within_lists(read: Read, write_records: Write, rows: str) -> None:
    """The entries of a list within a list are rows, with the entry and the record around them."""
    spec = TableSpec(name="promotions", rows=rows, columns=PROMOTIONS.columns)

    found = [tuple(row.values()) for row in read(spec, "jsonl", write_records("o", ORDERS))]

    assert found == [
        ("A", 1, "x", 1, "p", 1, 3),
        ("A", 1, "x", 2, "q", 2, 3),
        ("B", 1, "x", 1, "r", 3, 1),
    ]


def test_lists_within_lists_of_a_document(read: Read, tmp_path: Path) -> None:
    """In a document the level furthest out is the document."""
    file = tmp_path / "report.json"
    file.write_text(json.dumps(ORDERS[0]))

    found = [tuple(row.values()) for row in read(PROMOTIONS, "json", file)]

    assert found == [("A", 1, "x", 1, "p", 1, 3), ("A", 1, "x", 2, "q", 2, 3)]


ITEMS = {
    "items": [
        {"asin": "X", "price": {"amount": "0.10"}, "tags": ["a"], "parts": [{"n": 1}, {"n": 2}]},
        {"asin": "Y", "price": {"amount": "0.20"}, "tags": [], "parts": [{"n": 3}]},
        {"asin": None},
    ],
    "raw": {"b": [1, "x"], "c": None},
    "text": "x",
}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        pytest.param(
            ColumnSpec(path="items[].price.amount", measure="sum", type="decimal"),
            Decimal("0.3000"),
            id="sum-of-nested",
        ),
        pytest.param(
            ColumnSpec(path="items[].parts[].n", measure="sum", type="integer"),
            6,
            id="sum-of-lists",
        ),
        pytest.param(
            ColumnSpec(path="items[].parts", measure="count", type="integer"),
            3,
            id="count-of-lists",
        ),
        pytest.param(
            ColumnSpec(path="items[].tags", measure="contains", contains="a", type="boolean"),
            True,
            id="contains-in-lists",
        ),
        pytest.param(ColumnSpec(path="items[].asin", type="list"), ["X", "Y", None], id="gathered"),
        pytest.param(ColumnSpec(path="items[0].tags", type="list"), ["a"], id="list"),
        pytest.param(ColumnSpec(path="items[1].tags", type="list"), None, id="empty-list"),
        pytest.param(ColumnSpec(path=("none", "items[0].tags"), type="list"), ["a"], id="first"),
        pytest.param(ColumnSpec(path="raw", type="json"), '{"b":[1,"x"],"c":null}', id="json"),
        pytest.param(ColumnSpec(path="text", type="json"), '"x"', id="json-text"),
        pytest.param(ColumnSpec(path="raw.c", type="json"), None, id="json-null"),
        pytest.param(ColumnSpec(path="none", type="json"), None, id="json-missing"),
    ],
)
def test_column(read: Read, write_records: Write, column: ColumnSpec, value: Any) -> None:
    """A column gathers, adds up and counts through lists, and keeps lists and JSON."""
    spec = TableSpec(name="records", columns={"column": column})

    assert read(spec, "jsonl", write_records("records", [ITEMS])) == [{"column": value}]


@pytest.mark.parametrize(
    ("rows", "column", "words"),
    [
        pytest.param(None, ColumnSpec(path="^.a"), "leave the ^. out of its paths", id="no-parent"),
        pytest.param("a", ColumnSpec(path="^.^.a"), "there are only 1", id="too-far"),
        pytest.param(
            None, ColumnSpec(measure="position", type="integer"), "is in no list", id="no-list"
        ),
        pytest.param(
            "a", ColumnSpec(path="b", measure="position"), "is no place of a position", id="place"
        ),
        pytest.param("a[0]", ColumnSpec(path="b"), "takes its rows at", id="one-entry"),
        pytest.param("^.a", ColumnSpec(path="b"), "takes its rows at", id="outside"),
        pytest.param("a[", ColumnSpec(path="b"), "takes its rows at", id="no-path"),
        pytest.param(None, ColumnSpec(path="a[].b"), "there are several values", id="several"),
    ],
)
def test_wrong_paths(
    read: Read,
    write_records: Write,
    rows: str | None,
    column: ColumnSpec,
    words: str,
) -> None:
    """What leads nowhere is refused with what would be right."""
    spec = TableSpec(name="records", rows=rows, columns={"column": column})

    with pytest.raises(TableSpecError, match=words.replace("^", r"\^")):
        read(spec, "jsonl", write_records("records", []))
