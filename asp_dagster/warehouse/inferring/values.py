"""How a record's value is written in a column of each type.

Here belong the ways of single values and lists of inferred columns. Which type a column has is said
in `kinds`; columns that are declared are typed by `columns`.
"""

import hmac
import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from asp_dagster.catalog.tables import ColumnType
from asp_dagster.warehouse.inferring.kinds import Number, as_date, as_timestamp

Writer = Callable[[Any], Any]

# Lone halves of surrogate pairs are no text in UTF-8, and PostgreSQL stores no zero character.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_FOUR_PLACES = Decimal("0.0001")
_LARGEST_EXPONENT = 60


def writer(type_: ColumnType, *, hash_key: str | None = None) -> Writer:
    """Return what turns a value that fits a type into what is stored.

    Args:
        type_: The type of the column; of a hashed one, `text` or `list`.
        hash_key: The key, if a hash is to be stored instead.
    """
    if hash_key is None:
        return _WRITERS[type_]
    if type_ == "list":
        return lambda value: _as_list(value, lambda text: keyed_hash(text, hash_key))
    return lambda value: keyed_hash(as_text(value), hash_key)


def is_nothing(value: Any) -> bool:
    """Return whether a value makes no column: null, an empty text, object or list, nulls."""
    if isinstance(value, list):
        return all(entry is None for entry in value)
    return value is None or value in ("", {})


def keyed_hash(text: str, key: str) -> str:
    """Return the HMAC-SHA256 of a text, as hexadecimal digits."""
    return hmac.digest(key.encode(), text.encode(), "sha256").hex()


def as_text(value: Any) -> str:
    """Return a value as a text: numbers in their shortest form, objects and lists as JSON."""
    if isinstance(value, Number):
        return _plain(value)
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else as_json(value)


def as_json(value: Any) -> str:
    """Return a value as JSON text."""
    # Numbers keep their digits, so they are put in where the text has places for them.
    parts: list[str] = []
    _write_json(value, parts.append)
    return "".join(parts)


def storable(text: str) -> str:
    """Return a text with the replacement character for what no database can store."""
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub(_REPLACEMENT, text)


def _plain(number: Number) -> str:
    """Return a number without exponent and needless zeros, if that is not too long."""
    exact = Decimal(number)
    if not exact:
        return "0"
    if abs(exact.adjusted()) > _LARGEST_EXPONENT:
        return str(number)
    digits = format(exact, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _write_json(value: Any, write: Callable[[str], object]) -> None:
    """Write a value as JSON text, piece by piece."""
    if isinstance(value, dict):
        before = "{"
        for name, field in value.items():
            write(f"{before}{_quoted(name)}:")
            _write_json(field, write)
            before = ","
        write("}" if value else "{}")
    elif isinstance(value, list):
        before = "["
        for entry in value:
            write(before)
            _write_json(entry, write)
            before = ","
        write("]" if value else "[]")
    elif isinstance(value, str) and not isinstance(value, Number):
        write(_quoted(value))
    else:
        write("null" if value is None else as_text(value))


def _quoted(text: str) -> str:
    """Return a text as JSON quotes it."""
    return json.dumps(storable(text), ensure_ascii=False)


def _as_list(value: Any, write: Writer = lambda text: text) -> list[str | None]:
    """Return the entries of a list as texts."""
    return [None if entry is None else write(as_text(entry)) for entry in value]


def _as_boolean(value: Any) -> bool:
    """Return a truth value, or the word for it."""
    return value is True or value == "true"


def _as_decimal(value: Any) -> Decimal:
    """Return a number with four digits after the point."""
    return Decimal(value).quantize(_FOUR_PLACES)


def _as_timestamp(value: str) -> Any:
    """Return a point in time."""
    return as_timestamp(value, needs_zone=False)


_WRITERS: dict[ColumnType, Writer] = {
    "text": as_text,
    "integer": int,
    "decimal": _as_decimal,
    "double": float,
    "boolean": _as_boolean,
    "timestamp": _as_timestamp,
    "date": as_date,
    "list": _as_list,
    "json": as_json,
}
