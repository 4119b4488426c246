"""What each road to orders costs, in the time that Amazon's quota takes.

A bucket gives its burst at once and then its rate: so many calls of an operation are over after
`(calls - burst) / rate` seconds at the earliest. Here belongs that arithmetic, nothing else: pure
functions over Amazon's usage plans. Which road a run takes is decided from it in `roads`.

https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
"""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Self

from asp_dagster.catalog.bulk_orders import BulkOrders
from asp_dagster.spapi import Operation, UsagePlans

ORDERS_PER_PAGE = 100
"""The most that a page of orders holds, in both versions."""

MAKING_TIME = timedelta(minutes=5)
"""How long a report is reckoned to be made; Amazon promises nothing, and mostly is quicker."""

_REPORTS = "/reports/2021-06-30"


def seconds_at_least(calls: int, operation: Operation) -> float:
    """Return after how many seconds a full bucket has given so many calls."""
    return max(calls - operation.burst, 0) / operation.rate


@dataclass(frozen=True)
class Costs:
    """The costs of one version's orders.

    Attributes:
        search: The list operation.
        one_order: The operation of one order.
        items: The further operation per order for its items; none where the list has them.
        create: createReport.
        document: getReportDocument.
    """

    search: Operation
    one_order: Operation
    items: Operation | None
    create: Operation
    document: Operation

    @classmethod
    def of(cls, orders: BulkOrders, plans: UsagePlans) -> Self:
        """Return the costs under these usage plans."""
        one_order = plans.operation("GET", orders.order_path.format("1"))
        items = plans.operation("GET", f"{orders.order_path.format('1')}/orderItems")
        return cls(
            search=plans.operation("GET", orders.path),
            one_order=one_order,
            items=items if orders.version == "v0" else None,
            create=plans.operation("POST", f"{_REPORTS}/reports"),
            document=plans.operation("GET", f"{_REPORTS}/documents/1"),
        )

    def searching(self, windows: int, orders: float) -> float:
        """Return after how many seconds a search is over, of windows with so many orders in all.

        Args:
            windows: Each takes a page at least.
            orders: How many orders they hold, evenly spread.
        """
        listed = seconds_at_least(_pages(windows, orders), self.search)
        return max(listed, seconds_at_least(ceil(orders), self.items)) if self.items else listed

    def reporting(self, reports: int) -> float:
        """Return after how many seconds reports are had, reckoned as if made one by one."""
        calls = max(seconds_at_least(reports, each) for each in (self.create, self.document))
        return calls + reports * MAKING_TIME.total_seconds()

    def is_fetching_cheaper(self, changed: int, *, windows: int, orders: float) -> bool:
        """Tell whether changed orders are better fetched one by one than searched for.

        Orders change all the time, so what counts is not the burst but the time in which the
        bucket gives so many calls again: a page of a search takes as long as some 90 orders.

        Args:
            changed: How many orders are known to have changed.
            windows: How many windows a search would ask for.
            orders: How many orders it would find.
        """
        fetched = self._given_again(changed, changed, self.one_order)
        return fetched < self._given_again(_pages(windows, orders), ceil(orders), self.search)

    def _given_again(self, calls: int, orders: int, operation: Operation) -> float:
        """Return the seconds in which buckets give calls again, and those of the orders' items."""
        seconds = calls / operation.rate
        return max(seconds, orders / self.items.rate) if self.items else seconds


def _pages(windows: int, orders: float) -> int:
    return windows * max(ceil(orders / windows / ORDERS_PER_PAGE), 1)
