"""Personal values in the records of JSON Lines: found, and taken out.

A line of which nothing goes stays byte for byte as it is. Here belongs the walk through a record.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from asp_dagster.catalog.retention import FieldKinds
from asp_dagster.landing.erasing.judging import Judge, Seen
from asp_dagster.landing.record_lines import record_line


def erased_lines(lines: Iterable[bytes], kinds: FieldKinds, judge: Judge) -> Iterator[bytes]:
    """Yield the lines without the personal values that are due.

    Raises:
        ValueError: A line is no JSON.
    """
    for line in lines:
        record = json.loads(line)
        seen = Seen()
        _see(record, "", kinds, seen)
        yield record_line(_without(record, "", kinds)) if judge.is_due(seen) else line


def _see(value: Any, place: str, kinds: FieldKinds, seen: Seen) -> None:
    """Note what stands in a value and below it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            below = _below(place, name)
            kind = kinds.of(below)
            if kind:
                seen.note(kind, inner)
            else:
                _see(inner, below, kinds, seen)
    elif isinstance(value, list):
        for entry in value:
            _see(entry, place, kinds, seen)


def _without(value: Any, place: str, kinds: FieldKinds) -> Any:
    """Return a value without what is personal in it."""
    if isinstance(value, dict):
        inside = ((name, inner, _below(place, name)) for name, inner in value.items())
        return {
            name: _without(inner, below, kinds)
            for name, inner, below in inside
            if kinds.of(below) != "personal"
        }
    if isinstance(value, list):
        return [_without(entry, place, kinds) for entry in value]
    return value


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
