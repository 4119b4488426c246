"""Data windows: which stretch of time a partition asks Amazon for.

Here belongs the window's arithmetic. Which partitions there are is Dagster's business.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from asp_dagster.landing.errors import WindowError
from asp_dagster.spapi.wire import timestamp

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
                f"The window from {timestamp(self.start)} to {timestamp(self.end)} has not begun:"
                f" Amazon can be asked for data up to {timestamp(latest)}. Choose an earlier"
                " partition."
            )
        return DataWindow(self.start, latest)
