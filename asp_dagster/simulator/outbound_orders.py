"""Fulfillment Outbound API, v2026-07-04 and v2020-07-01: their lists of orders.

Here belong: both versions' parameters and words. The orders are the partner's own in another dress:
every third of them, as if it came from elsewhere and Amazon's warehouses shipped it.

https://developer-docs.amazon.com/sp-api/reference/fulfillment-outbound-v2026-07-04
https://developer-docs.amazon.com/sp-api/docs/fulfillment-outbound-api-v2020-07-01-reference
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from asp_dagster.simulator.clock import to_the_millisecond
from asp_dagster.simulator.operations import Operation, OperationRequest, UsagePlan
from asp_dagster.simulator.orders import Item, Order, Status
from asp_dagster.simulator.paging import PageTokens, refuse_changes
from asp_dagster.simulator.parameters import Reader, Values, moment, read_parameters, text, words
from asp_dagster.simulator.partner import Partner
from asp_dagster.simulator.people import buyer_of
from asp_dagster.simulator.promises import deliver_by
from asp_dagster.simulator.search import Page, Window, page_of
from asp_dagster.simulator.truth import Row
from asp_dagster.simulator.wire import Answer, instant, ok, present

_STATUSES: Mapping[Status, str] = {
    "PENDING_AVAILABILITY": "NEW",
    "PENDING": "RECEIVED",
    "UNSHIPPED": "PLANNING",
    "PARTIALLY_SHIPPED": "PROCESSING",
    "SHIPPED": "COMPLETE",
    "CANCELLED": "CANCELLED",
    "UNFULFILLABLE": "UNFULFILLABLE",
}
_SPEEDS = {"EXPEDITED": "Expedited", "NEXT_DAY": "Priority", "SAME_DAY": "Priority"}
_PAGE_SIZE = 50
_FROM_ELSEWHERE = 3

Json = dict[str, Any]


@dataclass(frozen=True)
class OutboundOrders:
    """Both versions' operations over one partner.

    Attributes:
        partner: Whose orders they are.
        tokens: Makes page tokens.
        page_size_limit: The most that any page holds, to see many pages of few orders.
    """

    partner: Partner
    tokens: PageTokens
    page_size_limit: int

    def operations(self) -> Iterator[Operation]:
        """Yield the operations."""
        new, old = "/fulfillment/outbound/2026-07-04/orders", "/fba/outbound/2020-07-01"
        plan = UsagePlan(2, 30)
        yield Operation("listOrders", "GET", new, plan, self.list_orders)
        name = "listAllFulfillmentOrders"
        yield Operation(name, "GET", f"{old}/fulfillmentOrders", plan, self.list_all)

    def list_orders(self, request: OperationRequest) -> Answer:
        """Return a page of the orders whose status changed since a time, in v2026-07-04."""
        readers = {
            "updatedAfter": moment,
            "pageToken": text,
            "shipments": words("INCLUDE", "EXCLUDE"),
        }
        page, token, values = self._page(request, readers, "updatedAfter", "pageToken")
        with_shipments = values.get("shipments") != ("EXCLUDE",)
        orders = [_order(order, with_shipments=with_shipments) for order in page.orders]
        pagination = {"nextToken": token} if token else None
        return ok(present({"orders": orders, "pagination": pagination}))

    def list_all(self, request: OperationRequest) -> Answer:
        """Return a page of the orders whose status changed since a time, in v2020-07-01."""
        readers = {"queryStartDate": moment, "nextToken": text}
        page, token, _ = self._page(request, readers, "queryStartDate", "nextToken")
        orders = [_fulfillment_order(order) for order in page.orders]
        return ok({"payload": present({"nextToken": token, "fulfillmentOrders": orders})})

    def _page(
        self, request: OperationRequest, readers: Mapping[str, Reader], after: str, token: str
    ) -> tuple[Page, str | None, Values]:
        """Return a page, the token of the next one, and the parameters."""
        values = read_parameters(request.query, readers)
        query = {name: value for name, value in request.query if name != token}
        bookmark, operation = None, f"outbound orders {after}"
        if token in values:
            bound, bookmark = self.tokens.read(operation, values[token], request.now)
            refuse_changes(bound, query)
        now = to_the_millisecond(request.now)
        window = Window("last_updated_at", values.get(after, now.replace(year=2000)), now, "")
        size = min(_PAGE_SIZE, self.page_size_limit)
        books = self.partner.books
        page = page_of(books, window, _is_from_elsewhere, size=size, bookmark=bookmark)
        if page.bookmark is None:
            return page, None, values
        return page, self.tokens.write(operation, query, page.bookmark, request.now), values


def outbound_order_rows(partner: Partner) -> list[Row]:
    """Return the truth about the outbound orders: one row each, in the words of v2026-07-04."""
    return [
        {
            "order_id": _id(order),
            "status": _STATUSES[order.status],
            "status_update_time": order.last_updated_at,
            "units": sum(item.quantity_ordered for item in order.booked_items),
        }
        for order in partner.books.by_last_update.orders
        if _is_from_elsewhere(order)
    ]


def _is_from_elsewhere(order: Order) -> bool:
    return order.number % _FROM_ELSEWHERE == 0


def _id(order: Order) -> str:
    return f"MCF-{order.number:06d}"


def _order(order: Order, *, with_shipments: bool) -> Json:
    shop = order.marketplace
    return present(
        {
            "orderId": _id(order),
            "channel": "SIMULATED_SHOP",
            "receiveTime": instant(order.created_at),
            "status": _STATUSES[order.status],
            "statusUpdateTime": instant(order.last_updated_at),
            "fulfillmentConfiguration": {"action": "SHIP", "policy": "FILL_ALL_AVAILABLE"},
            "origin": {"countryCode": shop.country_code},
            "destination": {"deliveryAddress": _address(order)},
            "lineItems": [_line_item(order, item) for item in order.booked_items],
            "shipments": list(_shipments(order)) if with_shipments else None,
        }
    )


def _line_item(order: Order, item: Item) -> Json:
    declared = {
        "currencyCode": order.marketplace.currency,
        "amount": str(item.product.unit_price(order.marketplace)),
    }
    product = {"productIdentifier": {"amazonSku": item.product.sku}}
    return {
        "lineItemId": item.order_item_id,
        "product": {**product, "perUnitDeclaredValue": declared},
        "amount": _each(item.quantity_ordered),
    }


def _shipments(order: Order) -> Iterator[Json]:
    """Yield the order's one shipment, once something has left."""
    gone = [item for item in order.booked_items if item.quantity_fulfilled]
    if not gone:
        return
    yield {
        "amazonShipmentId": f"D{order.number:08d}",
        "amazonFacility": {"facilityId": "SIM1"},
        "status": "SHIPPED",
        "shipTime": instant(order.last_updated_at),
        "items": [_shipment_item(item) for item in gone],
        "packages": [_package(order)],
    }


def _shipment_item(item: Item) -> Json:
    return {
        "productIdentifier": {"amazonSku": item.product.sku},
        "lineItemId": item.order_item_id,
        "amount": _each(item.quantity_fulfilled),
    }


def _package(order: Order) -> Json:
    tracking = {"trackingNumber": f"SIM{order.number:09d}", "carrierCode": "SIMULATED"}
    proof = {"receivedBy": buyer_of(order).name}
    return {
        "packageId": str(order.number),
        "status": "DELIVERED",
        "tracking": {"carrier": tracking, "proofOfDelivery": proof},
    }


def _each(quantity: int) -> Json:
    return {"unit": "EACHES", "value": str(quantity)}


def _address(order: Order) -> Json:
    buyer, town = buyer_of(order), order.town
    return {
        "name": buyer.name,
        "addressLine1": buyer.street,
        "city": town.city,
        "postalCode": town.postal_code,
        "countryCode": order.marketplace.country_code,
    }


def _fulfillment_order(order: Order) -> Json:
    start, end = deliver_by(order)
    return {
        "sellerFulfillmentOrderId": _id(order),
        "marketplaceId": order.marketplace.marketplace_id,
        "displayableOrderId": _id(order),
        "displayableOrderDate": instant(order.created_at),
        "displayableOrderComment": f"Thank you, {buyer_of(order).name}!",
        "shippingSpeedCategory": _SPEEDS.get(order.service_level, "Standard"),
        "deliveryWindow": {"startDate": instant(start), "endDate": instant(end)},
        "destinationAddress": _address(order),
        "fulfillmentAction": "Ship",
        "fulfillmentPolicy": "FillAllAvailable",
        "receivedDate": instant(order.created_at),
        "fulfillmentOrderStatus": _STATUSES[order.status].title(),
        "statusUpdatedDate": instant(order.last_updated_at),
        "notificationEmails": [buyer_of(order).email],
        "featureConstraints": [],
    }
