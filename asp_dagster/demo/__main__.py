"""`asp demo`: run the jobs against the simulator and show what landed.

Here belongs the order of events.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from asp_dagster.commands import json_option, print_json, told
from asp_dagster.demo.processes import DemoFailedError, call, simulator
from asp_dagster.demo.summary import Summary

_JOBS = ("orders_job", "orders_v0_job", "reports_job")
_DAYS = 3

_INSTANCE = """\
telemetry: {enabled: false}
nux: {enabled: false}
# Each run is a process of some 200 MB.
concurrency: {runs: {max_concurrent_runs: 4}}
"""


@click.command("demo")
@click.argument("what", type=click.Choice(["run", "ui"]), default="run")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("data/demo"),
    show_default=True,
    help="Where to keep data.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=3000,
    show_default=True,
    help="Port of Dagster's UI.",
)
@json_option
def command(what: str, folder: Path, port: int, *, as_json: bool) -> None:
    """Land and load a simulated selling partner's last days by the real jobs.

    `run` runs them and shows what landed; `ui` opens Dagster's UI on that data. It ends with 1, and
    the last lines of its log, when a part of it fails.
    """
    if as_json and what == "ui":
        raise click.UsageError("--json is for `run`: `ui` has nothing to print at its end.")
    # Either ends the demonstration and what it started, even where a shell has them ignored.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    folder = folder.resolve()
    with told(DemoFailedError):
        environment = _prepare(folder)
        if what == "ui":
            _ui(folder, environment, port)
            return
        summary = _run(folder, environment)
        if as_json:
            print_json(summary.values())
        else:
            click.echo(str(summary))


def _prepare(folder: Path) -> dict[str, str]:
    """Make the folders and Dagster's instance, and return the environment of the jobs."""
    home = folder / "dagster_home"
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text(_INSTANCE)
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "ASP_OVERVIEW_PATH": str(folder / "overview"),
        "ASP_RAW_PATH": str(folder / "raw"),
        "ASP_WAREHOUSE": f"duckdb:///{folder / 'warehouse.duckdb'}",
        "ASP_STATE": f"sqlite:///{folder / 'state.db'}",
    }
    # Dagster's instance breaks when two processes are the first to open it.
    call(["dagster", "instance", "info"], environment, folder / "instance.log")
    return environment


def _run(folder: Path, environment: Mapping[str, str]) -> Summary:
    """Run the jobs, telling of each on the error output."""
    with simulator(_simulator_options(), folder / "simulator.log") as amazon:
        _tell(f"A simulated selling partner answers at {amazon['ASP_ENDPOINT']}.")
        _tell("The jobs run by `dagster job execute`, each day as a run of its own:")
        with ThreadPoolExecutor(len(_JOBS)) as lanes:
            list(lanes.map(lambda job: _run_days(job, folder, {**environment, **amazon}), _JOBS))
        _run_job("sales_overview_job", folder, environment)
        return Summary.of(
            folder, environment["ASP_WAREHOUSE"], amazon["ASP_ENDPOINT"], _first_day()
        )


def _tell(progress: str) -> None:
    click.echo(progress, err=True)


def _run_days(job: str, folder: Path, environment: Mapping[str, str]) -> None:
    for number in range(_DAYS):
        _run_job(job, folder, environment, (_first_day() + timedelta(days=number)).isoformat())


def _run_job(job: str, folder: Path, environment: Mapping[str, str], day: str = "") -> None:
    tags = ["--tags", json.dumps({"dagster/partition": day})] if day else []
    arguments = ["job", "execute", "-m", "asp_dagster.definitions", "-j", job, *tags]
    started = time.monotonic()
    call(["dagster", *arguments], environment, folder / f"{'-'.join(filter(None, [job, day]))}.log")
    _tell(f"  {job:18} {day or 'all days':10}  {time.monotonic() - started:5.1f} s")


def _ui(folder: Path, environment: Mapping[str, str], port: int) -> None:
    with simulator(_simulator_options(), folder / "simulator.log") as amazon:
        click.echo(f"Dagster's UI comes up at http://127.0.0.1:{port}; Ctrl-C stops it.")
        command = ["dagster", "dev", "-m", "asp_dagster.definitions", "--port", str(port)]
        process = subprocess.Popen([sys.executable, "-m", *command], env={**environment, **amazon})
        try:
            process.wait()
        except KeyboardInterrupt:
            process.terminate()
            process.wait()


def _simulator_options() -> dict[str, str]:
    return {
        "--port": "0",
        "--orders": "600",
        "--days": str(_DAYS),
        "--until": _today().isoformat(),
        "--speed": "400",
        "--report-seconds": "2",
    }


def _first_day() -> date:
    return _today() - timedelta(days=_DAYS)


def _today() -> date:
    return datetime.now(UTC).date()


if __name__ == "__main__":
    command(prog_name="python -m asp_dagster.demo")
