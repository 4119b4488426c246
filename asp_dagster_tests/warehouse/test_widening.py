"""A stored column becomes wide enough for what comes, and keeps its values truthful.

Every test runs against both databases.
"""

from collections.abc import Callable
from typing import Any

import pytest

from asp_dagster.catalog.tables import InferredTable
from asp_dagster.warehouse import LoadResult

Infer = Callable[..., LoadResult]
Rows = Callable[[str], list[tuple[Any, ...]]]

LINES = InferredTable(name="lines")
BIG = 2**60


@pytest.mark.parametrize(
    ("stored", "new", "type_", "texts"),
    [
        pytest.param(5, 5.5, "decimal", ["5.0000", "5.5000"], id="integer-decimal"),
        pytest.param(5, 1e-9, "double", None, id="integer-double"),
        pytest.param(2.5, 1e-9, "double", None, id="decimal-double"),
        pytest.param(BIG, 5.5, "text", [str(BIG), "5.5"], id="large-integer-decimal"),
        pytest.param(BIG, 1e-9, "text", None, id="large-integer-double"),
        pytest.param(5, "x", "text", ["5", "x"], id="integer-text"),
        pytest.param(5.50, "x", "text", ["5.5", "x"], id="decimal-text"),
        pytest.param(100.25, "x", "text", ["100.25", "x"], id="decimal-zeros-text"),
        pytest.param(True, "x", "text", ["true", "x"], id="boolean-text"),
        pytest.param(True, 1, "text", ["1", "true"], id="boolean-integer"),
        pytest.param("2026-11-01", "x", "text", ["2026-11-01", "x"], id="date-text"),
        pytest.param(
            "2026-11-01",
            "2026-11-01T00:00:00Z",
            "text",
            ["2026-11-01", "2026-11-01T00:00:00Z"],
            id="date-timestamp",
        ),
        pytest.param(
            "2026-11-01T12:00:00.5+02:00",
            "x",
            "text",
            ["2026-11-01T10:00:00.5Z", "x"],
            id="timestamp-text",
        ),
        pytest.param("x'", ["a", None], "json", ['"x\'"', '["a",null]'], id="text-list"),
        pytest.param(["a"], "x", "json", ['"x"', '["a"]'], id="list-text"),
        pytest.param(5, {"a": 1}, "json", ["5", '{"a":1}'], id="integer-object"),
        pytest.param("x", [{"a": 1}], "json", ['"x"', '[{"a":1}]'], id="text-objects"),
        pytest.param("x", [[1]], "json", ['"x"', "[[1]]"], id="text-lists"),
        pytest.param(
            "2026-11-01T12:00:00Z",
            ["a"],
            "json",
            ['"2026-11-01T12:00:00Z"', '["a"]'],
            id="timestamp-list",
        ),
    ],
)
def test_wider(
    infer: Infer, rows: Rows, stored: Any, new: Any, type_: str, texts: list[str] | None
) -> None:
    """A column takes the first type that fits all values, its stored ones are what they were."""
    infer(LINES, [{"a": stored}], partition="one")
    result = infer(LINES, [{"a": new}], partition="two")

    assert result.columns["a"] == type_
    if texts:
        assert rows("SELECT CAST(a AS TEXT) FROM amazon.lines") == [(text,) for text in texts]


@pytest.mark.parametrize(
    ("stored", "new"),
    [(5.5, 5), ("x", 5), ("x", "2026-11-01"), ("x", True), (1e-9, 5), ({"a": 1}, None)],
    ids=["decimal", "text", "text-date", "text-boolean", "double", "object"],
)
def test_never_narrower(infer: Infer, stored: Any, new: Any) -> None:
    """A column keeps its type when all that comes would fit a narrower one."""
    before = infer(LINES, [{"a": stored}], partition="one")
    after = infer(LINES, [{"a": new}], partition="two")

    assert before.columns == after.columns


def test_json_stays_json(infer: Infer, rows: Rows) -> None:
    """What is kept as JSON takes objects, lists and single values alike, whatever comes later."""
    infer(LINES, [{"a": 1}, {"a": {"b": "x"}}], partition="one")
    infer(LINES, [{"a": {"b": "y"}}], partition="two")
    infer(LINES, [{"a": "z"}], partition="three")

    assert rows("SELECT a FROM amazon.lines") == [('"z"',), ("1",), ('{"b":"x"}',), ('{"b":"y"}',)]


def test_object_becomes_single_value(infer: Infer, rows: Rows) -> None:
    """Where columns of an object's fields are stored, a single value is JSON beside them."""
    infer(LINES, [{"a": {"b": "x"}}], partition="one")
    infer(LINES, [{"a": "y"}, {"a": {"b": "z"}}], partition="two")

    assert rows("SELECT a__b, a FROM amazon.lines WHERE _partition = 'one'") == [("x", None)]
    assert rows("SELECT a__b, a FROM amazon.lines WHERE _partition = 'two'") == [
        (None, '"y"'),
        (None, '{"b":"z"}'),
    ]


def test_list_becomes_single_value(infer: Infer, rows: Rows) -> None:
    """Where a list has become a single value, the rows of the list go with the record."""
    table = InferredTable(name="lines", key=("id",))
    infer(table, [{"id": "A", "a": [{"b": "x"}]}])
    infer(table, [{"id": "A", "a": "y"}])

    assert rows("SELECT a FROM amazon.lines") == [('"y"',)]
    assert rows("SELECT * FROM amazon.lines__a") == []


def test_comment_changed_by_hand(infer: Infer, rows: Rows, warehouse: Any) -> None:
    """A column whose comment is another's is found by its name."""
    infer(LINES, [{"a": "x"}], partition="one")
    with warehouse._connected() as (connection, cursor):
        cursor.execute("COMMENT ON COLUMN amazon.lines.a IS 'The letter.'")
        connection.commit()
    infer(LINES, [{"a": "y"}], partition="two")

    assert rows("SELECT a FROM amazon.lines") == [("x",), ("y",)]
