"""Reads query parameters as strictly as Amazon does.

Here belong: the kinds of parameters, and the refusal of unknown, repeated, empty and malformed
ones. Which parameters an operation takes, and which go together, is the operation's business.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from asp_dagster.simulator.clock import to_the_millisecond
from asp_dagster.simulator.wire import invalid_input

Reader = Callable[[str], Any]
Values = Mapping[str, Any]

_ISO_8601 = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})", re.ASCII
)


def read_parameters(query: Sequence[tuple[str, str]], readers: Mapping[str, Reader]) -> Values:
    """Return the parameters' values by name.

    Arrays are comma-joined, so a repeated parameter is a mistake.

    Raises:
        Refusal: With status 400, naming the parameter.
    """
    values: dict[str, Any] = {}
    for name, text in query:
        if name not in readers:
            known = ", ".join(readers) or "none"
            raise invalid_input(f"Unknown parameter {name}.", f"The operation takes: {known}.")
        if name in values:
            raise invalid_input(f"{name} was given twice.", "Join the values by commas.")
        values[name] = _read(name, text, readers[name])
    return values


def _read(name: str, text: str, reader: Reader) -> Any:
    if not text:
        raise invalid_input(f"{name} is empty.")
    try:
        return reader(text)
    except ValueError as error:
        raise invalid_input(f"Invalid value for {name}.", str(error)) from error


def moment(text: str) -> datetime:
    """Read an ISO 8601 time with its zone, to the millisecond.

    https://developer-docs.amazon.com/sp-api/docs/iso-8601

    Raises:
        ValueError: When it is no such time.
    """
    if not _ISO_8601.fullmatch(text):
        raise ValueError(f"{text!r} is not an ISO 8601 time with a zone: 2026-11-01T00:00:00Z.")
    return to_the_millisecond(datetime.fromisoformat(text))


def text(value: str) -> str:
    """Take the text as it is."""
    return value


def boolean(value: str) -> bool:
    """Read `true` or `false`.

    Raises:
        ValueError: When it is neither.
    """
    if value not in {"true", "false"}:
        raise ValueError(f"{value!r} is neither true nor false.")
    return value == "true"


def whole_number(least: int, most: int) -> Reader:
    """Return a reader of whole numbers between two."""

    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            raise ValueError(f"{value!r} is not a whole number from {least} to {most}.")
        return int(value)

    return read


def words(*choice: str, most: int | None = None) -> Reader:
    """Return a reader of comma-joined words, each of the choice if one is given."""

    def read(value: str) -> tuple[str, ...]:
        read_words = tuple(value.split(","))
        if most is not None and len(read_words) > most:
            raise ValueError(f"{len(read_words)} values were given; at most {most} are allowed.")
        for word in read_words:
            if not word or (choice and word not in choice):
                raise ValueError(f"{word!r} is not one of: {', '.join(choice) or 'any text'}.")
        return read_words

    return read
