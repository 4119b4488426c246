"""Rows out of one document: the raw formats `json`, in which many reports come, and `xml`.

A document may be larger than memory. So one walk copies the entries of the list that holds the
rows to a temporary file, one entry a line, which is then read like any records; another takes from
around the list only what the columns' `^.` paths ask for. Numbers keep every digit.

A table without `rows` takes the document itself as its row, or the entries of a document that is a
list. The file may be gzip or not, whatever its name. How an element of XML becomes a record is said
in `xml_documents`.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import IO, Any

from asp_dagster.catalog.tables import TableSpec
from asp_dagster.json_documents import BrokenJSONError, json_events, json_values
from asp_dagster.warehouse.errors import RawFileError
from asp_dagster.warehouse.reading.columns import RawRelation
from asp_dagster.warehouse.reading.paths import Mark, Route, RowsPath, nested_type
from asp_dagster.warehouse.reading.raw_files import open_raw
from asp_dagster.warehouse.reading.records import read_lines
from asp_dagster.warehouse.reading.row_levels import RowLevels
from asp_dagster.warehouse.reading.xml_documents import XmlOutline, xml_records

_SHORTEST_BUFFER_BYTES = 1 << 18


def document_rows(table: TableSpec, file: Path, folder: Path) -> RawRelation:
    """Return the table's rows in a JSON document, copied to a folder where DuckDB reads them.

    Raises:
        RawFileError: The file is no JSON document, or has no list where the rows should be.
    """
    levels = RowsPath.parse(table.rows, table.name).levels or ((),)
    # What is around the entries is read apart from them, so they begin at the first level.
    row = RowLevels(table, levels, place="entry", first=1)
    entries, around = folder / "entries.jsonl", folder / "around.jsonl"
    longest = write_lines(entries, document_entries(file, levels[0]))
    longest_around = write_lines(around, [_around(file, row.routes(0))])
    read = read_lines(entries, "r1", row.nested_type(), longest)
    lines = f"SELECT *, _line AS p1 FROM ({read})"
    parent = read_lines(around, "r0", nested_type(row.routes(0)), longest_around)
    whole = f"SELECT * FROM ({lines}) CROSS JOIN (SELECT r0 FROM ({parent}))"
    number = "row_number() OVER ()" if len(levels) > 1 else "_line"
    return RawRelation(
        # The whole document is one record: rows that repeat a key in it belong together.
        f"SELECT *, {number} AS _number, CAST(1 AS BIGINT) AS _record FROM ({row.unnested(whole)})",
        row.raw_values(),
        place="entry",
    )


def table_outline(table: TableSpec, files: Sequence[Path]) -> XmlOutline:
    """Return what the table's paths and the files say about the elements of XML documents."""
    rows = RowsPath.parse(table.rows, table.name)
    ways = RowLevels(table, rows.levels[1:], place="entry").all_routes()
    places = [tuple(step if isinstance(step, str) else None for step in way) for way in ways]
    values = [way[:-1] for way in ways if way and way[-1] is Mark.VALUE]
    return XmlOutline.of(
        files,
        rows,
        known=[
            place[:-1] if way[-1] in {Mark.VALUE, Mark.JSON} else place
            for way, place in zip(ways, places, strict=True)
            if way
        ],
        plain=[tuple(step for step in way if isinstance(step, str)) for way in values],
    )


def xml_rows(table: TableSpec, file: Path, outline: XmlOutline, folder: Path) -> RawRelation:
    """Return the table's rows in an XML document, copied to a folder where DuckDB reads them.

    Raises:
        RawFileError: The file is no XML document, or declares entities.
    """
    row = RowLevels(table, RowsPath.parse(table.rows, table.name).levels[1:], place="entry")
    records = folder / "records.jsonl"
    longest = write_lines(records, xml_records(file, outline))
    lines = read_lines(records, "r0", row.nested_type(), longest)
    number = "row_number() OVER ()" if row.depth else "_line"
    rows = f"SELECT *, {number} AS _number FROM ({row.unnested(lines)})"
    relation = f"SELECT *, CAST(1 AS BIGINT) AS _record FROM ({rows})"
    return RawRelation(relation, row.raw_values(), place="entry")


def write_lines(target: Path, values: Iterable[Any]) -> int:
    """Write the values, one a line, and return how many bytes the longest takes, or a bit more."""
    longest = _SHORTEST_BUFFER_BYTES
    with target.open("w", encoding="utf-8") as stream:
        for value in values:
            # A decimal is written as text, since DuckDB would read it as binary floating point.
            longest = max(longest, stream.write(json.dumps(value, default=str) + "\n"))
    return longest


def document_entries(file: Path, names: tuple[str, ...]) -> Iterator[Any]:
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


def _around(file: Path, ways: Sequence[Route]) -> dict[str, Any]:
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
        yield from json_values(stream, place)


def _kind(file: Path, place: str) -> str | None:
    """Return how the value at a place of the document begins."""
    with _document(file) as stream:
        return next((event for at, event, _ in json_events(stream) if at == place), None)


def _keys(file: Path, place: str) -> list[str]:
    """Return the keys of the object at a place of the document."""
    with _document(file) as stream:
        events = json_events(stream)
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
        except BrokenJSONError as error:
            raise RawFileError(
                f"{file.name} is no JSON document, or breaks off ({error}): extract it again."
            ) from None
