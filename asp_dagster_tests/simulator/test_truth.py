"""Both versions of the Orders API tell the same truth.

The readers here are written from Amazon's mapping of v0 to v2026-01-01, not from the renderers.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator

UNTIL = datetime(2026, 11, 22, tzinfo=UTC)
STARTED = "2026-11-19T00:00:00Z"
INCLUDED = "PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT"

Json = dict[str, Any]
Reader = Callable[..., list[Json]]

_STATUSES = {"Canceled": "CANCELLED", "PartiallyShipped": "PARTIALLY_SHIPPED"} | {
    "PendingAvailability": "PENDING_AVAILABILITY",
    **{word: word.upper() for word in ("Pending", "Unshipped", "Shipped", "Unfulfillable")},
}
_LEVELS = {"FreeEconomy": "FREE_ECONOMY", "NextDay": "NEXT_DAY", "SecondDay": "SECOND_DAY"} | {
    "SameDay": "SAME_DAY",
    **{word: word.upper() for word in ("Standard", "Expedited", "Scheduled")},
}


@pytest.fixture(
    params=["ATVPDKIKX0DER", "A1VC38T7YXB528,A39IBJ37TRP1C6", "A1F83G8C2ARO7P,A1PA6795UKMFR9"],
    ids=["US", "JP and AU", "GB and DE"],
)
def changed_partner(request: pytest.FixtureRequest) -> Partner:
    """A partner whose orders changed after they were drawn, with an order that lost all items."""
    ids = request.param.split(",")
    partner = Partner.generate(seed=3, orders=400, until=UNTIL, days=3, marketplaces=ids)
    partner.update(seed=1, fraction=0.4, at=UNTIL + timedelta(hours=6))
    return partner


def _money(amount: Json | None, name: str) -> Decimal | None:
    return None if amount is None else Decimal(amount[name])


def _order_from_v0(order: Json, items: list[Json]) -> Json:
    total = order.get("OrderTotal")
    return {
        "order_id": order["AmazonOrderId"],
        "seller_order_id": order.get("SellerOrderId"),
        "marketplace_id": order["MarketplaceId"],
        "sales_channel": order["SalesChannel"],
        "created_at": datetime.fromisoformat(order["PurchaseDate"]),
        "last_updated_at": datetime.fromisoformat(order["LastUpdateDate"]),
        "status": _STATUSES[order["OrderStatus"]],
        "fulfilled_by": {"AFN": "AMAZON", "MFN": "MERCHANT"}[order["FulfillmentChannel"]],
        "service_level": _LEVELS[order["ShipmentServiceLevelCategory"]],
        "is_business": order["IsBusinessOrder"],
        "is_prime": order["IsPrime"],
        "total_amount": _money(total, "Amount"),
        "currency": total and total["CurrencyCode"],
        "items_count": len(items),
        "units_ordered": sum(item["QuantityOrdered"] for item in items),
    }


def _item_from_v0(order: Json, item: Json) -> Json:
    return {
        "order_id": order["AmazonOrderId"],
        "order_item_id": item["OrderItemId"],
        "asin": item["ASIN"],
        "sku": item["SellerSKU"],
        "title": item["Title"],
        "quantity_ordered": item["QuantityOrdered"],
        "quantity_fulfilled": item["QuantityShipped"],
        "item_price": _money(item.get("ItemPrice"), "Amount"),
        "item_tax": _money(item.get("ItemTax"), "Amount"),
        "shipping_price": _money(item.get("ShippingPrice"), "Amount"),
        "promotion_discount": _money(item.get("PromotionDiscount"), "Amount"),
        "currency": item.get("ItemPrice", {}).get("CurrencyCode"),
        "last_updated_at": datetime.fromisoformat(order["LastUpdateDate"]),
    }


def _order_from_v2026(order: Json) -> Json:
    total = order.get("proceeds", {}).get("grandTotal")
    aliases = {each["aliasType"]: each["aliasId"] for each in order.get("orderAliases", ())}
    return {
        "order_id": order["orderId"],
        "seller_order_id": aliases.get("SELLER_ORDER_ID"),
        "marketplace_id": order["salesChannel"]["marketplaceId"],
        "sales_channel": order["salesChannel"]["marketplaceName"],
        "created_at": datetime.fromisoformat(order["createdTime"]),
        "last_updated_at": datetime.fromisoformat(order["lastUpdatedTime"]),
        "status": order["fulfillment"]["fulfillmentStatus"],
        "fulfilled_by": order["fulfillment"]["fulfilledBy"],
        "service_level": order["fulfillment"]["fulfillmentServiceLevel"],
        "is_business": "AMAZON_BUSINESS" in order.get("programs", ()),
        "is_prime": "PRIME" in order.get("programs", ()),
        "total_amount": _money(total, "amount"),
        "currency": total and total["currencyCode"],
        "items_count": len(order["orderItems"]),
        "units_ordered": sum(item["quantityOrdered"] for item in order["orderItems"]),
    }


def _item_from_v2026(order: Json, item: Json) -> Json:
    proceeds = item.get("proceeds", {})
    parts = {each["type"]: each for each in proceeds.get("breakdowns", ())}
    details = parts.get("TAX", {}).get("detailedBreakdowns", ())
    taxes = {each["subtype"]: each["value"] for each in details}
    amounts = {kind: each["subtotal"] for kind, each in parts.items()}
    return {
        "order_id": order["orderId"],
        "order_item_id": item["orderItemId"],
        "asin": item["product"]["asin"],
        "sku": item["product"]["sellerSku"],
        "title": item["product"]["title"],
        "quantity_ordered": item["quantityOrdered"],
        "quantity_fulfilled": item["fulfillment"]["quantityFulfilled"],
        "item_price": _money(amounts.get("ITEM"), "amount"),
        "item_tax": _money(taxes.get("ITEM"), "amount"),
        "shipping_price": _money(amounts.get("SHIPPING"), "amount"),
        "promotion_discount": _money(amounts.get("DISCOUNT"), "amount"),
        "currency": proceeds.get("proceedsTotal", {}).get("currencyCode"),
        "last_updated_at": datetime.fromisoformat(order["lastUpdatedTime"]),
    }


def _sorted(rows: Iterator[Json] | list[Json]) -> list[Json]:
    return sorted(rows, key=lambda row: (row["order_id"], row.get("order_item_id", "")))


def _ids(partner: Partner) -> str:
    return ",".join(each.marketplace_id for each in partner.marketplaces)


def test_v0_tells_the_truth(
    changed_partner: Partner,
    start: Callable[..., Simulator],
    connect: Callable[[Simulator], requests.Session],
    all_orders_v0: Reader,
    all_items_v0: Reader,
) -> None:
    """Orders and items read from v0 are the partner's rows, none lost and none doubled."""
    api = connect(start(changed_partner))
    orders = all_orders_v0(api, MarketplaceIds=_ids(changed_partner), LastUpdatedAfter=STARTED)
    read = [(order, all_items_v0(api, order["AmazonOrderId"])) for order in orders]

    order_rows = [_order_from_v0(order, items) for order, items in read]
    item_rows = [_item_from_v0(order, item) for order, items in read for item in items]
    assert _sorted(order_rows) == _sorted(changed_partner.order_rows())
    assert _sorted(item_rows) == _sorted(changed_partner.order_item_rows())


def test_v2026_tells_the_truth(
    changed_partner: Partner,
    start: Callable[..., Simulator],
    connect: Callable[[Simulator], requests.Session],
    all_orders_v2026: Reader,
) -> None:
    """Orders and items read from v2026-01-01 are the partner's rows, none lost, none doubled."""
    api = connect(start(changed_partner))
    orders = all_orders_v2026(api, lastUpdatedAfter=STARTED, includedData=INCLUDED)

    order_rows = [_order_from_v2026(order) for order in orders]
    item_rows = [_item_from_v2026(order, item) for order in orders for item in order["orderItems"]]
    assert _sorted(order_rows) == _sorted(changed_partner.order_rows())
    assert _sorted(item_rows) == _sorted(changed_partner.order_item_rows())


def test_nothing_is_null(simulator: Simulator, api: requests.Session, partner: Partner) -> None:
    """What Amazon leaves out is absent: no answer holds a null."""
    order_id = partner.order_rows()[0]["order_id"]
    answers = [
        api.get(
            "/orders/2026-01-01/orders", params={"createdAfter": STARTED, "includedData": INCLUDED}
        ),
        api.get(
            "/orders/v0/orders", params={"CreatedAfter": STARTED, "MarketplaceIds": "ATVPDKIKX0DER"}
        ),
        api.get(f"/orders/v0/orders/{order_id}/orderItems"),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert not any("null" in answer.text for answer in answers)
    assert simulator.count("searchOrders") == 1
