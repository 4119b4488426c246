"""Records become rows: of their own table, and of the tables of the lists within them.

Here belongs the walk through a record along the plan of its tables. What the plan is, is decided in
`planning`; where the rows wait, in `spooling`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asp_dagster.warehouse.inferring.concealing import Concealer
from asp_dagster.warehouse.inferring.memory import Place
from asp_dagster.warehouse.inferring.naming import nested_name
from asp_dagster.warehouse.inferring.planning import PlannedColumn, PlannedTable
from asp_dagster.warehouse.inferring.shapes import REST, Node, TableShape
from asp_dagster.warehouse.inferring.spooling import Spool, Spools
from asp_dagster.warehouse.inferring.values import Writer, is_nothing, writer


@dataclass(eq=False)
class _Field:
    """What becomes of a field: a value, the fields of an object, or the rows of a list."""

    index: int = -1
    write: Writer | None = None
    fields: "dict[str, _Field]" = field(default_factory=dict)
    rows: "_Rows | None" = None


@dataclass(eq=False)
class _Rows:
    """What becomes of the entries of a list, or of the records.

    Attributes:
        spool: Where the rows go.
        top: What becomes of an entry's fields.
        shared: How many of the first columns are the same for all rows of an outer row.
        rest: What takes the fields that have no column.
    """

    spool: Spool
    top: _Field
    shared: int
    rest: _Field | None = None


class Flattener:
    """Puts the rows of records into spools, one for each table."""

    def __init__(
        self,
        tables: Sequence[PlannedTable],
        root: TableShape,
        *,
        key_width: int,
        concealer: Concealer,
        spools: Spools,
    ) -> None:
        """Make empty spools for the tables.

        Args:
            tables: The tables.
            root: The shape of the records.
            key_width: How many values identify a record: the first of each row.
            concealer: What is to be dropped or hashed.
            spools: Where the rows go.
        """
        self._key_width = key_width
        self._tables = {table.place: table for table in tables}
        self._concealer = concealer
        self._spools = spools
        self._all = {
            table.place: spools.spool({column.name: column.type for column in table.columns})
            for table in tables
        }
        self._root = self._rows(root)

    def spool(self, table: PlannedTable) -> Spool:
        """Return the rows of a table."""
        return self._all[table.place]

    def add_record(self, number: int, record: Mapping[str, Any], key: Sequence[str]) -> None:
        """Add the rows of a record.

        Args:
            number: The record's number.
            record: The record.
            key: The values that identify it, as they are stored.
        """
        row: list[Any] = [None] * self._root.spool.width
        row[: len(key)] = key
        self._fill(self._root, row, record, number)

    def _fill(self, rows: _Rows, row: list[Any], entry: Mapping[str, Any], number: int) -> None:
        """Add the row of an entry, and those of the lists in it."""
        shared = row[: rows.shared]
        rest: dict[str, Any] = {}
        self._walk(rows.top, row, shared, entry, rest if rows.rest else None, number)
        if rows.rest and rest and rows.rest.write:
            row[rows.rest.index] = rows.rest.write(rest)
        self._spools.add(rows.spool, number, row)

    def _walk(
        self,
        plan: _Field,
        row: list[Any],
        shared: list[Any],
        value: Mapping[str, Any],
        rest: dict[str, Any] | None,
        number: int,
    ) -> None:
        """Put the fields of an object into the row."""
        for name, inner in value.items():
            if is_nothing(inner):
                continue
            field = plan.fields.get(name)
            if field is None:
                if rest is not None:
                    rest[name] = inner
            elif field.write is not None:
                row[field.index] = field.write(inner)
            elif field.rows is not None:
                self._add_entries(field.rows, shared, inner, number)
            elif field.fields:
                self._walk(field, row, shared, inner, None, number)

    def _add_entries(
        self, rows: _Rows, shared: list[Any], entries: Sequence[Any], number: int
    ) -> None:
        """Add the rows of a list."""
        for position, entry in enumerate(entries, start=1):
            if entry is None:
                continue
            row: list[Any] = [None] * rows.spool.width
            row[: rows.shared] = [*shared, position]
            self._fill(rows, row, entry, number)

    def _rows(self, shape: TableShape) -> _Rows:
        """Return what becomes of the rows of a shape."""
        table = self._tables[shape.place]
        columns = {column.place: at for at, column in enumerate(table.columns)}
        top = self._field(shape.top, table, columns)
        rest = columns.get((*shape.place, REST))
        nested = nested_name(name for name in shape.place if name is not None)
        return _Rows(
            self._all[shape.place],
            top,
            self._key_width + shape.place.count(None),
            None if rest is None else self._column(rest, table.columns[rest], nested),
        )

    def _field(self, node: Node, table: PlannedTable, columns: Mapping[Place, int]) -> _Field:
        """Return what becomes of a field."""
        if node.treatment == "drop":
            return _Field()
        index = columns.get(node.place)
        if index is not None and node.kinds is not None:
            nested = nested_name(name for name in node.place if name is not None)
            return self._column(index, table.columns[index], nested)
        if node.entries is not None:
            return _Field(rows=self._rows(node.entries))
        return _Field(
            fields={name: self._field(inner, table, columns) for name, inner in node.fields.items()}
        )

    def _column(self, index: int, column: PlannedColumn, nested: str) -> _Field:
        """Return a field that is put into a column."""
        conceals = self._concealer
        if column.type == "json":
            write = writer("json")
            if not conceals:
                return _Field(index, write)
            return _Field(index, lambda value: write(conceals.concealed(value, nested)))
        is_hashed = conceals.treatment(nested) == "hash"
        return _Field(index, writer(column.type, hash_key=conceals.hash_key if is_hashed else None))
