"""How raw records become the rows of a table, as data.

Here belong: the values a declaration's `tables:` is parsed into, and nothing else. Reading raw
files and merging rows is the warehouse's work; checking a declaration is `declarations`'.
"""

from dataclasses import dataclass, field
from typing import Literal

from pydantic import ConfigDict

ColumnType = Literal[
    "text", "integer", "decimal", "double", "boolean", "timestamp", "date", "list", "json"
]
Measure = Literal["value", "count", "sum", "contains", "position", "line_number"]
Concealment = Literal["drop", "hash"]
Locale = Literal["none", "point", "comma", "any"]
"""In which manner numbers and dates are written: as machines do; as a marketplace does, with a
point or a comma before the decimals; as any does, to be found out from the file."""

RawFormat = Literal["jsonl", "json", "tsv", "csv", "xml", "xlsx", "pdf", "zip"]
"""How a raw file is written: JSON Lines, one JSON document, tab-delimited text, text with commas
and quotation marks (RFC 4180), one XML document, or a workbook of Excel. A PDF and a ZIP archive
have no rows."""

_CLOSED = ConfigDict(extra="forbid")


@dataclass(frozen=True, kw_only=True)
class ColumnSpec:
    """One column: where its value stands in the raw row, and what type it takes.

    Attributes:
        path: Dotted place of the value in the row: `product.asin`. `a[kind=X].b` takes the first
            entry of the list `a` whose field `kind` is `X`; `a[0]` takes an entry by position; a
            leading `^.` starts from what is around the row (the entry or the record around a
            nested row, or the document around a report's row), `^.^.` from one level further out.
            `items[].asin` gathers a field over the entries of a list, for a column of type `list`
            or a measure. Several paths: the first that has a value.
            In a delimited report the path is the column's header, taken literally. In XML, an
            attribute is `@name`, and the text of an element that has attributes is `#text`.
        type: The column's type. Money is `decimal` (18 digits, 4 after the point); a `timestamp`
            carries its time zone; a `list` holds texts; `json` is any value as its JSON text.
        measure: `value` takes the value; `count` the length of the list at `path`; `sum` adds up
            the numbers at `list.field`, or at `list[].object.field` where they are deeper;
            `contains` tells whether the list at `path` holds `contains`; `position` is the row's
            place in its list, from 1, with the path `^` that of the entry around it, `^.^` that
            of the one around that; `line_number` numbers the rows of the raw file from 1. The
            last two need no path.
        contains: The entry to look for when `measure` is `contains`.
        locale: How numbers and dates are written, for a `decimal`, `timestamp` or `date` of a
            delimited report that Amazon writes in each marketplace's manner: `1.234,56`,
            `01.11.2026 00:00:00 UTC`. With `any`, the numbers of the file that can be read in one
            way only tell whether a point or a comma stands before the decimals; if there are none,
            `currency` tells, and without it the file is refused. Never is one number read in
            another manner than the rest of its file.
        currency: Path of the currency's code, for `locale: any`: money of a currency with two
            decimals is never written with three, so its `1.234` is a thousand and more.
        zone: The time zone of a `timestamp` whose text has none: `America/Los_Angeles`; without it,
            UTC.
        optional: Whether a report may lack the column without a word: else it is told that a
            column has gone.
        hashed: Whether the text is replaced by its keyed hash (HMAC-SHA256, as hexadecimal
            digits), by which it can still be compared and joined, but not read.
        words: Translation of Amazon's words, for one API version to speak as another does. A word
            that is not listed stays as Amazon sent it.
        description: What the column means, shown in Dagster's UI.
    """

    __pydantic_config__ = _CLOSED

    path: str | tuple[str, ...] = ()
    type: ColumnType = "text"
    measure: Measure = "value"
    contains: str | None = None
    locale: Locale = "none"
    currency: str | None = None
    zone: str | None = None
    optional: bool = False
    hashed: bool = False
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
            record is a row. `orderItems[].promotions[]` leads through one list into another; the
            last `[]` may be left out. In a JSON report: the place of the list in the document. In
            XML: the dotted names of the elements that are the rows, from below the root; without
            it, the most frequent children of the root.
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


@dataclass(frozen=True, kw_only=True)
class InferredTable:
    """A table whose columns, and child tables, are found in the data.

    Columns are named in snake_case, nested objects' with `__` between the names. A list of objects
    becomes a table of its own, `<table>__<field>`, with the key of the record it stands in (or,
    where there is no key, the record's number `_record` in the partition) and each entry's
    `position`.

    Attributes:
        name: The table's name, which is its asset key too.
        rows: Where the records are, as in `TableSpec`.
        key: Dotted places, in the record, of what identifies it; without any, the rows of the
            partition are replaced as a whole. In a delimited report: headers.
        newest_by: Dotted place of what tells which of two records with the same key is newer.
        columns: What is left out, or stored as its keyed hash, by the name it has in the table:
            `buyer_info__buyer_email`; in a child table behind the field that became it:
            `order_items__title`. A name covers all that is nested below it, child tables included.
        description: What the table holds, shown in Dagster's UI.
    """

    __pydantic_config__ = _CLOSED

    name: str
    rows: str | None = None
    key: tuple[str, ...] = ()
    newest_by: str | None = None
    columns: dict[str, Concealment] = field(default_factory=dict)
    description: str = ""
