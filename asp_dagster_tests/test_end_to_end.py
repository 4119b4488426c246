"""The whole way, through the real jobs: what lands and loads equals the partner's truth."""

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAYS = [(UNTIL - timedelta(days=number)).date().isoformat() for number in (3, 2, 1)]
NEXT_DAY = UNTIL.date().isoformat()
US = "ATVPDKIKX0DER"

Row = Mapping[str, Any]
RunJob = Callable[..., dg.ExecuteInProcessResult]


def _partner(orders: int = 90) -> Partner:
    return Partner.generate(seed=42, orders=orders, until=UNTIL, days=len(DAYS))


def _stored(folder: Path, table: str, columns: Sequence[str]) -> list[Row]:
    warehouse = Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}")
    return warehouse.query(f"select {', '.join(columns)} from amazon.{table}").to_pylist()


def _sorted(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


def _assert_equal(folder: Path, table: str, truth: Sequence[Row]) -> None:
    assert _sorted(_stored(folder, table, list(truth[0]))) == _sorted(truth)


def _assert_orders(folder: Path, partner: Partner, suffix: str) -> None:
    _assert_equal(folder, f"orders{suffix}", partner.order_rows())
    _assert_equal(folder, f"order_items{suffix}", partner.order_item_rows())


def _metadata(result: dg.ExecuteInProcessResult, asset: str) -> Mapping[str, Any]:
    events = result.get_asset_materialization_events()
    found = [event for event in events if event.asset_key == dg.AssetKey(asset)]
    metadata = found[-1].step_materialization_data.materialization.metadata
    return {name: value.value for name, value in metadata.items()}


def _failure(result: dg.ExecuteInProcessResult) -> str:
    """The sentence of the step that failed."""
    failed = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    data = failed[0].step_failure_data
    assert data.user_failure_data is not None, "an unforeseen error"
    return data.user_failure_data.description or ""


@pytest.mark.parametrize(
    ("job", "suffix"), [("orders_job", ""), ("orders_v0_job", "_v0")], ids=["v2026", "v0"]
)
def test_orders_equal_the_truth_through_updates(
    job: str, suffix: str, tmp_path: Path, run_job: RunJob
) -> None:
    """Orders and items equal the partner's books, also after changes, in any order of runs."""
    partner = _partner(3000)
    with Simulator(partner, speed=1e6) as amazon:
        assert all(run_job(amazon, job, day).success for day in DAYS)
        _assert_orders(tmp_path, partner, suffix)

        partner.update(seed=5, fraction=0.2, at=UNTIL + timedelta(hours=12))
        assert all(run_job(amazon, job, day).success for day in [NEXT_DAY, *reversed(DAYS)])

        _assert_orders(tmp_path, partner, suffix)


def test_reports_equal_the_truth(tmp_path: Path, run_job: RunJob) -> None:
    """The report tables hold every row of the documents, of each marketplace."""
    partner = Partner.generate(
        seed=42, orders=90, until=UNTIL, days=len(DAYS), marketplaces=(US, "A2EUQ1WTGCTBG2")
    )
    marketplaces = f"{US},A2EUQ1WTGCTBG2"
    with Simulator(partner, speed=1e6, report_seconds=0) as amazon:
        for day in [DAYS[0], DAYS[0]]:
            done = run_job(amazon, "reports_job", day, ASP_MARKETPLACE_IDS=marketplaces)
            assert done.success

    start = UNTIL - timedelta(days=3)
    for table in ("sales_and_traffic_by_date", "sales_and_traffic_by_asin"):
        truth = [
            row
            for marketplace in marketplaces.split(",")
            for row in getattr(partner, table)(start.date(), marketplace)
        ]
        _assert_equal(tmp_path, table, truth)
    lines = partner.all_orders_lines(start, start + timedelta(days=1), marketplaces.split(","))
    ids = [{"amazon_order_id": line["amazon-order-id"]} for line in lines]
    _assert_equal(tmp_path, "all_orders", ids)


def test_raw_files_hold_what_amazon_sent(tmp_path: Path, run_job: RunJob) -> None:
    """A raw file of records holds a line per order, each with its items under their name."""
    partner = _partner()
    with Simulator(partner, speed=1e6) as amazon:
        result = run_job(amazon, "orders_v0_job", DAYS[0])

    path = Path(_metadata(result, "raw_orders_v0")["path"])
    records = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert path == tmp_path / "raw" / "raw_orders_v0" / f"{DAYS[0]}.jsonl.gz"
    assert all(record["AmazonOrderId"] and "OrderItems" in record for record in records)


def test_materialization_reports_its_cost(run_job: RunJob) -> None:
    """Landing reports rows, window, calls, waits and bytes, as numbers that the UI plots."""
    with Simulator(_partner(), speed=1e6) as amazon:
        result = run_job(amazon, "orders_job", DAYS[0])
        calls = amazon.count("searchOrders")

    raw, table = _metadata(result, "raw_orders"), _metadata(result, "orders")
    assert raw["rows"] == table["rows"] == raw["dagster/partition_row_count"] > 0
    assert raw["api_calls"] == calls
    assert raw["calls_throttled"] == 0
    assert raw["bytes"] > 0
    assert raw["window_is_over"] is True
    assert raw["window_end"] - raw["window_start"] == timedelta(days=1).total_seconds()
    assert table["dagster/table_name"] == "amazon.orders"
    assert raw["preview"].startswith("| orderId | lastUpdatedTime |")


def test_nobody_asks_for_personal_data(tmp_path: Path, run_job: RunJob) -> None:
    """No default feed asks for a buyer or a recipient, and none lands."""
    with Simulator(_partner(), speed=1e6, report_seconds=0) as amazon:
        for job in ("orders_job", "orders_v0_job", "reports_job"):
            assert run_job(amazon, job, DAYS[0]).success

    landed = (tmp_path / "raw" / "raw_orders" / f"{DAYS[0]}.jsonl.gz").read_bytes()
    for record in map(json.loads, gzip.decompress(landed).splitlines()):
        assert not record.keys() & {"buyer", "recipient", "tax"}


def test_order_that_loses_all_items_loses_them_in_the_table(
    tmp_path: Path, run_job: RunJob
) -> None:
    """Item counts follow the partner even when nothing of an order is left."""
    partner = _partner()
    with Simulator(partner, speed=1e6) as amazon:
        for day in DAYS:
            run_job(amazon, "orders_job", day)
        for number in range(8):
            partner.update(seed=number, fraction=0.6, at=UNTIL + timedelta(hours=number + 2))
        run_job(amazon, "orders_job", NEXT_DAY)

    _assert_orders(tmp_path, partner, "")


def test_partition_that_is_not_over_says_so(run_job: RunJob) -> None:
    """Today's partition is asked for up to now, and its metadata says that it is not over."""
    today = datetime.now(UTC).date().isoformat()
    with Simulator(_partner(), speed=1e6) as amazon:
        result = run_job(amazon, "orders_job", None, tags={"dagster/partition": today})

    if result.success:
        assert _metadata(result, "raw_orders")["window_is_over"] is False
    else:  # within minutes of midnight there is nothing yet to ask for
        assert "has not begun" in _failure(result)
