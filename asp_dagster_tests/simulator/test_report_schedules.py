"""Report schedules: made, listed, replaced, cancelled, and what they make as time goes by."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from asp_dagster.catalog.report_schedules import SchedulePeriod
from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.simulator import Simulator
from asp_dagster.simulator.clock import Clock
from asp_dagster.simulator.schedule_requests import PERIODS, SCHEDULABLE, following

SCHEDULES = "/reports/2021-06-30/schedules"
REPORTS = "/reports/2021-06-30/reports"
RETURNS = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"
SHIPPING = "GET_ORDER_REPORT_DATA_SHIPPING"
US, MEXICO = "ATVPDKIKX0DER", "A1AM78C64UM0Y8"
DAY = 86_400.0
DAILY = {"reportType": RETURNS, "marketplaceIds": [US], "period": "P1D"}


@pytest.fixture
def simulator(start: Callable[..., Simulator]) -> Simulator:
    """A simulator whose tokens outlive the months that tests let pass."""
    return start(token_seconds=1e9)


def _create(api: requests.Session, **changes: Any) -> str:
    answer = api.post(SCHEDULES, json={**DAILY, **changes})
    assert answer.status_code == 201
    schedule_id: str = answer.json()["reportScheduleId"]
    return schedule_id


def _schedules(api: requests.Session) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(SCHEDULES, params={"reportTypes": RETURNS}).json()[
        "reportSchedules"
    ]
    return found


def _reports(api: requests.Session, report_type: str = RETURNS) -> list[dict[str, Any]]:
    params = {"reportTypes": report_type, "pageSize": "100"}
    found: list[dict[str, Any]] = api.get(REPORTS, params=params).json()["reports"]
    return found


def test_schedule_is_listed_as_it_was_asked_for(api: requests.Session, clock: Clock) -> None:
    """Its first report is due after one period, unless it was asked for sooner."""
    schedule_id = _create(api)

    expected = {
        **DAILY,
        "reportScheduleId": schedule_id,
        "nextReportCreationTime": f"{clock.now() + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
    }
    assert _schedules(api) == [expected]
    assert api.get(f"{SCHEDULES}/{schedule_id}").json() == expected


def test_reports_are_made_as_time_goes_by(
    api: requests.Session, go_on: Callable[[float], None]
) -> None:
    """Each period one is listed, about the time since the one before, once and for all."""
    schedule_id = _create(api, period="PT12H")

    go_on(3 * DAY)

    found = _reports(api)
    assert len(found) == 6
    assert {report["reportScheduleId"] for report in found} == {schedule_id}
    assert all(report["processingStatus"] == "DONE" for report in found)
    assert all(report["createdTime"] == report["dataEndTime"] for report in found)
    starts, ends = [{report[key] for report in found} for key in ("dataStartTime", "dataEndTime")]
    assert len(starts - ends) == len(ends - starts) == 1
    assert _reports(api) == found


def test_scheduled_document_is_there(api: requests.Session, go_on: Callable[[float], None]) -> None:
    """A type that nobody can ask for comes by a schedule, with its document."""
    refused = api.post(REPORTS, json={"reportType": SHIPPING, "marketplaceIds": [US]})
    _create(api, reportType=SHIPPING)
    go_on(DAY)

    [report] = _reports(api, SHIPPING)

    assert refused.status_code == 400
    assert report["reportDocumentId"]


def test_reports_of_a_long_pause_are_forgotten(
    api: requests.Session, go_on: Callable[[float], None]
) -> None:
    """What is older than ninety days is no longer listed."""
    _create(api)

    go_on(200 * DAY)

    assert len(_reports(api)) == 90


def test_same_type_and_marketplaces_are_replaced(api: requests.Session) -> None:
    """A second schedule takes the place of the first; one for other marketplaces does not."""
    first, other = _create(api), _create(api, marketplaceIds=[US, MEXICO])
    second = _create(api, period="P7D")

    assert {each["reportScheduleId"] for each in _schedules(api)} == {other, second}
    assert api.get(f"{SCHEDULES}/{first}").status_code == 404


def test_cancelled_schedule_makes_no_more(
    api: requests.Session, go_on: Callable[[float], None]
) -> None:
    """What it has made stays."""
    schedule_id = _create(api)
    go_on(DAY)

    assert api.delete(f"{SCHEDULES}/{schedule_id}").status_code == 200
    go_on(2 * DAY)

    assert len(_reports(api)) == 1
    assert _schedules(api) == []
    assert api.delete(f"{SCHEDULES}/{schedule_id}").status_code == 404


REFUSED = [
    pytest.param({"period": "P4D"}, "Invalid period", id="period"),
    pytest.param({"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA"}, "cannot be", id="type"),
    pytest.param({"marketplaceIds": []}, "1 to 25", id="no-marketplace"),
    pytest.param({"marketplaceIds": ["US"]}, "Invalid marketplace id", id="no-marketplace-id"),
    pytest.param({"reportOptions": {"a": True}}, "reportOptions", id="option"),
    pytest.param({"every": "day"}, "Unknown field every", id="unknown"),
    pytest.param({"nextReportCreationTime": "soon"}, "nextReportCreationTime", id="no-time"),
    pytest.param({"nextReportCreationTime": "2020-01-01T00:00:00Z"}, "in the past", id="past-time"),
]


@pytest.mark.parametrize(("changes", "words"), REFUSED)
def test_wrong_schedule_is_refused(
    api: requests.Session, changes: dict[str, Any], words: str
) -> None:
    """What Amazon's model does not allow is answered 400."""
    answer = api.post(SCHEDULES, json={**DAILY, **changes})

    assert answer.status_code == 400
    assert words in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("body", [pytest.param(b"{", id="cut"), pytest.param(b"[]", id="list")])
def test_body_must_be_an_object(api: requests.Session, body: bytes) -> None:
    """Anything else is refused."""
    assert api.post(SCHEDULES, data=body).status_code == 400


def test_types_must_be_named(api: requests.Session) -> None:
    """Amazon lists no schedules but those of types that are asked for."""
    assert api.get(SCHEDULES).status_code == 400


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param("2026-01-31", "2026-02-28", id="short-month"),
        pytest.param("2026-12-15", "2027-01-15", id="year"),
    ],
)
def test_month_ends_on_the_same_day(start: str, end: str) -> None:
    """A month is over on the same day of the next, or its last."""
    begun = datetime.fromisoformat(start).replace(tzinfo=UTC)

    assert f"{following(begun, 'P1M'):%Y-%m-%d}" == end


def test_simulator_and_catalogue_know_the_same() -> None:
    """The types that can be scheduled, and the periods, are the same in both."""
    schedulable = {each.name for each in ReportTypes.load().all if each.is_schedulable}

    assert schedulable == SCHEDULABLE
    assert json.loads(json.dumps(PERIODS)) == list(SchedulePeriod.__args__)
