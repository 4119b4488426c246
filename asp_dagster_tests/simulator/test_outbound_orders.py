"""Fulfilment orders in both versions of the Fulfillment Outbound API."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.outbound_orders import outbound_order_rows

NEW = "/fulfillment/outbound/2026-07-04/orders"
OLD = "/fba/outbound/2020-07-01/fulfillmentOrders"

Json = Any


def _new(api: requests.Session, **params: str) -> list[Json]:
    """Read every page of listOrders."""
    found: list[Json] = []
    while True:
        page = api.get(NEW, params=params).json()
        found += page["orders"]
        if "pagination" not in page:
            return found
        params["pageToken"] = page["pagination"]["nextToken"]


def _old(api: requests.Session, **params: str) -> list[Json]:
    """Read every page of listAllFulfillmentOrders."""
    found: list[Json] = []
    while True:
        payload = api.get(OLD, params=params).json()["payload"]
        found += payload["fulfillmentOrders"]
        if "nextToken" not in payload:
            return found
        params["nextToken"] = payload["nextToken"]


@pytest.mark.parametrize(
    ("path", "params"),
    [
        pytest.param(NEW, {"updatedAfter": "yesterday"}, id="no-time"),
        pytest.param(NEW, {"shipments": "NONE"}, id="unknown-word"),
        pytest.param(NEW, {"pageToken": "made-up"}, id="made-up-token"),
        pytest.param(OLD, {"queryEndDate": "2026-11-20T00:00:00Z"}, id="no-upper-bound"),
    ],
)
def test_bad_requests(api: requests.Session, path: str, params: dict[str, str]) -> None:
    """What Amazon's reference forbids is refused as InvalidInput."""
    answer = api.get(path, params=params)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "InvalidInput")


def test_both_versions_list_the_same_orders(
    start: Callable[..., Simulator],
    connect: Callable[[Simulator], requests.Session],
    partner: Partner,
) -> None:
    """All pages of either version are the orders, each once, in the order of their changes."""
    api = connect(start(page_size_limit=9))
    truth = [(row["order_id"], row["status"]) for row in outbound_order_rows(partner)]

    assert [(each["orderId"], each["status"]) for each in _new(api)] == truth
    assert [
        (each["sellerFulfillmentOrderId"], each["fulfillmentOrderStatus"].upper())
        for each in _old(api)
    ] == truth


def test_only_what_changed_since(api: requests.Session) -> None:
    """A start leaves out the orders that were last changed before it."""
    everything, since = _new(api), "2026-11-21T00:00:00Z"

    recent = _new(api, updatedAfter=since)
    assert recent == [each for each in everything if each["statusUpdateTime"] >= since]
    assert 0 < len(recent) < len(everything)


def test_shipments_can_be_left_out(api: requests.Session) -> None:
    """Shipments come unless they are excluded, for orders of which something has left."""
    shipped = [each for each in _new(api) if each["status"] == "COMPLETE"]

    assert all(each["shipments"] for each in shipped)
    assert not any("shipments" in each for each in _new(api, shipments="EXCLUDE"))
    assert not any(each["shipments"] for each in _new(api) if each["status"] == "RECEIVED")
