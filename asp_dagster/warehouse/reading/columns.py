"""From the text a raw file holds to the typed value of a column, as DuckDB expressions.

Here belong the rules of the column types: which texts fit, what a missing value becomes, and the
sentence about a text that does not fit. Where in a raw file a column's text stands is said by the
formats: `records`, `documents` and `delimited`.

What each type takes (surrounding spaces aside; an empty text is no value, NULL):

    text       anything, as it stands
    integer    digits, with at most zeros after a point
    decimal    a number; more than 4 digits after the point are rounded to 4
    double     a number
    boolean    true, yes, t, y, 1 and their opposites, in any case
    timestamp  ISO 8601; without a zone it is that of `zone`, or UTC
    date       ISO 8601; of a timestamp, the day as it is written
    list       the entries of a list of single values, as texts
    json       anything, as its JSON text

With a `locale`, numbers and dates stand there as a marketplace writes them: see `locales`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from asp_dagster.catalog.tables import ColumnSpec, ColumnType, TableSpec
from asp_dagster.warehouse.errors import TableSpecError
from asp_dagster.warehouse.reading.locales import neutral_date, neutral_number
from asp_dagster.warehouse.sql import identifier, literal

ROW = "_row"
"""The staging column that numbers the rows of a load in the order of its files and lines."""

RECORD = "_record"
"""The staging column that tells which raw record a row came from."""

_NUMBER = r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
_DUCKDB_TYPES: Mapping[ColumnType, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18, 4)",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "date": "DATE",
    "list": "VARCHAR[]",
    "json": "VARCHAR",
}
# A zone stands behind a time of day: the last two digits of a day alone are none.
_WITH_ZONE = r".*(:.*[+-][0-9:]+|[A-Za-z)])"
_AS_FOUND = frozenset({"text", "list", "json"})
# DuckDB alone would round 1.5 to the integer 2, read 1_000 as 1000, and take nan and infinity.
_FITTING: Mapping[ColumnType, str] = {
    "integer": r"[+-]?[0-9]+([.]0*)?",
    "decimal": _NUMBER,
    "double": _NUMBER,
    "boolean": r"[A-Za-z01]+",
    "timestamp": r"[0-9].*",
    "date": r"[0-9].*",
}
# DuckDB wraps an error's message into words of its own: these enclose ours.
_SENTENCE = re.compile("\x1e(.*)\x1e", re.DOTALL)
_SHOWN_CHARACTERS = 40


@dataclass(frozen=True)
class Column:
    """A column of a table, and what the lines of its raw file are called.

    Attributes:
        table: The table's specification.
        name: The column's name in it.
        place: What `_line` counts in the raw file: `line`, or `entry` of a list.
    """

    table: TableSpec
    name: str
    place: str

    @property
    def spec(self) -> ColumnSpec:
        """What is declared of the column."""
        return self.table.columns[self.name]

    @property
    def label(self) -> str:
        """What the column is called in a message."""
        return f"column {self.name} of table {self.table.name}"

    def text(self, found: Iterable[str]) -> str:
        """Return the expression of the first text that is not empty, in the column's words."""
        if self.spec.type == "list":
            return f"coalesce({', '.join(f'nullif({entries}, [])' for entries in found)})"
        if self.spec.type == "json":
            texts = ", ".join(f"nullif(CAST({value} AS VARCHAR), 'null')" for value in found)
            return f"coalesce({texts})"
        values = ", ".join(f"nullif({text}, '')" for text in found)
        text = f"coalesce({values})"
        if not self.spec.words:
            return text
        words = " ".join(
            f"WHEN {literal(word)} THEN {literal(ours)}" for word, ours in self.spec.words.items()
        )
        return f"CASE {text} {words} ELSE {text} END"

    def typed(self, text: str) -> str:
        """Return the expression of the typed value of a text, which refuses one that misfits."""
        if self.spec.type in _AS_FOUND:
            return text
        neutral = self._neutral(text)
        fits = f"regexp_full_match(trim({neutral}), {literal(_FITTING[self.spec.type])})"
        cast = self._cast(f"trim({neutral})")
        misfit = self._refusal(f"which is not of type {self.spec.type}", shown=text)
        return (
            f"coalesce(CASE WHEN {fits} THEN {cast} END, "
            f"CASE WHEN trim({text}) <> '' THEN {misfit} END)"
        )

    def _cast(self, text: str) -> str:
        """Return the expression of a fitting text's value; NULL if it is none after all."""
        cast = f"TRY_CAST({text} AS {_DUCKDB_TYPES[self.spec.type]})"
        if self.spec.zone is None:
            return cast
        local = f"timezone({literal(self.spec.zone)}, TRY_CAST({text} AS TIMESTAMP))"
        has_zone = f"regexp_full_match({text}, {literal(_WITH_ZONE)})"
        return f"CASE WHEN {has_zone} THEN {cast} ELSE {local} END"

    def _neutral(self, text: str) -> str:
        """Return the expression of a text as machines write it; NULL if its locale does not."""
        match self.spec.locale:
            case "none":
                return text
            case "any":
                raise TableSpecError(
                    f"The {self.label} has `locale: any`, which only a delimited file can tell:"
                    " write `point` or `comma`."
                )
            case mark:
                is_date = self.spec.type in {"timestamp", "date"}
                return neutral_date(text) if is_date else neutral_number(text, mark)

    def value(self, raw: str) -> str:
        """Return the expression of the column's value: of a raw text, or of a finished measure."""
        if self.spec.measure == "value":
            value = self.typed(raw)
        else:
            value = f"CAST({raw} AS {_DUCKDB_TYPES[self.spec.type]})"
        if self.name in self.table.key:
            value = f"coalesce({value}, {self._refusal('although it is part of the key')})"
        return value

    def _refusal(self, why: str, shown: str = "NULL") -> str:
        """Return the expression that fails, saying where and why the value is refused."""
        beginning = literal(f": {self.label} holds ")
        value = f"coalesce('''' || left({shown}, {_SHOWN_CHARACTERS}) || '''', 'nothing')"
        ending = literal(f", {why}")
        place = literal(f"{self.place} ")
        return f"error(concat(chr(30), {place}, _line, {beginning}, {value}, {ending}, chr(30)))"


@dataclass(frozen=True)
class RawRelation:
    """The rows of a table in one raw file, as DuckDB reads them.

    Attributes:
        sql: A query that gives, besides what `raw` refers to, `_line` (the row's place in the
            file), `_number` (the row's number in the table, from 1) and `_record` (the number of
            the raw record it came from).
        raw: The expression of each column's text or measure over that query, in order.
        place: What `_line` counts: `line`, or `entry` of a list.
    """

    sql: str
    raw: tuple[str, ...]
    place: str = "line"


def select(table: TableSpec, relation: RawRelation, *, file_number: int) -> str:
    """Return the query that gives the table's typed rows, each with its `_row` and `_record`."""
    raw = ", ".join(f"{expression} AS v{n}" for n, expression in enumerate(relation.raw))
    values = ", ".join(
        f"{Column(table, name, relation.place).value(f'v{n}')} AS {identifier(name)}"
        for n, name in enumerate(table.columns)
    )
    # Two numbers in one: the file in the upper bits, so that rows of a later file count as later.
    before = file_number << 40
    return (
        f"SELECT {before} + _number AS {ROW}, {before} + _record AS {RECORD}, {values} "
        f"FROM (SELECT _line, _number, _record, {raw} FROM ({relation.sql}))"
    )


def refused_value(message: str) -> str | None:
    """Return what a query of ours said about a value it refused, if this is its message."""
    found = _SENTENCE.search(message)
    return found[1] if found else None
