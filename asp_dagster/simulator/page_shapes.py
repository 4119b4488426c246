"""Where a page of a list has its records and its token, to spoil it after it was made.

Here belongs: reading and rewriting the answers of the simulator's own lists. What is spoilt, and
when, is the business of `storms`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from asp_dagster.simulator.wire import Answer, to_json


@dataclass(frozen=True)
class PageShape:
    """One list operation's page.

    Attributes:
        records: The names that lead to the records.
        token: The names that lead to the token of the next page.
        param: The query parameter that takes the token.
    """

    records: tuple[str, ...]
    token: tuple[str, ...]
    param: str

    def records_of(self, answer: Answer) -> list[Any]:
        """Return the records of a page; none of an answer that is no page."""
        return list(_at(answer, self.records) or [])

    def token_of(self, answer: Answer) -> str | None:
        """Return the token of the page after this one, if there is one."""
        found = _at(answer, self.token)
        return None if found is None else str(found)

    def with_records(self, answer: Answer, change: Callable[[list[Any]], list[Any]]) -> Answer:
        """Return the page with other records."""
        body = json.loads(answer.content)
        _put(body, self.records, change(self.records_of(answer)))
        return replace(answer, body=to_json(body))

    def with_token(self, answer: Answer, token: str) -> Answer:
        """Return the page with another token of a next page."""
        body = json.loads(answer.content)
        _put(body, self.token, token)
        return replace(answer, body=to_json(body))


def _at(answer: Answer, names: tuple[str, ...]) -> Any:
    found: Any = json.loads(answer.content)
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _put(body: dict[str, Any], names: tuple[str, ...], value: object) -> None:
    *above, last = names
    for name in above:
        body = body.setdefault(name, {})
    body[last] = value


PAGE_SHAPES: Mapping[str, PageShape] = {
    "/orders/2026-01-01/orders": PageShape(
        ("orders",), ("pagination", "nextToken"), "paginationToken"
    ),
    "/orders/v0/orders": PageShape(("payload", "Orders"), ("payload", "NextToken"), "NextToken"),
    "/orders/v0/orders/{orderId}/orderItems": PageShape(
        ("payload", "OrderItems"), ("payload", "NextToken"), "NextToken"
    ),
    "/fba/inventory/v1/summaries": PageShape(
        ("payload", "inventorySummaries"), ("pagination", "nextToken"), "nextToken"
    ),
    "/fulfillment/outbound/2026-07-04/orders": PageShape(
        ("orders",), ("pagination", "nextToken"), "pageToken"
    ),
    "/fba/outbound/2020-07-01/fulfillmentOrders": PageShape(
        ("payload", "fulfillmentOrders"), ("payload", "nextToken"), "nextToken"
    ),
    "/vendor/directFulfillment/orders/2021-12-28/purchaseOrders": PageShape(
        ("orders",), ("pagination", "nextToken"), "nextToken"
    ),
}
"""The simulator's own lists, by the template of their path."""
