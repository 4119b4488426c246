"""Days of a feed without partitions, in runs that are killed, fail, or come late."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.reconstruct import ReconstructableJob  # it has no public name

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.state import State
from asp_dagster.warehouse import Warehouse

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = timedelta(days=1)
PATIENCE_SECONDS = 120
LOCATION = """\
import dagster as dg
from asp_dagster import EndpointSpec, Feed, InferredTable, build_feed_assets, build_resources
from asp_dagster.jobs import build_feed_job

# Nothing but the windows tells the age of a record: no newest_by.
FEED = Feed(
    name="raw_fresh",
    group="amazon",
    source=EndpointSpec(
        path="/orders/2026-01-01/orders",
        params={"marketplaceIds": "{marketplace_ids}", "maxResultsPerPage": 10},
        updated_at_param="lastUpdatedAfter",
        updated_before_param="lastUpdatedBefore",
        results_key="orders",
    ),
    raw_format="jsonl",
    tables=(InferredTable(name="fresh", key=("orderId",)),),
)
ASSETS = build_feed_assets(FEED)
defs = dg.Definitions(
    assets=ASSETS,
    jobs=[build_feed_job(FEED, ASSETS)],
    resources=build_resources(),
    executor=dg.in_process_executor,
)


def fresh_job():
    return defs.resolve_job_def("fresh_job")
"""

Rows = set[tuple[str, datetime]]


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A selling partner whose days take many pages."""
    partner = Partner.generate(seed=11, orders=600, until=UNTIL, days=4)
    with Simulator(partner, speed=1e6) as running:
        yield running


@pytest.fixture
def location(
    amazon: Simulator,
    settings: Callable[[Simulator], Mapping[str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """A code location with the feed, and an instance that stays."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    for name, value in {**settings(amazon), "DAGSTER_HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)
    name = f"location_of_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(LOCATION)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return name


def _there(folder: Path) -> Rows:
    warehouse = Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}")
    rows = warehouse.query("select order_id, last_updated_time from amazon.fresh").to_pylist()
    assert len({row["order_id"] for row in rows}) == len(rows)
    return {(row["order_id"], _utc(row["last_updated_time"])) for row in rows}


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _truth(partner: Partner, start: datetime) -> Rows:
    rows = {(row["order_id"], row["last_updated_at"]) for row in partner.order_rows()}
    return {row for row in rows if row[1] >= start}


def _process(location: str, first: datetime, last: datetime) -> "subprocess.Popen[bytes]":
    days = ["--from", f"{first:%Y-%m-%d}", "--to", f"{last:%Y-%m-%d}"]
    return subprocess.Popen(
        [sys.executable, "-m", "asp_dagster.cli", "run", "fresh", *days, "-m", location],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_killed_half_way_it_goes_on_and_moves_no_cursor(
    amazon: Simulator, location: str, tmp_path: Path
) -> None:
    """A run of some days that is killed between two pages is run again: rows equal the truth."""
    first, last = UNTIL - 3 * DAY, UNTIL - DAY
    killed = _process(location, first, last)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while amazon.count("searchOrders") < 10:
        assert killed.poll() is None, "ended before it was killed"
        assert time.monotonic() < deadline, "never got there"
        time.sleep(0.002)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    asked = amazon.count("searchOrders")
    assert not list((tmp_path / "raw").rglob("*.jsonl.gz"))

    assert _process(location, first, last).wait(PATIENCE_SECONDS) == 0

    pages = -(-len(_truth(amazon.partner, first)) // 10)
    assert _there(tmp_path) == _truth(amazon.partner, first)
    assert amazon.count("searchOrders") - asked < pages
    with State.from_url(f"sqlite:///{tmp_path / 'state.db'}") as state:
        assert state.cursors.get("raw_fresh") is None


def test_load_that_comes_late_replaces_nothing_newer(
    amazon: Simulator, location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What landed before orders changed is loaded after, and the orders stay as they are now."""
    job = dg.reconstructable(import_module(location).fresh_job)
    with dg.DagsterInstance.get() as instance:
        monkeypatch.setenv("ASP_WAREHOUSE", "duckdb:////proc/no/such/place.duckdb")
        failed = _execute(job, instance, UNTIL - 3 * DAY, to=UNTIL - DAY)
        monkeypatch.setenv("ASP_WAREHOUSE", f"duckdb:///{tmp_path / 'warehouse.duckdb'}")
        amazon.partner.update(seed=5, fraction=0.5, at=UNTIL + timedelta(hours=1))
        assert _execute(job, instance, UNTIL - 2 * DAY, to=UNTIL).success
        asked = amazon.count("searchOrders")

        again = dg.ReexecutionOptions.from_failure(failed.run_id, instance)
        late = dg.execute_job(job, instance=instance, reexecution_options=again)

    assert not failed.success
    assert late.success
    assert amazon.count("searchOrders") == asked
    assert _there(tmp_path) == _truth(amazon.partner, UNTIL - 3 * DAY)


def _execute(
    job: ReconstructableJob, instance: dg.DagsterInstance, first: datetime, to: datetime
) -> dg.JobExecutionResult:
    days = {"from": f"{first:%Y-%m-%d}", "to": f"{to:%Y-%m-%d}"}
    config = {"ops": {"raw_fresh": {"config": days}}}
    return dg.execute_job(job, instance=instance, run_config=config)
