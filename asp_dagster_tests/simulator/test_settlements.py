"""Settlement reports appear by themselves, in the manner of their marketplace."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.clock import Clock
from asp_dagster.simulator.settlements import SETTLEMENTS, Manner

UNTIL = datetime(2026, 11, 22, tzinfo=UTC)
REPORTS = "/reports/2021-06-30/reports"
GERMANY, BRITAIN, FRANCE = "A1PA6795UKMFR9", "A1F83G8C2ARO7P", "A13V1IB3VIYZZH"
DAY = 86_400.0


@pytest.fixture
def simulator(start: Callable[..., Simulator]) -> Simulator:
    """A simulator of a seller in three European marketplaces."""
    shops = (GERMANY, BRITAIN, FRANCE)
    partner = Partner.generate(seed=7, orders=9, until=UNTIL, days=1, marketplaces=shops)
    return start(partner, token_seconds=1e9)


def _listed(api: requests.Session, **params: str) -> list[dict[str, Any]]:
    answer = api.get(REPORTS, params={"reportTypes": SETTLEMENTS, "pageSize": "100", **params})
    found: list[dict[str, Any]] = answer.json()["reports"]
    return found


def _text(api: requests.Session, report: dict[str, Any]) -> str:
    path = f"/reports/2021-06-30/documents/{report['reportDocumentId']}"
    found = api.get(path, params={"enableContentEncodingUrlHeader": "true"}).json()
    return requests.get(found["url"], timeout=20).content.decode()


def _rows(text: str) -> list[dict[str, str]]:
    header, *lines = text.split("\r\n")
    names = header.split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines if line]


def test_nobody_can_ask_for_one(api: requests.Session) -> None:
    """CreateReport answers as Amazon's does."""
    body = {"reportType": SETTLEMENTS, "marketplaceIds": [GERMANY]}

    answer = api.post(REPORTS, json=body)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == (
        "Request for report type 1118 is not allowed at this time"
    )


def test_each_marketplace_is_settled_every_fourteen_days(
    api: requests.Session, clock: Clock
) -> None:
    """What is listed is no older than ninety days, the newest first, without a gap."""
    listed = _listed(api)

    created = [datetime.fromisoformat(report["createdTime"]) for report in listed]
    assert created == sorted(created, reverse=True)
    assert all(clock.now() - each <= timedelta(days=90) for each in created)
    for shop in (GERMANY, BRITAIN, FRANCE):
        own = [each for each in listed if each["marketplaceIds"] == [shop]]
        assert len(own) in {6, 7}
        assert all(newer["dataStartTime"] == older["dataEndTime"] for newer, older in pairwise(own))


def test_reports_appear_as_time_goes_by(
    api: requests.Session, go_on: Callable[[float], None]
) -> None:
    """In fourteen days each marketplace gets one more; the older ones stay as they were."""
    before = {report["reportId"] for report in _listed(api)}

    for _ in range(14):
        go_on(DAY)
        _listed(api)

    assert len({report["reportId"] for report in _listed(api)} - before) == 3


@pytest.mark.parametrize(
    ("shop", "amount", "date"),
    [
        pytest.param(GERMANY, r"-?\d{1,3}(\.\d{3})*,\d\d", r"\d\d\.\d\d\.\d{4}", id="Germany"),
        pytest.param(BRITAIN, r"-?\d{1,3}(,\d{3})*\.\d\d", r"\d\d\.\d\d\.\d{4}", id="Britain"),
        pytest.param(FRANCE, "-?\\d{1,3}(\u202f\\d{3})*,\\d\\d", r"\d\d\.\d\d\.\d{4}", id="France"),
    ],
)
def test_lines_sum_to_the_deposit(
    api: requests.Session, simulator: Simulator, shop: str, amount: str, date: str
) -> None:
    """A document says its total in the marketplace's manner, and its lines add up to it."""
    report = next(each for each in _listed(api) if each["marketplaceIds"] == [shop])
    own, *lines = _rows(_text(api, report))

    truth = simulator.settlements.made(simulator.clock.now())[report["reportId"]]
    assert truth.total == sum(line.amount for line in truth.lines)
    assert own["settlement-id"] == truth.settlement_id
    assert len(lines) == len(truth.lines)
    assert all(_matches(amount, row["amount"]) for row in lines)
    assert all(_matches(date, row["posted-date"]) for row in lines)
    assert _matches(amount, own["total-amount"])


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def test_settlement_can_be_spoilt(api: requests.Session, simulator: Simulator) -> None:
    """On command the total differs from the sum of the lines."""
    report_id = _listed(api)[0]["reportId"]

    simulator.settlements.spoil(report_id, Decimal("0.01"), simulator.clock.now())

    truth = simulator.settlements.made(simulator.clock.now())[report_id]
    assert truth.total - sum(line.amount for line in truth.lines) == Decimal("0.01")
    [report] = [each for each in _listed(api) if each["reportId"] == report_id]
    assert _rows(_text(api, report))[0]["settlement-id"] == truth.settlement_id


def test_settlement_can_be_made_again(
    api: requests.Session, simulator: Simulator, clock: Clock
) -> None:
    """As from Seller Central, the same settlement may come in a second report."""
    first = _listed(api)[-1]

    again = simulator.settlements.make_again(first["reportId"], clock.now())

    [second] = [each for each in _listed(api) if each["reportId"] == again]
    assert second["createdTime"] > first["createdTime"]
    assert _text(api, second) == _text(api, first)


@pytest.mark.parametrize(
    ("manner", "text"),
    [
        pytest.param(Manner(), "-1234.50", id="plain"),
        pytest.param(Manner(",", "."), "-1.234,50", id="comma"),
        pytest.param(Manner(".", ","), "-1,234.50", id="thousands"),
    ],
)
def test_manners(manner: Manner, text: str) -> None:
    """An amount keeps its two decimals in every manner."""
    assert manner.number(Decimal("-1234.50")) == text
