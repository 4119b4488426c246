"""A backfill of thirty days by two of Celery's workers, as `deploy/celery` sets them up."""

import os
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from shutil import copy

import pytest
from dagster import DagsterInstance, DagsterRunStatus

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse
from asp_dagster_tests.conftest import UNTIL
from asp_dagster_tests.engines.conftest import HOUSE, Start
from asp_dagster_tests.postgres import Server
from asp_dagster_tests.processes import wait_until
from asp_dagster_tests.storm.tally import Tally
from asp_dagster_tests.variables import variables_of

DEPLOY = HOUSE / "deploy" / "celery"
PARTITIONS = 30
BURST = 20
"""How many calls of searchOrders a full bucket holds."""

FIRST, LAST = UNTIL - timedelta(days=PARTITIONS), UNTIL - timedelta(days=1)
WORKERS = ("one", "two")
ENDED = {DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED}

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A selling partner with changed orders on each of thirty days, more than a burst of pages."""
    partner = Partner.generate(seed=7, orders=300, until=UNTIL, days=PARTITIONS)
    with Simulator(partner, speed=200) as running:
        yield running


@pytest.fixture
def environment(
    amazon: Simulator,
    bucket: str,
    redis_url: str,
    postgres: Server,
    tmp_path: Path,
) -> Mapping[str, str]:
    """The environment of every process: all that is shared is behind a URL."""
    home = tmp_path / "home"
    home.mkdir()
    copy(DEPLOY / "dagster.yaml", home)
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        # dagster-postgres speaks to psycopg2 alone.
        "ASP_DAGSTER_STORAGE": postgres.new_database().replace("://", "+psycopg2://"),
        "ASP_CELERY_BROKER": redis_url,
        "ASP_CELERY_BACKEND": redis_url,
        **variables_of(amazon, tmp_path),
        "ASP_START_DATE": FIRST.date().isoformat(),
        "ASP_RAW_PATH": f"s3://{bucket}/landed",
        "ASP_WAREHOUSE": postgres.new_database(),
        "ASP_STATE": postgres.new_database(),
    }


def _backfill(start: Start, environment: Mapping[str, str]) -> None:
    days = ("--from", FIRST.date().isoformat(), "--to", LAST.date().isoformat())
    workspace = ("-w", str(DEPLOY / "workspace.yaml"))
    command = ["job", "backfill", *workspace, "-j", "orders_job", *days, "--noprompt"]
    launched = start("backfill", [sys.executable, "-m", "dagster", *command], environment)
    assert launched.wait(timeout=120) == 0


def test_two_workers_share_a_backfill(
    amazon: Simulator,
    environment: Mapping[str, str],
    start: Start,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Eight partitions, two workers, one quota: no call is throttled, and the tables are equal."""
    for name in WORKERS:
        worker = ["worker", "start", "-A", "dagster_celery.app", "-n", f"{name}@here"]
        config = ["-y", str(DEPLOY / "celery.yaml"), "--", "--concurrency", "1"]
        command = [sys.executable, "-m", "dagster_celery.cli", *worker, *config]
        start(name, command, environment)
    monkeypatch.setenv("ASP_DAGSTER_STORAGE", environment["ASP_DAGSTER_STORAGE"])
    workspace = ["-w", str(DEPLOY / "workspace.yaml")]
    with DagsterInstance.from_config(environment["DAGSTER_HOME"]) as instance:
        start("daemon", [sys.executable, "-m", "dagster._daemon", "run", *workspace], environment)
        _backfill(start, environment)
        wait_until(
            lambda: [run.status in ENDED for run in instance.get_runs()] == [True] * PARTITIONS,
            "All runs end",
            seconds=800,
        )
        statuses = {run.status for run in instance.get_runs()}

    assert statuses == {DagsterRunStatus.SUCCESS}
    assert amazon.count("searchOrders") > BURST
    assert amazon.count("searchOrders", 429) == 0
    for name in WORKERS:
        assert "succeeded" in (tmp_path / f"{name}.log").read_text()
    warehouse = Warehouse.from_url(environment["ASP_WAREHOUSE"])
    tally = Tally()
    for table, truth in (
        ("amazon.orders", amazon.partner.order_rows()),
        ("amazon.order_items", amazon.partner.order_item_rows()),
    ):
        found = warehouse.query(f"SELECT {', '.join(truth[0])} FROM {table}").to_pylist()
        tally.add(table, truth, found)
    assert (tally.lost, tally.surplus, tally.rows > PARTITIONS) == ([], [], True)
