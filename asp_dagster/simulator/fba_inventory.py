"""FBA Inventory API v1: getInventorySummaries.

Here belong: its parameters, its pages, and the shape of a summary. Quantities are `stock`'s.

https://developer-docs.amazon.com/sp-api/docs/fbainventory-api-v1-reference
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from asp_dagster.simulator.marketplaces import marketplace
from asp_dagster.simulator.operations import Operation, OperationRequest, UsagePlan
from asp_dagster.simulator.paging import PageTokens, refuse_changes
from asp_dagster.simulator.parameters import (
    Reader,
    Values,
    boolean,
    moment,
    read_parameters,
    text,
    words,
)
from asp_dagster.simulator.partner import Partner
from asp_dagster.simulator.search import refuse_foreign_marketplaces
from asp_dagster.simulator.stock import Stock, stock_of
from asp_dagster.simulator.wire import Answer, instant, invalid_input, ok, present

TOKEN_LIFE = timedelta(seconds=30)

_NAME = "getInventorySummaries"
_PATH = "/fba/inventory/v1/summaries"
_PAGE_SIZE = 50
_READERS: Mapping[str, Reader] = {
    "details": boolean,
    "granularityType": words("Marketplace"),
    "granularityId": text,
    "startDateTime": moment,
    "sellerSkus": words(most=50),
    "nextToken": text,
    "marketplaceIds": words(most=1),
}
_REQUIRED = ("granularityType", "granularityId", "marketplaceIds")


@dataclass(frozen=True)
class FbaInventory:
    """The operation over one partner.

    Attributes:
        partner: Whose stock it is.
        tokens: Makes page tokens.
        page_size_limit: The most that any page holds, to see many pages of little stock.
    """

    partner: Partner
    tokens: PageTokens
    page_size_limit: int

    def operations(self) -> Iterator[Operation]:
        """Yield the operation."""
        yield Operation(_NAME, "GET", _PATH, UsagePlan(2, 2), self.summaries)

    def summaries(self, request: OperationRequest) -> Answer:
        """Return a page of the summaries of one marketplace."""
        values = _values(request)
        refuse_foreign_marketplaces(values["marketplaceIds"], self.partner.region)
        query = {name: value for name, value in request.query if name != "nextToken"}
        first = self._first(values, query, request)
        last = first + min(_PAGE_SIZE, self.page_size_limit)
        found = [stock for stock in self._stock(values) if _passes(stock, values)]
        summaries = [_summary(stock, values.get("details", False)) for stock in found[first:last]]
        granularity = {"granularityType": "Marketplace", "granularityId": values["granularityId"]}
        answer: dict[str, Any] = {
            "payload": {"granularity": granularity, "inventorySummaries": summaries}
        }
        if last < len(found):
            token = self.tokens.write(_NAME, query, last, request.now)
            answer["pagination"] = {"nextToken": token}
        return ok(answer)

    def _stock(self, values: Values) -> Iterator[Stock]:
        """Yield what the partner has for the marketplace, if it sells there."""
        shop = marketplace(values["granularityId"])
        return stock_of(self.partner, shop) if shop in self.partner.marketplaces else iter(())

    def _first(self, values: Values, query: Mapping[str, str], request: OperationRequest) -> int:
        """Return where the page begins; every other parameter must be repeated unchanged."""
        if "nextToken" not in values:
            return 0
        bound, first = self.tokens.read(_NAME, values["nextToken"], request.now, TOKEN_LIFE)
        refuse_changes(bound, query)
        return int(first)


def _values(request: OperationRequest) -> Values:
    """Return the parameters, which must name one marketplace, twice."""
    values = read_parameters(request.query, _READERS)
    for name in _REQUIRED:
        if name not in values:
            raise invalid_input(f"{name} is missing.")
    if values["marketplaceIds"] != (values["granularityId"],):
        raise invalid_input("granularityId and marketplaceIds must name the same marketplace.")
    return values


def _passes(stock: Stock, values: Values) -> bool:
    """Tell whether stock has changed since the start, or is of the SKUs that were asked for."""
    if "startDateTime" in values:
        changed_at = stock.last_updated_at
        return changed_at is not None and bool(changed_at >= values["startDateTime"])
    return stock.product.sku in values.get("sellerSkus", (stock.product.sku,))


def _summary(stock: Stock, has_details: object) -> dict[str, Any]:
    return present(
        {
            "asin": stock.product.asin,
            "fnSku": stock.fn_sku,
            "sellerSku": stock.product.sku,
            "condition": stock.condition,
            "inventoryDetails": _details(stock) if has_details else None,
            "lastUpdatedTime": stock.last_updated_at and instant(stock.last_updated_at),
            "productName": stock.product.title,
            "totalQuantity": stock.total,
            "stores": [],
        }
    )


def _details(stock: Stock) -> dict[str, Any]:
    return {
        "fulfillableQuantity": stock.fulfillable,
        "inboundWorkingQuantity": 0,
        "inboundShippedQuantity": stock.inbound,
        "inboundReceivingQuantity": 0,
        "reservedQuantity": {
            "totalReservedQuantity": stock.pending,
            "pendingCustomerOrderQuantity": stock.pending,
            "pendingTransshipmentQuantity": 0,
            "fcProcessingQuantity": 0,
        },
        "researchingQuantity": {
            "totalResearchingQuantity": 0,
            "researchingQuantityBreakdown": [
                {"name": "researchingQuantityInShortTerm", "quantity": 0}
            ],
        },
        "unfulfillableQuantity": {"totalUnfulfillableQuantity": 0},
    }
