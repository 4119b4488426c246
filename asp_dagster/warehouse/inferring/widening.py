"""Makes stored tables what an inferred table needs them to be: new columns, wider types, comments.

A type widens only where every stored value stays what it is: 5 becomes '5', a point in time its
ISO text, a text its JSON text; numbers that a wider type of numbers would round become texts. Here
belong these statements, the same for both databases. What is to become of a table is decided in
`planning`.
"""

from collections.abc import Mapping

from adbc_driver_manager.dbapi import Cursor

from asp_dagster.catalog.tables import ColumnType
from asp_dagster.warehouse.creating import TableMaker, database_type
from asp_dagster.warehouse.inferring.memory import comment
from asp_dagster.warehouse.inferring.planning import RECORD_NUMBER, PlannedColumn, PlannedTable
from asp_dagster.warehouse.origins import Origin
from asp_dagster.warehouse.sql import identifier, literal

_TRIMMED = "regexp_replace(CAST({0} AS TEXT), '[.]?0+$', '')"
_INSTANT = "replace(CAST({0} AT TIME ZONE 'UTC' AS TEXT), ' ', 'T') || 'Z'"
_QUOTED = "CAST(to_json({0}) AS TEXT)"
_AS_TEXT: Mapping[ColumnType, str] = {
    "boolean": "CAST({0} AS TEXT)",
    "integer": "CAST({0} AS TEXT)",
    "decimal": _TRIMMED,
    "double": "CAST({0} AS TEXT)",
    "date": "CAST({0} AS TEXT)",
    "timestamp": _INSTANT,
}
_AS_JSON: Mapping[ColumnType, str] = {
    **_AS_TEXT,
    "date": _QUOTED.format(_AS_TEXT["date"]),
    "timestamp": _QUOTED.format(_INSTANT),
    "text": _QUOTED,
    "list": _QUOTED,
}
_CONVERSIONS: Mapping[tuple[ColumnType, ColumnType], str] = {
    ("integer", "decimal"): "CAST({0} AS DECIMAL(18, 4))",
    ("integer", "double"): "CAST({0} AS FLOAT8)",
    ("decimal", "double"): "CAST({0} AS FLOAT8)",
    ("date", "timestamp"): "CAST({0} AS TIMESTAMP) AT TIME ZONE 'UTC'",
    **{(type_, "text"): sql for type_, sql in _AS_TEXT.items()},
    **{(type_, "json"): sql for type_, sql in _AS_JSON.items()},
}
# What a stored value must fulfil to be the same number afterwards.
_FITS: Mapping[tuple[ColumnType, ColumnType], str] = {
    ("integer", "decimal"): "{0} BETWEEN -99999999999999 AND 99999999999999",
    ("integer", "double"): "{0} BETWEEN -9007199254740992 AND 9007199254740992",
    ("decimal", "double"): "CAST(CAST({0} AS FLOAT8) AS DECIMAL(18, 4)) = {0}",
}
# A day is made a point in time only where the order of records asks for it.
_UNASKED = ("date", "timestamp")


class Widener:
    """Changes the tables of one load."""

    def __init__(self, cursor: Cursor, origin: Origin) -> None:
        self._cursor = cursor
        self._origin = origin

    def widens(self, table: str, column: str, stored: ColumnType, wider: ColumnType) -> bool:
        """Return whether a stored column can become wider without a value becoming another."""
        if (stored, wider) not in _CONVERSIONS or (stored, wider) == _UNASKED:
            return False
        fits = _FITS.get((stored, wider))
        if fits is None:
            return True
        self._cursor.execute(
            f"SELECT 1 FROM {self._named(table)} "
            f"WHERE NOT ({fits.format(identifier(column))}) LIMIT 1"
        )
        return not self._cursor.fetchall()

    def make(self, root: str, table: PlannedTable, key: tuple[str, ...]) -> None:
        """Make a table as it is planned.

        Args:
            root: The inferred table that it belongs to.
            table: The table.
            key: The names of the columns that identify a row; without any, records are numbered.
        """
        for column in table.columns:
            if column.stored_type not in {None, column.type}:
                self._widen(table.name, column)
        types = {column.name: column.type for column in table.columns}
        if not key:
            types = {RECORD_NUMBER: "integer", **types}
        TableMaker(self._cursor, self._origin, table.name).make(types, () if table.place else key)
        for column in table.columns:
            if not column.is_remembered:
                self._remember(root, table.name, column)

    def _widen(self, table: str, column: PlannedColumn) -> None:
        """Give a column a wider type; what cannot become it is refused afterwards."""
        name = identifier(column.name)
        conversion = _CONVERSIONS.get((column.stored_type or "text", column.type))
        if conversion is not None:
            self._cursor.execute(
                f"ALTER TABLE {self._named(table)} ALTER COLUMN {name} "
                f"SET DATA TYPE {database_type(column.type)} USING {conversion.format(name)}"
            )

    def _remember(self, root: str, table: str, column: PlannedColumn) -> None:
        """Write down in the database what a column was made from."""
        said = literal(comment(root, column.place, column.type))
        self._cursor.execute(
            f"COMMENT ON COLUMN {self._named(table)}.{identifier(column.name)} IS {said}"
        )

    def _named(self, table: str) -> str:
        """Return a table's name with its schema."""
        return f"{identifier(self._origin.schema)}.{identifier(table)}"
