"""Rows out of nested records, one JSON object to a line: the raw format `jsonl`.

DuckDB reads the file itself; here a table's paths become the nested type it reads by and the
expressions it evaluates. The file may be gzip or not, whatever its name.

A place that is missing or null has no value. Of the measures, `count` and `sum` of a missing or
empty list are 0, and `contains` is false. A line that is no JSON object, or holds something else
where a path expects an object or a list, is refused. Of a JSON number 17 digits are kept; of a
number written as a string, all.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse.columns import Column, RawRelation
from asp_dagster.warehouse.errors import TableSpecError
from asp_dagster.warehouse.paths import Mark, Route, ValuePath, nested_type
from asp_dagster.warehouse.raw_files import is_gzip, open_raw
from asp_dagster.warehouse.sql import literal

_SUMMABLE = frozenset({"integer", "decimal", "double"})
_OTHER_SHAPE = re.compile(r"in line (\d+): Expected (\w+), but got (\w+)")
_SHAPES = {"OBJECT": "an object", "ARRAY": "a list"}


def record_rows(table: TableSpec, file: Path) -> RawRelation:
    """Return the table's rows in a file of one JSON object a line."""
    ways, parent_ways = routes(table)
    names = rows_place(table)
    if not names:
        if parent_ways:
            raise TableSpecError(
                f"Table {table.name} takes whole records as its rows, and they have no parent: "
                "leave the ^. out of its paths."
            )
        lines = read_lines(file, "entry", nested_type(ways))
        rows = f"SELECT _line, _line AS _number, entry FROM ({lines})"
    else:
        inside = [(*names, Mark.ENTRIES, *way) for way in (*ways, ())]
        lines = read_lines(file, "record", nested_type([*parent_ways, *inside]))
        place = "".join(f"[{literal(name)}]" for name in names)
        entries = f"SELECT _line, record, unnest(record{place}) AS entry FROM ({lines})"
        rows = f"SELECT *, row_number() OVER () AS _number FROM ({entries})"
    return RawRelation(f"SELECT *, _line AS _record FROM ({rows})", raw_values(table, "line"))


def rows_place(table: TableSpec) -> tuple[str, ...]:
    """Return the names that lead to the list whose entries are the table's rows, if it has one."""
    if table.rows is None:
        return ()
    path = ValuePath.parse(table.rows)
    if path.from_parent or any(step.takes_entry for step in path.steps):
        raise TableSpecError(
            f"Table {table.name} takes its rows at {table.rows}: write names with dots between "
            "them, and nothing else."
        )
    return tuple(step.name for step in path.steps)


def read_lines(file: Path, name: str, nested: str) -> str:
    """Return the query that reads each line of a file into one value of a nested type."""
    compression = "gzip" if is_gzip(file) else "uncompressed"
    return (
        f"SELECT row_number() OVER () AS _line, {name} FROM read_json({literal(str(file))}, "
        f"format = 'newline_delimited', records = 'false', compression = '{compression}', "
        f"hive_partitioning = false, columns = {{{name}: {literal(nested)}}})"
    )


def routes(table: TableSpec) -> tuple[list[Route], list[Route]]:
    """Return the ways the table's paths go: those from the row, and those from its parent."""
    from_row: list[Route] = []
    from_parent: list[Route] = []
    for column in table.columns.values():
        for path in map(ValuePath.parse, column.paths):
            ways = from_parent if path.from_parent else from_row
            ways.extend(_ways(column, path))
    return from_row, from_parent


def _ways(column: ColumnSpec, path: ValuePath) -> Iterator[Route]:
    """Return the ways one path of a column goes."""
    match column.measure:
        case "count":
            return path.routes(Mark.ENTRIES)
        case "contains":
            return path.routes(Mark.ENTRIES, Mark.VALUE)
        case "sum":
            return path.parent.routes(Mark.ENTRIES, path.last.name, Mark.VALUE)
        case _:
            return path.routes(Mark.VALUE)


def raw_values(table: TableSpec, place: str) -> tuple[str, ...]:
    """Return the expression of each column's text or measure over `entry` and `record`."""
    return tuple(_raw_value(Column(table, name, place)) for name in table.columns)


def _raw_value(column: Column) -> str:
    """Return the expression of one column's text or measure."""
    if column.spec.measure == "line_number":
        return "_number"
    if not column.spec.paths:
        raise TableSpecError(f"The {column.label} has no path: say where its value stands.")
    paths = [ValuePath.parse(path) for path in column.spec.paths]
    found = [_found(column, path) for path in paths]
    match column.spec.measure:
        case "value":
            return column.text(found)
        case "contains":
            return f"coalesce({', '.join(found)}, false)"
        case _:
            return f"coalesce({', '.join(found)}, 0)"


def _found(column: Column, path: ValuePath) -> str:
    """Return the expression of what a column looks for at one of its paths."""
    root = "record" if path.from_parent else "entry"
    match column.spec.measure:
        case "count":
            return f"len({path.sql(root)})"
        case "contains":
            return f"list_contains({path.sql(root)}, {literal(_looked_for(column))})"
        case "sum":
            return _sum(column, path, root)
        case _:
            return path.sql(root)


def _looked_for(column: Column) -> str:
    """Return the entry a `contains` column looks for."""
    if column.spec.contains is None:
        raise TableSpecError(f"The {column.label} does not say what its list should contain.")
    return column.spec.contains


def _sum(column: Column, path: ValuePath, root: str) -> str:
    """Return the expression that adds up a field over the entries of a list."""
    if column.spec.type not in _SUMMABLE or not path.parent.steps or path.last.takes_entry:
        raise TableSpecError(
            f"The {column.label} cannot be summed: it takes a type of numbers, and a path that "
            "ends in a list and the field of its entries, such as items.quantity."
        )
    number = column.typed(path.last.sql("item"))
    return f"list_sum(list_transform({path.parent.sql(root)}, lambda item: {number}))"


def refused_line(message: str, file: Path) -> str | None:
    """Return which line of the file cannot be read, and why, without quoting it.

    Args:
        message: What DuckDB says, which quotes the data.
        file: The file, which is read again: DuckDB miscounts the lines before one that is no JSON.
    """
    broken = (f"line {number} is no JSON object" for number in _broken_lines(file))
    return other_shape(message, "line") or next(broken, None)


def other_shape(message: str, place: str) -> str | None:
    """Return where DuckDB found another shape than the paths expect, if this is its message."""
    found = _OTHER_SHAPE.search(message)
    if found is None:
        return None
    line, expected, got = found.groups()
    return (
        f"{place} {line} holds {_SHAPES.get(got, 'a single value')} where the columns' paths "
        f"expect {_SHAPES.get(expected, 'a single value')}"
    )


def _broken_lines(file: Path) -> Iterator[int]:
    """Return the numbers of the lines that are no JSON object."""
    with open_raw(file) as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip() and not _is_object(line):
                yield number


def _is_object(line: bytes) -> bool:
    """Return whether the line is a JSON object."""
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
