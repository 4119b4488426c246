"""Declared schedules that Amazon would not have are refused, with the rule."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from asp_dagster.catalog.declarations import DeclarationError, parse
from asp_dagster.catalog.feed_checks import check_listed_feed
from asp_dagster.catalog.feeds import Account, Feed
from asp_dagster.catalog.listed_reports import ListedReportSpec
from asp_dagster.catalog.report_schedules import ScheduleSpec, schedule_mistakes

RETURNS = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"
TRAFFIC = "GET_SALES_AND_TRAFFIC_REPORT"
FEED = Feed(
    name="returns",
    group="amazon",
    source=ListedReportSpec(report_type=RETURNS).source,
    raw_format="tsv",
)

WRONG = [
    pytest.param(
        {},
        "GET_MERCHANT_LISTINGS_ALL_DATA",
        "schedule: Amazon schedules no GET_MERCHANT_LISTINGS_ALL_DATA; known: ",
        id="type",
    ),
    pytest.param(
        {"nextReportCreationTime": "2026-11-01T04:00:00"},
        RETURNS,
        "schedule.nextReportCreationTime: needs a zone",
        id="zone",
    ),
    pytest.param(
        {"reportOptions": {"dateGranularity": "YEAR"}},
        TRAFFIC,
        "schedule.reportOptions.dateGranularity: takes no 'YEAR'",
        id="option-value",
    ),
    pytest.param(
        {"reportOptions": {"granularity": "DAY"}},
        TRAFFIC,
        "schedule.reportOptions.granularity: GET_SALES_AND_TRAFFIC_REPORT takes no option",
        id="option-name",
    ),
    pytest.param(
        {},
        "MARKETPLACE_ASIN_PAGE_VIEW_METRICS",
        "schedule.reportOptions: lacks productType",
        id="missing-option",
    ),
]


def _spec(**declared: Any) -> ScheduleSpec:
    return parse(ScheduleSpec, {"period": "P1D", **declared}, place="schedule")


@pytest.mark.parametrize(("declared", "report_type", "words"), WRONG)
def test_wrong_schedule_is_refused(declared: dict[str, Any], report_type: str, words: str) -> None:
    """The place and the rule are named."""
    mistakes = list(schedule_mistakes(_spec(**declared), report_type, ()))

    assert any(mistake.startswith(words) for mistake in mistakes)


def test_mistake_refuses_the_feed() -> None:
    """A feed is refused for its schedule, as for anything else; marketplaces are counted."""
    feed = replace(FEED, account=Account(marketplaces=tuple(map(str, range(26)))))

    with pytest.raises(DeclarationError, match="schedule: is for at most 25 marketplaces"):
        check_listed_feed(feed, {}, _spec())
    assert not check_listed_feed(FEED, {}, _spec())


def test_period_is_one_of_amazons() -> None:
    """Any other is refused, naming those there are."""
    with pytest.raises(DeclarationError, match=r"schedule\.period: Input should be 'PT5M', "):
        _spec(period="P4D")


@pytest.mark.parametrize(
    "report_type", [pytest.param(RETURNS, id="known"), pytest.param("GET_NEW", id="unknown")]
)
def test_right_schedule_passes(report_type: str) -> None:
    """Of a type that is not in the table nothing is checked."""
    spec = _spec(nextReportCreationTime="2026-11-01T04:00:00Z")

    assert not list(schedule_mistakes(spec, report_type, ("ATVPDKIKX0DER",)))


NEXT: Sequence[Any] = [
    pytest.param("P1D", "2027-01-01T04:00", "2027-01-01T04:00", id="to-come"),
    pytest.param("P1D", "2026-01-01T04:00", "2026-11-24T04:00", id="days"),
    pytest.param("PT12H", "2026-01-01T04:00", "2026-11-23T16:00", id="hours"),
    pytest.param("PT5M", "2026-01-01T04:00", "2026-11-23T12:05", id="minutes"),
    pytest.param("P1M", "2026-01-31T04:00", "2026-11-30T04:00", id="month"),
    pytest.param("P1M", "2025-12-05T04:00", "2026-12-05T04:00", id="next-month"),
    pytest.param("P1D", None, None, id="amazon-decides"),
]


@pytest.mark.parametrize(("period", "first", "due"), NEXT)
def test_first_report_that_has_passed_keeps_its_hour(
    period: str, first: str | None, due: str | None
) -> None:
    """The next one is a whole number of periods later."""
    spec = _spec(period=period, **({"nextReportCreationTime": f"{first}Z"} if first else {}))

    found = spec.next_after(datetime(2026, 11, 23, 12, tzinfo=UTC))

    assert found == (datetime.fromisoformat(f"{due}Z") if due else None)
