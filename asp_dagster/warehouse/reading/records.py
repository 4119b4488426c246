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

from asp_dagster.catalog.tables import TableSpec
from asp_dagster.warehouse.reading.columns import RawRelation
from asp_dagster.warehouse.reading.paths import RowsPath
from asp_dagster.warehouse.reading.raw_files import is_gzip, open_raw
from asp_dagster.warehouse.reading.row_levels import RowLevels
from asp_dagster.warehouse.sql import literal

_OTHER_SHAPE = re.compile(r"in line (\d+): Expected (\w+), but got (\w+)")
# What DuckDB takes by itself.
_LONGEST_LINE_BYTES = 16 << 20
_SHAPES = {"OBJECT": "an object", "ARRAY": "a list"}


def record_rows(table: TableSpec, file: Path) -> RawRelation:
    """Return the table's rows in a file of one JSON object a line."""
    levels = RowsPath.parse(table.rows, table.name).levels
    row = RowLevels(table, levels, place="line")
    lines = read_lines(file, "r0", row.nested_type())
    number = "row_number() OVER ()" if levels else "_line"
    rows = f"SELECT *, {number} AS _number FROM ({row.unnested(lines)})"
    return RawRelation(f"SELECT *, _line AS _record FROM ({rows})", row.raw_values())


def read_lines(file: Path, name: str, nested: str, longest: int = _LONGEST_LINE_BYTES) -> str:
    """Return the query that reads each line of a file into one value of a nested type.

    Args:
        file: The file.
        name: What the value is called.
        nested: Its type.
        longest: The most bytes that a line has, if that is known; several times as much are held.
    """
    compression = "gzip" if is_gzip(file) else "uncompressed"
    return (
        f"SELECT row_number() OVER () AS _line, {name} FROM read_json({literal(str(file))}, "
        f"format = 'newline_delimited', records = 'false', compression = '{compression}', "
        f"maximum_object_size = {longest}, hive_partitioning = false, "
        f"columns = {{{name}: {literal(nested)}}})"
    )


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
