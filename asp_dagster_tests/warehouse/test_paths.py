"""Paths are what `paths`' docstring says, and anything else is refused."""

import duckdb
import pytest

from asp_dagster.warehouse import TableSpecError
from asp_dagster.warehouse.reading.paths import Mark, ValuePath, nested_type

RECORD = {
    "a": {"b": "1"},
    "list": [{"kind": "X", "v": "2"}, {"kind": "Y.Z", "v": "3"}, {"kind": "X", "v": "4"}],
    "it's": {'"quoted"': "5"},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param("a.b", "1", id="field"),
        pytest.param("^.a.b", "1", id="parent"),
        pytest.param("list[kind=X].v", "2", id="first-match"),
        pytest.param("list[kind=Y.Z].v", "3", id="word-with-dot"),
        pytest.param("list[kind=Q].v", None, id="no-match"),
        pytest.param("list[0].v", "2", id="first"),
        pytest.param("list[2].v", "4", id="position"),
        pytest.param("list[3].v", None, id="beyond"),
        pytest.param('it\'s."quoted"', "5", id="quotes"),
    ],
)
def test_path_reaches_value(path: str, value: str | None) -> None:
    """A path reaches its value, or nothing where there is none."""
    sql = ValuePath.parse(path).sql("$1")

    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {sql}", [RECORD]).fetchall() == [(value,)]


@pytest.mark.parametrize(
    "text", ["", "^.", ".a", "a.", "a..b", "a[", "a]", "a[x]", "a[=x]", "a[-1]", "a[0]b", "[0]"]
)
def test_no_path(text: str) -> None:
    """A text that is no path is refused with the grammar."""
    with pytest.raises(TableSpecError, match=r"is no path: write names with dots"):
        ValuePath.parse(text)


def test_nested_type() -> None:
    """The type of a set of paths nests objects and lists, with text in the leaves."""
    paths = ["a.b", "list[kind=X].v", 'it\'s."quoted"']
    routes = [way for path in paths for way in ValuePath.parse(path).routes(Mark.VALUE)]

    nested = nested_type(routes)

    assert nested == (
        'STRUCT("a" STRUCT("b" VARCHAR), "list" STRUCT("kind" VARCHAR, "v" VARCHAR)[], '
        '"it\'s" STRUCT("""quoted""" VARCHAR))'
    )


def test_contradicting_paths() -> None:
    """Two paths that take one place for different things are refused."""
    with pytest.raises(TableSpecError, match="take a for a single value and for an object"):
        nested_type([("a", Mark.VALUE), ("a", "b", Mark.VALUE)])


def test_names_alike() -> None:
    """Two names that differ only in capital letters are refused: DuckDB takes them for one."""
    with pytest.raises(TableSpecError, match="names that differ only in capital letters"):
        nested_type([("orderId", Mark.VALUE), ("OrderId", Mark.VALUE)])
