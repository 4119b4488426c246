"""The simulator's report schedules against Amazon's model of the Reports API.

The directory of the models is named by the variable `ASP_MODELS`.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.schedule_requests import PERIODS

MODEL = Path(os.environ["ASP_MODELS"]) / "reports-api-model" / "reports_2021-06-30.json"
US = "ATVPDKIKX0DER"
RETURNS = "GET_XML_RETURNS_DATA_BY_RETURN_DATE"


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def now(self) -> datetime:
        """Return the simulated time."""
        return self.moment


@pytest.fixture
def model() -> Any:
    """Amazon's model, with unknown fields forbidden."""
    model = json.loads(MODEL.read_text(encoding="utf-8"))
    for definition in model["definitions"].values():
        if "properties" in definition:
            definition["additionalProperties"] = False
    return model


@pytest.fixture
def clock() -> Clock:
    """The simulator's clock."""
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Simulator]:
    """A partner without a schedule."""
    partner = Partner.generate(seed=4, orders=1, until=clock.now(), days=1)
    with Simulator(partner, speed=0, clock=clock, token_seconds=1e9) as running:
        yield running


@pytest.fixture
def api(simulator: Simulator) -> Iterator[requests.Session]:
    """A session that is logged in."""
    form = {
        "grant_type": "refresh_token",
        "client_id": simulator.client_id,
        "client_secret": simulator.client_secret,
        "refresh_token": simulator.refresh_token,
    }
    with requests.Session() as session:
        token = requests.post(simulator.lwa_url, form, timeout=20).json()["access_token"]
        session.headers["x-amz-access-token"] = token
        yield session


def _check(answer: Any, model: Any, definition: str) -> None:
    schema = {"$ref": f"#/definitions/{definition}", "definitions": model["definitions"]}
    jsonschema.Draft4Validator(schema).validate(answer)


def test_answers_satisfy_the_model(
    simulator: Simulator, api: requests.Session, clock: Clock, model: Any
) -> None:
    """A schedule of any period, and a report that it has made, are as Amazon defines them."""
    url, reports = (
        f"{simulator.url}/reports/2021-06-30/{name}" for name in ("schedules", "reports")
    )
    for period in PERIODS:
        body = {
            "reportType": RETURNS,
            "marketplaceIds": [US],
            "period": period,
            "reportOptions": {"any": "text"},
            "nextReportCreationTime": f"{clock.now() + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
        }
        _check(body, model, "CreateReportScheduleSpecification")
        created = api.post(url, json=body, timeout=20)
        assert created.status_code == 201
        _check(created.json(), model, "CreateReportScheduleResponse")
        one = api.get(f"{url}/{created.json()['reportScheduleId']}", timeout=20)
        _check(one.json(), model, "ReportSchedule")
    clock.moment += timedelta(days=2)

    listed = api.get(url, params={"reportTypes": RETURNS}, timeout=20).json()
    made = api.get(reports, params={"reportTypes": RETURNS}, timeout=20).json()

    _check(listed, model, "ReportScheduleList")
    assert len(listed["reportSchedules"]) == 1
    _check(made, model, "GetReportsResponse")
    assert (
        made["reports"][0]["reportScheduleId"] == listed["reportSchedules"][0]["reportScheduleId"]
    )


def test_periods_are_amazons(model: Any) -> None:
    """The simulator takes each period of the model and no other."""
    specification = model["definitions"]["CreateReportScheduleSpecification"]

    assert list(PERIODS) == specification["properties"]["period"]["enum"]
