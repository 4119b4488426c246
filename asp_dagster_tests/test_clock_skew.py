"""A clock that is wrong by five minutes, either way, costs freshness and no row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.components import AmazonSPApi
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.outbound_orders import outbound_order_rows
from asp_dagster.warehouse import Warehouse
from asp_dagster_tests.declaring import definitions_of
from asp_dagster_tests.storm.code_location import code_location

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=2)
SKEWS = [pytest.param(minutes, id=f"{minutes:+d}-minutes") for minutes in (-5, 5)]

INCREMENTAL = {
    "name": "skewed",
    "path": "/fulfillment/outbound/2026-07-04/orders",
    "updated_at_param": "updatedAfter",
    "params": {"updatedAfter": (NOON - timedelta(days=9)).isoformat()},
    "record_config": {"id_field": "orderId", "last_modified_field": "statusUpdateTime"},
    "columns": {"destination": "drop"},
}


@dataclass
class Amazons:
    """Amazon's clock, set by the test."""

    moment: datetime = NOON

    def now(self) -> datetime:
        """Return the time at Amazon."""
        return self.moment


class Ours:
    """Our clock: Amazon's, and wrong."""

    def __init__(self, amazons: Amazons, skew: timedelta) -> None:
        self._amazons, self._skew = amazons, skew

    def now(self) -> datetime:
        """Return the wrong time."""
        return self._amazons.now() + self._skew

    def monotonic(self) -> float:
        """Return seconds, which go on as Amazon's do."""
        return self._amazons.now().timestamp()

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once, at Amazon too."""
        self._amazons.moment += timedelta(seconds=seconds)


@pytest.fixture
def amazons() -> Amazons:
    """Noon two days ago."""
    return Amazons()


@pytest.fixture
def amazon(amazons: Amazons) -> Iterator[Simulator]:
    """A partner whose orders last changed just before noon."""
    partner = Partner.generate(seed=3, orders=200, until=NOON, days=1)
    with Simulator(partner, speed=0, clock=amazons) as running:
        yield running


def _run(
    definitions: dg.Definitions, job: str, instance: dg.DagsterInstance, day: str | None = None
) -> None:
    found = definitions.resolve_job_def(job)
    tags = {"dagster/partition": day} if day else {}
    assert found.execute_in_process(instance=instance, tags=tags).success


def _stored(folder: Path, sql: str) -> set[tuple[Any, ...]]:
    warehouse = Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}")
    return {tuple(row.values()) for row in warehouse.query(sql).to_pylist()}


def _truth(rows: Sequence[Any], *names: str) -> set[tuple[Any, ...]]:
    return {tuple(row[name] for name in names) for row in rows}


@pytest.mark.parametrize("minutes", SKEWS)
def test_incremental_feed_has_no_gap(
    amazon: Simulator, amazons: Amazons, instance: dg.DagsterInstance, tmp_path: Path, minutes: int
) -> None:
    """What changes right after a run is found by the next, without any look-back."""
    clock = Ours(amazons, timedelta(minutes=minutes))
    feed = definitions_of(AmazonSPApi, INCREMENTAL)
    definitions = dg.Definitions.merge(code_location(amazon, clock, tmp_path), feed)

    _run(definitions, "skewed_job", instance)
    amazon.partner.update(seed=1, fraction=1, at=NOON + timedelta(hours=1))
    amazons.moment = NOON + timedelta(hours=2)
    _run(definitions, "skewed_job", instance)

    names = ("order_id", "status", "status_update_time")
    stored = _stored(tmp_path, f"select {', '.join(names)} from amazon.skewed")
    assert stored == _truth(outbound_order_rows(amazon.partner), *names)


@pytest.mark.parametrize("minutes", SKEWS)
@pytest.mark.parametrize("job", ["orders_job", "orders_v0_job"])
def test_day_that_is_not_over_can_be_asked_for(
    amazon: Simulator,
    amazons: Amazons,
    instance: dg.DagsterInstance,
    tmp_path: Path,
    minutes: int,
    job: str,
) -> None:
    """Amazon never refuses a bound as too near, and the day is whole once it is over."""
    clock, day = Ours(amazons, timedelta(minutes=minutes)), NOON.date()
    definitions = code_location(amazon, clock, tmp_path)

    _run(definitions, job, instance, day.isoformat())
    amazon.partner.update(seed=1, fraction=1, at=NOON + timedelta(hours=1))
    amazons.moment = NOON + timedelta(days=1)
    for each in (day - timedelta(days=1), day):
        _run(definitions, job, instance, each.isoformat())

    table = job.removesuffix("_job")
    stored = _stored(tmp_path, f"select order_id, last_updated_at from amazon.{table}")
    assert stored == _truth(amazon.partner.order_rows(), "order_id", "last_updated_at")
