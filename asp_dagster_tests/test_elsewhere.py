"""The same jobs with other settings: raw files on S3, several days in one run."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import dagster as dg
import pytest
from moto.server import ThreadedMotoServer

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAYS = [(UNTIL - timedelta(days=number)).date().isoformat() for number in (3, 2, 1)]

RunJob = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def partner() -> Partner:
    """A small selling partner of three days."""
    return Partner.generate(seed=5, orders=60, until=UNTIL, days=3)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty bucket of an S3 server on loopback, found by boto3's own settings."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    boto3.client("s3").create_bucket(Bucket="selling-partner")
    yield "selling-partner"
    server.stop()


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


def test_raw_files_on_s3(partner: Partner, run_job: RunJob, bucket: str, tmp_path: Path) -> None:
    """With an s3:// path the raw files are objects, and the tables are loaded from them."""
    with Simulator(partner, speed=1e6) as amazon:
        for day in DAYS:
            assert run_job(amazon, "orders_job", day, ASP_RAW_PATH=f"s3://{bucket}/asp").success

    listed = boto3.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert [entry["Key"] for entry in listed] == [f"asp/raw_orders/{d}.jsonl.gz" for d in DAYS]
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
