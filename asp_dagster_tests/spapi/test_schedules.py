"""Report schedules are listed, begun and ended, in Amazon's words."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import (
    Credentials,
    NotFoundError,
    ResponseError,
    ScheduledReport,
    SellingPartnerClient,
    cancel_report_schedule,
    create_report_schedule,
    report_schedules,
)

RETURNS = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"
DAILY = ScheduledReport(
    report_type=RETURNS, marketplace_ids=frozenset({"ATVPDKIKX0DER"}), period="P1D"
)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A partner without a schedule."""
    partner = Partner.generate(seed=5, orders=1, until=datetime.now(UTC), days=1)
    with Simulator(partner, speed=1e6) as running:
        yield running


@pytest.fixture
def partner_client(simulator: Simulator) -> Iterator[SellingPartnerClient]:
    """The client of that partner."""
    credentials = Credentials(simulator.client_id, simulator.client_secret, simulator.refresh_token)
    with SellingPartnerClient(credentials, simulator.url, lwa_url=simulator.lwa_url) as connected:
        yield connected


def test_schedule_is_begun_replaced_and_ended(partner_client: SellingPartnerClient) -> None:
    """What is begun is listed as it was asked for, until it is replaced or cancelled."""
    tomorrow = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    weekly = replace(DAILY, period="P7D", report_options={"note": "weekly"})
    create_report_schedule(partner_client, DAILY)

    schedule_id = create_report_schedule(partner_client, weekly, tomorrow)

    [found] = report_schedules(partner_client, [RETURNS])
    assert (found.schedule_id, found.makes, found.next_at) == (schedule_id, weekly, tomorrow)
    assert found.makes.is_for_the_same_as(DAILY)
    cancel_report_schedule(partner_client, schedule_id)
    assert list(report_schedules(partner_client, [RETURNS])) == []


def test_many_types_are_asked_for_by_tens(
    partner_client: SellingPartnerClient, simulator: Simulator
) -> None:
    """Amazon takes ten types at a time, and no schedule is lost between."""
    create_report_schedule(partner_client, DAILY)
    others = [f"GET_{number}" for number in range(11)]

    found = list(report_schedules(partner_client, [*others, RETURNS]))

    assert [each.makes for each in found] == [DAILY]
    assert simulator.count("getReportSchedules") == 2


def test_unknown_schedule_cannot_be_ended(partner_client: SellingPartnerClient) -> None:
    """An id that Amazon does not know is an error of its own, whatever stands in it."""
    with pytest.raises(NotFoundError):
        cancel_report_schedule(partner_client, "7/0?")


ENTRY = {"reportScheduleId": "7", "reportType": RETURNS, "period": "P1D"}
WITHOUT = [
    pytest.param({}, "no list reportSchedules", id="list"),
    pytest.param(
        {"reportSchedules": [{**ENTRY, "period": None}]}, "a schedule without period", id="period"
    ),
]


@pytest.mark.parametrize(("answer", "words"), WITHOUT)
def test_listing_that_cannot_be_meant(
    client: SellingPartnerClient, server: Any, answer: dict[str, Any], words: str
) -> None:
    """An answer without a list, or with a schedule that does not say what it is, is none."""
    server.answer(answer)

    with pytest.raises(ResponseError, match=words):
        list(report_schedules(client, [RETURNS]))


def test_new_schedule_without_an_id(client: SellingPartnerClient, server: Any) -> None:
    """Amazon must say which schedule it has begun."""
    server.answer({}, 201)

    with pytest.raises(ResponseError, match="no reportScheduleId"):
        create_report_schedule(client, DAILY)


def test_schedule_may_say_less(client: SellingPartnerClient, server: Any) -> None:
    """Neither marketplaces nor the next time need to be named."""
    server.answer({"reportSchedules": [ENTRY]})

    [found] = report_schedules(client, [RETURNS])

    assert found.makes == replace(DAILY, marketplace_ids=frozenset())
    assert found.next_at is None
