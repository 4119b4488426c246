"""Orders v2026-01-01: its parameters, its pages, and only what was asked for."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator

PATH = "/orders/2026-01-01/orders"
ALL = {"lastUpdatedAfter": "2026-11-19T00:00:00Z"}

Orders = list[dict[str, Any]]
Reader = Callable[..., Orders]


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({}, id="no date"),
        pytest.param({"createdBefore": "2026-11-19T00:00:00Z"}, id="before alone"),
        pytest.param({**ALL, "createdAfter": "2026-11-19T00:00:00Z"}, id="two afters"),
        pytest.param({**ALL, "createdBefore": "2026-11-20T00:00:00Z"}, id="mixed"),
        pytest.param({**ALL, "lastUpdatedBefore": "2026-11-18T00:00:00Z"}, id="backwards"),
        pytest.param({**ALL, "lastUpdatedBefore": "2026-11-22T11:58:00.001Z"}, id="too close"),
        pytest.param({**ALL, "lastUpdatedBefore": "20 Nov 2026"}, id="no ISO 8601"),
        pytest.param({**ALL, "LastUpdatedBefore": "2026-11-20T00:00:00Z"}, id="v0 parameter"),
        pytest.param({**ALL, "fulfillmentStatuses": "Shipped"}, id="v0 word"),
        pytest.param({**ALL, "fulfilledBy": "AFN"}, id="v0 channel"),
        pytest.param({**ALL, "includedData": "PROCEEDS,ITEMS"}, id="unknown data"),
        pytest.param({**ALL, "maxResultsPerPage": "101"}, id="page too large"),
        pytest.param({**ALL, "marketplaceIds": ",".join(["ATVPDKIKX0DER"] * 51)}, id="51 ids"),
        pytest.param({**ALL, "paginationToken": "made-up"}, id="made-up token"),
    ],
)
def test_bad_requests(api: requests.Session, params: dict[str, str]) -> None:
    """What Amazon's reference forbids is refused as InvalidInput."""
    answer = api.get(PATH, params=params)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "InvalidInput")


def test_other_regions_are_forbidden(api: requests.Session) -> None:
    """A marketplace of another selling region answers 403."""
    assert api.get(PATH, params={**ALL, "marketplaceIds": "A1PA6795UKMFR9"}).status_code == 403


def test_marketplaces_are_optional(
    start: Callable[..., Simulator],
    connect: Callable[[Simulator], requests.Session],
    all_orders_v2026: Reader,
    partner: Partner,
) -> None:
    """Without marketplaces all orders come, with them only theirs."""
    shops = ("ATVPDKIKX0DER", "A2EUQ1WTGCTBG2")
    until = partner.order_rows()[-1]["last_updated_at"]
    two = Partner.generate(seed=1, orders=80, until=until, days=2, marketplaces=shops)
    api = connect(start(two))
    everything = all_orders_v2026(api, **ALL)
    canadian = all_orders_v2026(api, **ALL, marketplaceIds="A2EUQ1WTGCTBG2")

    assert len(everything) == 80
    assert 0 < len(canadian) < 80
    assert {each["salesChannel"]["marketplaceName"] for each in canadian} == {"Amazon.ca"}


def test_pages_run_from_oldest_to_newest(
    api: requests.Session, all_orders_v2026: Reader, partner: Partner
) -> None:
    """Small pages give every order once, in the order of their last change."""
    found = all_orders_v2026(api, **ALL, maxResultsPerPage="7")

    assert [order["orderId"] for order in found] == [
        row["order_id"] for row in partner.order_rows()
    ]


def test_last_page_has_no_pagination(api: requests.Session) -> None:
    """The last page leaves `pagination` out."""
    page = api.get(PATH, params={"createdAfter": "2026-11-21T23:59:59.999Z"}).json()

    assert page == {"orders": [], "createdBefore": "2026-11-22T11:58:00Z"}


@pytest.mark.parametrize(
    ("params", "column", "words"),
    [
        ({"fulfillmentStatuses": "SHIPPED,CANCELLED"}, "status", {"SHIPPED", "CANCELLED"}),
        ({"fulfilledBy": "MERCHANT"}, "fulfilled_by", {"MERCHANT"}),
    ],
    ids=["status", "fulfilled by"],
)
def test_filters(
    api: requests.Session,
    all_orders_v2026: Reader,
    partner: Partner,
    params: dict[str, str],
    column: str,
    words: set[str],
) -> None:
    """A filter gives exactly the orders that pass it."""
    found = {order["orderId"] for order in all_orders_v2026(api, **ALL, **params)}

    assert found == {row["order_id"] for row in partner.order_rows() if row[column] in words}


def _second_page(api: requests.Session, **changes: str | None) -> requests.Response:
    params = {**ALL, "maxResultsPerPage": "5", "fulfilledBy": "AMAZON"}
    token = api.get(PATH, params=params).json()["pagination"]["nextToken"]
    return api.get(PATH, params={**params, "paginationToken": token, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"lastUpdatedAfter": "2026-11-20T00:00:00Z"}, id="another date"),
        pytest.param({"lastUpdatedBefore": "2026-11-20T00:00:00Z"}, id="one more"),
        pytest.param({"fulfilledBy": None}, id="one less"),
        pytest.param({"fulfilledBy": "MERCHANT"}, id="another filter"),
    ],
)
def test_changed_parameters_are_refused(
    api: requests.Session, changes: dict[str, str | None]
) -> None:
    """With a token every parameter must be repeated unchanged."""
    answer = _second_page(api, **changes)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "InvalidInput")


def test_page_size_and_data_may_change(api: requests.Session) -> None:
    """With a token the page size and the included data may differ."""
    page = _second_page(api, maxResultsPerPage="9", includedData="FULFILLMENT").json()

    assert len(page["orders"]) == 9
    assert "fulfillment" in page["orders"][0]


def test_tokens_live_a_day(
    start: Callable[..., Simulator],
    connect: Callable[[Simulator], requests.Session],
    go_on: Callable[[float], None],
) -> None:
    """A page token is refused after 24 hours."""
    api = connect(start(token_seconds=200_000))
    params = {**ALL, "maxResultsPerPage": "5", "lastUpdatedBefore": "2026-11-22T00:00:00Z"}
    token = api.get(PATH, params=params).json()["pagination"]["nextToken"]
    go_on(86400)
    in_time = api.get(PATH, params={**params, "paginationToken": token})
    go_on(0.001)
    too_late = api.get(PATH, params={**params, "paginationToken": token})

    assert (in_time.status_code, too_late.status_code) == (200, 400)
    assert "expired" in too_late.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ("BUYER", "buyer"),
        ("RECIPIENT", "recipient"),
        ("PROCEEDS", "proceeds"),
        ("PAYMENT", "payment"),
        ("FULFILLMENT", "fulfillment"),
        ("PACKAGES", "packages"),
    ],
)
def test_parts_of_orders_come_only_when_asked_for(
    api: requests.Session, all_orders_v2026: Reader, data: str, part: str
) -> None:
    """Each part of an order is there for its own word of includedData and for no other."""
    parts = {"buyer", "recipient", "proceeds", "payment", "fulfillment", "packages"}
    keys = {key for order in all_orders_v2026(api, **ALL, includedData=data) for key in order}

    assert keys & parts == {part}


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ("PROCEEDS", "proceeds"),
        ("PROMOTION", "promotion"),
        ("CANCELLATION", "cancellation"),
        ("FULFILLMENT", "fulfillment"),
        ("TAX", "tax"),
    ],
)
def test_parts_of_items_come_only_when_asked_for(
    api: requests.Session, all_orders_v2026: Reader, data: str, part: str
) -> None:
    """Each part of an item is there for its own word of includedData and for no other."""
    items = [
        item
        for order in all_orders_v2026(api, **ALL, includedData=data)
        for item in order["orderItems"]
    ]
    base = {"orderItemId", "quantityOrdered", "product"}

    assert {key for item in items for key in item} - base == {part}


def test_nothing_is_asked_for(api: requests.Session, all_orders_v2026: Reader) -> None:
    """Without includedData an order has its base only: not even a status."""
    keys = {key for order in all_orders_v2026(api, **ALL) for key in order}

    assert keys == {
        "orderId",
        "orderAliases",
        "createdTime",
        "lastUpdatedTime",
        "programs",
        "salesChannel",
        "orderItems",
    }


def test_personal_data_is_synthetic(api: requests.Session) -> None:
    """Whoever asks for people gets people who do not exist."""
    orders = api.get(PATH, params={**ALL, "includedData": "BUYER,RECIPIENT"}).json()["orders"]

    assert all(each["buyer"]["buyerName"].startswith("Synthetic Buyer") for each in orders)
    assert all("Synthetic" in each["recipient"]["deliveryAddress"]["name"] for each in orders)


def test_points_are_granted_in_japan(
    start: Callable[..., Simulator],
    connect: Callable[[Simulator], requests.Session],
    all_orders_v2026: Reader,
    partner: Partner,
) -> None:
    """Only yen earn points, which are an expense of the item."""
    until = partner.order_rows()[-1]["last_updated_at"]
    japanese = Partner.generate(
        seed=1, orders=20, until=until, days=2, marketplaces=("A1VC38T7YXB528",)
    )
    orders = all_orders_v2026(connect(start(japanese)), **ALL, includedData="EXPENSE")

    granted = [item.get("expense") for order in orders for item in order["orderItems"]]
    assert any(granted)


def test_one_order_is_as_in_the_list(api: requests.Session) -> None:
    """An order alone is told as in a search."""
    params = {"includedData": "FULFILLMENT,PROCEEDS"}
    listed = api.get(PATH, params={**ALL, **params}).json()["orders"][0]
    alone = api.get(f"{PATH}/{listed['orderId']}", params=params).json()

    assert alone == {"order": listed}


def test_unknown_order(api: requests.Session) -> None:
    """An order the partner does not have answers 404."""
    assert api.get(f"{PATH}/111-0000000-0000000").status_code == 404
