"""Before a run asks for anything, it tells what that is going to cost."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from asp_dagster.plans import Plan, PlannedCalls
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import UsagePlans
from asp_dagster_tests.conftest import RunJob

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A partner of few orders."""
    partner = Partner.generate(seed=11, orders=120, until=UNTIL, days=1)
    with Simulator(partner, speed=1e6, report_seconds=0) as running:
        yield running


def _metadata(result: dg.ExecuteInProcessResult, asset: str) -> Mapping[str, Any]:
    events = result.get_asset_materialization_events()
    [found] = [event for event in events if event.asset_key == dg.AssetKey(asset)]
    metadata = found.step_materialization_data.materialization.metadata
    return {name: value.value for name, value in metadata.items()}


def test_first_run_knows_the_requests_it_begins_with(amazon: Simulator, run_job: RunJob) -> None:
    """Without an earlier run the list counts a page a window; extensions are not known."""
    result = run_job(amazon, "orders_v0_job", DAY)

    plan = _metadata(result, "raw_orders_v0")["plan"]
    assert plan == {
        "windows": 1,
        "calls": {"getOrders": 1, "getOrderItems": None},
        "is_least": True,
    }


def test_later_runs_expect_what_the_last_one_took(amazon: Simulator, run_job: RunJob) -> None:
    """The calls of the last materialization are expected again, and the hours they take."""
    first = _metadata(run_job(amazon, "orders_v0_job", DAY), "raw_orders_v0")

    second = _metadata(run_job(amazon, "orders_v0_job", DAY), "raw_orders_v0")

    assert second["plan"]["calls"] == first["calls_by_operation"]
    assert not second["plan"]["is_least"]
    items = first["calls_by_operation"]["getOrderItems"]
    assert second["planned_hours"] == pytest.approx((items - 30) / 0.5 / 3600, abs=0.01)
    assert second["extensions_reused"] == 120


def test_a_report_is_planned_too(amazon: Simulator, run_job: RunJob) -> None:
    """A report counts the reports it asks for."""
    plan = _metadata(run_job(amazon, "all_orders_job", DAY), "raw_all_orders")["plan"]

    assert plan["calls"] == {"createReport": 1}


def test_a_plan_reads_as_a_line() -> None:
    """Windows, hours at Amazon's pace, and the calls of each operation."""
    plans = UsagePlans.load()
    orders = plans.operation("GET", "/orders/v0/orders")
    items = plans.operation("GET", "/orders/v0/orders/1/orderItems")

    known = Plan(30, [PlannedCalls(orders, 60), PlannedCalls(items, 5430)])
    unknown = Plan(1, [PlannedCalls(orders, 1, is_least=True), PlannedCalls(items, None)])

    assert str(known) == (
        "30 windows, about 3.0 h at Amazon's pace: getOrders 60 calls (0.7 h), getOrderItems 5430"
        " calls (3.0 h)"
    )
    assert str(unknown) == (
        "1 window, at least 0.0 h at Amazon's pace: getOrders 1 calls (0.0 h), getOrderItems not"
        " known yet"
    )


def test_plans_of_several_runs_add_up() -> None:
    """Runs draw on one quota: calls of the same operation are added before they become hours."""
    plans = UsagePlans.load()
    orders = plans.operation("GET", "/orders/v0/orders")
    items = plans.operation("GET", "/orders/v0/orders/1/orderItems")
    first = Plan(1, [PlannedCalls(orders, 15), PlannedCalls(items, None, is_least=True)])
    second = Plan(2, [PlannedCalls(orders, 25), PlannedCalls(items, 7)])

    both = first + second

    assert both == Plan(3, [PlannedCalls(orders, 40), PlannedCalls(items, 7, is_least=True)])
    assert both.hours == (40 - 20) / 0.0167 / 3600
    assert (first + first).calls[1].calls is None
