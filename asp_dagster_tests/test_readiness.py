"""A run tells when the data it asked for are ready, and when they change no more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Account, Feed, PartitionsSpec, ReportSpec
from asp_dagster.landing import DataWindow
from asp_dagster.readiness import readiness, readiness_warnings

START = datetime(2026, 11, 1, tzinfo=UTC)
END = datetime(2026, 11, 8, tzinfo=UTC)
WEEK = {"2026-11-01": DataWindow(START, END)}


def _feed(report_type: str, **options: str) -> Feed:
    spec = ReportSpec(report_type=report_type, report_options=options)
    return Feed(name="raw_x", group="reports", source=spec, raw_format="json")


@pytest.mark.parametrize(
    ("feed", "expected"),
    [
        pytest.param(
            _feed("GET_SALES_AND_TRAFFIC_REPORT"),
            {"data_ready_at": timedelta(hours=72), "data_final_at": timedelta(days=14)},
            id="both",
        ),
        pytest.param(
            _feed("GET_VENDOR_SALES_REPORT", reportPeriod="WEEK"),
            {"data_ready_at": timedelta(hours=48)},
            id="by-period",
        ),
        pytest.param(_feed("GET_NEW_AT_AMAZON"), {}, id="unknown-type"),
    ],
)
def test_data_are_ready_some_time_after_the_window(
    feed: Feed, expected: dict[str, timedelta]
) -> None:
    """How long after a window's end its data come and change is known by type and period."""
    assert readiness(feed, WEEK) == {name: END + delay for name, delay in expected.items()}


def test_day_of_a_marketplace_is_over_when_it_is_there() -> None:
    """Where Amazon looks at dates alone, a day is over at the marketplace's midnight."""
    feed = replace(
        _feed("GET_SALES_AND_TRAFFIC_REPORT"),
        partitions=PartitionsSpec(every="daily"),
        account=Account(marketplaces=("ATVPDKIKX0DER",)),
    )

    ready = readiness(feed, {"2026-11-07": DataWindow(END - timedelta(days=1), END)})

    assert ready["data_ready_at"] == END + timedelta(hours=72 + 8)


def test_nothing_is_known_without_a_window_or_a_report() -> None:
    """Of a snapshot, and of an endpoint's records, nothing is told."""
    source = EndpointSpec(path="/orders/2026-01-01/orders", results_key="orders")
    orders = Feed(name="raw_orders", group="orders", source=source, raw_format="jsonl.gz")

    assert readiness(_feed("GET_SALES_AND_TRAFFIC_REPORT"), {"latest": None}) == {}
    assert readiness(orders, WEEK) == {}


def test_run_that_comes_too_early_is_warned() -> None:
    """Before the data are ready the run says when to come back; afterwards nothing."""
    ready = {"data_ready_at": END}

    [sentence] = readiness_warnings(ready, END - timedelta(hours=1))

    assert "again after 2026-11-08 00:01 UTC" in sentence
    assert not list(readiness_warnings(ready, END))
