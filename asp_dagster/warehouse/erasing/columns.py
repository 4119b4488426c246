"""Which columns of a feed's stored tables hold personal values, and which of them date a row.

A declared column is known by its paths, an inferred one by the place that its comment remembers, a
report's undeclared one by its name, which is its header's. Hashes are personal too: whoever has the
key can tell whose they are. Here belongs that look-up, and how a child's row finds its parent's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from asp_dagster.catalog.retention import FieldKind, FieldKinds, RetentionFields
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec
from asp_dagster.warehouse.errors import TableSpecError
from asp_dagster.warehouse.inferring.memory import Memory, Place, StoredColumn
from asp_dagster.warehouse.inferring.naming import nested_name
from asp_dagster.warehouse.inferring.planning import RECORD_NUMBER
from asp_dagster.warehouse.inferring.shapes import REST
from asp_dagster.warehouse.origins import PARTITION
from asp_dagster.warehouse.reading.paths import RowsPath, ValuePath

_DATE_TYPES = frozenset({"timestamp", "date", "text"})


@dataclass(frozen=True, kw_only=True)
class ErasableTable:
    """A stored table, and what of it is to be erased when.

    Attributes:
        name: Its name.
        personal: The columns to be set to NULL.
        kept: Personal columns that cannot be: they identify the rows.
        dates: The columns that date a row, by what they tell, with their types.
        parent: The table whose rows date this one's, if there is one.
        shared: The columns that a row has in common with its parent's.
    """

    name: str
    personal: tuple[str, ...]
    kept: tuple[str, ...] = ()
    dates: Mapping[FieldKind, Mapping[str, str]]
    parent: "ErasableTable | None" = None
    shared: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableFinder:
    """Finds the erasable tables of a feed among those that are stored.

    Attributes:
        known: The fields of the feed's records or rows.
        memory: The stored tables of the feed's schema.
    """

    known: RetentionFields
    memory: Memory

    def tables(self, declared: Sequence[TableSpec | InferredTable]) -> list[ErasableTable]:
        """Return the stored tables of a feed that have personal columns, parents or not."""
        found = [each for table in declared for each in self._found(table, declared)]
        return [table for table in found if table.personal or table.kept]

    def _found(
        self, table: TableSpec | InferredTable, declared: Sequence[TableSpec | InferredTable]
    ) -> Iterator[ErasableTable]:
        if table.name not in self.memory.tables:
            return
        if isinstance(table, InferredTable):
            yield from self._inferred(table)
            return
        parents = {each.name: each for each in declared if isinstance(each, TableSpec)}
        parent = parents.get(table.parent or "")
        above = self._declared(parent) if parent and parent.name in self.memory.tables else None
        yield self._declared(table, above, parent.key if parent and above else ())

    def _declared(
        self, table: TableSpec, parent: ErasableTable | None = None, shared: tuple[str, ...] = ()
    ) -> ErasableTable:
        kinds = _Kinds(self.known)
        stored = self.memory.tables[table.name]
        rows = RowsPath.parse(table.rows, table.name)
        found = {
            name: kinds.of_column(table.columns[name], rows)
            if name in table.columns
            else kinds.of_stored(column, rows)
            for name, column in stored.items()
        }
        key = {*table.key, *([table.newest_by] if table.newest_by else [])}
        return _erasable(table.name, stored, found, key, parent, shared)

    def _inferred(self, table: InferredTable) -> Iterator[ErasableTable]:
        names = self.memory.parts(table.name)
        root = self._part(table, names.get((), table.name), None)
        yield root
        for place, name in names.items():
            if place:
                yield self._part(table, name, root)

    def _part(self, table: InferredTable, name: str, parent: ErasableTable | None) -> ErasableTable:
        kinds = _Kinds(self.known)
        stored = self.memory.tables[name]
        rows = RowsPath.parse(table.rows, table.name)
        found = {each: kinds.of_stored(column, rows) for each, column in stored.items()}
        identifying = {way for place in table.key for way in ((place,), tuple(place.split(".")))}
        key = tuple(each for each, column in stored.items() if column.place in identifying)
        shared = (key or (PARTITION, RECORD_NUMBER)) if parent else ()
        return _erasable(name, stored, found, {*key}, parent, shared)


def _erasable(
    name: str,
    stored: Mapping[str, StoredColumn],
    found: Mapping[str, FieldKind | None],
    key: set[str],
    parent: ErasableTable | None = None,
    shared: tuple[str, ...] = (),
) -> ErasableTable:
    personal = [column for column, kind in found.items() if kind == "personal"]
    dates: dict[FieldKind, dict[str, str]] = {"delivered": {}, "modified": {}}
    for column, kind in found.items():
        type_ = stored[column].type
        if kind in dates and type_ in _DATE_TYPES:
            dates[kind][column] = str(type_)
    return ErasableTable(
        name=name,
        personal=tuple(column for column in personal if column not in key),
        kept=tuple(column for column in personal if column in key),
        dates=dates,
        parent=parent,
        shared=shared,
    )


class _Kinds:
    """Tells what columns mean."""

    def __init__(self, known: RetentionFields) -> None:
        self._known = known
        self._kinds = FieldKinds(known)
        places = () if known.fields.is_anywhere else known.fields.personal
        self._names = {nested_name(place.split(".")) for place in places}

    def of_column(self, column: ColumnSpec, rows: RowsPath) -> FieldKind | None:
        """Return what a declared column means; a number or a count tells of nobody."""
        if column.measure != "value":
            return None
        is_json = column.type == "json"
        kinds = [self._of_place(_around(path, rows), is_json=is_json) for path in column.paths]
        return next(filter(None, kinds), None)

    def of_stored(self, column: StoredColumn, rows: RowsPath) -> FieldKind | None:
        """Return what an inferred column means."""
        if column.place is None:
            return self.of_name(column.name)
        around = [name for level in rows.levels for name in level]
        is_json = column.type == "json"
        return self._of_place(_dotted(around, column.place), is_json=is_json)

    def of_name(self, name: str) -> FieldKind | None:
        """Return what a column means that is known by its name only."""
        if name in self._names:
            return "personal"
        return self._kinds.of(name) if self._known.fields.is_anywhere else None

    def _of_place(self, place: str, *, is_json: bool) -> FieldKind | None:
        kind = self._kinds.of(place)
        if kind is None and is_json and self._may_hold(place):
            return "personal"
        return kind

    def _may_hold(self, place: str) -> bool:
        """Return whether a value of JSON may hold what is personal somewhere inside."""
        fields = self._known.fields
        return self._known.is_restricted or bool(fields.personal_within(place))


def _around(path: str, rows: RowsPath) -> str:
    """Return the dotted place of a declared column's value, from the record on."""
    if not _is_path(path):
        return path
    value = ValuePath.parse(path)
    levels = rows.levels[: max(0, len(rows.levels) - value.outer)]
    names = [name for level in levels for name in level]
    return ".".join([*names, *(step.name for step in value.steps)])


def _is_path(path: str) -> bool:
    """Return whether a path leads anywhere, and is not a header that looks like none."""
    try:
        ValuePath.parse(path)
    except TableSpecError:
        return False
    return True


def _dotted(around: Sequence[str], place: Place) -> str:
    return ".".join([*around, *(name for name in place if name is not None and name != REST)])
