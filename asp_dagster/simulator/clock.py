"""The time the simulator lives in.

Here belong: the one question the simulator asks about time, and the precision of the answer. It
never sleeps.
"""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Whatever tells the time: a test's clock, or the machine's."""

    def now(self) -> datetime:
        """Return the present moment, aware."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)


def to_the_millisecond(moment: datetime) -> datetime:
    """Return the moment in UTC, cut to the precision of Amazon's times."""
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)
