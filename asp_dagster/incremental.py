"""Feeds without partitions: where a run begins, and how far it has come once it is loaded.

Here belongs: the window between a feed's cursor and now, and moving the cursor on. Where cursors
are kept is `state`'s business.

A window's raw file is named after the window. So the step that loads it, in whatever process, knows
what to move the cursor to; and a run that failed leaves a file that the next run's file covers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.moments import moment
from asp_dagster.landing import DataWindow, SettingError, WindowError
from asp_dagster.landing.windows import SETTLING_TIME
from asp_dagster.partitions import start_date
from asp_dagster.spapi.wire import timestamp

if TYPE_CHECKING:  # only who opens the state pays for loading it
    from asp_dagster.state import Cursors


@dataclass(frozen=True)
class Progress:
    """How far an incremental feed has come.

    Attributes:
        cursors: Where that is kept.
        name: The feed's asset key, `acme/raw_orders`.
        beginning: Where its first run begins.
        lookback: How far before the cursor a run begins, for data that still changes.
        run_id: The run that asks.
    """

    cursors: "Cursors"
    name: str
    beginning: datetime
    lookback: timedelta
    run_id: str

    @property
    def position(self) -> datetime:
        """Up to when the feed's records are loaded."""
        cursor = self.cursors.get(self.name)
        return cursor.until if cursor and cursor.until else self.beginning

    @property
    def start(self) -> datetime:
        """Where the next run begins: so far before the cursor as it looks back."""
        return self.position - self.lookback

    @property
    def stays(self) -> str:
        """Say that the cursor stays where it is, short of the end of a window that is loaded."""
        return (
            f"The cursor of {self.name} stays at {timestamp(self.position)}: a run from there"
            f" begins at {timestamp(self.start)}, before this run's window. The next run without"
            " `from` begins there, and leaves nothing out."
        )

    def move_on(self, window: DataWindow) -> bool:
        """Note that a window is loaded; tell whether the cursor moved.

        It does not when it is past the window's end already, nor when a run from it would begin
        before the window: what lies between would never be asked for.
        """
        return self.cursors.advance(
            self.name,
            start=window.start + self.lookback,
            end=window.end,
            beginning=self.beginning,
            run_id=self.run_id,
        )


def next_window(feed: Feed, source: EndpointSpec, position: datetime, now: datetime) -> DataWindow:
    """Return the window from where the last run ended, less the look-back, to what is settled.

    Args:
        feed: The feed, for its look-back.
        source: Its endpoint, whose params may name a last moment.
        position: Where the last run ended.
        now: The time.

    Raises:
        WindowError: When there is nothing to ask for yet.
    """
    end = last_moment(source, now)
    if end <= position:
        raise WindowError(
            f"{feed.name} is loaded up to {position.isoformat()}, and Amazon can be asked for data"
            f" up to {end.isoformat()}: there is nothing new to ask for. Run it again later."
        )
    return DataWindow(position - feed.lookback, end)


def last_moment(source: EndpointSpec, now: datetime) -> datetime:
    """Return up to when a feed can be asked for data: the end in its `params`, or what is settled.

    Raises:
        SettingError: When the end in its params is no date.
    """
    latest = (now - SETTLING_TIME).replace(microsecond=0)
    fixed = source.params.get(source.updated_before_param or "")
    return min(latest, _named(fixed)) if isinstance(fixed, str) else latest


def beginning(source: EndpointSpec) -> datetime:
    """Return where a feed's first run begins: at the value in `params`, or `ASP_START_DATE`."""
    value = source.params.get(source.updated_at_param or "")
    return _named(value if isinstance(value, str) else start_date().isoformat())


def _named(text: str) -> datetime:
    """Return the moment that a parameter names; without a zone it is UTC.

    Raises:
        SettingError: When it names none.
    """
    found = moment(text)
    if found is None:
        raise SettingError(f"{text!r} is no date; write it as 2026-01-31 or 2026-01-31T00:00:00Z.")
    return found


def newest(names: Iterable[str], start: datetime) -> str:
    """Return the window to load of those that have landed: the one that reaches furthest.

    Several reach as far where the end is fixed and the cursor was set by hand. Then it is the one
    that begins where a run now does, else the longest, which covers the others.

    Args:
        names: The windows' names.
        start: Where a run from the cursor begins.
    """

    def reach(name: str) -> tuple[datetime, bool, timedelta]:
        window = DataWindow.parse(name)
        return window.end, window.start == start, window.end - window.start

    return max(names, key=reach)
