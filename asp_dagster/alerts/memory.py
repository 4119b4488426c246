"""What the sensor of alerts knows from one tick to the next, as its cursor.

Here belong: which failed runs were seen, which causes were told and when, and which messages could
not be delivered yet. All of it is forgotten after a while, so the cursor stays small.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

from pydantic import TypeAdapter

_KEPT = timedelta(days=3)
"""So long an undelivered message is kept."""

_SEEN = timedelta(hours=1)
"""So long a run is known to have been seen; far longer than a look reaches back."""

_MOST_PENDING = 200


@dataclass(frozen=True)
class Message:
    """A message that is to be delivered.

    Attributes:
        target: Where.
        subject: It in a line.
        text: It.
        since: When it was written.
    """

    target: str
    subject: str
    text: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What is known.

    Attributes:
        looked_until: Up to when runs were looked at.
        seen: The runs that were seen lately, and when.
        told: When each cause, and each run with its retries, was told.
        pending: What is still to be delivered.
    """

    looked_until: datetime
    seen: Mapping[str, datetime] = field(default_factory=dict)
    told: Mapping[str, datetime] = field(default_factory=dict)
    pending: Sequence[Message] = ()

    @classmethod
    def parse(cls, cursor: str | None, now: datetime) -> Self:
        """Read a cursor; without one, what failed before now is nobody's business."""
        if not cursor:
            return cls(looked_until=now)
        return TypeAdapter(cls).validate_json(cursor)

    def __str__(self) -> str:
        """Write the cursor."""
        return TypeAdapter(dict).dump_json(asdict(self)).decode()

    def is_told(self, keys: Sequence[str], now: datetime, quiet: timedelta) -> bool:
        """Tell whether one of some keys was told within the quiet time."""
        return any(key in self.told and now - self.told[key] < quiet for key in keys)

    def telling(self, keys: Sequence[str], now: datetime, messages: Sequence[Message]) -> Self:
        """Return what is known once some messages are written."""
        told = {**self.told, **dict.fromkeys(keys, now)}
        return replace(self, told=told, pending=[*self.pending, *messages][-_MOST_PENDING:])

    def seeing(self, run_id: str, now: datetime) -> Self:
        """Return what is known once a run was seen."""
        return replace(self, seen={**self.seen, run_id: now})

    def forgetting(self, now: datetime, quiet: timedelta) -> Self:
        """Return what is still worth knowing."""
        return replace(
            self,
            seen={key: at for key, at in self.seen.items() if now - at < _SEEN},
            told={key: at for key, at in self.told.items() if now - at < quiet},
            pending=[each for each in self.pending if now - each.since < _KEPT],
        )
