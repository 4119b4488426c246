"""Elements of an XML document become records, and these become rows like any others."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec
from asp_dagster.warehouse import LoadResult, RawFileError, TableSpecError

Infer = Callable[..., LoadResult]
Rows = Callable[[str], list[tuple[Any, ...]]]
Read = Callable[..., list[dict[str, Any]]]

ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<AmazonEnvelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schema="a.xsd">
  <Header><Version>1.01</Version></Header>
  <Message>
    <Order id="A">
      <Status>Shipped</Status>
      <Total currency="USD">5.50</Total>
      <Item><SKU>x</SKU><Quantity>1</Quantity></Item>
      <Item><SKU>y</SKU><Quantity>2</Quantity></Item>
      <Tag>s</Tag><Tag>t</Tag>
    </Order>
  </Message>
  <Message>
    <Order id="B">
      <Status/>
      <Total>7</Total>
      <Item><SKU>z</SKU><Quantity>3</Quantity></Item>
      <Tag>u</Tag>
    </Order>
  </Message>
</AmazonEnvelope>
"""


@pytest.mark.parametrize(
    ("rows_at", "prefix"), [(None, "order__"), ("Message", "order__"), ("Message.Order", "")]
)
def test_inferred(infer: Infer, rows: Rows, rows_at: str | None, prefix: str) -> None:
    """Attributes and texts are columns, repeated elements lists or child tables, also of one."""
    result = infer(InferredTable(name="orders", rows=rows_at), ENVELOPE, raw_format="xml")

    names = ["id", "status", "total", "total__currency", "tag"]
    assert rows(
        f"SELECT _record, {', '.join(prefix + name for name in names)} FROM amazon.orders"
    ) == [
        (1, "A", "Shipped", Decimal("5.5000"), "USD", ["s", "t"]),
        (2, "B", None, Decimal("7.0000"), None, ["u"]),
    ]
    assert rows(f"SELECT _record, position, sku, quantity FROM amazon.orders__{prefix}item") == [
        (1, 1, "x", 1),
        (1, 2, "y", 2),
        (2, 1, "z", 3),
    ]
    assert [child.table for child in result.children] == [f"amazon.orders__{prefix}item"]


def test_list_of_one_in_a_later_load(infer: Infer, rows: Rows) -> None:
    """An element that was repeated once is a list ever after."""
    table = InferredTable(name="orders", key=("@id",))
    order = "<o><Order id='A'>{}</Order></o>"
    infer(
        table, order.format("<Item><SKU>x</SKU></Item><Item><SKU>y</SKU></Item>"), raw_format="xml"
    )
    infer(table, order.format("<Item><SKU>z</SKU></Item>"), raw_format="xml")

    assert rows("SELECT id, position, sku FROM amazon.orders__item") == [("A", 1, "z")]


ITEMS = TableSpec(
    name="items",
    rows="Message.Order[].Item[]",
    columns={
        "order_id": ColumnSpec(path="^.@id"),
        "total": ColumnSpec(path="^.Total", type="decimal"),
        "currency": ColumnSpec(path="^.Total.@currency"),
        "position": ColumnSpec(measure="position", type="integer"),
        "sku": ColumnSpec(path="SKU"),
        "tags": ColumnSpec(path="^.Tag", type="list"),
        "items": ColumnSpec(path="^.Item", measure="count", type="integer"),
    },
)


def test_declared(read: Read, tmp_path: Path) -> None:
    """Declared paths lead through elements as through objects, lists of one included."""
    file = tmp_path / "report.xml"
    file.write_text(ENVELOPE)
    columns = {name: spec for name, spec in ITEMS.columns.items() if name != "total"}
    columns["total"] = ColumnSpec(path="^.Total.#text", type="decimal")
    spec = TableSpec(name="items", rows=ITEMS.rows, columns=columns)

    found = [(*row.values(),) for row in read(spec, "xml", file)]

    assert [(*row[:6], str(row[6])) for row in found] == [
        ("A", "USD", 1, "x", ["s", "t"], 2, "5.5000"),
        ("A", "USD", 2, "y", ["s", "t"], 2, "5.5000"),
        ("B", None, 1, "z", ["u"], 1, "7.0000"),
    ]


def test_text_beside_attributes(read: Read, tmp_path: Path) -> None:
    """A path to an element takes its text, whatever attributes it has."""
    file = tmp_path / "report.xml"
    file.write_text(ENVELOPE)
    columns = {"total": ColumnSpec(path="Order.Total")}

    assert read(TableSpec(name="orders", columns=columns), "xml", file) == [
        {"total": "5.50"},
        {"total": "7"},
    ]


def test_no_parent(read: Read, tmp_path: Path) -> None:
    """Elements that are rows have no parent, unless a list is gone through."""
    file = tmp_path / "report.xml"
    file.write_text(ENVELOPE)
    columns = {"id": ColumnSpec(path="^.id")}

    with pytest.raises(TableSpecError, match="they have no parent"):
        read(TableSpec(name="orders", rows="Message.Order", columns=columns), "xml", file)


def test_plain_elements(infer: Infer, rows: Rows) -> None:
    """Elements that hold nothing but text are records of one value."""
    infer(InferredTable(name="lines"), "<a><b>x</b><b/><b>2026</b></a>", raw_format="xml")

    assert rows("SELECT _record, text FROM amazon.lines") == [(1, "x"), (2, None), (3, "2026")]


BOMB = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a><d>&c;</d></a>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a><d>&b;</d></a>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(BOMB, "raw.xml declares entities", id="entities"),
        pytest.param(OUTSIDE, "raw.xml declares entities", id="file"),
        pytest.param("<a>\n<b>", "raw.xml, line 2 is no XML", id="broken-off"),
    ],
)
def test_refused(infer: Infer, content: str, words: str) -> None:
    """What is no XML, or could fill the memory, is refused."""
    with pytest.raises(RawFileError, match=words):
        infer(InferredTable(name="lines"), content, raw_format="xml")


def test_no_such_elements(infer: Infer) -> None:
    """A document without any child has no records."""
    assert infer(InferredTable(name="lines"), "<a/>", raw_format="xml").rows == 0
