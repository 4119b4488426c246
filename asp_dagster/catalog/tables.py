"""How raw records become the rows of a table, as data.

Here belong: the values a declaration's `tables:` is parsed into, and nothing else. Reading raw
files and merging rows is the warehouse's work; checking a declaration is `declarations`'.
"""

from dataclasses import dataclass, field
from typing import Literal

from pydantic import ConfigDict

ColumnType = Literal["text", "integer", "decimal", "double", "boolean", "timestamp", "date"]
Measure = Literal["value", "count", "sum", "contains", "line_number"]
RawFormat = Literal["jsonl", "json", "tsv"]
"""How a raw file is written: JSON Lines, one JSON document, or tab-delimited text."""

_CLOSED = ConfigDict(extra="forbid")


@dataclass(frozen=True, kw_only=True)
class ColumnSpec:
    """One column: where its value stands in the raw row, and what type it takes.

    Attributes:
        path: Dotted place of the value in the row: `product.asin`. `a[kind=X].b` takes the first
            entry of the list `a` whose field `kind` is `X`; `a[0]` takes an entry by position; a
            leading `^.` starts from the row's parent (the record around a nested row, or the
            document around a report's row). Several paths: the first that has a value.
            In a delimited report the path is the column's header, taken literally.
        type: The column's type. Money is `decimal` (18 digits, 4 after the point); a `timestamp`
            carries its time zone.
        measure: `value` takes the value; `count` the length of the list at `path`; `sum` adds up
            the numbers at `list.field`; `contains` tells whether the list at `path` holds
            `contains`; `line_number` numbers the rows of the raw file from 1 and needs no path.
        contains: The entry to look for when `measure` is `contains`.
        words: Translation of Amazon's words, for one API version to speak as another does. A word
            that is not listed stays as Amazon sent it.
        description: What the column means, shown in Dagster's UI.
    """

    __pydantic_config__ = _CLOSED

    path: str | tuple[str, ...] = ()
    type: ColumnType = "text"
    measure: Measure = "value"
    contains: str | None = None
    words: dict[str, str] = field(default_factory=dict)
    description: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths in the order in which they are tried."""
        return (self.path,) if isinstance(self.path, str) else self.path


@dataclass(frozen=True, kw_only=True)
class TableSpec:
    """One table of a feed: its rows, its columns, and how a partition is merged into it.

    A table with `key` merges by key: a row replaces the stored one unless its `newest_by` is older.
    A table with `parent` has its rows replaced together with the parent's row: a parent that is
    taken in brings all its rows and loses those it no longer has. A table with neither replaces
    the rows of the partition as a whole.

    Attributes:
        name: The table's name, which is its asset key too.
        columns: The columns by name, in order.
        rows: Dotted place of a list in each record whose entries are the rows; without it a
            record is a row. In a JSON report: the place of the list in the document.
        key: The columns that identify a row.
        newest_by: The column that tells which of two rows with the same key is newer.
        parent: Another table of the same feed, merged by key; its key columns must stand under
            the same names here.
        other_columns: What becomes of a delimited report's undeclared columns: `drop`, or `text`
            to keep each as text under its header in snake_case.
        preview: Columns shown in a materialization's preview: none that carries personal data.
            Without it, the key.
        description: What the table holds, shown in Dagster's UI.
    """

    __pydantic_config__ = _CLOSED

    name: str
    columns: dict[str, ColumnSpec]
    rows: str | None = None
    key: tuple[str, ...] = ()
    newest_by: str | None = None
    parent: str | None = None
    other_columns: Literal["drop", "text"] = "drop"
    preview: tuple[str, ...] = ()
    description: str = ""
