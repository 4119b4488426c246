"""Tables load by themselves when their raw files land, and only then."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from asp_dagster.components import AmazonSPApi, AmazonSPListedReport
from asp_dagster.components.declared_feeds import FeedComponent
from asp_dagster.simulator import Simulator
from asp_dagster_tests.conftest import RunFeed
from asp_dagster_tests.declaring import code_location, definitions_of

DAYS = [(datetime.now(UTC) - timedelta(days=each)).date().isoformat() for each in (2, 9)]
ORDERS: Mapping[str, Any] = {
    "name": "orders",
    "path": "/orders/2026-01-01/orders",
    "params": {"marketplaceIds": "{marketplace_ids}"},
    "updated_at_param": "lastUpdatedAfter",
    "record_config": {"id_field": "orderId"},
}
DAILY = {**ORDERS, "partitions": "daily"}
RAW, TABLE = dg.AssetKey("raw_orders"), dg.AssetKey("orders")

Requested = list[tuple[str, str | None]]
"""What is asked for: the tables with their partitions."""


class Daemon:
    """Looks at the conditions as Dagster's daemon does, tick by tick."""

    def __init__(
        self,
        instance: dg.DagsterInstance,
        attributes: Mapping[str, Any],
        component: type[FeedComponent] = AmazonSPApi,
    ) -> None:
        self.defs = code_location(definitions_of(component, attributes))
        self.instance = instance
        self.cursor: Any = None
        self.tick()

    def tick(self) -> Requested:
        """Return what a tick asks for."""
        result = dg.evaluate_automation_conditions(
            self.defs,
            instance=self.instance,
            asset_selection=dg.AssetSelection.all(),
            cursor=self.cursor,
        )
        self.cursor = result.cursor
        return [
            (key.to_user_string(), partition)
            for key in self.defs.resolve_all_asset_keys()
            for partition in result.get_requested_partitions(key)
        ]


def _land(instance: dg.DagsterInstance, partition: str | None = None) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization(RAW, partition=partition))


@pytest.mark.parametrize("day", DAYS, ids=["latest", "older"])
def test_partition_that_lands_is_loaded_once(instance: dg.DagsterInstance, day: str) -> None:
    """A raw partition that lands alone, of whatever age, is loaded, and not a second time."""
    daemon = Daemon(instance, DAILY)
    _land(instance, day)

    assert daemon.tick() == [("orders", day)]
    assert daemon.tick() == []


def test_partition_that_lands_again_is_loaded_again(instance: dg.DagsterInstance) -> None:
    """A raw partition that is replaced is loaded again."""
    daemon = Daemon(instance, DAILY)
    requested = []
    for _ in range(2):
        _land(instance, DAYS[0])
        requested += daemon.tick()
        instance.report_runless_asset_event(dg.AssetMaterialization(TABLE, partition=DAYS[0]))
        daemon.tick()

    assert requested == [("orders", DAYS[0])] * 2


@pytest.mark.parametrize("attributes", [ORDERS, {"feed": "fba_inventory", "name": "orders"}])
def test_feed_without_partitions_is_loaded(
    instance: dg.DagsterInstance, attributes: Mapping[str, Any]
) -> None:
    """Raw files of an incremental feed or a snapshot are loaded when they land."""
    daemon = Daemon(instance, attributes)
    _land(instance)

    assert [partition for _, partition in daemon.tick()] == [None]
    assert daemon.tick() == []


def test_nothing_is_asked_of_amazon(instance: dg.DagsterInstance) -> None:
    """Only tables load by themselves: no raw asset has a condition."""
    for kind, attributes in [(AmazonSPApi, DAILY), (AmazonSPListedReport, {"feed": "settlements"})]:
        specs = Daemon(instance, attributes, kind).defs.resolve_all_asset_specs()

        assert {spec.key.path[-1] for spec in specs if not spec.automation_condition} >= {
            spec.key.path[-1] for spec in specs if "amazon" in spec.kinds
        }


def test_run_that_lands_and_loads_is_left_alone(
    instance: dg.DagsterInstance, simulator: Simulator, run_feed: RunFeed
) -> None:
    """What a job has landed and loaded is not loaded a second time."""
    daemon = Daemon(instance, DAILY)

    assert run_feed(simulator, AmazonSPApi, DAILY, DAYS[0]).success

    assert daemon.tick() == []


def test_run_that_was_asked_for_ends_it(
    instance: dg.DagsterInstance, simulator: Simulator, run_feed: RunFeed
) -> None:
    """The load that a tick asks for succeeds, after which nothing is asked for."""
    daemon = Daemon(instance, DAILY)
    assert run_feed(simulator, AmazonSPApi, DAILY, DAYS[0], selection=["raw_orders"]).success

    requested = daemon.tick()
    loaded = run_feed(simulator, AmazonSPApi, DAILY, DAYS[0], selection=["orders"])

    assert requested == [("orders", DAYS[0])]
    assert loaded.success
    assert daemon.tick() == []
