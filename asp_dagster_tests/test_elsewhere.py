"""The same jobs otherwise: several days in one run, tables without Amazon."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAYS = [(UNTIL - timedelta(days=number)).date().isoformat() for number in (3, 2, 1)]

RunJob = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def partner() -> Partner:
    """A small selling partner of three days."""
    return Partner.generate(seed=5, orders=60, until=UNTIL, days=3)


def _order_ids(folder: Path) -> list[str]:
    warehouse = Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}")
    rows = warehouse.query("select order_id from amazon.orders").to_pylist()
    return sorted(row["order_id"] for row in rows)


def test_several_days_in_one_run(partner: Partner, run_job: RunJob, tmp_path: Path) -> None:
    """A run over a range of days lands a file for each and loads them all."""
    tags = {
        "dagster/asset_partition_range_start": DAYS[0],
        "dagster/asset_partition_range_end": DAYS[-1],
    }
    with Simulator(partner, speed=1e6) as amazon:
        result = run_job(amazon, "orders_job", None, tags=tags)

    (event, *_) = result.get_asset_materialization_events()
    metadata = event.step_materialization_data.materialization.metadata
    assert metadata["rows"].value == len(partner.order_rows())
    assert "dagster/partition_row_count" not in metadata
    landed = sorted(path.name for path in (tmp_path / "raw" / "raw_orders").iterdir())
    assert landed == [f"{day}.jsonl.gz" for day in DAYS]
    assert _order_ids(tmp_path) == sorted(row["order_id"] for row in partner.order_rows())


def test_tables_are_rebuilt_without_amazon(
    partner: Partner, run_job: RunJob, tmp_path: Path
) -> None:
    """From landed files the tables are built again without a single call, or any credentials."""
    with Simulator(partner, speed=1e6) as amazon:
        for day in DAYS:
            run_job(amazon, "orders_job", day)
        calls = len(amazon.calls)
        (tmp_path / "warehouse.duckdb").unlink()
        tables = [dg.AssetKey("orders"), dg.AssetKey("order_items")]
        for day in DAYS:
            result = run_job(
                amazon, "orders_job", day, asset_selection=tables, ASP_CLIENT_SECRET=""
            )
            assert result.success

        assert len(amazon.calls) == calls
    assert _order_ids(tmp_path) == sorted(row["order_id"] for row in partner.order_rows())
