"""Pools bound what is at work at once, for a selling partner and for a warehouse's file."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from asp_dagster.catalog.feeds import Account
from asp_dagster.definitions import build_definitions
from asp_dagster.pools import partner_pool, warehouse_pool
from asp_dagster.simulator import Simulator
from asp_dagster_tests.conftest import RunJob

DAY = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()


def test_selling_partners_have_a_pool_each() -> None:
    """A pool is named after the selling partner's account; who has no name shares one."""
    assert partner_pool(Account(name="acme")) == "amazon_acme"
    assert partner_pool(Account()) == "amazon_default"


def test_warehouses_of_one_name_in_two_folders_have_two_pools(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A pool of a DuckDB file is told from that of another file, and does not tell its folder."""
    pools = []
    for folder in ("here", "there"):
        monkeypatch.setenv("ASP_WAREHOUSE", f"duckdb:////{folder}/my sales.duckdb")
        pools.append(str(warehouse_pool()))

    assert pools[0] != pools[1]
    assert all(pool.startswith("duckdb_my_sales_") and "here" not in pool for pool in pools)


def test_postgresql_has_no_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loads into a server need no pool, and its URL is in no name."""
    monkeypatch.setenv("ASP_WAREHOUSE", "postgresql://loader:hidden@warehouse/sales")

    assert warehouse_pool() is None


def test_steps_are_in_their_pools() -> None:
    """What asks Amazon is in the selling partner's pool, what loads in the file's."""
    pools = build_definitions().resolve_job_def("orders_job").nodes

    assert {node.name: node.definition.pool for node in pools} == {
        "raw_orders": "amazon_default",
        "load_orders": warehouse_pool(),
    }


def test_pool_without_a_limit_holds_nobody_up(
    simulator: Simulator, run_job: RunJob, instance: dg.DagsterInstance
) -> None:
    """Where nobody set a limit a run claims no slot, so none can leak."""
    assert run_job(simulator, "orders_job", DAY).success

    assert instance.event_log_storage.get_concurrency_keys() == set()
