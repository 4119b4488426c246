"""Objects that are used as dictionaries do not make a column of each key."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from asp_dagster.catalog.tables import InferredTable
from asp_dagster.warehouse import LoadResult
from asp_dagster.warehouse.inferring.concealing import Concealer
from asp_dagster.warehouse.inferring.shapes import REST, Shape

Infer = Callable[..., LoadResult]
Rows = Callable[[str], list[tuple[Any, ...]]]


def shape(*records: Any, most_columns: int = 20, **columns: Any) -> Shape:
    """Return the shape of records in a table of few columns."""
    found = Shape("orders", concealer=Concealer(columns), most_columns=most_columns)
    for record in records:
        found.add_record(record)
    return found


def columns(found: Shape) -> dict[Any, bool]:
    """Return the places of the columns, and whether each is JSON."""
    return {node.place: node.is_json for node in found.root.leaves()}


def test_widest_object(caplog: pytest.LogCaptureFixture) -> None:
    """When a table gets too wide, its widest object is kept as JSON, and the log says so."""
    wide = {f"key{number}": number for number in range(30)}
    with caplog.at_level(logging.WARNING):
        found = shape({"id": "A", "small": {"a": 1, "b": 2}, "Wide": wide}, {"Wide": wide})

    assert columns(found) == {
        ("id",): False,
        ("small", "a"): False,
        ("small", "b"): False,
        ("Wide",): True,
    }
    assert [record.getMessage() for record in caplog.records] == [
        "Table orders: field wide has 16 fields, more than a table takes: it is kept as JSON"
    ]


def test_object_of_lists() -> None:
    """Lists of objects burden a table more, since each is a table of its own."""
    found = shape(
        {"attributes": {f"key{number}": [{"a": 1}] for number in range(3)}}, most_columns=50
    )

    assert columns(found) == {("attributes",): True}
    assert list(found.root.children()) == []


def test_wide_records() -> None:
    """What a record has beyond all columns is kept together."""
    found = shape({f"key{number}": number for number in range(30)})

    assert len(columns(found)) <= 21
    assert found.root.has_rest


def test_deep_records() -> None:
    """Objects within objects without end are kept as JSON."""
    record: Any = 1
    for _ in range(60):
        record = {"a": record}

    ((place, is_json),) = columns(shape(record, most_columns=100)).items()
    assert len(place) == 30
    assert is_json


def test_dropped_fields_cost_nothing() -> None:
    """A dropped object's fields are not looked at."""
    wide = {f"key{number}": number for number in range(30)}

    assert columns(shape({"wide": wide, "a": 1}, wide="drop")) == {("a",): False}


def test_wide_tables(infer: Infer, rows: Rows) -> None:
    """Nothing of very wide records is lost, in this load or a later one."""
    table = InferredTable(name="lines", key=("id",), columns={"key999": "drop"})
    wide = {f"key{number}": number for number in range(1000)}
    infer(table, [{"id": "A", **wide, "map": wide}])
    result = infer(table, [{"id": "B", **{f"other{number}": 1 for number in range(900)}}])

    assert len(result.columns) < 810
    ((rest,),) = rows("SELECT other_fields FROM amazon.lines WHERE id = 'B'")
    assert rest.count('"other') == 900
    ((rest,),) = rows("SELECT other_fields FROM amazon.lines WHERE id = 'A'")
    assert '"key998":998' in rest
    assert rest.count('"key999"') == 1, "only that of the map is left"
    assert REST not in result.columns
