"""Partitions neither overlap nor leave a gap: whatever the zone, the cadence and the day."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import dagster as dg
from hypothesis import given, settings
from hypothesis import strategies as st

from asp_dagster.catalog.feeds import Cadence, PartitionsSpec
from asp_dagster.landing import DataWindow
from asp_dagster.partitions import partitions_definition
from asp_dagster.spapi.regions import MARKETPLACES

ZONES = sorted({each.time_zone for each in MARKETPLACES} | {"UTC"})
SPANS: dict[Cadence, int] = {"hourly": 4, "daily": 12, "weekly": 40, "monthly": 130}
"""For each cadence, how many days are cut."""

HARD_DAYS = [date(2028, 2, 29), date(2027, 2, 28), date(2026, 12, 31), date(2027, 12, 31)]


def _changes_of_clocks(zone: str) -> list[date]:
    """Return the days of two years on which a zone's clocks change, and two days without."""
    noons = [
        datetime(2026, 1, 1, 12, tzinfo=ZoneInfo(zone)) + timedelta(days=n) for n in range(730)
    ]
    changes = [
        after for before, after in pairwise(noons) if before.utcoffset() != after.utcoffset()
    ]
    return [each.date() for each in [*changes, noons[100], noons[500]]]


@st.composite
def cuts(draw: st.DrawFn) -> tuple[str, Cadence, date]:
    """Draw a zone, a cadence, and a first day a little before a day that is hard to cut."""
    zone = draw(st.sampled_from(ZONES))
    every = draw(st.sampled_from(list(SPANS)))
    hard = draw(st.sampled_from([*_changes_of_clocks(zone), *HARD_DAYS]))
    return zone, every, hard - timedelta(days=draw(st.integers(0, SPANS[every] // 2)))


def _windows(zone: str, every: Cadence, start: date) -> dict[str, DataWindow]:
    spec = PartitionsSpec(every=every, start=start, timezone=zone)
    cut = partitions_definition(spec)
    assert isinstance(cut, dg.TimeWindowPartitionsDefinition)
    end = datetime(start.year, start.month, start.day, tzinfo=UTC) + timedelta(days=SPANS[every])
    windows = {
        key: cut.time_window_for_partition_key(key)
        for key in cut.get_partition_keys(current_time=end)
    }
    return {
        key: DataWindow(window.start.astimezone(UTC), window.end.astimezone(UTC))
        for key, window in windows.items()
    }


@settings(max_examples=60, deadline=None)
@given(cut=cuts())
def test_partitions_meet_without_gap_or_overlap(cut: tuple[str, Cadence, date]) -> None:
    """Each partition begins at the instant at which the one before ends."""
    zone, every, start = cut
    windows = list(_windows(zone, every, start).values())

    assert len(windows) > 2
    assert all(before.end == after.start for before, after in pairwise(windows))
    assert windows == sorted(windows, key=lambda window: window.start)


@settings(max_examples=60, deadline=None)
@given(cut=cuts())
def test_partitions_begin_when_the_zones_days_do(cut: tuple[str, Cadence, date]) -> None:
    """Days, weeks and months begin with the zone's day, hours last an hour, on every day."""
    zone, every, start = cut

    for window in _windows(zone, every, start).values():
        begins = window.start.astimezone(ZoneInfo(zone))
        length = window.end - window.start
        if every == "hourly":
            assert length == timedelta(hours=1)
        else:
            # Egypt's clocks skip midnight: that day begins at one.
            assert (begins - timedelta(seconds=1)).date() < begins.date() or begins.hour == 1
            hour, days = timedelta(hours=1), round(length / timedelta(days=1))
            assert length - timedelta(days=days) in {-hour, timedelta(0), hour}


@settings(max_examples=40, deadline=None)
@given(cut=cuts(), share=st.floats(0, 1, exclude_max=True))
def test_a_moment_lies_in_one_partition(cut: tuple[str, Cadence, date], share: float) -> None:
    """A row's time, to the millisecond, is asked for by exactly one partition."""
    windows = list(_windows(*cut).values())
    start, end = windows[0].start, windows[-1].end
    moment = start + timedelta(milliseconds=int((end - start) / timedelta(milliseconds=1) * share))

    assert sum(each.start <= moment <= each.last_instant for each in windows) == 1
