"""What the sensor of alerts knows from one tick to the next, as its cursor.

Here belong: which failed runs were seen, which causes were told and when, what of them has not
healed, and which messages could not be delivered yet. All of it is forgotten after a while, so the
cursor stays small.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

from pydantic import TypeAdapter

from asp_dagster.alerts.healing import Failing

_KEPT = timedelta(days=3)
"""So long an undelivered message is kept."""

_SEEN = timedelta(hours=1)
"""So long a run is known to have been seen; far longer than a look reaches back."""

_FOLLOWED = timedelta(days=30)
"""So long it is waited that what has failed succeeds."""

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
        failing: The causes that were told and have not healed.
        pending: What is still to be delivered.
    """

    looked_until: datetime
    seen: Mapping[str, datetime] = field(default_factory=dict)
    told: Mapping[str, datetime] = field(default_factory=dict)
    failing: Mapping[str, Failing] = field(default_factory=dict)
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
        return replace(self, told=told, pending=self._pending_with(messages))

    def with_failing(self, key: str, failing: Failing) -> Self:
        """Return what is known once it is known how much of a cause has failed, or healed."""
        return replace(self, failing={**self.failing, key: failing})

    def healing(self, keys: Sequence[str], messages: Sequence[Message]) -> Self:
        """Return what is known once a cause has healed: if it comes again, it is told again."""
        told = {each: at for each, at in self.told.items() if each not in keys}
        failing = {each: value for each, value in self.failing.items() if each not in keys}
        return replace(self, told=told, failing=failing, pending=self._pending_with(messages))

    def seeing(self, run_id: str, now: datetime) -> Self:
        """Return what is known once a run was seen."""
        return replace(self, seen={**self.seen, run_id: now})

    def forgetting(self, now: datetime, quiet: timedelta) -> Self:
        """Return what is still worth knowing."""
        return replace(
            self,
            seen={key: at for key, at in self.seen.items() if now - at < _SEEN},
            told={key: at for key, at in self.told.items() if now - at < quiet},
            failing={
                key: each for key, each in self.failing.items() if _is_worth_following(each, now)
            },
            pending=[each for each in self.pending if now - each.since < _KEPT],
        )

    def _pending_with(self, messages: Sequence[Message]) -> Sequence[Message]:
        return [*self.pending, *messages][-_MOST_PENDING:]


def _is_worth_following(failing: Failing, now: datetime) -> bool:
    return any(now - each.at < _FOLLOWED for each in failing.failed)
