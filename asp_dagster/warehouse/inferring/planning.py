"""The tables that records of a shape become: their names, their columns, and the types of these.

What is stored already stays as it is called, and its types only ever widen. Here belong the
decisions, from a shape and the memory of what is stored; carrying them out is `widening`'s work.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from asp_dagster.catalog.tables import ColumnType
from asp_dagster.warehouse.inferring.kinds import (
    LISTED,
    ONLY_JSON,
    TEXTUAL,
    Kind,
    Kinds,
    in_order,
    narrowest,
)
from asp_dagster.warehouse.inferring.memory import Memory, Place, StoredColumn
from asp_dagster.warehouse.inferring.naming import fitting, free_name, nested_name
from asp_dagster.warehouse.inferring.shapes import REST, Node, TableShape

RECORD_NUMBER = "_record"
"""The column that numbers the records of a partition, where no key identifies them."""

POSITION = "position"
"""The column that says which entry of its list a row is, from 1."""

_OURS = frozenset({RECORD_NUMBER, "_partition", "_loaded_at", "_account"})
_REST_NAME = "other_fields"

Widens = Callable[[str, str, ColumnType, ColumnType], bool]
"""Whether a stored table's column can take another type as it is, and keep its values truthful."""


@dataclass(frozen=True)
class PlannedColumn:
    """A column of an inferred table.

    Attributes:
        name: Its name.
        place: Where its values stand in the records.
        type: Its type.
        stored_type: The type it has been stored with so far, if it has.
        is_remembered: Whether the stored column says of itself all that is to be said.
    """

    name: str
    place: Place
    type: ColumnType
    stored_type: ColumnType | None = None
    is_remembered: bool = False


@dataclass(frozen=True)
class PlannedTable:
    """An inferred table, or one that belongs to it.

    Attributes:
        name: The stored table's name.
        place: Where its rows stand in the records.
        columns: Its columns, those it shares with the table of the records first.
    """

    name: str
    place: Place
    columns: tuple[PlannedColumn, ...]

    def named(self, place: Place) -> str:
        """Return the name of the column of a place."""
        return next(column.name for column in self.columns if column.place == place)


@dataclass(frozen=True, kw_only=True)
class Planner:
    """Plans the tables of one inferred table.

    Attributes:
        name: The name of the inferred table.
        key: The places of what identifies a record.
        order: The place of what tells the newer of two records, if there is one.
        memory: What is stored already.
        taken_tables: Names that no further table may have.
        widens: Tells whether a stored column can become wider.
    """

    name: str
    key: tuple[Place, ...]
    order: Place | None
    memory: Memory
    taken_tables: Collection[str]
    widens: Widens

    def plan(self, root: TableShape) -> list[PlannedTable]:
        """Return the tables, that of the records first, also those that get no row any more."""
        names = self.memory.parts(self.name)
        shapes = {shape.place: shape for shape in _with_children(root)}
        taken = {*self.taken_tables, *self.memory.tables, self.name}
        for place in shapes:
            if place not in names:
                names[place] = self.name if not place else free_name(self._table_name(place), taken)
                taken.add(names[place])
        gone = {place: TableShape(place) for place in names.keys() - shapes.keys()}
        return [
            self._table(names[place], shape) for place, shape in sorted_places({**shapes, **gone})
        ]

    def _table_name(self, place: Place) -> str:
        """Return the name that the table of a list would have."""
        return f"{self.name}__{nested_name(name for name in place if name is not None)}"

    def _table(self, name: str, shape: TableShape) -> PlannedTable:
        """Return the table of a shape."""
        stored = self.memory.tables.get(name, {})
        names = _Names(self.name, stored)
        fixed = [*self._identifying(), *_positions(shape.place)]
        columns = [names.column(place, wanted, _always(type_)) for place, wanted, type_ in fixed]
        seen = {column.place for column in columns}
        for node in shape.leaves():
            if node.place not in seen:
                wanted = nested_name(_inside(shape.place, node.place))
                columns.append(names.column(node.place, wanted, self._typing(name, node)))
        if shape.has_rest:
            columns.append(names.column((*shape.place, REST), _REST_NAME, _always("json")))
        seen = {column.place for column in columns}
        columns.extend(column for column in names.remembered() if column.place not in seen)
        return PlannedTable(name, shape.place, tuple(columns))

    def _identifying(self) -> Iterator[tuple[Place, str, ColumnType]]:
        """Return the columns by which a row is found from its record."""
        for key in self.key:
            yield key, nested_name(str(name) for name in key), "text"

    def _typing(self, table: str, node: Node) -> Callable[[StoredColumn | None], ColumnType]:
        """Return what chooses the type of a field's column, given the stored one."""
        kinds = node.kinds or ONLY_JSON
        if node.treatment == "hash":
            kinds &= LISTED | TEXTUAL
        return lambda stored: self._wide_enough(table, node.place, kinds, stored)

    def _wide_enough(
        self, table: str, place: Place, kinds: Kinds, stored: StoredColumn | None
    ) -> ColumnType:
        """Return the narrowest type that fits what is stored and what is new."""
        if stored is None or stored.type is None:
            return narrowest(kinds)
        if stored.type == "date" and place == self.order and kinds & Kind.TIMESTAMP:
            return "timestamp"
        fitting_types = (
            type_
            for type_ in in_order(kinds)
            if type_ == stored.type or self.widens(table, stored.name, stored.type, type_)
        )
        return next(fitting_types)


class _Names:
    """The columns of one table, each with a name of its own."""

    def __init__(self, root: str, stored: Mapping[str, StoredColumn]) -> None:
        ours = [column for column in stored.values() if column.type is not None]
        self._root = root
        self._by_place = {
            column.place: column
            for column in ours
            if column.place is not None and column.table == root
        }
        self._unclaimed = {
            column.name: column
            for column in ours
            if column.place is None and column.name not in _OURS
        }
        self._taken = {*_OURS, *(name.lower() for name in stored)}

    def column(
        self, place: Place, wanted: str, choose: Callable[[StoredColumn | None], ColumnType]
    ) -> PlannedColumn:
        """Return the column of a place, by the name it has or would like to have."""
        stored = self._by_place.get(place) or self._unclaimed.pop(fitting(wanted), None)
        type_ = choose(stored)
        if stored is None:
            name = free_name(wanted, self._taken)
            self._taken.add(name)
            return PlannedColumn(name, place, type_)
        is_remembered = stored.place is not None and stored.type == type_
        return PlannedColumn(stored.name, place, type_, stored.type, is_remembered)

    def remembered(self) -> Iterator[PlannedColumn]:
        """Return the columns that are stored."""
        for place, stored in self._by_place.items():
            if stored.type is not None:
                yield PlannedColumn(stored.name, place, stored.type, stored.type, True)


def _always(type_: ColumnType) -> Callable[[StoredColumn | None], ColumnType]:
    """Return what chooses one type, whatever is stored."""
    return lambda _: type_


def sorted_places(shapes: dict[Place, TableShape]) -> list[tuple[Place, TableShape]]:
    """Return the tables with those of inner lists behind those of outer ones."""
    return sorted(shapes.items(), key=lambda item: item[0].count(None))


def _with_children(shape: TableShape) -> Iterator[TableShape]:
    """Return the shape of a table and those of all tables within its rows."""
    yield shape
    for child in shape.children():
        yield from _with_children(child)


def _positions(place: Place) -> Iterator[tuple[Place, str, ColumnType]]:
    """Return the columns that say which entry a row is, and within which entries."""
    levels = [place[:end] for end in range(1, len(place) + 1) if place[end - 1] is None]
    for level in levels[:-1]:
        own = list(takewhile(lambda name: name is not None, reversed(level[:-1])))
        yield level, f"{nested_name(str(name) for name in reversed(own))}_{POSITION}", "integer"
    if levels:
        yield place, POSITION, "integer"


def _inside(table: Place, place: Place) -> Iterator[str]:
    """Return the names that lead from a table's row to a place."""
    return (str(name) for name in place[len(table) :])
