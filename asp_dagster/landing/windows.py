"""Data windows: which stretch of time a partition asks Amazon for.

Here belong: the window's arithmetic and how its bounds are written for Amazon. Which partitions
there are is Dagster's business.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from asp_dagster.landing.errors import WindowError

SETTLING_TIME = timedelta(minutes=3)
"""Amazon refuses an upper bound nearer than two minutes to now; one more allows for our clock."""

_INSTANT = timedelta(milliseconds=1)


@dataclass(frozen=True)
class DataWindow:
    """A stretch of time: start inclusive, end exclusive, both aware and in UTC."""

    start: datetime
    end: datetime

    @property
    def last_instant(self) -> datetime:
        """The last moment inside the window, for Amazon's inclusive upper bounds.

        Amazon's times have millisecond precision.
        """
        return self.end - _INSTANT

    def is_over(self, now: datetime) -> bool:
        """Tell whether everything in the window can already be asked for."""
        return self.end <= now - SETTLING_TIME

    def clamped(self, now: datetime) -> "DataWindow":
        """Return the part of the window that Amazon can already be asked for.

        https://developer-docs.amazon.com/sp-api/docs/orders-api-v0-reference#getorders

        Raises:
            WindowError: When nothing of the window has happened yet.
        """
        if self.is_over(now):
            return self
        latest = (now - SETTLING_TIME).replace(microsecond=0)
        if latest <= self.start:
            raise WindowError(
                f"The window from {iso(self.start)} to {iso(self.end)} has not begun: Amazon can be"
                f" asked for data up to {iso(latest)}. Choose an earlier partition."
            )
        return DataWindow(self.start, latest)


def iso(moment: datetime) -> str:
    """Write a UTC time as Amazon does: `2026-11-01T00:00:00Z`, with milliseconds if it has any.

    https://developer-docs.amazon.com/sp-api/docs/iso-8601
    """
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")
