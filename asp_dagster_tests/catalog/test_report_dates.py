"""Dates and partitions that do not fit a report's type are refused."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.catalog.feeds import Cadence, PartitionsSpec, ReportSpec
from asp_dagster.catalog.report_checks import check_report

TODAY = date(2026, 11, 23)
SALES = "GET_SALES_AND_TRAFFIC_REPORT"
TERMS = "GET_BRAND_ANALYTICS_SEARCH_TERMS_REPORT"
RETURNS = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"
ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
FEES = "GET_FBA_ESTIMATED_FBA_FEES_TXT_DATA"
STORAGE = "GET_FBA_FULFILLMENT_LONGTERM_STORAGE_FEE_CHARGES_DATA"
STOCK = "GET_VENDOR_REAL_TIME_INVENTORY_REPORT"
MARGIN = "GET_VENDOR_NET_PURE_PRODUCT_MARGIN_REPORT"
VIEWS = "MARKETPLACE_ASIN_PAGE_VIEW_METRICS"
PEOPLE = "END_USER_DATA_REPORT"
JSON_TYPES = {SALES, TERMS, STOCK, MARGIN, VIEWS, PEOPLE}


def _check(
    report_type: str,
    start: str | None = None,
    end: str | None = None,
    *,
    every: Cadence | None = None,
    first: date | None = None,
    zone: str = "UTC",
    **options: str,
) -> Sequence[str]:
    return check_report(
        ReportSpec(
            report_type=report_type,
            report_options=options,
            data_start_time=start,
            data_end_time=end,
        ),
        file_format="JSON" if report_type in JSON_TYPES else "TSV",
        partitions=PartitionsSpec(every=every, start=first, timezone=zone) if every else None,
        one_marketplace_per_report=True,
        marketplace_ids=(),
        today=TODAY,
    )


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no-start": (
        {"report_type": RETURNS, "end": "2026-11-02"},
        (
            f"report_spec.dataStartTime: is missing, which {RETURNS} requires; `partitions: daily`"
            " gives it, or write a date"
        ),
    ),
    "no-end": (
        {"report_type": TERMS, "reportPeriod": "DAY", "start": "2026-11-02"},
        "report_spec.dataEndTime: is missing",
    ),
    "no-dates-of-weeks": (
        {"report_type": TERMS, "reportPeriod": "WEEK"},
        "`partitions: weekly` gives it",
    ),
    "no-dates-of-quarters": (
        {"report_type": TERMS, "reportPeriod": "QUARTER"},
        "write the first and last day of whole quarters",
    ),
    "no-start-of-now": (
        {"report_type": FEES},
        (
            "report_spec.dataStartTime: is missing, which"
            f" {FEES} requires; write a moment 72 hours ago or earlier"
        ),
    ),
    "dates-of-a-snapshot": (
        {"report_type": LISTINGS, "start": "2026-11-01"},
        f"report_spec.dataStartTime: {LISTINGS} takes no dates; leave it out",
    ),
    "dates-that-are-options": (
        {"report_type": "GET_PROMOTION_PERFORMANCE_REPORT", "start": "2026-11-01"},
        "takes no dates: its dates stand in reportOptions; leave it out",
    ),
    "unreadable": (
        {"report_type": RETURNS, "start": "01.11.2026", "end": "2026-11-02"},
        (
            "report_spec.dataStartTime: '01.11.2026' is no date; write 2026-11-01 or"
            " 2026-11-01T00:00:00Z"
        ),
    ),
    "backwards": (
        {"report_type": SALES, "start": "2026-11-02", "end": "2026-11-01"},
        "report_spec.dataEndTime: lies before dataStartTime; exchange them",
    ),
    "week-from-monday": (
        {"report_type": TERMS, "reportPeriod": "WEEK", "start": "2026-11-02", "end": "2026-11-08"},
        (
            f"report_spec.dataStartTime: Monday 2026-11-02, but {TERMS} with reportPeriod WEEK"
            " takes whole weeks, Sunday to Saturday (a report of anything else ends FATAL);"
            " write Sunday 2026-11-01"
        ),
    ),
    "week-until-midnight": (
        {
            "report_type": TERMS,
            "reportPeriod": "WEEK",
            "start": "2026-11-01T00:00:00Z",
            "end": "2026-11-08T00:00:00Z",
        },
        "report_spec.dataEndTime: Sunday 2026-11-08, but",
    ),
    "part-of-a-month": (
        {
            "report_type": SALES,
            "dateGranularity": "MONTH",
            "start": "2026-10-01",
            "end": "2026-10-30",
        },
        (
            "takes whole months (anything else is widened to them, and the same data come again and"
            " again); write Saturday 2026-10-31"
        ),
    ),
    "part-of-a-month-of-people": (
        {"report_type": PEOPLE, "start": "2026-10-02", "end": "2026-10-31"},
        "with reportPeriod MONTH takes whole months (anything else is narrowed to them",
    ),
    "two-weeks": (
        {"report_type": TERMS, "reportPeriod": "WEEK", "start": "2026-11-01", "end": "2026-11-14"},
        f"report_spec.dataEndTime: a window of 2 weeks is too long; {TERMS} takes at most 1 week",
    ),
    "too-many-days": (
        {"report_type": RETURNS, "start": "2026-09-01T00:00:00Z", "end": "2026-11-02T00:00:00Z"},
        f"a window of 62 days is too long; {RETURNS} takes at most 60 days",
    ),
    "too-many-hours": (
        {"report_type": STOCK, "start": "2026-11-20T00:00:00Z", "end": "2026-11-21T06:00:00Z"},
        f"a window of 30 hours is too long; {STOCK} takes at most 1 day",
    ),
    "too-many-whole-days": (
        {"report_type": VIEWS, "productType": "SHOES", "start": "2026-11-17", "end": "2026-11-25"},
        "a window of 9 days is too long",
    ),
    "weekly-partitions-of-a-day": (
        {"report_type": STOCK, "every": "weekly"},
        "partitions: a window of 7 days is too long",
    ),
    "weekly-partitions-of-one-day": (
        {"report_type": TERMS, "reportPeriod": "DAY", "every": "weekly"},
        f"partitions: a window of 7 days is too long; {TERMS} takes at most 1 day",
    ),
    "daily-partitions-of-weeks": (
        {"report_type": SALES, "dateGranularity": "WEEK", "every": "daily"},
        f"partitions: are daily, but {SALES} with dateGranularity WEEK takes whole weeks, Sunday",
    ),
    "hourly-partitions-of-days": (
        {"report_type": SALES, "every": "hourly"},
        "takes whole days (anything else is widened to them",
    ),
    "partitions-of-quarters": (
        {"report_type": TERMS, "reportPeriod": "QUARTER", "every": "monthly"},
        (
            "takes whole quarters (a report of anything else ends FATAL); leave partitions out and"
            " write both dates"
        ),
    ),
    "time-zone": (
        {"report_type": SALES, "every": "daily", "zone": "Europe/Berlin"},
        "leave it out: Amazon's days are those of the marketplace's own time",
    ),
    "time-zone-of-vendors": (
        {"report_type": MARGIN, "reportPeriod": "DAY", "every": "daily", "zone": "Asia/Tokyo"},
        "Amazon's days are those of America/Los_Angeles",
    ),
}


@pytest.mark.parametrize(("declared", "words"), WRONG.values(), ids=WRONG)
def test_dates_that_do_not_fit_are_refused(declared: dict[str, Any], words: str) -> None:
    """Dates and partitions that the type does not take are refused, with what would be right."""
    with pytest.raises(DeclarationError) as refused:
        _check(**declared)

    assert words in str(refused.value)


RIGHT: dict[str, dict[str, Any]] = {
    "daily": {"report_type": SALES, "every": "daily"},
    "days-of-a-week": {"report_type": SALES, "every": "weekly", "zone": "Etc/UTC"},
    "weekly": {"report_type": TERMS, "reportPeriod": "WEEK", "every": "weekly"},
    "monthly": {"report_type": TERMS, "reportPeriod": "MONTH", "every": "monthly"},
    "hourly": {"report_type": STOCK, "every": "hourly"},
    "one-week": {
        "report_type": TERMS,
        "reportPeriod": "WEEK",
        "start": "2026-11-01T00:00:00Z",
        "end": "2026-11-07T23:59:59.999Z",
    },
    "one-quarter": {
        "report_type": TERMS,
        "reportPeriod": "QUARTER",
        "start": "2026-07-01",
        "end": "2026-09-30",
    },
    "dates-of-the-partition": {
        "report_type": SALES,
        "every": "daily",
        "start": "{window_start}",
        "end": "{window_end}",
    },
    "written-dates-beside-partitions": {
        "report_type": TERMS,
        "reportPeriod": "WEEK",
        "every": "daily",
        "start": "2026-11-01",
        "end": "2026-11-07",
    },
    "other-zone": {"report_type": RETURNS, "every": "daily", "zone": "Europe/Berlin"},
    "sixty-days": {"report_type": RETURNS, "start": "2026-09-01", "end": "2026-10-31"},
    "with-offset": {
        "report_type": RETURNS,
        "start": "2026-09-01T00:00:00+02:00",
        "end": "2026-10-30T00:00:00+02:00",
    },
    "until-now": {"report_type": FEES, "start": "2026-01-01T00:00:00Z"},
    "from-a-day-on": {"report_type": SALES, "start": "2026-11-01"},
    "latest-day": {"report_type": VIEWS, "productType": "SHOES"},
    "recent-partitions": {"report_type": SALES, "every": "daily", "first": date(2026, 1, 1)},
    "any-month": {"report_type": STORAGE, "start": "2026-10-01", "end": "2026-10-15"},
}


@pytest.mark.parametrize("declared", RIGHT.values(), ids=RIGHT)
def test_fitting_dates_pass(declared: dict[str, Any]) -> None:
    """Dates and partitions that the type takes pass, and there is nothing to say of them."""
    assert list(_check(**declared)) == []


DOUBTFUL: dict[str, tuple[dict[str, Any], str]] = {
    "empty-without-dates": (
        {"report_type": ORDERS},
        (
            f"report_spec.dataStartTime: is missing; Amazon takes now instead, and {ORDERS} is"
            " empty; `partitions: daily` gives it, or write a date"
        ),
    ),
    "partitions-of-a-snapshot": (
        {"report_type": LISTINGS, "every": "daily"},
        f"partitions: {LISTINGS} takes no dates and shows the day it is made on",
    ),
    "partitions-up-to-now": (
        {"report_type": FEES, "every": "daily"},
        (
            f"partitions: {FEES} is always up to now; leave partitions out and write"
            " report_spec.dataStartTime"
        ),
    ),
    "longer-than-seen": (
        {"report_type": ORDERS, "every": "monthly"},
        "partitions: a window of 31 days is too long",
    ),
    "more-periods-than-seen": (
        {"report_type": MARGIN, "reportPeriod": "WEEK", "start": "2026-10-04", "end": "2026-11-28"},
        f"a window of 8 weeks is too long; {MARGIN} takes at most 7 weeks, as far as is known",
    ),
    "other-partitions-than-known": (
        {"report_type": STORAGE, "every": "daily"},
        "takes whole months (nothing else is known to work); write `monthly`",
    ),
    "too-long-ago": (
        {"report_type": SALES, "start": "2024-01-01", "end": "2024-01-02"},
        f"2024-01-01 is too long ago; {SALES} reaches back 730 days, to 2024-11-23",
    ),
    "partitions-from-too-long-ago": (
        {"report_type": SALES, "every": "daily", "first": date(2020, 1, 1)},
        "partitions.start: 2020-01-01 is too long ago",
    ),
}


@pytest.mark.parametrize(("declared", "words"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_doubtful_dates_are_told_of(declared: dict[str, Any], words: str) -> None:
    """What is known from experience only, or will go wrong one day, is told and not refused."""
    [warning] = _check(**declared)

    assert words in warning
