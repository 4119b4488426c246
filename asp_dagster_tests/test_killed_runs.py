"""A run that is killed leaves nothing half-done, and the next one ends as if nothing had been."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import dagster as dg
import pytest
from filelock import FileLock

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()
ORDERS = 1800
PATIENCE_SECONDS = 120
SOON_SECONDS = 60
LONGER_THAN_THE_TEST_SECONDS = 3600

Launch = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A partner whose day takes a moment to land and to load."""
    partner = Partner.generate(seed=3, orders=ORDERS, until=UNTIL, days=1)
    with Simulator(partner, speed=1e6, report_seconds=LONGER_THAN_THE_TEST_SECONDS) as running:
        yield running


@pytest.fixture
def launch(
    amazon: Simulator, settings: Callable[[Simulator], Mapping[str, str]], tmp_path: Path
) -> Iterator[Launch]:
    """Start `dagster job execute` for the day, as a process of its own."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.from_config(str(tmp_path / "home")):
        """Made here: a run that is killed while it makes it leaves Dagster's own tables broken."""
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(tmp_path / "home"),
        **settings(amazon),
    }

    started: list[subprocess.Popen[bytes]] = []

    def start(job: str) -> "subprocess.Popen[bytes]":
        tags = json.dumps({"dagster/partition": DAY})
        command = ["dagster", "job", "execute", "-m", "asp_dagster.definitions", "-j", job]
        with (tmp_path / "log").open("a") as log:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", *command, "--tags", tags],
                    env=environment,
                    stdout=log,
                    stderr=log,
                )
            )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def _kill_when(process: "subprocess.Popen[bytes]", reached: Callable[[], bool]) -> None:
    """Kill a process at a moment of its work; it must not have ended by itself before."""
    _wait_for(process, reached)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def _wait_for(process: "subprocess.Popen[bytes]", reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert process.poll() is None, "ended before it was killed"
        assert time.monotonic() < deadline, "never got there"
        time.sleep(0.002)


def _rows(folder: Path, table: str, columns: Mapping[str, object]) -> list[tuple[object, ...]]:
    warehouse = Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}")
    rows = warehouse.query(f"select {', '.join(columns)} from amazon.{table}").to_pylist()
    return sorted(tuple(row.values()) for row in rows)


def _assert_truth(folder: Path, partner: Partner, suffix: str = "") -> None:
    for table, truth in (
        (f"orders{suffix}", partner.order_rows()),
        (f"order_items{suffix}", partner.order_item_rows()),
    ):
        key = "order_item_id" if "items" in table else "order_id"
        columns = {"order_id": None, key: None, "last_updated_at": None}
        assert _rows(folder, table, columns) == sorted(
            tuple(row[column] for column in columns) for row in truth
        )


def test_killed_while_landing(amazon: Simulator, launch: Launch, tmp_path: Path) -> None:
    """A run killed between two calls leaves no raw file; the next one goes on and loads all."""
    _kill_when(launch("orders_v0_job"), lambda: amazon.count("getOrderItems") > 300)
    assert not list((tmp_path / "raw").rglob("*.jsonl.gz"))

    assert launch("orders_v0_job").wait(PATIENCE_SECONDS) == 0

    _assert_truth(tmp_path, amazon.partner, "_v0")
    assert amazon.count("getOrders") <= ORDERS / 100 + 1
    assert amazon.count("getOrderItems") < ORDERS + 400
    assert not [path for path in (tmp_path / "raw" / ".partial").rglob("*") if path.is_file()]


def test_killed_while_loading(amazon: Simulator, launch: Launch, tmp_path: Path) -> None:
    """Runs killed while they load leave whole tables; the next one ends with the truth."""
    raw = tmp_path / "raw" / "raw_orders" / f"{DAY}.jsonl.gz"
    database = tmp_path / "warehouse.duckdb"
    _kill_when(launch("orders_job"), raw.exists)
    _kill_when(launch("orders_job"), database.exists)

    assert launch("orders_job").wait(PATIENCE_SECONDS) == 0

    _assert_truth(tmp_path, amazon.partner)


def test_killed_ten_times_in_the_life_of_a_report(
    amazon: Simulator, launch: Launch, tmp_path: Path
) -> None:
    """Ten runs killed at random moments and one that is not ask for one report; it is right."""
    random = Random(7)  # noqa: S311 - repeatable, not secret
    raw = tmp_path / "raw" / "raw_all_orders" / f"{DAY}.tsv"
    for _ in range(8):  # before it is asked for, and while it is made
        run, moment = launch("all_orders_job"), time.monotonic() + random.uniform(1.5, 6)
        _kill_when(run, lambda moment=moment: time.monotonic() > moment)  # type: ignore[misc] - bound now
    _kill_when(launch("all_orders_job"), lambda: amazon.count("createReport") == 1)
    amazon.finish_reports()
    _kill_when(launch("all_orders_job"), lambda: amazon.count("downloadDocument") == 1)

    assert launch("all_orders_job").wait(PATIENCE_SECONDS) == 0

    assert raw.exists()
    lines = amazon.partner.all_orders_lines(UNTIL - timedelta(days=1), UNTIL, ["ATVPDKIKX0DER"])
    stored = _rows(tmp_path, "all_orders", {"amazon_order_id": None})
    assert stored == sorted((line["amazon-order-id"],) for line in lines)
    assert amazon.count("createReport") == 1


def test_terminated_while_landing(amazon: Simulator, launch: Launch, tmp_path: Path) -> None:
    """A run that is terminated ends soon, keeps what it has, says so, and is gone on with."""
    run = launch("orders_v0_job")
    _wait_for(run, lambda: amazon.count("getOrderItems") > 300)
    run.terminate()
    assert run.wait(SOON_SECONDS) == 1
    left = {path.relative_to(tmp_path / "raw").parts[0] for path in (tmp_path / "raw").rglob("*")}

    assert launch("orders_v0_job").wait(PATIENCE_SECONDS) == 0

    assert left == {".partial", "raw_orders_v0"}
    assert not list((tmp_path / "raw").rglob("*.part"))
    assert "This run was told to end" in (tmp_path / "log").read_text()
    _assert_truth(tmp_path, amazon.partner, "_v0")
    assert amazon.count("getOrderItems") < ORDERS + 400


def test_terminated_while_it_waits_for_the_warehouse(launch: Launch, tmp_path: Path) -> None:
    """A run that is terminated while another load has its turn ends soon, and changes nothing."""
    with FileLock(tmp_path / "warehouse.duckdb.lock"):
        run = launch("orders_job")
        _wait_for(run, lambda: "Waiting for" in (tmp_path / "log").read_text())
        run.terminate()
        assert run.wait(SOON_SECONDS) == 1

    assert not (tmp_path / "warehouse.duckdb").exists()
    assert "This run was told to end" in (tmp_path / "log").read_text()


def test_interrupted_run_withdraws_its_report(amazon: Simulator, launch: Launch) -> None:
    """A run that is told to end takes its report out of Amazon's queue; the next asks anew."""
    run = launch("all_orders_job")
    _wait_for(run, lambda: amazon.count("getReport", 200) > 0)
    run.send_signal(signal.SIGINT)
    assert run.wait(PATIENCE_SECONDS) != 0
    assert amazon.count("cancelReport", 200) == 1

    amazon.let_reports_take(0)
    assert launch("all_orders_job").wait(PATIENCE_SECONDS) == 0
    assert amazon.count("createReport") == 2
