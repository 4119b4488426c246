"""When the personal values of a record are to go, and the count of what was decided.

A record counts from its delivery; without one from its last change; with neither from a moment that
the caller names. Here belongs that rule. Where the dates stand in a record is told by the formats.

https://developer-docs.amazon.com/sp-api/docs/security-compliance-overview
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asp_dagster.catalog.moments import moment
from asp_dagster.catalog.retention import FieldKind


@dataclass
class Seen:
    """What was seen of a record.

    Attributes:
        is_personal: Whether it holds a personal value.
        dates: What stands where dates should.
    """

    is_personal: bool = False
    dates: dict[FieldKind, list[Any]] = field(default_factory=dict)

    def note(self, kind: FieldKind, value: Any) -> None:
        """Take a value into account."""
        if kind == "personal":
            self.is_personal = self.is_personal or not is_nothing(value)
        else:
            self.dates.setdefault(kind, []).append(value)

    def dated(self, otherwise: datetime) -> datetime:
        """Return the moment from which the record's personal values count."""
        for kind in ("delivered", "modified"):
            if found := list(_moments(self.dates.get(kind, ()))):
                return max(found)
        return otherwise


@dataclass
class Judge:
    """Decides of each record of a file, and counts.

    Attributes:
        before: Personal values that count from this moment, or one before it, are to go.
        otherwise: The moment from which those count whose record tells none.
        records: How many records were seen.
        erased: How many of them had personal values that are to go.
        earliest: The earliest moment from which personal values count that stay; None without any.
    """

    before: datetime
    otherwise: datetime
    records: int = 0
    erased: int = 0
    earliest: datetime | None = None

    def is_due(self, seen: Seen) -> bool:
        """Decide whether a record's personal values are to go."""
        self.records += 1
        if not seen.is_personal:
            return False
        dated = seen.dated(self.otherwise)
        if dated <= self.before:
            self.erased += 1
            return True
        self.earliest = min(dated, self.earliest or dated)
        return False


def is_nothing(value: Any) -> bool:
    """Return whether a value tells nobody anything: null, empty, or made of such."""
    if isinstance(value, dict):
        return all(map(is_nothing, value.values()))
    if isinstance(value, list):
        return all(map(is_nothing, value))
    return value is None or value == ""


def _moments(values: Iterable[Any]) -> Iterable[datetime]:
    """Return the moments that are written as a machine writes them."""
    texts = (value.strip() for value in values if isinstance(value, str))
    return filter(None, map(moment, texts))
