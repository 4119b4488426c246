"""Where answers and reports hold personal data of customers, and when an order was delivered.

Here belong: the rows of `personal_fields.csv` (places in the answers of operations) and of
`personal_headers.csv` (columns and elements of reports), each with its source, and the look-up.
What becomes of personal data is said in a declaration. A seller's own address is not in the tables.

An operation's places are written from the answer on, without `payload`, lists passed through:
`Orders.BuyerInfo.BuyerEmail`. A report's stand at the end of a path: `buyer-email`, in whatever
manner a report writes it, `BuyerEmail` and `BUYER_EMAIL` too.

https://developer-docs.amazon.com/sp-api/docs/tokens-api-use-case-guide
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, cached_property
from importlib.resources import files
from typing import Self

from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.spapi.path_templates import PathTemplates

_PERSONAL = "personal"
_PERSONAL_IF_RESTRICTED = "personal_if_restricted"
"""A postal code says little of a person without the address that only restricted reports have."""
_DELIVERED_AT = "delivered_at"
_PAYLOAD = "payload"
_AROUND = re.compile(r"\[[^\]]*\]")
_PUNCTUATION = re.compile(r"[\W_]+")

Row = Mapping[str, str]
Segments = tuple[str, ...]


@dataclass(frozen=True)
class RecordFields:
    """The fields of one kind of record or row that are to be known for the sake of its customer.

    Attributes:
        personal: Dotted places of personal data; what stands below one is personal too, and all
            that stands in the record below the empty one.
        delivered_at: Dotted places of the time of delivery, the surest first.
        is_anywhere: Whether a place is found at any depth, as an element of a report is.
    """

    personal: tuple[str, ...] = ()
    delivered_at: tuple[str, ...] = ()
    is_anywhere: bool = False

    def is_personal(self, place: str) -> bool:
        """Tell whether a dotted place, a column or an element, is personal or within what is."""
        segments = _segments(place)
        starts = range(len(segments)) if self.is_anywhere else range(1)
        ends = range(len(segments) + 1)
        return any(segments[start:end] in self._wholes for start in starts for end in ends)

    def personal_within(self, place: str) -> tuple[str, ...]:
        """Return the personal places that lie below a place: those that a JSON column would hold.

        Of an element that is found at any depth it is known only if its name says where it lies.
        """
        around = _segments(place)
        starts = range(len(around)) if self.is_anywhere else range(1)
        found = {each for start in starts for each in self._beginnings.get(around[start:], ())}
        return tuple(each for each in self.personal if each in found)

    def below(self, field: str) -> Self:
        """Return the same fields for records that are joined to others as the field."""
        return type(self)(
            tuple(f"{field}.{place}".rstrip(".") for place in self.personal),
            tuple(f"{field}.{place}" for place in self.delivered_at),
        )

    def seen_from(self, place: str) -> Self:
        """Return the same fields as they are seen from a place in the records."""
        root = _parts(place)
        if self.is_anywhere or not root:
            return self
        return type(self)(
            tuple(_personal_beneath(root, self.personal)), tuple(_beneath(root, self.delivered_at))
        )

    def __add__(self, other: Self) -> Self:
        """Return the fields of both, of records that hold each other."""
        return type(self)(
            self.personal + other.personal,
            self.delivered_at + other.delivered_at,
            self.is_anywhere,
        )

    @cached_property
    def _wholes(self) -> frozenset[Segments]:
        return frozenset(_segments(place) for place in self.personal)

    @cached_property
    def _beginnings(self) -> Mapping[Segments, Sequence[str]]:
        """The personal places by all that they begin with."""
        found: dict[Segments, list[str]] = {}
        for place in self.personal:
            known = _segments(place)
            for end in range(len(known) + 1):
                found.setdefault(known[:end], []).append(place)
        return found


class PersonalFields:
    """The personal fields of all operations and reports that are known to have some."""

    def __init__(self, fields: Iterable[Row], headers: Iterable[Row]) -> None:
        self._headers = tuple(headers)
        by_operation: dict[tuple[str, str], list[Row]] = {}
        for row in fields:
            by_operation.setdefault((row["method"], row["path"]), []).append(row)
        self._operations = PathTemplates(
            (method, path, rows) for (method, path), rows in by_operation.items()
        )

    @classmethod
    @cache
    def load(cls) -> Self:
        """Read the tables that come with the package."""
        return cls(_rows("personal_fields.csv"), _rows("personal_headers.csv"))

    def of_operation(self, method: str, path: str, results_key: str = "") -> RecordFields:
        """Return the fields of an operation's records; of one that is not known, none.

        Args:
            method: HTTP method.
            path: Declared path; `{}` may stand for a segment.
            results_key: Where the records stand in the answer, with `payload` or without.
        """
        rows = self._operations.find(method, path) or []
        found = [(row["holds"], place) for row in rows for place in row["places"].split()]
        root = [part for part in _parts(results_key) if part != _PAYLOAD]
        return RecordFields(
            tuple(_personal_beneath(root, (place for holds, place in found if holds == _PERSONAL))),
            tuple(_beneath(root, (place for holds, place in found if holds == _DELIVERED_AT))),
        )

    def of_report(self, report_type: str) -> RecordFields:
        """Return the fields of a report's rows."""
        rows = [row for row in self._headers if fnmatchcase(report_type, row["report_types"])]
        is_open = ReportTypes.load().find(report_type).restricted == "no"
        personal = {_PERSONAL} if is_open else {_PERSONAL, _PERSONAL_IF_RESTRICTED}
        return RecordFields(
            tuple(row["header"] for row in rows if row["holds"] in personal),
            tuple(row["header"] for row in rows if row["holds"] == _DELIVERED_AT),
            is_anywhere=True,
        )


def _personal_beneath(root: Sequence[str], places: Iterable[str]) -> Iterator[str]:
    """Yield the same for personal places: records within one are personal altogether."""
    for place in places:
        parts = place.split(".")
        if list(root[: len(parts)]) == parts:
            yield ""
        else:
            yield from _beneath(root, [place])


def _beneath(root: Sequence[str], places: Iterable[str]) -> Iterator[str]:
    """Yield the places as they are seen from where the records stand."""
    for place in places:
        parts = place.split(".")
        if parts[: len(root)] == root and len(parts) > len(root):
            yield ".".join(parts[len(root) :])


def _segments(place: str) -> Segments:
    """Return a dotted place's parts without what makes no difference: `[0]`, case, hyphens."""
    return tuple(_PUNCTUATION.sub("", part.casefold()) for part in _parts(_AROUND.sub("", place)))


def _parts(place: str) -> list[str]:
    return place.split(".") if place else []


def _rows(table: str) -> Iterable[Row]:
    text = (files("asp_dagster.catalog") / table).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())
