"""When a feed's data are there to be asked for, how long they change, and when its schedule ticks.

Here belong: hours and their arithmetic, from what the catalogue knows of the feed. Which partitions
a tick asks for is `schedules`' business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

import dagster as dg
from dagster._utils.schedules import (  # Dagster has no public name for it
    reverse_cron_string_iterator,
)

from asp_dagster.catalog.feeds import Account, Feed, ReportSpec
from asp_dagster.catalog.report_types import ReportType, ReportTypes
from asp_dagster.landing.windows import SETTLING_TIME
from asp_dagster.spapi.regions import MARKETPLACES

_DEFAULT_MARKETPLACE = "ATVPDKIKX0DER"
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_SOME_WINTER = datetime(2026, 1, 1, tzinfo=UTC)

# A change of clocks makes midnight come an hour earlier than counted.
_RESERVE = _HOUR


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """The hours of a feed.

    Attributes:
        cron: When its schedule ticks.
        zone: The zone of these hours.
        hold_back: How long after a window's end its data are not ready.
        look_back: How long after a window's end they change.
        day_zones: The zones whose dates Amazon looks at; none where it looks at moments.
    """

    cron: str
    zone: str
    hold_back: timedelta = SETTLING_TIME
    look_back: timedelta = timedelta(0)
    day_zones: tuple[str, ...] = ()

    def over_at(self, end: datetime) -> datetime:
        """Return when a window is over, in all zones whose dates it is made of.

        Args:
            end: Its end.
        """
        midnights = [
            datetime.combine(end.date(), time(), ZoneInfo(zone)) for zone in self.day_zones
        ]
        return max((midnight.astimezone(UTC) for midnight in midnights), default=end)

    def ready_at(self, end: datetime) -> datetime:
        """Return when the data of a window are there.

        Args:
            end: Its end.
        """
        return self.over_at(end) + self.hold_back

    def final_at(self, end: datetime) -> datetime:
        """Return when the data of a window change no more.

        Args:
            end: Its end.
        """
        return self.over_at(end) + max(self.look_back, self.hold_back)

    def is_changing(self, end: datetime, since: datetime) -> bool:
        """Tell whether the data of a window have changed after they were ready.

        Args:
            end: Its end.
            since: From when on.
        """
        return self.look_back > self.hold_back and self.final_at(end) > since

    def tick_before(self, at: datetime) -> datetime:
        """Return the tick before a moment."""
        ticks = reverse_cron_string_iterator(at.timestamp(), self.cron, self.zone)
        return next(tick.astimezone(UTC) for tick in ticks if tick < at)

    def day_before(self, at: datetime) -> datetime:
        """Return the same time of the day before, by the clocks of the zone."""
        return (at.astimezone(ZoneInfo(self.zone)) - _DAY).astimezone(UTC)

    def is_first_of_day(self, at: datetime) -> bool:
        """Tell whether no tick of the same day comes before a tick."""
        zone = ZoneInfo(self.zone)
        return self.tick_before(at).astimezone(zone).date() < at.astimezone(zone).date()


def timetable(feed: Feed, cron: str | None = None) -> Timetable:
    """Return the hours of a feed.

    Args:
        feed: The feed.
        cron: When its schedule ticks, unless when its data are ready.
    """
    known = _known(feed)
    marketplace_zones = _marketplace_zones(feed.account)
    zones = marketplace_zones if known.zone == "marketplace" else (known.zone,)
    day_zones = zones if feed.partitions and known.clock == "days" and known.zone else ()
    if day_zones:
        zone = _westernmost(day_zones)
    else:
        zone = feed.partitions.timezone if feed.partitions else marketplace_zones[0]
    hold_back = _hold_back(feed, known)
    return Timetable(
        cron=cron or _cron(feed, hold_back),
        zone=zone,
        hold_back=hold_back,
        look_back=known.look_back or timedelta(0),
        day_zones=day_zones,
    )


def _known(feed: Feed) -> ReportType:
    """Return what is known of a feed's report type; of an endpoint, nothing."""
    source = feed.source
    return ReportTypes.load().find(source.report_type if isinstance(source, ReportSpec) else "")


def _hold_back(feed: Feed, known: ReportType) -> timedelta:
    options = feed.source.report_options if isinstance(feed.source, ReportSpec) else {}
    return max(known.hold_back.of(known.period(options)) or SETTLING_TIME, SETTLING_TIME)


def _marketplace_zones(account: Account) -> tuple[str, ...]:
    """Return the zones of a feed's marketplaces."""
    given = str(dg.EnvVar("ASP_MARKETPLACE_IDS").get_value(_DEFAULT_MARKETPLACE))
    wanted = account.marketplaces or tuple(map(str.strip, given.split(",")))
    zones = {each.marketplace_id: each.time_zone for each in MARKETPLACES}
    return tuple(zones[each] for each in wanted if each in zones) or ("UTC",)


def _westernmost(zones: Sequence[str]) -> str:
    """Return the zone whose days end last."""
    return min(zones, key=lambda zone: _SOME_WINTER.astimezone(ZoneInfo(zone)).utcoffset() or _DAY)


def _cron(feed: Feed, hold_back: timedelta) -> str:
    """Return when a feed's newest data are ready: each feed at a minute of its own."""
    minute = _own_minute(feed)
    every = feed.partitions.every if feed.partitions else None
    if every == "hourly" or feed.is_incremental:
        return f"{10 + minute % 50} * * * *"
    after = hold_back + _RESERVE + timedelta(minutes=minute)
    minutes = after % _DAY // timedelta(minutes=1)
    at = f"{minutes % 60} {minutes // 60}"
    if every == "weekly":  # partitions begin on Sundays
        return f"{at} * * {after.days % 7}"
    if every == "monthly":
        return f"{at} {1 + after.days} * *"
    return f"{at} * * *"


def _own_minute(feed: Feed) -> int:
    """Return a minute that is a feed's for ever, and most probably no other's."""
    name = f"{feed.account.name or ''}/{feed.name}"
    return int.from_bytes(sha256(name.encode()).digest()[:4]) % 60
