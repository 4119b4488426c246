"""Whether declared tables can be meant.

Here belong: what columns, keys and parents must agree on. Whether a path leads anywhere shows when
a raw file is read.
"""

import re
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from asp_dagster.catalog.declarations import DeclarationError, known
from asp_dagster.catalog.tables import ColumnSpec, TableSpec

_OUTWARD = re.compile(r"\^(?:\.\^)*")


def check_tables(tables: Sequence[TableSpec]) -> None:
    """Refuse tables that contradict themselves or each other.

    Raises:
        DeclarationError: With every contradiction.
    """
    mistakes = [mistake for table in tables for mistake in _contradictions(table, tables)]
    if mistakes:
        raise DeclarationError("; ".join(mistakes))


def _contradictions(table: TableSpec, tables: Sequence[TableSpec]) -> Iterator[str]:
    named = {"key": table.key, "preview": table.preview}
    if table.newest_by:
        named["newest_by"] = (table.newest_by,)
    for key, columns in named.items():
        for column in columns:
            if column not in table.columns and table.other_columns == "drop":
                yield f"tables.{table.name}.{key}: no column {column!r}{known(table.columns)}"
    for name, column_spec in table.columns.items():
        yield from _column_contradictions(f"tables.{table.name}.columns.{name}", column_spec)
    if table.parent:
        yield from _parent_contradictions(table, tables)


def _column_contradictions(place: str, column: ColumnSpec) -> Iterator[str]:
    yield from _path_contradictions(place, column)
    if column.hashed and column.type != "text":
        yield f"{place}.hashed: needs `type: text`, which the hash is"
    if column.type in {"list", "json"} and (column.measure != "value" or column.words):
        yield f"{place}.type: {column.type} takes neither `measure` nor `words`"
    if column.locale != "none" and column.type not in {"decimal", "timestamp", "date"}:
        yield f"{place}.locale: is for the types decimal, timestamp and date"
    if column.currency and (column.locale != "any" or column.type != "decimal"):
        yield f"{place}.currency: goes with `type: decimal` and `locale: any`"
    yield from _zone_contradictions(place, column)
    if (column.measure == "contains") != (column.contains is not None):
        yield f"{place}: `measure: contains` and `contains` go together"


def _zone_contradictions(place: str, column: ColumnSpec) -> Iterator[str]:
    if column.zone is None:
        return
    if column.type != "timestamp":
        yield f"{place}.zone: is for the type timestamp"
    try:
        ZoneInfo(column.zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"{place}.zone: {column.zone!r} is no time zone; write one like Asia/Tokyo"


def _path_contradictions(place: str, column: ColumnSpec) -> Iterator[str]:
    if not column.paths and column.measure not in {"line_number", "position"}:
        yield f"{place}.path: is missing"
    for path in column.paths:
        if column.measure == "position" and not _OUTWARD.fullmatch(path):
            yield f"{place}.path: {path!r} is no entry around the row; write ^ or ^.^"
        if column.measure == "value" and "[]" in path and column.type != "list":
            yield f"{place}.path: {path!r} gathers a list; declare `type: list`, or a `measure`"


def _parent_contradictions(table: TableSpec, tables: Sequence[TableSpec]) -> Iterator[str]:
    parents = {other.name: other for other in tables if other.key and other is not table}
    parent = parents.get(table.parent or "")
    if parent is None:
        yield f"tables.{table.name}.parent: no keyed table {table.parent!r}{known(parents)}"
        return
    for column in parent.key:
        if column not in table.columns:
            yield f"tables.{table.name}: needs column {column!r}, the key of {parent.name}"
