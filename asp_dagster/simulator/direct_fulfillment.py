"""Vendor Direct Fulfillment Orders API 2021-12-28: getOrders.

Here belong: its parameters and words. The orders are the partner's own, as if Amazon had sold the
goods and the partner, a vendor now, shipped them.

https://developer-docs.amazon.com/sp-api/docs/vendor-direct-fulfillment-orders-api-2021-12-28-reference
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from asp_dagster.simulator.operations import Operation, OperationRequest, UsagePlan
from asp_dagster.simulator.orders import Item, Order, Status
from asp_dagster.simulator.paging import PageTokens, refuse_changes
from asp_dagster.simulator.parameters import (
    Reader,
    Values,
    boolean,
    moment,
    read_parameters,
    text,
    whole_number,
    words,
)
from asp_dagster.simulator.partner import Partner
from asp_dagster.simulator.people import buyer_of
from asp_dagster.simulator.promises import deliver_by, ship_by
from asp_dagster.simulator.search import Window, page_of
from asp_dagster.simulator.truth import Row
from asp_dagster.simulator.wire import Answer, instant, invalid_input, ok, present

LONGEST_WINDOW = timedelta(days=7)

_NAME = "getOrders"
_PATH = "/vendor/directFulfillment/orders/2021-12-28/purchaseOrders"
_STATUSES: Mapping[Status, str] = {
    "PENDING_AVAILABILITY": "NEW",
    "PENDING": "NEW",
    "UNSHIPPED": "ACCEPTED",
    "PARTIALLY_SHIPPED": "ACCEPTED",
    "SHIPPED": "SHIPPED",
    "CANCELLED": "CANCELLED",
    "UNFULFILLABLE": "CANCELLED",
}
_READERS: Mapping[str, Reader] = {
    "createdAfter": moment,
    "createdBefore": moment,
    "limit": whole_number(1, 100),
    "sortOrder": words("ASC"),
    "nextToken": text,
    "includeDetails": boolean,
}

Json = dict[str, Any]


@dataclass(frozen=True)
class DirectFulfillment:
    """The operation over one partner.

    Attributes:
        partner: Whose orders they are.
        tokens: Makes page tokens.
        page_size_limit: The most that any page holds, to see many pages of few orders.
    """

    partner: Partner
    tokens: PageTokens
    page_size_limit: int

    def operations(self) -> Iterator[Operation]:
        """Yield the operation."""
        plan = UsagePlan(10, 10)
        yield Operation(_NAME, "GET", _PATH, plan, self.orders, is_restricted=True)

    def orders(self, request: OperationRequest) -> Answer:
        """Return a page of the orders that were made in a window."""
        values = read_parameters(request.query, _READERS)
        query = {name: value for name, value in request.query if name != "nextToken"}
        page = page_of(
            self.partner.books,
            _window(values),
            lambda _order: True,
            size=min(values.get("limit", 100), self.page_size_limit),
            bookmark=self._bookmark(values, query, request),
        )
        render = _order if values.get("includeDetails", True) else _number
        answer: Json = {"orders": [render(order) for order in page.orders]}
        if page.bookmark is not None:
            token = self.tokens.write(_PATH, query, page.bookmark, request.now)
            answer["pagination"] = {"nextToken": token}
        return ok(answer)

    def _bookmark(self, values: Values, query: Mapping[str, str], request: OperationRequest) -> Any:
        """Return where the page begins; every other parameter must be repeated unchanged."""
        if "nextToken" not in values:
            return None
        bound, bookmark = self.tokens.read(_PATH, values["nextToken"], request.now)
        refuse_changes(bound, query)
        return bookmark


def direct_fulfillment_rows(partner: Partner) -> list[Row]:
    """Return the truth about the vendor's orders: one row each."""
    return [
        {
            "purchase_order_number": _id(order),
            "order_date": order.created_at,
            "status": _STATUSES[order.status],
            "items": len(order.booked_items),
        }
        for order in partner.books.by_creation.orders
    ]


def _window(values: Values) -> Window:
    """Return the window that both dates, which must be given, stand for."""
    for name in ("createdAfter", "createdBefore"):
        if name not in values:
            raise invalid_input(f"{name} is missing.", "Both dates must be given.")
    after, before = values["createdAfter"], values["createdBefore"]
    if not after <= before <= after + LONGEST_WINDOW:
        raise invalid_input("The dates must be in their order, and at most 7 days apart.")
    return Window("created_at", after, before, "createdBefore")


def _id(order: Order) -> str:
    return f"DF{order.number:07d}"


def _number(order: Order) -> Json:
    return {"purchaseOrderNumber": _id(order)}


def _order(order: Order) -> Json:
    items = enumerate(order.booked_items, start=1)
    details = {
        "customerOrderNumber": order.order_id,
        "orderDate": instant(order.created_at),
        "orderStatus": _STATUSES[order.status],
        "shipmentDetails": _shipment_details(order),
        "sellingParty": {"partyId": "SIMVE"},
        "shipFromParty": {"partyId": "SIM1"},
        "shipToParty": _address(order),
        "billToParty": {"partyId": "AMZN"},
        "hasCustomizableItems": False,
        "items": [_item(order, item, number) for number, item in items],
    }
    return {**_number(order), "orderDetails": details}


def _shipment_details(order: Order) -> Json:
    dates = {
        "requiredShipDate": instant(ship_by(order)[1]),
        "promisedDeliveryDate": instant(deliver_by(order)[1]),
    }
    return {
        "isPriorityShipment": order.is_prime,
        "isPslipRequired": True,
        "isGift": False,
        "shipMethod": "SIMULATED_GROUND",
        "shipmentDates": dates,
        "messageToCustomer": "Thank you for shopping.",
    }


def _item(order: Order, item: Item, number: int) -> Json:
    price = item.product.unit_price(order.marketplace)
    wrapped = item.gift_wrap_price is not None
    return present(
        {
            "itemSequenceNumber": f"{number:05d}",
            "buyerProductIdentifier": item.product.asin,
            "vendorProductIdentifier": item.product.sku,
            "title": item.product.title,
            "orderedQuantity": {"amount": item.quantity_ordered, "unitOfMeasure": "Each"},
            "giftDetails": {"giftMessage": _gift_message(order)} if wrapped else None,
            "netPrice": {"currencyCode": order.marketplace.currency, "amount": str(price)},
        }
    )


def _gift_message(order: Order) -> str:
    return f"Happy birthday from {buyer_of(order).name}"


def _address(order: Order) -> Json:
    buyer, town = buyer_of(order), order.town
    return {
        "name": buyer.name,
        "addressLine1": buyer.street,
        "city": town.city,
        "stateOrRegion": town.state or town.city,
        "postalCode": town.postal_code,
        "countryCode": order.marketplace.country_code,
    }
