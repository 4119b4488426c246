"""Vendor direct-fulfilment orders: their window of a week, and their pages."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.direct_fulfillment import direct_fulfillment_rows
from asp_dagster.simulator.restricted import PATH as TOKEN_PATH

PATH = "/vendor/directFulfillment/orders/2021-12-28/purchaseOrders"
WEEK = {"createdAfter": "2026-11-15T00:00:00Z", "createdBefore": "2026-11-22T00:00:00Z"}

Json = Any


@pytest.fixture
def connect(
    connect: Callable[[Simulator], requests.Session],
) -> Callable[[Simulator], requests.Session]:
    """Open a session with a restricted data token, which the operation needs."""

    def open_one(simulator: Simulator) -> requests.Session:
        session = connect(simulator)
        asked = {"restrictedResources": [{"method": "GET", "path": PATH}]}
        token = session.post(TOKEN_PATH, json=asked).json()["restrictedDataToken"]
        session.headers["x-amz-access-token"] = token
        return session

    return open_one


def _read(api: requests.Session, **params: str) -> list[Json]:
    """Read every page of a week."""
    found: list[Json] = []
    params = {**WEEK, **params}
    while True:
        page = api.get(PATH, params=params).json()
        found += page["orders"]
        if "pagination" not in page:
            return found
        params["nextToken"] = page["pagination"]["nextToken"]


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({}, id="no-date"),
        pytest.param({"createdAfter": WEEK["createdAfter"]}, id="one-date"),
        pytest.param({**WEEK, "createdAfter": "2026-11-14T23:59:59Z"}, id="more-than-a-week"),
        pytest.param({**WEEK, "createdAfter": "2026-11-23T00:00:00Z"}, id="backwards"),
        pytest.param({**WEEK, "limit": "101"}, id="page-too-large"),
        pytest.param({**WEEK, "nextToken": "made-up"}, id="made-up-token"),
    ],
)
def test_bad_requests(api: requests.Session, params: dict[str, str]) -> None:
    """What Amazon's reference forbids is refused as InvalidInput."""
    answer = api.get(PATH, params=params)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "InvalidInput")


def test_pages_hold_all_orders_of_the_window(
    start: Callable[..., Simulator],
    connect: Callable[[Simulator], requests.Session],
    partner: Partner,
) -> None:
    """All pages together are the orders made in the window, each once, oldest first."""
    orders = _read(connect(start(page_size_limit=9)), limit="100", sortOrder="ASC")

    found = [(each["purchaseOrderNumber"], each["orderDetails"]["orderStatus"]) for each in orders]
    assert found == [
        (row["purchase_order_number"], row["status"])
        for row in direct_fulfillment_rows(partner)
        if row["order_date"].isoformat() >= WEEK["createdAfter"][:10]
    ]


def test_details_can_be_left_out(api: requests.Session) -> None:
    """Without details an order is its number."""
    orders = _read(api, includeDetails="false")

    assert orders
    assert {tuple(each) for each in orders} == {("purchaseOrderNumber",)}
