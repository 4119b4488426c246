"""Orders v0: its parameters, its pages, and what it keeps to itself."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator

UNTIL = datetime(2026, 11, 22, tzinfo=UTC)
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
    partner = Partner.generate(seed=9, orders=60, until=UNTIL, days=3)
    api = connect(start(partner))
    params = {**ALL, "MaxResultsPerPage": "20"}
    first = api.get(PATH, params=params).json()["payload"]
    partner.update(seed=1, fraction=0.5, at=UNTIL)
    ids = {order["AmazonOrderId"] for order in first["Orders"]}
    while "NextToken" in first:
        first = api.get(PATH, params={**params, "NextToken": first["NextToken"]}).json()["payload"]
        ids |= {order["AmazonOrderId"] for order in first["Orders"]}

    assert ids >= {row["order_id"] for row in partner.order_rows()}


@pytest.mark.parametrize(
    ("params", "column", "words"),
    [
        ({"OrderStatuses": "Shipped,Canceled"}, "status", {"SHIPPED", "CANCELLED"}),
        ({"FulfillmentChannels": "MFN"}, "fulfilled_by", {"MERCHANT"}),
    ],
    ids=["status", "channel"],
)
def test_filters(
    api: requests.Session,
    all_orders_v0: Reader,
    partner: Partner,
    params: dict[str, str],
    column: str,
    words: set[str],
) -> None:
    """A filter gives exactly the orders that pass it."""
    found = {order["AmazonOrderId"] for order in all_orders_v0(api, **ALL, **params)}

    rows = partner.order_rows()
    assert found == {row["order_id"] for row in rows if row[column] in words}


def test_filters_by_id(api: requests.Session, all_orders_v0: Reader, partner: Partner) -> None:
    """Orders can be asked for by Amazon's ids and by the seller's."""
    rows = [row for row in partner.order_rows() if row["seller_order_id"]][:3]
    ids = [row["order_id"] for row in rows]
    by_amazons = all_orders_v0(api, **ALL, AmazonOrderIds=",".join(ids))
    by_sellers = all_orders_v0(
        api, CreatedAfter="2026-10-01T00:00:00Z", SellerOrderId=rows[0]["seller_order_id"]
    )

    assert [order["AmazonOrderId"] for order in by_amazons] == ids
    assert [order["AmazonOrderId"] for order in by_sellers] == ids[:1]


@pytest.mark.parametrize(
    ("params", "share"),
    [
        pytest.param({"PaymentMethods": "COD"}, 0, id="cash"),
        pytest.param({"PaymentMethods": "Other"}, 1, id="other payment"),
        pytest.param({"BuyerEmail": "nobody@example.com"}, 0, id="email"),
        pytest.param({"EasyShipShipmentStatuses": "PickedUp"}, 0, id="easy ship"),
        pytest.param({"ElectronicInvoiceStatuses": "Accepted"}, 0, id="e-invoice"),
        pytest.param({"ActualFulfillmentSupplySourceId": "x"}, 0, id="supply source"),
        pytest.param({"StoreChainStoreId": "x"}, 0, id="store"),
        pytest.param({"IsISPU": "true"}, 0, id="picked up"),
        pytest.param({"IsISPU": "false"}, 1, id="not picked up"),
        pytest.param({"EarliestDeliveryDateAfter": "2027-01-01T00:00:00Z"}, 0, id="earliest after"),
        pytest.param(
            {"EarliestDeliveryDateBefore": "2027-01-01T00:00:00Z"}, 1, id="earliest before"
        ),
        pytest.param({"LatestDeliveryDateAfter": "2027-01-01T00:00:00Z"}, 0, id="latest after"),
        pytest.param({"LatestDeliveryDateBefore": "2027-01-01T00:00:00Z"}, 1, id="latest before"),
    ],
)
def test_filters_that_all_or_none_pass(
    api: requests.Session, all_orders_v0: Reader, params: dict[str, str], share: int
) -> None:
    """Filters on what our partner never or always has give no or all orders."""
    assert len(all_orders_v0(api, **ALL, **params)) == 300 * share


def test_items_come_in_pages_of_ten(
    api: requests.Session,
    all_items_v0: Callable[[requests.Session, str], Orders],
    simulator: Simulator,
    partner: Partner,
) -> None:
    """An order of 23 items takes three pages; ten items fit on one."""
    by_count = {row["items_count"]: row["order_id"] for row in partner.order_rows()}
    before = simulator.count("getOrderItems")
    many = all_items_v0(api, by_count[23])
    after_many = simulator.count("getOrderItems")
    ten = all_items_v0(api, by_count[10])

    assert len({item["OrderItemId"] for item in many}) == 23
    assert after_many - before == 3
    assert len(ten) == 10
    assert simulator.count("getOrderItems") - after_many == 1


def test_item_tokens_fit_their_order(api: requests.Session, partner: Partner) -> None:
    """A token of one order's items is refused for another order, and by getOrders."""
    by_count = {row["items_count"]: row["order_id"] for row in partner.order_rows()}
    token = api.get(f"{PATH}/{by_count[23]}/orderItems").json()["payload"]["NextToken"]
    other = api.get(f"{PATH}/{by_count[11]}/orderItems", params={"NextToken": token})
    orders = api.get(PATH, params={**ALL, "NextToken": token})

    assert (other.status_code, orders.status_code) == (400, 400)


@pytest.mark.parametrize("suffix", ["", "/orderItems"])
@pytest.mark.parametrize(
    ("order_id", "status", "code"),
    [("111-0000000-0000000", 404, "NotFound"), ("1", 400, "InvalidInput")],
    ids=["unknown", "no order id"],
)
def test_wrong_order_ids(
    api: requests.Session, suffix: str, order_id: str, status: int, code: str
) -> None:
    """An unknown order answers 404, what is no order id 400."""
    answer = api.get(f"{PATH}/{order_id}{suffix}")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


def test_one_order_is_as_in_the_list(api: requests.Session) -> None:
    """An order alone is told as in a list."""
    listed = api.get(PATH, params=ALL).json()["payload"]["Orders"][0]
    alone = api.get(f"{PATH}/{listed['AmazonOrderId']}").json()["payload"]

    assert alone == listed


def test_no_personal_data_without_a_restricted_token(
    api: requests.Session, all_orders_v0: Reader
) -> None:
    """Of buyer and address only the town is told, and nothing before payment."""
    orders = all_orders_v0(api, **ALL)
    addresses = {order["OrderStatus"]: order.get("ShippingAddress") for order in orders}

    assert "Synthetic" not in str(orders)
    assert all(
        set(address) <= {"City", "StateOrRegion", "PostalCode", "CountryCode"}
        for address in addresses.values()
        if address
    )
    assert addresses["Pending"] is None
