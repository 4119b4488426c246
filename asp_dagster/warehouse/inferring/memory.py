"""What a stored table remembers of the fields its columns were made from.

Each column of an inferred table carries a comment in the database: the table it belongs to, the
place of its field in the record, its type. So a field keeps its column whatever other fields are
called, and a later load knows the child tables that there are. Here belong reading and writing
these comments. A comment that somebody changed is no error: the column is then found by its name.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from asp_dagster.catalog.tables import ColumnType
from asp_dagster.warehouse.creating import stored_type

Place = tuple[str | None, ...]
"""The way from a record to a value: names of fields, and None into each entry of a list."""


@dataclass(frozen=True)
class StoredColumn:
    """A column as it is stored.

    Attributes:
        name: Its name.
        type: Its type, None if it is none of ours.
        database_type: Its type in the database's words.
        table: The inferred table whose records its values come from.
        place: Where they stand in these.
    """

    name: str
    type: ColumnType | None
    database_type: str
    table: str | None = None
    place: Place | None = None

    @property
    def shown_type(self) -> str:
        """The type's name for a reader."""
        return self.type or self.database_type


@dataclass(frozen=True)
class Memory:
    """The stored tables of a schema, and what their columns remember."""

    tables: Mapping[str, Mapping[str, StoredColumn]]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str, str | None]]) -> "Memory":
        """Return the memory that a database's list of columns holds.

        Args:
            rows: Of each column its table, its name, its type and its comment.
        """
        tables: defaultdict[str, dict[str, StoredColumn]] = defaultdict(dict)
        for table, name, database_type, comment in rows:
            tables[table][name] = _column(name, database_type.lower(), comment)
        return cls(dict(tables))

    def parts(self, table: str) -> dict[Place, str]:
        """Return the stored tables that belong to an inferred one: their places, their names."""
        parts: dict[Place, str] = {}
        for name, columns in self.tables.items():
            position = columns.get("position")
            # The records themselves may have a field of that name, which is no entry of a list.
            if position and position.table == table and (position.place or ("",))[-1] is None:
                parts[position.place or ()] = name
        return parts if table not in self.tables else {(): table, **parts}


def comment(table: str, place: Place, type_: ColumnType) -> str:
    """Return the comment of a column."""
    return json.dumps({"table": table, "place": place, "type": type_})


def _column(name: str, database_type: str, text: str | None) -> StoredColumn:
    """Return a stored column with what its comment says."""
    found = stored_type(database_type)
    match _parsed(text):
        case {"table": str(table), "place": list(place), "type": str(type_)}:
            known = found is not None and type_ in get_args(ColumnType)
            is_json = known and found == "text" and type_ == "json"
            return StoredColumn(
                name, "json" if is_json else found, database_type, table, tuple(place)
            )
    return StoredColumn(name, found, database_type)


def _parsed(text: str | None) -> Any:
    """Return the JSON value of a comment, None if it is no such thing."""
    try:
        return json.loads(text or "null")
    except ValueError:
        return None
