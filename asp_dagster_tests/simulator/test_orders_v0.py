"""Orders v0: its parameters, its pages, and what it keeps to itself."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator

PATH = "/orders/v0/orders"
SHOP = {"MarketplaceIds": "ATVPDKIKX0DER"}
ALL = {**SHOP, "LastUpdatedAfter": "2026-11-19T00:00:00Z"}

Orders = list[dict[str, Any]]
Reader = Callable[..., Orders]


def _refused(api: requests.Session, params: dict[str, str]) -> tuple[int, str]:
    answer = api.get(PATH, params=params)
    return answer.status_code, answer.json()["errors"][0]["code"]


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"CreatedAfter": "2026-11-19T00:00:00Z"}, id="no marketplace"),
        pytest.param(SHOP, id="no date"),
        pytest.param({**SHOP, "CreatedBefore": "2026-11-19T00:00:00Z"}, id="before alone"),
        pytest.param({**ALL, "CreatedAfter": "2026-11-19T00:00:00Z"}, id="two afters"),
        pytest.param({**ALL, "CreatedBefore": "2026-11-20T00:00:00Z"}, id="mixed"),
        pytest.param({**ALL, "LastUpdatedBefore": "2026-11-18T00:00:00Z"}, id="backwards"),
        pytest.param({**ALL, "LastUpdatedBefore": "2026-11-22T11:58:00.001Z"}, id="too close"),
        pytest.param({**ALL, "LastUpdatedBefore": "2026-11-20"}, id="date without time"),
        pytest.param({**ALL, "LastUpdatedBefore": "2026-11-20T00:00:00"}, id="no zone"),
        pytest.param({**ALL, "LastUpdatedBefore": "2026-11-31T00:00:00Z"}, id="no such day"),
        pytest.param({**ALL, "lastUpdatedBefore": "2026-11-20T00:00:00Z"}, id="unknown parameter"),
        pytest.param({**ALL, "OrderStatuses": "SHIPPED"}, id="v2026 word"),
        pytest.param({**ALL, "FulfillmentChannels": "AMAZON"}, id="unknown channel"),
        pytest.param({**ALL, "MaxResultsPerPage": "0"}, id="empty page"),
        pytest.param({**ALL, "MaxResultsPerPage": "101"}, id="page too large"),
        pytest.param({**ALL, "MaxResultsPerPage": "ten"}, id="no number"),
        pytest.param({**ALL, "IsISPU": "yes"}, id="no boolean"),
        pytest.param({**ALL, "BuyerEmail": ""}, id="empty value"),
        pytest.param({**ALL, "AmazonOrderIds": ",".join(["1"] * 51)}, id="51 ids"),
        pytest.param({**ALL, "SellerOrderId": "S-1"}, id="seller order id with last update"),
        pytest.param({**ALL, "NextToken": "made-up"}, id="made-up token"),
        pytest.param({**ALL, "MarketplaceIds": "ATVPD"}, id="unknown marketplace"),
    ],
)
def test_bad_requests(api: requests.Session, params: dict[str, str]) -> None:
    """What Amazon's reference forbids is refused as InvalidInput."""
    assert _refused(api, params) == (400, "InvalidInput")


def test_repeated_parameters_are_refused(api: requests.Session) -> None:
    """Lists are comma-joined; a parameter that comes twice is a mistake."""
    answer = api.get(PATH, params={**ALL, "OrderStatuses": ["Shipped", "Pending"]})

    assert answer.status_code == 400


def test_other_regions_are_forbidden(api: requests.Session) -> None:
    """A marketplace of another selling region answers 403."""
    answer = api.get(PATH, params={**ALL, "MarketplaceIds": "A1PA6795UKMFR9"})

    assert answer.status_code == 403
    assert "not valid for region" in answer.json()["errors"][0]["details"]


def test_two_minutes_are_enough(api: requests.Session) -> None:
    """An upper bound exactly two minutes before now is taken."""
    params = {**ALL, "LastUpdatedBefore": "2026-11-22T11:58:00Z"}

    assert api.get(PATH, params=params).status_code == 200


def test_bounds_are_inclusive(api: requests.Session, partner: Partner) -> None:
    """Both bounds take in what happened at that very millisecond."""
    row = partner.order_rows()[100]
    moment = row["last_updated_at"].isoformat(timespec="milliseconds")
    found = api.get(
        PATH, params={**SHOP, "LastUpdatedAfter": moment, "LastUpdatedBefore": moment}
    ).json()["payload"]["Orders"]

    assert [order["AmazonOrderId"] for order in found] == [row["order_id"]]


def test_pages_run_from_oldest_to_newest(
    api: requests.Session, all_orders_v0: Reader, partner: Partner
) -> None:
    """Small pages give every order once, in the order of their last change."""
    found = all_orders_v0(api, **ALL, MaxResultsPerPage="7")

    assert [order["AmazonOrderId"] for order in found] == [
        row["order_id"] for row in partner.order_rows()
    ]


def test_pages_by_creation(api: requests.Session, all_orders_v0: Reader, partner: Partner) -> None:
    """A search by creation runs along the creation."""
    found = all_orders_v0(api, CreatedAfter="2026-10-01T00:00:00Z", MaxResultsPerPage="50")

    rows = sorted(partner.order_rows(), key=lambda row: (row["created_at"], row["order_id"]))
    assert [order["AmazonOrderId"] for order in found] == [row["order_id"] for row in rows]


def test_page_size_can_be_limited(
    start: Callable[..., Simulator], connect: Callable[[Simulator], requests.Session]
) -> None:
    """A simulator with small pages ignores a wish for larger ones."""
    payload = connect(start(page_size_limit=3)).get(PATH, params=ALL).json()["payload"]

    assert len(payload["Orders"]) == 3


def test_upper_bound_is_repeated(api: requests.Session) -> None:
    """The answer repeats the upper bound, or states the one it took."""
    given = api.get(PATH, params={**ALL, "LastUpdatedBefore": "2026-11-20T00:00:00Z"}).json()
    taken = api.get(PATH, params={**SHOP, "CreatedAfter": "2026-11-19T00:00:00Z"}).json()

    assert given["payload"]["LastUpdatedBefore"] == "2026-11-20T00:00:00Z"
    assert taken["payload"]["CreatedBefore"] == "2026-11-22T11:58:00Z"


def _second_page(api: requests.Session, **changes: str) -> requests.Response:
    params = {**ALL, "MaxResultsPerPage": "5"}
    token = api.get(PATH, params=params).json()["payload"]["NextToken"]
    return api.get(PATH, params={**params, **changes, "NextToken": token})


def test_filters_may_be_repeated_or_left_out(api: requests.Session) -> None:
    """With a token the filters may come again unchanged, or not at all."""
    repeated = _second_page(api).json()["payload"]
    token = api.get(PATH, params={**ALL, "MaxResultsPerPage": "5"}).json()["payload"]["NextToken"]
    left_out = api.get(PATH, params={**SHOP, "NextToken": token}).json()["payload"]

    assert repeated["Orders"] == left_out["Orders"]
    assert len(repeated["Orders"]) == 5


def test_changed_filters_are_refused(api: requests.Session) -> None:
    """A token fits only the query it came from."""
    answer = _second_page(api, LastUpdatedAfter="2026-11-20T00:00:00Z")

    assert answer.status_code == 400
    assert "LastUpdatedAfter" in answer.json()["errors"][0]["message"]


def test_pages_hold_while_orders_change(
    start: Callable[..., Simulator], connect: Callable[[Simulator], requests.Session]
) -> None:
    """An order that changes between two pages is never skipped in favour of another."""
    partner = Partner.generate(seed=9, orders=60, until=_until(), days=3)
    api = connect(start(partner))
    params = {**ALL, "MaxResultsPerPage": "20"}
    first = api.get(PATH, params=params).json()["payload"]
    partner.update(seed=1, fraction=0.5, at=_until())
    ids = {order["AmazonOrderId"] for order in first["Orders"]}
    while "NextToken" in first:
        first = api.get(PATH, params={**params, "NextToken": first["NextToken"]}).json()["payload"]
        ids |= {order["AmazonOrderId"] for order in first["Orders"]}

    assert ids >= {row["order_id"] for row in partner.order_rows()}


def _until() -> Any:
    from datetime import UTC, datetime

    return datetime(2026, 11, 22, tzinfo=UTC)
