"""Orders API v2026-01-01: searchOrders and getOrder.

Here belong: that version's parameters and the rules among them. Its words are `v2026_orders`.

https://developer-docs.amazon.com/sp-api/reference/orders-v2026-01-01
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_args

from asp_dagster.simulator.operations import Operation, OperationRequest, UsagePlan
from asp_dagster.simulator.orders import Order, Status
from asp_dagster.simulator.paging import PageTokens, refuse_changes
from asp_dagster.simulator.parameters import (
    Reader,
    Values,
    moment,
    read_parameters,
    text,
    whole_number,
    words,
)
from asp_dagster.simulator.partner import Partner
from asp_dagster.simulator.search import (
    BoundNames,
    page_of,
    read_window,
    refuse_foreign_marketplaces,
)
from asp_dagster.simulator.v2026_orders import INCLUDED_DATA, render_order
from asp_dagster.simulator.wire import Answer, instant, not_found, ok, present

TOKEN_LIFE = timedelta(hours=24)

_PATH = "/orders/2026-01-01/orders"
_BOUNDS = BoundNames("createdAfter", "createdBefore", "lastUpdatedAfter", "lastUpdatedBefore")
_FREE_TO_CHANGE = ("paginationToken", "maxResultsPerPage", "includedData")

_INCLUDED_DATA = words(*INCLUDED_DATA)
_READERS: Mapping[str, Reader] = {
    "createdAfter": moment,
    "createdBefore": moment,
    "lastUpdatedAfter": moment,
    "lastUpdatedBefore": moment,
    "fulfillmentStatuses": words(*get_args(Status)),
    "marketplaceIds": words(most=50),
    "fulfilledBy": words("MERCHANT", "AMAZON"),
    "maxResultsPerPage": whole_number(1, 100),
    "paginationToken": text,
    "includedData": _INCLUDED_DATA,
}


@dataclass(frozen=True)
class OrdersV2026:
    """The version's operations over one partner.

    Attributes:
        partner: Whose orders they are.
        tokens: Makes page tokens.
        page_size_limit: The most that any page holds, to see many pages of few orders.
        has_restricted_roles: Whether the application may see personal data: no token is needed.
    """

    partner: Partner
    tokens: PageTokens
    page_size_limit: int
    has_restricted_roles: bool = True

    def operations(self) -> Iterator[Operation]:
        """Yield the operations."""
        once, often = UsagePlan(0.0056, 20), UsagePlan(0.5, 30)
        yield Operation("searchOrders", "GET", _PATH, once, self.search_orders)
        yield Operation("getOrder", "GET", f"{_PATH}/{{orderId}}", often, self.get_order)

    def search_orders(self, request: OperationRequest) -> Answer:
        """Return a page of the orders, with their items, that were made or changed in a window."""
        values = read_parameters(request.query, _READERS)
        refuse_foreign_marketplaces(values.get("marketplaceIds", ()), self.partner.region)
        window = read_window(values, _BOUNDS, request.now)
        query = {name: text for name, text in request.query if name not in _FREE_TO_CHANGE}
        page = page_of(
            self.partner.books,
            window,
            lambda order: _passes(order, values),
            size=min(values.get("maxResultsPerPage", 100), self.page_size_limit),
            bookmark=self._bookmark(values, query, request),
        )
        included = values.get("includedData", ())
        found = {
            "orders": [self._rendered(order, included) for order in page.orders],
            "pagination": self._pagination(query, page.bookmark, request),
            window.before_name: instant(page.before),
        }
        return ok(present(found))

    def get_order(self, request: OperationRequest) -> Answer:
        """Return one order with its items."""
        values = read_parameters(request.query, {"includedData": _INCLUDED_DATA})
        order = self.partner.books.by_id.get(request.path["orderId"])
        if order is None:
            raise not_found(f"Order {request.path['orderId']} does not exist.")
        return ok({"order": self._rendered(order, values.get("includedData", ()))})

    def _rendered(self, order: Order, included: Collection[str]) -> dict[str, Any]:
        return render_order(order, included, has_restricted_roles=self.has_restricted_roles)

    def _bookmark(self, values: Values, query: Mapping[str, str], request: OperationRequest) -> Any:
        """Return where the page begins; every parameter that counts must be repeated unchanged."""
        token = values.get("paginationToken")
        if token is None:
            return None
        bound, bookmark = self.tokens.read("searchOrders", token, request.now, TOKEN_LIFE)
        refuse_changes(bound, query)
        return bookmark

    def _pagination(
        self, query: Mapping[str, str], bookmark: Any, request: OperationRequest
    ) -> dict[str, str] | None:
        if bookmark is None:
            return None
        token = self.tokens.write("searchOrders", query, bookmark, request.now)
        return {"nextToken": token}


def _passes(order: Order, values: Values) -> bool:
    """Tell whether the order passes every filter that was given."""
    return (
        order.status in values.get("fulfillmentStatuses", (order.status,))
        and order.fulfilled_by in values.get("fulfilledBy", (order.fulfilled_by,))
        and order.marketplace.marketplace_id
        in values.get("marketplaceIds", (order.marketplace.marketplace_id,))
    )
