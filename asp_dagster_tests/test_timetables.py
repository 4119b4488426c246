"""A feed's hours come from what the catalogue knows of it, in the zone that Amazon counts in."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Account, Cadence, Feed, PartitionsSpec, ReportSpec
from asp_dagster.timetables import timetable

BERLIN, LOS_ANGELES, TOKYO = "A1PA6795UKMFR9", "ATVPDKIKX0DER", "A1VC38T7YXB528"
SALES = "GET_SALES_AND_TRAFFIC_REPORT"
END = datetime(2026, 6, 17, tzinfo=UTC)


def _report(report_type: str, every: Cadence | None, *marketplaces: str, **options: str) -> Feed:
    return Feed(
        name="raw_x",
        group="reports",
        source=ReportSpec(report_type=report_type, report_options=options),
        raw_format="json",
        partitions=PartitionsSpec(every=every) if every else None,
        account=Account(marketplaces=marketplaces),
    )


@pytest.mark.parametrize(
    ("feed", "cron", "zone"),
    [
        pytest.param(_report(SALES, "daily", BERLIN), r"\d+ 1 \* \* \*", "Europe/Berlin", id="day"),
        pytest.param(
            _report("GET_VENDOR_SALES_REPORT", "weekly", BERLIN, reportPeriod="WEEK"),
            r"\d+ 1 \* \* 2",
            "America/Los_Angeles",
            id="two-days-after-a-week",
        ),
        pytest.param(
            _report("GET_VENDOR_SALES_REPORT", "daily", BERLIN, reportPeriod="DAY"),
            r"\d+ 1 \* \* \*",
            "America/Los_Angeles",
            id="vendors-count-in-seattle",
        ),
        pytest.param(
            _report("GET_VAT_TRANSACTION_DATA", "monthly", BERLIN),
            r"\d+ 1 3 \* \*",
            "UTC",
            id="two-days-after-a-month",
        ),
        pytest.param(
            _report("GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL", "daily", BERLIN),
            r"\d+ 4 \* \* \*",
            "UTC",
            id="three-hours-after-a-day",
        ),
        pytest.param(
            _report("GET_VENDOR_REAL_TIME_SALES_REPORT", "hourly"),
            r"[1-5]\d \* \* \* \*",
            "UTC",
            id="hour",
        ),
        pytest.param(
            _report("GET_MERCHANT_LISTINGS_ALL_DATA", None, TOKYO, BERLIN),
            r"\d+ 1 \* \* \*",
            "Asia/Tokyo",
            id="snapshot",
        ),
        pytest.param(
            _report("GET_MERCHANT_LISTINGS_ALL_DATA", None, "A0UNKNOWN"),
            r"\d+ 1 \* \* \*",
            "UTC",
            id="unknown-marketplace",
        ),
    ],
)
def test_ticks_come_when_data_are_ready(feed: Feed, cron: str, zone: str) -> None:
    """A schedule ticks an hour or two after the hold-back of its feed, where its days end."""
    hours = timetable(feed)

    assert re.fullmatch(cron, hours.cron)
    assert hours.zone == zone


def test_a_day_of_several_marketplaces_is_over_where_it_ends_last() -> None:
    """A day is not asked for before the westernmost marketplace has ended it."""
    hours = timetable(_report(SALES, "daily", TOKYO, LOS_ANGELES, BERLIN))

    assert hours.zone == "America/Los_Angeles"
    assert hours.ready_at(END) == END + timedelta(hours=7 + 72)
    assert hours.final_at(END) == END + timedelta(hours=7, days=14)


def test_records_are_ready_once_amazon_can_be_asked_for_them() -> None:
    """Records of a window are ready eight minutes after its end, and final then."""
    source = EndpointSpec(path="/orders/2026-01-01/orders", updated_at_param="lastUpdatedAfter")
    feed = Feed(
        name="raw_orders",
        group="orders",
        source=source,
        raw_format="jsonl",
        partitions=PartitionsSpec(every="daily", timezone="Europe/Berlin"),
    )

    hours = timetable(feed)

    assert hours.ready_at(END) == hours.final_at(END) == END + timedelta(minutes=8)
    assert not hours.is_changing(END, END - timedelta(days=1))


def test_marketplaces_of_the_environment_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a feed names no marketplaces, its zone is that of `ASP_MARKETPLACE_IDS`."""
    monkeypatch.setenv("ASP_MARKETPLACE_IDS", f"{BERLIN}, {TOKYO}")

    assert timetable(_report(SALES, "daily")).zone == "Europe/Berlin"
