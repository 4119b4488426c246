"""Windows neither overlap nor leave a gap, and are never asked for too early."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asp_dagster.landing import DataWindow, WindowError
from asp_dagster.landing.windows import SETTLING_TIME

DAY = DataWindow(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC))
MOMENTS = st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds and adds the zone
    max_value=datetime(2027, 1, 1),  # noqa: DTZ001 - the same
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))


@given(cuts=st.lists(MOMENTS, min_size=3, max_size=12, unique=True), moment=MOMENTS)
def test_a_moment_lies_in_exactly_one_window(cuts: list[datetime], moment: datetime) -> None:
    """However a period is cut, each millisecond of it is asked for by exactly one window."""
    bounds = sorted(cuts)
    windows = [DataWindow(*pair) for pair in pairwise(bounds)]

    holding = [window for window in windows if window.start <= moment <= window.last_instant]

    assert len(holding) == (bounds[0] <= moment < bounds[-1])


@given(minutes=st.integers(-100, 2000))
def test_clamped_window_ends_before_amazons_limit(minutes: int) -> None:
    """No window asks for anything nearer to now than Amazon allows, nor beyond its own end."""
    now = DAY.start + timedelta(minutes=minutes)
    try:
        clamped = DAY.clamped(now)
    except WindowError:
        assert now - SETTLING_TIME < DAY.start + timedelta(seconds=1)
        return

    assert clamped.start == DAY.start < clamped.end <= DAY.end
    assert clamped.end <= now - SETTLING_TIME


def test_window_that_is_over_stays_whole() -> None:
    """A window that ended long ago is asked for to its end."""
    now = DAY.end + timedelta(hours=1)

    assert DAY.is_over(now)
    assert DAY.clamped(now) is DAY


def test_window_that_has_not_begun_is_refused() -> None:
    """A window in the future is an error that says up to when Amazon can be asked."""
    now = DAY.start - timedelta(days=1)

    with pytest.raises(WindowError, match=r"has not begun.*2026-10-30T23:52:00Z"):
        DAY.clamped(now)


@given(start=MOMENTS, length=st.timedeltas(timedelta(0), timedelta(days=400)))
def test_name_is_parsed_back(start: datetime, length: timedelta) -> None:
    """A window's name gives the window again, to the millisecond, and a file may be called so."""
    length -= timedelta(microseconds=length.microseconds % 1000)
    window = DataWindow(start, start + length)

    assert DataWindow.parse(window.name) == window
    assert not set(window.name) - set("0123456789TZ.-")


def test_name_is_compact() -> None:
    """A name is the two ends in UTC, whatever zone they were given in."""
    berlin = timezone(timedelta(hours=1))
    window = DataWindow(DAY.start.astimezone(berlin), DAY.end + timedelta(milliseconds=1))

    assert window.name == "20261101T000000.000Z--20261102T000000.001Z"


@given(windows=st.lists(st.tuples(MOMENTS, MOMENTS), max_size=9))
def test_names_sort_as_windows_do(windows: list[tuple[datetime, datetime]]) -> None:
    """Sorted by name, windows stand in the order of their starts."""
    by_name = sorted((DataWindow(*each) for each in windows), key=lambda window: window.name)

    assert [(window.start, window.end) for window in by_name] == sorted(windows)


@pytest.mark.parametrize("name", ["", "2026-11-01", f"{DAY.name}x", "20261101T000000.000Z"])
def test_name_of_no_window_is_refused(name: str) -> None:
    """What is no window's name is refused, showing one that is."""
    with pytest.raises(ValueError, match=r"no window's name; one is 2026"):
        DataWindow.parse(name)


def test_reaching_back_moves_the_start() -> None:
    """A lookback lets the window begin earlier and end where it did."""
    window = DAY.reaching_back(timedelta(hours=6))

    assert window == DataWindow(DAY.start - timedelta(hours=6), DAY.end)
