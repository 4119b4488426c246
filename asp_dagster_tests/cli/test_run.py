"""`asp run` runs a feed's job here: its progress, its end, and how to go on."""

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.cli.conftest import Asp
from asp_dagster_tests.conftest import UNTIL

DAYS = [(UNTIL - timedelta(days=back)).date().isoformat() for back in (2, 1)]
STRETCH = ["--from", DAYS[0], "--to", DAYS[1]]


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A partner of few orders in two days."""
    partner = Partner.generate(seed=11, orders=60, until=UNTIL, days=2)
    with Simulator(partner, speed=1e6, report_seconds=0) as running:
        yield running


def test_each_day_is_a_run_of_the_instance(
    amazon: Simulator, run_of: Callable[[Simulator], Asp]
) -> None:
    """Each partition is run, recorded with its partition, and told at the end."""
    done = run_of(amazon)("orders_v0", *STRETCH)

    assert (done.exit_code, done.stdout.split(",")[:2]) == (
        0,
        ["2 of 2 windows", f" {len(amazon.partner.order_rows())} rows landed"],
    )
    with dg.DagsterInstance.get() as instance:
        runs = instance.get_runs()
    assert {run.job_name for run in runs} == {"orders_v0_job"}
    assert sorted(run.tags["dagster/partition"] for run in runs) == DAYS
    assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}


def test_programs_read_what_came_of_it(
    amazon: Simulator, run_of: Callable[[Simulator], Asp]
) -> None:
    """As JSON the end has runs and calls; a backfill of orders is one run for all days."""
    done = run_of(amazon)("orders", *STRETCH, "--road", "report", "--json")

    told = json.loads(done.stdout)
    assert (done.exit_code, told["is_success"]) == (0, True)
    assert [run["windows"] for run in told["runs"]] == [DAYS]
    assert told["calls_by_operation"]["createReport"] == 1
    assert told["rows"] > 0


def test_rows_of_a_run_of_several_days_count_once(
    amazon: Simulator, run_of: Callable[[Simulator], Asp]
) -> None:
    """A run of several days lands as many rows as there are orders, however many days it has."""
    done = run_of(amazon)("orders", *STRETCH, "--road", "api", "--json")

    told = json.loads(done.stdout)
    assert [run["windows"] for run in told["runs"]] == [DAYS]
    assert told["rows"] == len(amazon.partner.order_rows())


def test_reports_of_all_days_are_made_side_by_side(
    amazon: Simulator, run_of: Callable[[Simulator], Asp]
) -> None:
    """The first day's run asks for the reports of the days after it too, and each once."""
    done = run_of(amazon)("all_orders", *STRETCH)

    asked = [call.operation for call in amazon.calls if "Report" in call.operation]
    assert done.exit_code == 0
    assert asked[:3] == ["createReport", "createReport", "getReport"]
    assert asked.count("createReport") == 2


def test_lines_tell_calls_made_and_time_left(
    amazon: Simulator, run_of: Callable[[Simulator], Asp]
) -> None:
    """Where there is no terminal, a line tells windows, rows, calls and the time left."""
    errors = run_of(amazon)("all_orders", "--to", DAYS[1]).stderr

    last = errors.splitlines()[-1]
    assert last.startswith("all_orders: 1 of 1 windows, ")
    assert last.endswith("0:00:00 left at Amazon's pace")


def test_failure_ends_it_with_the_remedy(
    amazon: Simulator, run_of: Callable[[Simulator], Asp]
) -> None:
    """The first run that fails ends it with its sentence, and the command that goes on."""
    amazon.fault("getOrders", times=20, status=403)
    done = run_of(amazon)("orders_v0", *STRETCH)

    assert done.exit_code == 1
    assert "0 of 2 windows" in done.stdout
    assert "getOrders: Amazon answered 403" in done.stderr
    assert f"To go on: asp run orders_v0 --from {DAYS[0]} --to {DAYS[1]}" in done.stderr


def test_missing_settings_are_told(
    amazon: Simulator, run_of: Callable[[Simulator], Asp], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without credentials the run fails with the variable that is missing."""
    run = run_of(amazon)
    monkeypatch.delenv("ASP_CLIENT_SECRET")

    done = run("orders", "--to", DAYS[1])

    assert done.exit_code == 1
    assert "ASP_CLIENT_SECRET" in done.stderr


@pytest.mark.parametrize(
    ("home", "words"),
    [
        pytest.param("", "DAGSTER_HOME is not set", id="none"),
        pytest.param("/no/such/folder", "is no folder: make it first", id="nowhere"),
        pytest.param("home", "is no absolute path: set it to /", id="relative"),
    ],
)
def test_instance_must_be_kept(
    amazon: Simulator,
    run_of: Callable[[Simulator], Asp],
    monkeypatch: pytest.MonkeyPatch,
    home: str,
    words: str,
) -> None:
    """Without a folder for Dagster's instance nothing is run, since it would be forgotten."""
    run = run_of(amazon)
    monkeypatch.setenv("DAGSTER_HOME", home)

    done = run("orders")

    assert done.exit_code == 2
    assert words in done.stderr
    assert not amazon.calls


@pytest.mark.parametrize("settings_of_dagster", ["storage: [", "nonsense: 1"])
def test_instance_that_cannot_be_opened_is_told(
    amazon: Simulator,
    run_of: Callable[[Simulator], Asp],
    tmp_path: Path,
    settings_of_dagster: str,
) -> None:
    """A dagster.yaml that cannot be read ends the command with its folder, and no traceback."""
    run = run_of(amazon)
    (tmp_path / "dagster_home" / "dagster.yaml").write_text(settings_of_dagster)

    done = run("orders")

    assert done.exit_code == 1
    assert f"instance in {tmp_path / 'dagster_home'} cannot be opened; see its dagster.yaml" in (
        done.stderr
    )


def test_warnings_of_a_run_are_told(amazon: Simulator, run_of: Callable[[Simulator], Asp]) -> None:
    """What a run warns of stands on the error output, since nobody looks into its log."""
    amazon.fault("getOrderItems", times=1, status=404)

    done = run_of(amazon)("orders_v0", *STRETCH)

    assert done.exit_code == 0
    assert "Warning: /orders/v0/orders: " in done.stderr


def test_feed_that_is_not_declared_cannot_run(
    amazon: Simulator, run_of: Callable[[Simulator], Asp]
) -> None:
    """A ready feed that the code location has not is refused with how to declare it."""
    done = run_of(amazon)("payouts")

    assert done.exit_code == 1
    assert "does not declare payouts, which is a ready feed. To have it, write into" in done.stderr


def test_stopping_keeps_what_has_landed(run_of: Callable[[Simulator], Asp]) -> None:
    """Ctrl-C ends the run that is under way, and says how to go on."""
    partner = Partner.generate(seed=11, orders=10, until=UNTIL, days=2)
    with Simulator(partner, speed=1e6, report_seconds=3600) as amazon:
        stopper = threading.Thread(target=_stop_once_asked, args=(amazon,), daemon=True)
        stopper.start()
        done = run_of(amazon)("all_orders", *STRETCH)
    with dg.DagsterInstance.get() as instance:
        [run] = instance.get_runs()

    assert done.exit_code == 1
    assert f"Stopped.\nWhat has landed stays. To go on: asp run all_orders --from {DAYS[0]}" in (
        done.stderr
    )
    assert run.is_finished


def _stop_once_asked(amazon: Simulator) -> None:
    """Press Ctrl-C once the report is asked for."""
    pause = threading.Event()
    while not any(call.operation == "getReport" for call in amazon.calls):
        pause.wait(0.05)
    os.kill(os.getpid(), signal.SIGINT)
