"""Personal values in a JSON document: found, and made null.

A document may be larger than memory: it is walked event by event, and only one entry of its
outermost lists is held at a time. An entry is a record; what stands outside of lists is another.
Here belongs the walk, and writing a document anew; of its spaces nothing is kept.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any, NamedTuple

import ijson

from asp_dagster.catalog.retention import FieldKinds
from asp_dagster.landing.erasing.judging import Judge, Seen

_ITEM = ".item"
_BEGINS = {"start_map": "{", "start_array": "["}
_ENDS = {"end_map": "}", "end_array": "]"}


class _Event(NamedTuple):
    place: str
    event: str
    value: Any

    @property
    def names(self) -> str:
        """The dotted names that lead there, lists passed through."""
        parts = (part for part in self.place.split(".") if part != "item")
        return ".".join(parts)


def erased_document(document: IO[bytes], kinds: FieldKinds, judge: Judge) -> Iterator[bytes]:
    """Yield the document with null for the personal values that are due.

    Raises:
        ValueError: It is no JSON document.
    """
    writer = _Writer()
    try:
        for events in _records(map(_Event._make, ijson.parse(document))):
            kept = _nulled(events, kinds) if _is_due(events, kinds, judge) else events
            yield "".join(map(writer.text, kept)).encode("utf-8", "surrogatepass")
    except ijson.JSONError:
        raise ValueError("it is no JSON document") from None  # its own message quotes the document


def _records(events: Iterator[_Event]) -> Iterator[list[_Event]]:
    """Yield the events of each entry of an outermost list, and those between, one by one."""
    for event in events:
        place = f".{event.place}"
        is_entry = place.endswith(_ITEM) and f"{place}.".count(f"{_ITEM}.") == 1
        if is_entry and event.event in _BEGINS:
            yield [event, *_rest(events)]
        else:
            yield [event]


def _rest(events: Iterator[_Event]) -> Iterator[_Event]:
    """Yield the events up to the end of what has just begun."""
    depth = 1
    while depth:
        event = next(events)
        depth += (event.event in _BEGINS) - (event.event in _ENDS)
        yield event


def _is_due(events: Sequence[_Event], kinds: FieldKinds, judge: Judge) -> bool:
    seen = Seen()
    for event in events:
        kind = kinds.of(event.names)
        if kind and event.event in {"string", "number", "boolean"}:
            seen.note(kind, event.value)
    is_record = len(events) > 1 or seen.is_personal
    return is_record and judge.is_due(seen)


def _nulled(events: Iterable[_Event], kinds: FieldKinds) -> Iterator[_Event]:
    """Yield the events with null for each personal value."""
    coming = iter(events)
    for event in coming:
        is_personal = event.event != "map_key" and kinds.of(event.names) == "personal"
        if not is_personal or event.event in _ENDS:
            yield event
            continue
        if event.event in _BEGINS:
            for _ in _rest(coming):
                pass
        yield event._replace(event="null", value=None)


class _Writer:
    """Writes events as text, with what separates them."""

    def __init__(self) -> None:
        self._before = ""

    def text(self, event: _Event) -> str:
        """Return the text of an event."""
        kind, value = event.event, event.value
        if kind in _ENDS:
            self._before = ","
            return _ENDS[kind]
        before = self._before
        if kind in _BEGINS:
            self._before = ""
            return before + _BEGINS[kind]
        if kind == "map_key":
            self._before = ""
            return f"{before}{json.dumps(value)}:"
        self._before = ","
        return before + (str(value) if isinstance(value, Decimal) else json.dumps(value))
