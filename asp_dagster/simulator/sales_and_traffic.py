"""The sales and traffic of a partner, counted from its orders.

Here belong: the facts behind GET_SALES_AND_TRAFFIC_REPORT, the rows a reader must end up with, and the
document Amazon would make of them. Sales come from the orders; visits are drawn, at least one for each
order item. A day is a day in UTC.

https://github.com/amzn/selling-partner-api-models/blob/main/schemas/reports/sellerSalesAndTrafficReport.json
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from asp_dagster.simulator.books import Books
from asp_dagster.simulator.marketplaces import Marketplace
from asp_dagster.simulator.orders import Item, Order, Product, rounded

_DAY = timedelta(days=1)
_NOTHING = Decimal(0)

Row = dict[str, Any]
ProductKey = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be added up: over days, and over the products of a family."""

    sales: Decimal = _NOTHING
    sales_b2b: Decimal = _NOTHING
    units: int = 0
    units_b2b: int = 0
    order_items: int = 0
    order_items_b2b: int = 0
    units_refunded: int = 0
    shipped_sales: Decimal = _NOTHING
    units_shipped: int = 0
    orders_shipped: int = 0
    browser_sessions: int = 0
    app_sessions: int = 0
    browser_views: int = 0
    app_views: int = 0
    buy_box_views: int = 0

    def __add__(self, other: "Facts") -> "Facts":
        return Facts(
            *(getattr(self, each.name) + getattr(other, each.name) for each in fields(self))
        )

    @property
    def sessions(self) -> int:
        """Visits in a browser or the app."""
        return self.browser_sessions + self.app_sessions

    @property
    def views(self) -> int:
        """Pages seen in a browser or the app."""
        return self.browser_views + self.app_views


def added(facts: Iterable[Facts]) -> Facts:
    """Add facts up."""
    return sum(facts, Facts())
