"""The days, weeks, months, quarters and years that reports are made of.

Here belongs their arithmetic. A week is Amazon's: from Sunday to Saturday.
"""

from datetime import date, timedelta

from asp_dagster.catalog.report_types import Period

_DAY = timedelta(days=1)
_LONGEST = {"WEEK": 7, "MONTH": 31, "QUARTER": 92, "YEAR": 366}


def first_day(period: Period, day: date) -> date:
    """Return the first day of the period that a day lies in; that of an hour is the day itself."""
    match period:
        case "WEEK":
            return day - timedelta(days=day.isoweekday() % 7)
        case "MONTH":
            return day.replace(day=1)
        case "QUARTER":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "YEAR":
            return day.replace(month=1, day=1)
        case _:
            return day


def last_day(period: Period, day: date) -> date:
    """Return the last day of the period that a day lies in."""
    return _next_first_day(period, day) - _DAY


def count_periods(period: Period, first: date, last: date) -> int:
    """Return how many periods the days from the first to the last touch."""
    count = 0
    while first <= last:
        first = _next_first_day(period, first)
        count += 1
    return count


def _next_first_day(period: Period, day: date) -> date:
    beyond = first_day(period, day) + timedelta(days=_LONGEST.get(period, 1))
    return first_day(period, beyond)
