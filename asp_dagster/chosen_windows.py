"""The window that a person names for one run of a feed without partitions.

Here belong: reading it, and refusing what cannot be meant. From where a run goes on by itself is
said in `incremental`; which windows a run has at all, in `windows`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.moments import moment
from asp_dagster.incremental import beginning, last_moment
from asp_dagster.landing import DataWindow, SettingError
from asp_dagster.spapi.wire import timestamp


@dataclass(frozen=True)
class ChosenWindow:
    """From when to when a run is to ask, as it was written; what is empty is left open.

    Attributes:
        first: A day or a time, `2026-11-01` or `2026-11-01T08:00:00+01:00`; UTC without a zone.
            Left open, where the run would begin by itself.
        last: Likewise; a day belongs to the window, a time ends it. Left open, all up to now.
    """

    first: str = ""
    last: str = ""

    def __bool__(self) -> bool:
        """Whether anything was chosen."""
        return bool(self.first or self.last)

    def check(self, feed: Feed) -> None:
        """Refuse a window of a feed whose runs have none to choose.

        Raises:
            SettingError: When the feed has partitions, or takes all there is.
        """
        if feed.partitions:
            raise SettingError(
                f"from, to: {feed.name} is cut into partitions: choose those, and leave both empty."
            )
        if not feed.is_incremental:
            raise SettingError(
                f"from, to: {feed.name} takes all there is at each run, and some days of it would"
                " be put in the place of the whole: leave both empty."
            )

    def window(
        self, feed: Feed, source: EndpointSpec, position: datetime, now: datetime
    ) -> DataWindow:
        """Return the window that is meant, as far as it has happened yet.

        Args:
            feed: The feed, without partitions and dated.
            source: Its endpoint.
            position: Up to when it is loaded.
            now: The time.

        Raises:
            SettingError: When the window cannot be meant; nothing has been sent by then.
        """
        latest = last_moment(source, now)
        start = self._start(feed, source) if self.first else position - feed.lookback
        begins = self.first or f"{timestamp(start)}, where the run begins by itself,"
        if start >= latest:
            raise SettingError(
                f"from: {begins} is too late: {feed.name} can be asked for data up to"
                f" {timestamp(latest)}. Choose an earlier time."
            )
        end = min(self._end(source, now), latest) if self.last else latest
        if end <= start:
            raise SettingError(
                f"to: {self.last} is before from: {begins} and a window ends after it begins."
                " Choose a later end, or an earlier beginning."
            )
        return DataWindow(start, end)

    def _start(self, feed: Feed, source: EndpointSpec) -> datetime:
        start = _read("from", self.first, moment)
        first = beginning(source)
        if start < first:
            raise SettingError(
                f"from: {self.first} is before {timestamp(first)}, where {feed.name} begins. Choose"
                f" a later time, or declare an earlier {source.updated_at_param} among its params:"
                " that leaves the cursor where it is."
            )
        return start

    def _end(self, source: EndpointSpec, now: datetime) -> datetime:
        if source.updated_before_param is None:
            raise SettingError(
                f"to: {source.path} takes no end of a window: leave it empty, and all since `from`"
                " is asked for."
            )
        if _read("to", self.last, moment) > now:
            raise SettingError(
                f"to: {self.last} has not come yet: leave it empty for all there is by now."
            )
        return _read("to", self.last, _end_of)


def _read(name: str, text: str, reading: Callable[[str], datetime | None]) -> datetime:
    found = reading(text)
    if found is None:
        raise SettingError(
            f"{name}: {text!r} is no date; write it as 2026-11-01 or 2026-11-01T08:00:00+01:00."
        )
    return found


def _end_of(text: str) -> datetime | None:
    """Return the end of a day that a text names, or the time that it does."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return moment(text)
    return datetime.combine(day, time(), UTC) + timedelta(days=1)
