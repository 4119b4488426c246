"""Inferred tables of formats that know nothing but text, and text with commas."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec
from asp_dagster.warehouse import LoadResult, RawFileError, TableSpecError
from asp_dagster.warehouse.reading.delimited import DelimitedFile

Infer = Callable[..., LoadResult]
Rows = Callable[[str], list[tuple[Any, ...]]]
Read = Callable[..., list[dict[str, Any]]]

LINES = InferredTable(name="lines")


@pytest.mark.parametrize(
    ("header", "values", "type_"),
    [
        pytest.param("quantity", ["5", "0", "-3"], "integer", id="integers"),
        pytest.param("item-price", ["5", "5.50"], "decimal", id="decimals"),
        pytest.param("number-of-items", ["5"], "integer", id="number-of"),
        pytest.param("weight", ["0.12345"], "text", id="too-fine"),
        pytest.param("quantity", ["05"], "text", id="leading-zero"),
        pytest.param("quantity", ["+5"], "text", id="plus"),
        pytest.param("quantity", ["1e5"], "text", id="exponent"),
        pytest.param("quantity", ["-0"], "text", id="minus-zero"),
        pytest.param("quantity", ["1,5"], "text", id="comma"),
        pytest.param("quantity", ["9" * 19], "text", id="too-large"),
        pytest.param("quantity", ["5", ""], "integer", id="none"),
        pytest.param("order-item-id", ["5"], "text", id="id"),
        pytest.param("orderId", ["5"], "text", id="camel-case-id"),
        pytest.param("ASIN", ["0123456789"], "text", id="asin"),
        pytest.param("ship-postal-code", ["12345"], "text", id="postal-code"),
        pytest.param("buyer-phone-number", ["5551234"], "text", id="phone"),
        pytest.param("is-business-order", ["true", "false"], "boolean", id="boolean"),
        pytest.param("is-business-order", ["True"], "text", id="other-words"),
        pytest.param("purchase-date", ["2026-11-01T00:00:00+00:00"], "timestamp", id="timestamp"),
        pytest.param("purchase-date", ["2026-11-01 12:00:00 UTC"], "timestamp", id="utc"),
    ],
)
def test_types_of_texts(infer: Infer, header: str, values: list[str], type_: str) -> None:
    """Plain numbers are numbers, unless they identify something."""
    content = "\n".join([f"{header}\tb", *(f"{value}\tx" for value in values)])

    result = infer(LINES, content, raw_format="tsv")

    assert next(found for name, found in result.columns.items() if name != "_record") == type_


def test_delimited_lines(infer: Infer, rows: Rows) -> None:
    """Lines are records; their key may be a header with anything in it."""
    table = InferredTable(name="lines", key=("order.id",), newest_by="at")
    infer(table, "order.id\tat\tn\n1\t2026-11-02T00:00:00Z\t5\n", raw_format="tsv")
    infer(table, "order.id\tat\tn\n1\t2026-11-01T00:00:00Z\t6\n", raw_format="tsv")

    assert rows("SELECT order_id, n FROM amazon.lines") == [("1", 5)]


def test_rows_of_delimited_lines(infer: Infer) -> None:
    """The rows of a delimited file are its lines, wherever they are said to be."""
    with pytest.raises(TableSpecError, match="leave `rows` out"):
        infer(InferredTable(name="lines", rows="a"), "a\n1\n", raw_format="tsv")


CSV = 'id,text,note\n1,"a, ""b""\r\nc",x\n\n2,plain,\n'


def test_inferred_commas(infer: Infer, rows: Rows) -> None:
    """Quoted fields may hold commas, quotation marks and line breaks."""
    infer(InferredTable(name="lines", key=("id",)), CSV, raw_format="csv")

    assert rows("SELECT id, text, note FROM amazon.lines") == [
        ("1", 'a, "b"\r\nc', "x"),
        ("2", "plain", None),
    ]


def test_declared_commas(read: Read, tmp_path: Path) -> None:
    """Declared tables read them too, with the line a row begins in."""
    file = tmp_path / "report.csv"
    file.write_bytes(CSV.encode())
    columns = {
        "id": ColumnSpec(path="id", type="integer"),
        "text": ColumnSpec(path="text"),
        "line": ColumnSpec(measure="line_number", type="integer"),
    }

    found = read(TableSpec(name="lines", columns=columns, other_columns="text"), "csv", file)

    assert [tuple(row.values()) for row in found] == [
        (1, 'a, "b"\r\nc', 1, "x"),
        (2, "plain", 2, None),
    ]


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        pytest.param("a,b\n1,2\n", ("a", "b"), id="comma"),
        pytest.param("a;b\n1;2\n", ("a", "b"), id="semicolon"),
        pytest.param("a\tb\n1\t2\n", ("a", "b"), id="tab"),
        pytest.param("a,b,\n1,2,\n", ("a", "b"), id="trailing-comma"),
        pytest.param("a,a\n1,2\n", ("a", "a\t2"), id="same-twice"),
        pytest.param('"a,b",c\n1,2\n', ("a,b", "c"), id="quoted-header"),
        pytest.param("a\n1\n", ("a",), id="one-column"),
    ],
)
def test_headers_of_commas(tmp_path: Path, content: str, headers: tuple[str, ...]) -> None:
    """What separates the fields is seen in the header."""
    file = tmp_path / "report.csv"
    file.write_text(content)

    inspected = DelimitedFile.inspect(file, "csv")

    assert inspected.headers == headers
    assert inspected.line_count == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param("\n", "is empty where its header should be", id="no-header"),
        pytest.param('a,b\n1,"2\n', "line 2: unexpected end of data", id="open-quotation"),
        pytest.param('a,b\n1,"2"3\n', "line 2: ',' expected", id="text-behind-quotation"),
        pytest.param("a,b\n1\n", "line 2: there are 1 fields where the header has 2", id="fields"),
    ],
)
def test_broken_commas(infer: Infer, content: str, words: str) -> None:
    """A file that breaks the rules is refused with its line."""
    with pytest.raises(RawFileError, match=words):
        infer(LINES, content, raw_format="csv")
