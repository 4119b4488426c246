"""Passing trouble at Amazon costs time and nothing else."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()

HTML = b"<html><body>Service Unavailable</body></html>"

RunJob = Callable[..., dg.ExecuteInProcessResult]


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        pytest.param("searchOrders", {"drop": True}, id="dropped"),
        pytest.param("searchOrders", {"truncate": True}, id="truncated"),
        pytest.param("searchOrders", {"status": 503, "body": HTML}, id="html-503"),
        pytest.param("searchOrders", {"status": 200, "body": HTML}, id="html-200"),
        pytest.param("searchOrders", {"status": 200, "body": b'{"errors":[{}]}'}, id="only-errors"),
        pytest.param("requestToken", {"status": 500}, id="login"),
    ],
)
def test_passing_trouble_loses_nothing(
    operation: str, fault: Mapping[str, Any], run_job: RunJob, tmp_path: Path
) -> None:
    """A call that fails and then works again leaves the tables equal to the partner's books."""
    partner = Partner.generate(seed=9, orders=150, until=UNTIL, days=1)
    with Simulator(partner, speed=1e6) as amazon:
        amazon.fault(operation, times=2, **fault)

        assert run_job(amazon, "orders_job", DAY).success

    _assert_truth(tmp_path, "orders", partner.order_rows())


def test_throttling_is_waited_out(run_job: RunJob, tmp_path: Path) -> None:
    """A 429 empties the bucket: the next call waits for a token, and both are reported."""
    partner = Partner.generate(seed=9, orders=20, until=UNTIL, days=1)
    with Simulator(partner, speed=1e6) as amazon:
        amazon.fault("getOrderItems", times=2, status=429)

        result = run_job(amazon, "orders_v0_job", DAY)

    (landed, *_) = result.get_asset_materialization_events()
    metadata = landed.step_materialization_data.materialization.metadata
    assert metadata["calls_throttled"].value == 2
    assert metadata["quota_wait_seconds"].value > 0
    _assert_truth(tmp_path, "order_items_v0", partner.order_item_rows())


def _assert_truth(folder: Path, table: str, truth: Sequence[Mapping[str, Any]]) -> None:
    warehouse = Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}")
    names = ("order_id", "order_item_id", "last_updated_at", "items_count", "units_ordered")
    columns = [name for name in names if name in truth[0]]
    stored = warehouse.query(f"select {', '.join(columns)} from amazon.{table}").to_pylist()
    wanted = [tuple(row[name] for name in columns) for row in truth]
    assert sorted(tuple(row.values()) for row in stored) == sorted(wanted)


def test_repeated_rows_land_once_and_are_extended_once(run_job: RunJob, tmp_path: Path) -> None:
    """A row that each page repeats from the one before is neither counted nor asked for twice."""
    partner = Partner.generate(seed=9, orders=40, until=UNTIL, days=1)
    with Simulator(partner, speed=1e6, page_size_limit=6) as amazon:
        storm = amazon.storms.begin(seed=1, share=1, kinds=["row repeated"])

        result = run_job(amazon, "orders_v0_job", DAY)
        asked = [call.path for call in amazon.calls if call.operation == "getOrderItems"]

    (landed, *_) = result.get_asset_materialization_events()
    metadata = landed.step_materialization_data.materialization.metadata
    assert storm.counts["row repeated"] > 3
    assert metadata["rows"].value == len(partner.order_rows())
    assert len(set(asked)) == len(partner.order_rows())
    _assert_truth(tmp_path, "orders_v0", partner.order_rows())
    _assert_truth(tmp_path, "order_items_v0", partner.order_item_rows())
