"""The shape of records: which fields there are, what they hold, and what types fit.

One pass over the records finds it. A field that holds single values (or lists of them) becomes a
column; an object, the columns of its fields; a list of objects, a table of its own. A field that
holds now this and now that becomes one column of JSON, and so does an object with so many fields
that they must be data rather than names.

Memory is bound by the number of different fields. Here belongs the shape alone; the names and types
that follow from it are `planning`'s.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from asp_dagster.catalog.tables import Concealment
from asp_dagster.warehouse.inferring.concealing import Concealer
from asp_dagster.warehouse.inferring.kinds import ANY, LISTED, ONLY_JSON, TEXTUAL, Judge, Kinds
from asp_dagster.warehouse.inferring.memory import Place
from asp_dagster.warehouse.inferring.naming import nested_name
from asp_dagster.warehouse.inferring.values import is_nothing

MOST_COLUMNS = 800
"""How many columns a table may have before an object of it becomes a single one."""

REST = "\0rest"
"""The name of the field that takes what a table has no more columns for."""

_CHILD_WEIGHT = 20
_DEEPEST = 30
_LOGGER = logging.getLogger(__name__)


class Node:
    """What a field holds, as far as it has been seen.

    Attributes:
        place: The field's place in the record.
        kinds: The types that its single values and lists could have, None if it has none.
        has_objects: Whether it has been an object.
        fields: The fields of its objects.
        entries: The table of its lists of objects.
        treatment: Whether it is dropped or hashed.
        is_fixed: Whether it is needed as it is: for the key, or for the order.
        was_single: Whether a column of single values is stored for it.
    """

    __slots__ = (
        "entries",
        "fields",
        "has_objects",
        "is_fixed",
        "judge",
        "kinds",
        "place",
        "treatment",
        "was_single",
    )

    def __init__(
        self, place: Place, judge: Judge | None = None, treatment: Concealment | None = None
    ) -> None:
        self.place = place
        self.judge = judge
        self.treatment = treatment
        self.kinds: Kinds | None = None
        self.fields: dict[str, Node] = {}
        self.entries: TableShape | None = None
        self.has_objects = False
        self.is_fixed = False
        self.was_single = False

    @property
    def is_json(self) -> bool:
        """Whether only JSON can hold all that stands here."""
        return self.kinds == ONLY_JSON

    @property
    def weight(self) -> int:
        """How much the fields of its objects burden the table."""
        return sum(_CHILD_WEIGHT if node.entries else 1 for node in self.fields.values())

    def become_json(self) -> None:
        """Hold everything in one value from now on."""
        self.kinds = ONLY_JSON
        self.fields = {}
        self.entries = None

    def nodes(self) -> Iterator["Node"]:
        """Return this field and those within its objects, but not within its lists."""
        yield self
        if not self.is_json:
            for node in self.fields.values():
                yield from node.nodes()


class TableShape:
    """The shape of one table's rows: the records, or the entries of a list."""

    def __init__(self, place: Place) -> None:
        self.top = Node(place)
        self.burden = 0
        self.is_closed = False
        self.has_rest = False

    @property
    def place(self) -> Place:
        """Where the rows stand in the record: it ends in None, unless they are the records."""
        return self.top.place

    def leaves(self) -> Iterator[Node]:
        """Return the fields that become columns."""
        return (node for node in self.top.nodes() if node.kinds is not None)

    def children(self) -> Iterator["TableShape"]:
        """Return the tables of the lists of objects within the rows."""
        return (node.entries for node in self.top.nodes() if node.entries and not node.is_json)


class Shape:
    """The shape of a table's records, growing as they are seen."""

    def __init__(
        self,
        name: str,
        *,
        concealer: Concealer,
        order: Place = (),
        is_plain_text: bool = False,
        most_columns: int = MOST_COLUMNS,
    ) -> None:
        """Make the shape of no record.

        Args:
            name: The table's name.
            concealer: What is to be dropped or hashed.
            order: The place of what tells the newer of two records.
            is_plain_text: Whether numbers are written as texts.
            most_columns: How many columns a table may have.
        """
        self.root = TableShape(())
        self._name = name
        self._concealer = concealer
        self._order = order
        self._is_plain_text = is_plain_text
        self._most_columns = most_columns

    def add_record(self, record: Mapping[str, Any]) -> None:
        """Take a record into account."""
        self._add_object(self.root, self.root.top, record)

    def fix(self, place: Place) -> None:
        """Keep a field of the record a column of its own, whatever else there is."""
        node = self.root.top
        for name in place:
            node = self._field(self.root, node, str(name)) or node
            node.is_fixed = True

    def remember(self, place: Place, *, is_json: bool) -> None:
        """Take into account that there is a column for a place already."""
        if place[-1] == REST:
            return
        table, node = self.root, self.root.top
        for name in place:
            if node.is_json or node.treatment == "drop":
                return
            if name is None:
                table, node = self._enter(table, node)
                continue
            node.has_objects = True
            field = self._field(table, node, name)
            if field is None:
                return
            node = field
        if is_json and not node.is_fixed:
            node.become_json()
        node.was_single = place[-1] is not None

    def _add_object(self, table: TableShape, node: Node, value: Mapping[str, Any]) -> None:
        """Take the fields of an object into account."""
        for name, inner in value.items():
            if is_nothing(inner):
                continue
            field = self._field(table, node, name)
            if field is None:
                table.has_rest = True
            elif field.treatment != "drop":
                self._add_value(table, field, inner)

    def _add_value(self, table: TableShape, node: Node, value: Any) -> None:
        """Take a value of a field into account."""
        if isinstance(value, dict):
            if _is_free(node) and node.entries is None:
                node.has_objects = True
                self._add_object(table, node, value)
            else:
                self._disagree(node)
        elif isinstance(value, list):
            self._add_list(table, node, value)
        elif node.has_objects or node.entries:
            self._disagree(node)
        elif node.kinds != TEXTUAL or not isinstance(value, str):
            kinds = ANY if node.kinds is None else node.kinds
            node.kinds = kinds & _judge(node).kinds(value)

    def _add_list(self, table: TableShape, node: Node, value: list[Any]) -> None:
        """Take a list into account: of objects, of single values, or of what else."""
        entries = [entry for entry in value if entry is not None]
        if all(isinstance(entry, dict) for entry in entries):
            if node.has_objects or not _is_free(node):
                self._disagree(node)
                return
            inner, top = self._enter(table, node)
            for entry in entries:
                self._add_object(inner, top, entry)
            return
        is_single = not any(isinstance(entry, dict | list) for entry in entries)
        if is_single and not node.has_objects and not node.entries:
            node.kinds = LISTED if node.kinds is None else node.kinds & LISTED
        else:
            self._disagree(node)

    @staticmethod
    def _disagree(node: Node) -> None:
        """Hold in JSON what is neither always a single value nor always anything else."""
        if not node.is_fixed:
            node.become_json()

    def _enter(self, table: TableShape, node: Node) -> tuple[TableShape, Node]:
        """Return the table of a field's list of objects, and the top of its rows."""
        if node.entries is None:
            node.entries = TableShape((*node.place, None))
            self._bear(table, _CHILD_WEIGHT)
        # The burden may have made JSON of the field, which then has no table any more.
        entries = node.entries or TableShape((*node.place, None))
        return entries, entries.top

    def _field(self, table: TableShape, node: Node, name: str) -> Node | None:
        """Return the field of an object, None if the table has no more room for it."""
        known = node.fields.get(name)
        if known is not None:
            return known
        if node is table.top and table.is_closed:
            return None
        place = (*node.place, name)
        nested = nested_name(part for part in place if part is not None)
        judge = Judge(nested, is_plain_text=self._is_plain_text, is_order=place == self._order)
        field = node.fields[name] = Node(place, judge, self._concealer.treatment(nested))
        self._bear(table, 1)
        return field

    def _bear(self, table: TableShape, weight: int) -> None:
        """Count a new field, and make JSON of the widest object when there are too many."""
        table.burden += weight
        if table.burden <= self._most_columns:
            return
        objects = [node for node in table.top.nodes() if node.fields and node is not table.top]
        loose = [node for node in objects if not any(inner.is_fixed for inner in node.nodes())]
        widest = max(loose, key=lambda node: node.weight, default=None)
        if widest is None:
            table.is_closed = True
            return
        _LOGGER.warning(
            "Table %s: field %s has %d fields, more than a table takes: it is kept as JSON",
            self._name,
            nested_name(name for name in widest.place if name is not None),
            len(widest.fields),
        )
        widest.become_json()
        table.burden = sum(_CHILD_WEIGHT if node.entries else 1 for node in table.top.nodes())


def _is_free(node: Node) -> bool:
    """Return whether a field can hold objects: it has no single values, and is not too deep."""
    return node.kinds is None and not node.was_single and len(node.place) < _DEEPEST


def _judge(node: Node) -> Judge:
    """Return the judge of a field that holds single values."""
    if node.judge is None:
        raise AssertionError(f"{node.place} is no field.")
    return node.judge
