"""Clocks for simulators: here belongs what several folders of tests set."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass
class LateClock:
    """A clock that is behind ours by as much as a test says.

    Attributes:
        behind: How much.
    """

    behind: timedelta = timedelta(0)

    def now(self) -> datetime:
        """Return its time."""
        return datetime.now(UTC) - self.behind
