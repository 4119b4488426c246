"""A table's rows within lists within records, and its columns' paths from there, in DuckDB's SQL.

Level 0 is the record, or the document; each list that is gone through adds one, up to the rows'
own. In the query, `r0`, `r1`, … are the value of each level and `p1`, `p2`, … its position in its
list. Here belong the expressions over these: values, measures, positions. How the records get into
the query is said by the formats.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse.errors import TableSpecError
from asp_dagster.warehouse.reading.columns import Column
from asp_dagster.warehouse.reading.paths import Mark, Route, ValuePath, nested_type, outer_levels
from asp_dagster.warehouse.sql import literal

_SUMMABLE = frozenset({"integer", "decimal", "double"})


@dataclass(frozen=True)
class RowLevels:
    """The levels of a table's rows.

    Attributes:
        table: The table.
        lists: The names that lead to each list that is gone through.
        place: What `_line` counts in the raw file: `line`, or `entry` of a list.
        first: The level at which the query begins that is unnested.
    """

    table: TableSpec
    lists: Sequence[tuple[str, ...]]
    place: str
    first: int = 0

    @property
    def depth(self) -> int:
        """The level of the rows."""
        return len(self.lists)

    def nested_type(self) -> str:
        """Return the type of the value of the first level, in which all paths can be gone."""
        return nested_type(self.all_routes())

    def all_routes(self) -> list[Route]:
        """Return the ways that all paths go from the first level."""
        ways: list[Route] = []
        before: Route = ()
        for level in range(self.first, self.depth + 1):
            ways.extend((*before, *way) for way in self.routes(level))
            if level < self.depth:
                before = (*before, *self.lists[level], Mark.ENTRIES)
        return [*ways, before]

    def routes(self, level: int) -> list[Route]:
        """Return the ways that the columns' paths go from a level."""
        paths = [
            (column, ValuePath.parse(text))
            for column in self.table.columns.values()
            if column.measure != "position"
            for text in column.paths
        ]
        return [
            way
            for column, path in paths
            if self._level(path.outer) == level
            for way in _ways(column, path)
        ]

    def unnested(self, query: str) -> str:
        """Return the query of the rows, given that of the first level."""
        for level in range(self.first, self.depth):
            entries = f"r{level}" + "".join(f"[{literal(name)}]" for name in self.lists[level])
            query = (
                f"SELECT *, unnest({entries}) AS r{level + 1}, "
                f"unnest(range(1, len({entries}) + 1)) AS p{level + 1} FROM ({query})"
            )
        return query

    def raw_values(self) -> tuple[str, ...]:
        """Return the expression of each column's text or measure."""
        columns = (Column(self.table, name, self.place) for name in self.table.columns)
        return tuple(self._raw_value(column) for column in columns)

    def _level(self, outer: int) -> int:
        """Return the level that is so many levels around the rows."""
        if outer > self.depth:
            raise TableSpecError(
                f"Table {self.table.name} takes whole records as its rows, and they have no "
                "parent: leave the ^. out of its paths."
                if not self.depth
                else f"Table {self.table.name} has paths from {outer} levels around its rows, but "
                f"there are only {self.depth}: write ^. as often as that, or less."
            )
        return self.depth - outer

    def _raw_value(self, column: Column) -> str:
        """Return the expression of one column's text or measure."""
        if column.spec.measure == "line_number":
            return "_number"
        if column.spec.measure == "position":
            return self._position(column)
        if not column.spec.paths:
            raise TableSpecError(f"The {column.label} has no path: say where its value stands.")
        found = [self._found(column, ValuePath.parse(path)) for path in column.spec.paths]
        match column.spec.measure:
            case "value":
                return column.text(found)
            case "contains":
                return f"coalesce({', '.join(found)}, false)"
            case _:
                return f"coalesce({', '.join(found)}, 0)"

    def _position(self, column: Column) -> str:
        """Return the expression of the position of the row, or of an entry around it."""
        outer = max((outer_levels(path) for path in column.spec.paths), default=0)
        level = self._level(outer)
        if level == 0:
            raise TableSpecError(
                f"The {column.label} is a position, but a whole record is in no list: say at "
                "`rows` which list the rows are in, or write ^ less often."
            )
        return f"p{level}"

    def _found(self, column: Column, path: ValuePath) -> str:
        """Return the expression of what a column looks for at one of its paths."""
        root = f"r{self._level(path.outer)}"
        path = _gathering(column, path)
        match column.spec.measure:
            case "count":
                return f"len({path.gathered(root)})"
            case "contains":
                return f"list_contains({path.gathered(root)}, {literal(_looked_for(column))})"
            case "sum":
                number = column.typed("number")
                return f"list_sum(list_transform({path.gathered(root)}, lambda number: {number}))"
            case _:
                return path.gathered(root) if path.gathers else path.sql(root)


def _ways(column: ColumnSpec, path: ValuePath) -> Iterator[Route]:
    """Return the ways one path of a column goes."""
    path = _opened(column, path)
    if column.measure == "count":
        return path.routes()
    if column.type == "json" and column.measure == "value":
        return path.routes(Mark.JSON)
    return path.routes(Mark.VALUE)


def _opened(column: ColumnSpec, path: ValuePath) -> ValuePath:
    """Return a path that leads to each value which a measure, or a list, is made of."""
    last = len(path.steps) - 1
    match column.measure:
        case "count" | "contains":
            return path.through_each(last)
        case "sum" if not path.gathers and last > 0:
            return path.through_each(last - 1)
        case "value" if column.type == "list" and not path.gathers:
            return path.through_each(last)
    return path


def _gathering(column: Column, path: ValuePath) -> ValuePath:
    """Return a path that leads to each value, if it is one that the column can be made of.

    Raises:
        TableSpecError: The path leads to several values where there should be one, or the reverse.
    """
    opened, spec = _opened(column.spec, path), column.spec
    is_sum = spec.measure == "sum"
    if is_sum and (
        spec.type not in _SUMMABLE or not opened.gathers or opened.steps[-1].takes_entry
    ):
        raise TableSpecError(
            f"The {column.label} cannot be summed: it takes a type of numbers, and a path that "
            "ends in a list and the field of its entries, such as items.quantity."
        )
    if spec.measure == "value" and opened.gathers != (spec.type == "list"):
        raise TableSpecError(
            f"The {column.label} leads through each entry of a list, so there are several values: "
            "let its type be list, take a measure, or name one entry."
        )
    return opened


def _looked_for(column: Column) -> str:
    """Return the entry a `contains` column looks for."""
    if column.spec.contains is None:
        raise TableSpecError(f"The {column.label} does not say what its list should contain.")
    return column.spec.contains
