"""What a road costs follows from Amazon's usage plans."""

import pytest

from asp_dagster.catalog.bulk_orders import BulkOrders, bulk_orders
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.landing import Costs
from asp_dagster.landing.costs import seconds_at_least
from asp_dagster.spapi import Operation, UsagePlans

DAY = 86_400


def _costs(path: str) -> Costs:
    orders = bulk_orders(EndpointSpec(path=path))
    assert isinstance(orders, BulkOrders)
    return Costs.of(orders, UsagePlans.load())


V2026 = _costs("/orders/2026-01-01/orders")
V0 = _costs("/orders/v0/orders")


@pytest.mark.parametrize(("calls", "seconds"), [(0, 0), (20, 0), (21, 2), (30, 20)])
def test_burst_is_free(calls: int, seconds: float) -> None:
    """What a full bucket holds takes no time, and each call more takes one of the rate."""
    operation = Operation(name="x", method="GET", path="/x", rate=0.5, burst=20)

    assert seconds_at_least(calls, operation) == seconds


def test_a_million_orders() -> None:
    """A year of a million orders takes three weeks by either API, and an hour by 13 reports."""
    searched = [costs.searching(365, 1_000_000) / DAY for costs in (V2026, V0)]

    assert searched == [pytest.approx(21.1, abs=0.1), pytest.approx(23.1, abs=0.1)]
    assert V2026.reporting(13) == 13 * 300
    assert V2026.reporting(25) == pytest.approx(25 * 300 + 10 / 0.0167)


def test_pages_are_counted_by_window() -> None:
    """Each window takes a page, however few orders there are."""
    assert V2026.searching(365, 0) == V2026.searching(365, 365) == pytest.approx(345 / 0.0056)


def test_changed_orders_one_by_one() -> None:
    """As long as their calls are given again sooner than a search's, they are asked for singly."""
    assert V2026.is_fetching_cheaper(89, windows=1, orders=100)
    assert not V2026.is_fetching_cheaper(90, windows=1, orders=100)
    assert V2026.is_fetching_cheaper(90, windows=1, orders=101)
    assert V0.is_fetching_cheaper(10, windows=1, orders=1000)
    assert not V0.is_fetching_cheaper(100, windows=1, orders=90)
