"""Each cadence of partitions, in a zone of its own, lands and loads just its stretch of time."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from asp_dagster.components import AmazonSPApi
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse

THIS_MONTH = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
UNTIL = (THIS_MONTH - timedelta(days=1)).replace(day=1)
ZONE = ZoneInfo("America/Los_Angeles")
LOCAL = (UNTIL - timedelta(days=1)).astimezone(ZONE).replace(hour=0)
ORDERS = {
    "name": "orders",
    "path": "/orders/2026-01-01/orders",
    "params": {"marketplaceIds": "{marketplace_ids}"},
    "updated_at_param": "lastUpdatedAfter",
    "record_config": {"id_field": "orderId", "last_modified_field": "lastUpdatedTime"},
}

RunFeed = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A selling partner whose orders changed over five days."""
    partner = Partner.generate(seed=11, orders=200, until=UNTIL, days=5)
    with Simulator(partner, speed=1e6) as running:
        yield running


def _next_month(day: datetime) -> datetime:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


NINE, TEN = LOCAL.replace(hour=9), LOCAL.replace(hour=10)
SUNDAY, FIRST = LOCAL - timedelta(days=(LOCAL.weekday() + 1) % 7), LOCAL.replace(day=1)

CADENCES = [
    pytest.param("hourly", f"{NINE:%Y-%m-%d-%H:%M}", (NINE, TEN), id="hourly"),
    pytest.param("daily", f"{LOCAL:%Y-%m-%d}", (LOCAL, LOCAL + timedelta(days=1)), id="daily"),
    pytest.param("weekly", f"{SUNDAY:%Y-%m-%d}", (SUNDAY, SUNDAY + timedelta(days=7)), id="weekly"),
    pytest.param("monthly", f"{FIRST:%Y-%m-%d}", (FIRST, _next_month(FIRST)), id="monthly"),
]


@pytest.mark.parametrize(("every", "key", "window"), CADENCES)
def test_partition_takes_its_stretch_of_its_zone(
    amazon: Simulator,
    run_feed: RunFeed,
    tmp_path: Path,
    every: str,
    key: str,
    window: tuple[datetime, datetime],
) -> None:
    """A partition brings the orders that changed in it, by the clocks of its zone, and no other."""
    first_day = (FIRST - timedelta(days=35)).date()
    cut = {"every": every, "start": first_day, "timezone": ZONE.key}

    result = run_feed(amazon, AmazonSPApi, {**ORDERS, "partitions": cut}, key)

    changed = {row["order_id"] for row in amazon.partner.order_rows() if _is_in(row, *window)}
    assert result.success
    assert _order_ids(tmp_path) == changed
    assert _window_start(result) == window[0].timestamp()


def _is_in(row: Mapping[str, Any], start: datetime, end: datetime) -> bool:
    return start <= row["last_updated_at"] < end


def _order_ids(folder: Path) -> set[str]:
    warehouse = Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}")
    return set(warehouse.query("select order_id from amazon.orders")["order_id"].to_pylist())


def _window_start(result: dg.ExecuteInProcessResult) -> object:
    [event] = result.asset_materializations_for_node("raw_orders")
    return event.metadata["window_start"].value
