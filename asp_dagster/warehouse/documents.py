"""Rows out of one JSON document: the raw format `json`, in which many reports come.

A document may be larger than memory. So one walk copies the entries of the list that holds the
rows to a temporary file, one entry a line, which is then read like any records; another takes from
around the list only what the columns' `^.` paths ask for. Numbers keep every digit.

A table without `rows` takes the document itself as its row, or the entries of a document that is a
list. The file may be gzip or not, whatever its name.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import IO, Any

import ijson

from asp_dagster.catalog.tables import TableSpec
from asp_dagster.warehouse.columns import RawRelation
from asp_dagster.warehouse.errors import RawFileError
from asp_dagster.warehouse.paths import Mark, Route, nested_type
from asp_dagster.warehouse.raw_files import open_raw
from asp_dagster.warehouse.records import raw_values, read_lines, routes, rows_place


def document_rows(table: TableSpec, file: Path, folder: Path) -> RawRelation:
    """Return the table's rows in a JSON document, copied to a folder where DuckDB reads them.

    Raises:
        RawFileError: The file is no JSON document, or has no list where the rows should be.
    """
    ways, parent_ways = routes(table)
    row_type, parent_type = nested_type(ways), nested_type(parent_ways)
    entries, around = folder / "entries.jsonl", folder / "around.jsonl"
    _write_lines(entries, _entries(file, rows_place(table)))
    _write_lines(around, [_around(file, parent_ways)])
    rows = read_lines(entries, "entry", row_type)
    parent = read_lines(around, "record", parent_type)
    return RawRelation(
        # The whole document is one record: rows that repeat a key in it belong together.
        "SELECT _line, _line AS _number, CAST(1 AS BIGINT) AS _record, entry, record "
        f"FROM ({rows}) CROSS JOIN (SELECT record FROM ({parent}))",
        raw_values(table, "entry"),
        place="entry",
    )


def _write_lines(target: Path, values: Iterable[Any]) -> None:
    """Write the values, one a line."""
    with target.open("w", encoding="utf-8") as stream:
        for value in values:
            # A decimal is written as text, since DuckDB would read it as binary floating point.
            stream.write(json.dumps(value, default=str) + "\n")


def _entries(file: Path, names: tuple[str, ...]) -> Iterator[Any]:
    """Return the entries of the list at a place; at no place, of the document."""
    place = ".".join(names)
    if _kind(file, place) == "start_array":
        yield from _values(file, f"{place}.item".removeprefix("."))
    elif not names:
        yield from _values(file, place)
    else:
        keys = ", ".join(_keys(file, ".".join(names[:-1]))) or "no keys at all"
        raise RawFileError(
            f"{file.name} has no list at {place}: there it has {keys}; correct the rows of the "
            "table, or extract the report that was meant."
        )


def _around(file: Path, ways: list[Route]) -> dict[str, Any]:
    """Return, as one record, what the ways lead to, as far as they lead through objects."""
    record: dict[str, Any] = {}
    for names in dict.fromkeys(tuple(takewhile(_is_name, way)) for way in ways):
        *outer, last = map(str, names)
        inner = record
        for name in outer:
            inner = inner.setdefault(name, {})
        inner[last] = next(_values(file, ".".join([*outer, last])), None)
    return record


def _is_name(step: str | Mark) -> bool:
    """Return whether a step of a way leads into a field."""
    return isinstance(step, str)


def _values(file: Path, place: str) -> Iterator[Any]:
    """Return the values at a place of the document."""
    with _document(file) as stream:
        yield from ijson.items(stream, place)


def _kind(file: Path, place: str) -> str | None:
    """Return how the value at a place of the document begins."""
    with _document(file) as stream:
        return next((event for at, event, _ in ijson.parse(stream) if at == place), None)


def _keys(file: Path, place: str) -> list[str]:
    """Return the keys of the object at a place of the document."""
    with _document(file) as stream:
        events = ijson.parse(stream)
        return [value for at, event, value in events if at == place and event == "map_key"]


@contextmanager
def _document(file: Path) -> Iterator[IO[bytes]]:
    """Open the file for a walk.

    Raises:
        RawFileError: What is walked is no JSON.
    """
    with open_raw(file) as stream:
        try:
            yield stream
        except ijson.JSONError:
            # Its message quotes the document, so it is not passed on.
            raise RawFileError(
                f"{file.name} is no JSON document, or breaks off: extract it again."
            ) from None
