"""Which types a value could have: what inferred columns' types are found from.

Every value fits several types, and a column takes the first that all its values fit:

    boolean    true, false
    integer    64 bits
    decimal    at most 14 digits before the point and 4 after it, exactly
    double     a number that binary floating point gives back as it was
    date       YYYY-MM-DD
    timestamp  an ISO timestamp with its zone, to the microsecond
    list       a list of single values, kept as texts
    text       any single value
    json       any value

So types never depend on the order in which values are seen. A JSON string is never a number. In
formats that know nothing but text, a plain number is one, unless its column is named like an
identifier. Here belong the types of single values and lists; how they are written is said in
`values`, where they stand in a record, in `shapes`.
"""

import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from enum import IntFlag
from typing import Any

from asp_dagster.catalog.tables import ColumnType
from asp_dagster.warehouse.inferring.naming import is_identifier

Kinds = int
"""A set of types, one bit each: a plain number, since it is computed for every value."""


class Kind(IntFlag):
    """The bit of each type, in the order in which a column takes them."""

    BOOLEAN = 1
    INTEGER = 2
    DECIMAL = 4
    DOUBLE = 8
    DATE = 16
    TIMESTAMP = 32
    LIST = 64
    TEXT = 128
    JSON = 256


TEXTUAL: Kinds = int(Kind.TEXT | Kind.JSON)
LISTED: Kinds = int(Kind.LIST | Kind.JSON)
ONLY_JSON: Kinds = int(Kind.JSON)
ANY: Kinds = 2 * ONLY_JSON - 1

_BOOLEAN: Kinds = int(Kind.BOOLEAN) | TEXTUAL
_INTEGER, _DECIMAL, _DOUBLE = int(Kind.INTEGER), int(Kind.DECIMAL), int(Kind.DOUBLE)
_DATE, _TIMESTAMP = int(Kind.DATE), int(Kind.TIMESTAMP)
_TYPES: dict[Kind, ColumnType] = {
    Kind.BOOLEAN: "boolean",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "decimal",
    Kind.DOUBLE: "double",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamp",
    Kind.LIST: "list",
    Kind.TEXT: "text",
    Kind.JSON: "json",
}
_SMALLEST_TOO_LONG = 10**14
_SMALLEST_TOO_LARGE = 2**63
_LARGEST_EXACT = 2**53
_DECIMAL_PLACES = 4
_LONGEST_NUMBER = 40
_EXACT = Context(prec=2 * _LONGEST_NUMBER)
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})(?:\.[0-9]{1,4})?")
_PLAIN_ZERO = re.compile(r"-[0.]+")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)"
    r"(Z| ?UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_DATE_LENGTH = len("YYYY-MM-DD")


class Number(str):
    """A JSON number as it is written, unless it is a short whole number."""

    __slots__ = ()


class Judge:
    """Tells the types that the values of one column could have."""

    def __init__(self, name: str, *, is_plain_text: bool, is_order: bool) -> None:
        """Make the judge of a column.

        Args:
            name: The column's name in snake_case.
            is_plain_text: Whether the format knows nothing but text, so that numbers are in it.
            is_order: Whether the column tells the newer of two rows: then a date, or a time
                without a zone, is taken for a point in time, UTC.
        """
        self._has_numbers = is_plain_text and not is_identifier(name)
        self._is_plain_text = is_plain_text
        self._is_order = is_order

    def kinds(self, value: Any) -> Kinds:
        """Return the types that a single value could have."""
        if isinstance(value, Number):
            return _number_kinds(value)
        if isinstance(value, str):
            return self._text_kinds(value)
        if isinstance(value, bool):
            return _BOOLEAN
        return _whole_number_kinds(value)

    def _text_kinds(self, text: str) -> Kinds:
        """Return the types that a text could have."""
        if self._is_plain_text:
            if self._has_numbers and _PLAIN_NUMBER.fullmatch(text):
                return _plain_number_kinds(text)
            if text in {"true", "false"}:
                return _BOOLEAN
        if len(text) < _DATE_LENGTH or text[4] != "-":
            return TEXTUAL
        return self._time_kinds(text)

    def _time_kinds(self, text: str) -> Kinds:
        """Return the types that a text could have which may be a date or a timestamp."""
        if len(text) == _DATE_LENGTH and as_date(text) is not None:
            return _DATE | (_TIMESTAMP if self._is_order else 0) | TEXTUAL
        if as_timestamp(text, needs_zone=not self._is_order) is not None:
            return _TIMESTAMP | TEXTUAL
        return TEXTUAL


def narrowest(kinds: Kinds) -> ColumnType:
    """Return the type that a column takes whose values all could have these."""
    return in_order(kinds)[0]


def in_order(kinds: Kinds) -> Sequence[ColumnType]:
    """Return the types in the order in which a column takes them."""
    return [type_ for kind, type_ in _TYPES.items() if kinds & kind]


def is_in(type_: ColumnType, kinds: Kinds) -> bool:
    """Return whether a type is among the types."""
    return type_ in in_order(kinds)


def as_date(text: str) -> date | None:
    """Return the day that a text of the form YYYY-MM-DD names, if it does."""
    found = _TIME.fullmatch(text)
    if found is None or found[2]:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def as_timestamp(text: str, *, needs_zone: bool) -> datetime | None:
    """Return the point in time that a text names, UTC, if it does."""
    found = _TIME.fullmatch(text)
    if found is None or (needs_zone and not found[3]):
        return None
    day, time, zone = found.groups()
    if zone is None or zone.endswith("UTC"):
        zone = "Z"
    try:
        return datetime.fromisoformat(f"{day}T{time or '00:00'}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _whole_number_kinds(value: int) -> Kinds:
    """Return the types that a whole number of at most 18 digits could have."""
    size = abs(value)
    kinds = _INTEGER | TEXTUAL
    if size < _SMALLEST_TOO_LONG:
        kinds |= _DECIMAL
    if size <= _LARGEST_EXACT:
        kinds |= _DOUBLE
    return kinds


def _plain_number_kinds(text: str) -> Kinds:
    """Return the types that a number could have that is written as a text."""
    if _PLAIN_ZERO.fullmatch(text):
        return TEXTUAL
    if "." in text:
        is_short = abs(Decimal(text)) < _SMALLEST_TOO_LONG
        return (_DECIMAL if is_short else 0) | TEXTUAL
    value = int(text)
    return _whole_number_kinds(value) & ~_DOUBLE if abs(value) < _SMALLEST_TOO_LARGE else TEXTUAL


def _number_kinds(text: Number) -> Kinds:
    """Return the types that a JSON number with a point, an exponent or many digits could have."""
    if len(text) > _LONGEST_NUMBER or text.lstrip("-").isdigit():
        return TEXTUAL
    number, binary = Decimal(text), float(text)
    kinds = TEXTUAL
    exponent = _EXACT.normalize(number).as_tuple().exponent
    if abs(number) < _SMALLEST_TOO_LONG and int(exponent) >= -_DECIMAL_PLACES:
        kinds |= _DECIMAL
    if math.isfinite(binary) and Decimal(repr(binary)) == number:
        kinds |= _DOUBLE
    return kinds
