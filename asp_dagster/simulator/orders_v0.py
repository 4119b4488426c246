"""Orders API v0: getOrders, getOrder and getOrderItems.

Here belong: that version's parameters and the rules among them. Its words are `v0_orders`.

https://developer-docs.amazon.com/sp-api/docs/orders-api-v0-reference
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from asp_dagster.simulator.operations import Operation, OperationRequest, UsagePlan
from asp_dagster.simulator.orders import Order
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
from asp_dagster.simulator.promises import deliver_by
from asp_dagster.simulator.search import (
    BoundNames,
    page_of,
    read_window,
    refuse_foreign_marketplaces,
)
from asp_dagster.simulator.v0_orders import CHANNELS, STATUSES, render_item, render_order
from asp_dagster.simulator.wire import Answer, instant, invalid_input, not_found, ok, present

ITEMS_PER_PAGE = 10
"""How many items make a page: v0 has no parameter for it, and Amazon does not say."""

_PATH = "/orders/v0/orders"
_ORDER_ID = re.compile(r"\d{3}-\d{7}-\d{7}", re.ASCII)

_BOUNDS = BoundNames("CreatedAfter", "CreatedBefore", "LastUpdatedAfter", "LastUpdatedBefore")

_READERS: Mapping[str, Reader] = {
    "CreatedAfter": moment,
    "CreatedBefore": moment,
    "LastUpdatedAfter": moment,
    "LastUpdatedBefore": moment,
    "OrderStatuses": words(*STATUSES.values(), "InvoiceUnconfirmed"),
    "MarketplaceIds": words(most=50),
    "FulfillmentChannels": words("AFN", "MFN"),
    "PaymentMethods": words("COD", "CVS", "Other"),
    "BuyerEmail": text,
    "SellerOrderId": text,
    "MaxResultsPerPage": whole_number(1, 100),
    "EasyShipShipmentStatuses": words(),
    "ElectronicInvoiceStatuses": words(),
    "NextToken": text,
    "AmazonOrderIds": words(most=50),
    "ActualFulfillmentSupplySourceId": text,
    "IsISPU": boolean,
    "StoreChainStoreId": text,
    "EarliestDeliveryDateBefore": moment,
    "EarliestDeliveryDateAfter": moment,
    "LatestDeliveryDateBefore": moment,
    "LatestDeliveryDateAfter": moment,
}

_NOT_WITH_SELLER_ORDER_ID = (
    "FulfillmentChannels",
    "OrderStatuses",
    "PaymentMethods",
    "LastUpdatedAfter",
    "LastUpdatedBefore",
    "BuyerEmail",
)


@dataclass(frozen=True)
class OrdersV0:
    """The version's operations over one partner.

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
        once, often = UsagePlan(0.0167, 20), UsagePlan(0.5, 30)
        one = f"{_PATH}/{{orderId}}"
        yield Operation("getOrders", "GET", _PATH, once, self.get_orders)
        yield Operation("getOrder", "GET", one, often, self.get_order)
        yield Operation("getOrderItems", "GET", f"{one}/orderItems", often, self.get_order_items)

    def get_orders(self, request: OperationRequest) -> Answer:
        """Return a page of the orders that were made or changed in a window."""
        given = read_parameters(request.query, _READERS)
        if "MarketplaceIds" not in given:
            raise invalid_input("MarketplaceIds is required.")
        refuse_foreign_marketplaces(given["MarketplaceIds"], self.partner.region)
        query, bookmark = self._query("getOrders", request)
        values = read_parameters(tuple(query.items()), _READERS)
        _refuse_contradictions(values)
        window = read_window(values, _BOUNDS, request.now)
        page = page_of(
            self.partner.books,
            window,
            lambda order: _passes(order, values),
            size=min(values.get("MaxResultsPerPage", 100), self.page_size_limit),
            bookmark=bookmark,
        )
        payload = {
            "Orders": [render_order(order, request.data_elements) for order in page.orders],
            "NextToken": self._next_token("getOrders", query, page.bookmark, request),
            window.before_name: instant(page.before),
        }
        return ok({"payload": present(payload)})

    def get_order(self, request: OperationRequest) -> Answer:
        """Return one order."""
        read_parameters(request.query, {})
        return ok({"payload": render_order(self._order(request), request.data_elements)})

    def get_order_items(self, request: OperationRequest) -> Answer:
        """Return a page of an order's items."""
        read_parameters(request.query, {"NextToken": text})
        order = self._order(request)
        query, bookmark = self._query("getOrderItems", request)
        first, size = bookmark or 0, min(ITEMS_PER_PAGE, self.page_size_limit)
        items = order.items[first : first + size]
        following = first + size if first + size < len(order.items) else None
        payload = {
            "AmazonOrderId": order.order_id,
            "OrderItems": [render_item(order, item, request.data_elements) for item in items],
            "NextToken": self._next_token("getOrderItems", query, following, request),
        }
        return ok({"payload": present(payload)})

    def _order(self, request: OperationRequest) -> Order:
        order_id = request.path["orderId"]
        if not _ORDER_ID.fullmatch(order_id):
            raise invalid_input("Invalid order id.", f"{order_id} is not in 3-7-7 form.")
        order = self.partner.books.by_id.get(order_id)
        if order is None:
            raise not_found(f"Order {order_id} does not exist.")
        return order

    def _query(self, operation: str, request: OperationRequest) -> tuple[dict[str, str], Any]:
        """Return the query to answer and, with a token, where its page begins.

        What is repeated beside a token must be unchanged; what is not repeated still holds.
        """
        given = {**dict(request.query), **request.path}
        token = given.pop("NextToken", None)
        if token is None:
            return given, None
        bound, bookmark = self.tokens.read(operation, token, request.now)
        refuse_changes({name: bound.get(name) for name in given}, given)
        return bound, bookmark

    def _next_token(
        self, operation: str, query: Mapping[str, str], bookmark: Any, request: OperationRequest
    ) -> str | None:
        if bookmark is None:
            return None
        return self.tokens.write(operation, query, bookmark, request.now)


def _refuse_contradictions(values: Values) -> None:
    """Refuse filters that Amazon does not combine."""
    excluded = [name for name in _NOT_WITH_SELLER_ORDER_ID if name in values]
    if "SellerOrderId" in values and excluded:
        raise invalid_input(f"SellerOrderId cannot be combined with {', '.join(excluded)}.")


def _passes(order: Order, values: Values) -> bool:
    """Tell whether the order passes every filter that was given."""
    return all(_FILTERS[name](order, value) for name, value in values.items() if name in _FILTERS)


_FILTERS: Mapping[str, Callable[[Order, Any], bool]] = {
    "MarketplaceIds": lambda order, ids: order.marketplace.marketplace_id in ids,
    "OrderStatuses": lambda order, statuses: STATUSES[order.status] in statuses,
    "FulfillmentChannels": lambda order, channels: CHANNELS[order.fulfilled_by] in channels,
    "PaymentMethods": lambda _order, methods: "Other" in methods,
    "BuyerEmail": lambda order, email: buyer_of(order).email == email,
    "SellerOrderId": lambda order, order_id: order.seller_order_id == order_id,
    "AmazonOrderIds": lambda order, order_ids: order.order_id in order_ids,
    "EasyShipShipmentStatuses": lambda _order, _statuses: False,
    "ElectronicInvoiceStatuses": lambda _order, _statuses: False,
    "ActualFulfillmentSupplySourceId": lambda _order, _source: False,
    "StoreChainStoreId": lambda _order, _store: False,
    "IsISPU": lambda _order, is_picked_up: not is_picked_up,
    "EarliestDeliveryDateAfter": lambda order, moment: deliver_by(order)[0] >= moment,
    "EarliestDeliveryDateBefore": lambda order, moment: deliver_by(order)[0] <= moment,
    "LatestDeliveryDateAfter": lambda order, moment: deliver_by(order)[1] >= moment,
    "LatestDeliveryDateBefore": lambda order, moment: deliver_by(order)[1] <= moment,
}
"""Whether an order passes a filter. Our partner has no Easy Ship, e-invoice or store orders."""
