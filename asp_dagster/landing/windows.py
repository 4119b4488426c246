"""Data windows: which stretch of time a run asks Amazon for.

Here belongs the window's arithmetic and its name. Which partitions there are is Dagster's business.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from asp_dagster.landing.errors import WindowError
from asp_dagster.spapi.wire import timestamp

CLOCK_SKEW = timedelta(minutes=5)
"""By how much our clock may be wrong, either way, without a gap."""

SETTLING_TIME = timedelta(minutes=3) + CLOCK_SKEW
"""Amazon refuses an upper bound nearer than two minutes to its now; one more is for the way."""

_INSTANT = timedelta(milliseconds=1)
_MOMENT = r"\d{8}T\d{6}\.\d{3}Z"
_NAME = re.compile(rf"({_MOMENT})--({_MOMENT})", re.ASCII)


@dataclass(frozen=True)
class DataWindow:
    """A stretch of time: start inclusive, end exclusive, both aware and in UTC."""

    start: datetime
    end: datetime

    @classmethod
    def parse(cls, name: str) -> Self:
        """Return the window of a name.

        Raises:
            ValueError: When it names no window.
        """
        found = _NAME.fullmatch(name)
        if found is None:
            raise ValueError(f"{name!r} is no window's name; one is {_EXAMPLE.name}.")
        return cls(*map(_moment, found.groups()))

    @property
    def name(self) -> str:
        """The window as a file may be called, to the millisecond; earlier starts sort first."""
        return f"{_compact(self.start)}--{_compact(self.end)}"

    @property
    def last_instant(self) -> datetime:
        """The last moment inside the window, for Amazon's inclusive upper bounds.

        Amazon's times have millisecond precision.
        """
        return self.end - _INSTANT

    def reaching_back(self, lookback: timedelta) -> "DataWindow":
        """Return the window with an earlier start, for data that still changes."""
        return DataWindow(self.start - lookback, self.end)

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


_EXAMPLE = DataWindow(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC))


def _compact(moment: datetime) -> str:
    milliseconds = moment.microsecond // 1000
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%S}.{milliseconds:03d}Z"


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
