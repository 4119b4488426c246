"""Reports are made of Amazon's periods: weeks begin on Sunday, quarters in January."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asp_dagster.catalog.periods import count_periods, first_day, last_day
from asp_dagster.catalog.report_types import Period

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))
PERIODS = st.sampled_from(["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"])


@pytest.mark.parametrize(
    ("period", "day", "first", "last"),
    [
        pytest.param("HOUR", "2026-11-04", "2026-11-04", "2026-11-04", id="hour"),
        pytest.param("DAY", "2026-11-04", "2026-11-04", "2026-11-04", id="day"),
        pytest.param("WEEK", "2026-11-04", "2026-11-01", "2026-11-07", id="week"),
        pytest.param("WEEK", "2026-11-01", "2026-11-01", "2026-11-07", id="sunday"),
        pytest.param("WEEK", "2026-11-07", "2026-11-01", "2026-11-07", id="saturday"),
        pytest.param("MONTH", "2028-02-10", "2028-02-01", "2028-02-29", id="february"),
        pytest.param("QUARTER", "2026-12-31", "2026-10-01", "2026-12-31", id="quarter"),
        pytest.param("YEAR", "2026-12-31", "2026-01-01", "2026-12-31", id="year"),
    ],
)
def test_bounds_of_a_period(period: Period, day: str, first: str, last: str) -> None:
    """A period has a first and a last day."""
    within = date.fromisoformat(day)

    assert first_day(period, within) == date.fromisoformat(first)
    assert last_day(period, within) == date.fromisoformat(last)


@given(PERIODS, DAYS)
def test_every_day_lies_in_one_period(period: Period, day: date) -> None:
    """A period's own bounds give the same period, and it counts as one."""
    first, last = first_day(period, day), last_day(period, day)

    assert first <= day <= last
    assert first_day(period, last) == first
    assert count_periods(period, first, last) == 1


def test_touched_periods_are_counted() -> None:
    """Two days around a Sunday touch two weeks."""
    assert count_periods("WEEK", date(2026, 11, 7), date(2026, 11, 8)) == 2
