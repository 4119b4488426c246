"""How near landing comes to Amazon's speed limit, in one process and in four, and how many 429s.

The simulator keeps Amazon's plans in quota time, which runs faster than ours, so that hours become
a minute; what is not quota (answers, Dagster's own work) takes its real time and weighs the more.
The bound is what an ideal client needs from a full bucket: the longest, over the operations, of
(requests - burst) / rate. The actual time is from the moment at which all processes may begin,
loaded, until the last has landed all. The jobs and the shared state are those of the product.

    python -m benchmarks.quota_efficiency [--only v0 v2026 reports] [--processes 1 4]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from asp_dagster.definitions import build_definitions
from asp_dagster.demo.processes import simulator
from benchmarks.quota_bound import Counted
from benchmarks.results import machine, write_section

PACKAGES = ("dagster", "sqlalchemy", "requests")
UNTIL = datetime.now(UTC).date()


@dataclass(frozen=True)
class Work:
    """What is landed.

    Attributes:
        title: What the table calls it.
        job: The job.
        asset: The asset that lands it.
        orders: How many orders the simulated selling partner has.
        days: In how many days, each a partition.
        speed: How many times faster than Amazon's the quota comes back.
    """

    title: str
    job: str
    asset: str
    orders: int
    days: int
    speed: int


WORKS = {
    "v0": Work("v0, 1,000 orders with items", "orders_v0_job", "raw_orders_v0", 1000, 4, 25),
    "v2026": Work("v2026, 5,000 orders", "orders_job", "raw_orders", 5000, 4, 60),
    "reports": Work("40 reports", "reports_job", "raw_all_orders", 400, 40, 20),
}


def main() -> None:
    """Measure all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=WORKS, default=list(WORKS))
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--land", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.land:
        _land(*options.land)
        return
    lines = [_HEAD]
    for name in options.only:
        for processes in options.processes:
            lines.append(_line(WORKS[name], processes))
            print(lines[-1], flush=True)
    table = "\n".join([*lines, "", machine(PACKAGES, " shared with the simulator")])
    write_section("Efficiency against the bound of Amazon's quota", table)


_HEAD = """\
| work | processes | calls | 429 | bound, quota minutes | actual | efficiency | quota runs at |
|---|---:|---:|---:|---:|---:|---:|---:|"""


def _line(work: Work, processes: int) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with simulator(options_of(work), folder / "simulator.log") as amazon:
            seconds = landed(work, processes, {**os.environ, **amazon, **data_in(folder)})
            counted = Counted.by(amazon["ASP_ENDPOINT"])
    bound, actual = counted.bound_seconds, seconds * work.speed
    cells = [work.title, processes, f"{counted.sent:,}", counted.throttled, f"{bound / 60:.1f}"]
    cells += [f"{actual / 60:.1f}", f"{bound / actual:.3f}", f"{work.speed}x"]
    return f"| {' | '.join(map(str, cells))} |"


def options_of(work: Work) -> Mapping[str, str]:
    """Return the options of a simulator that has this work to give."""
    options = {"--port": "0", "--orders": str(work.orders), "--days": str(work.days)}
    return options | {
        "--speed": str(work.speed),
        "--report-seconds": "0",
        "--until": UNTIL.isoformat(),
    }


def data_in(folder: Path) -> Mapping[str, str]:
    """Return the settings that keep all that is landed in a folder."""
    return {
        "ASP_RAW_PATH": str(folder / "raw"),
        "ASP_STATE": f"sqlite:///{folder / 'state.db'}",
        "ASP_START_DATE": (UNTIL - timedelta(days=60)).isoformat(),
    }


def landed(work: Work, processes: int, environment: Mapping[str, str]) -> float:
    """Let processes land a share of the days each, all from the same moment; return the seconds."""
    days = [(UNTIL - timedelta(days=back)).isoformat() for back in range(work.days, 0, -1)]
    share = work.days // processes
    with ExitStack() as started:
        running = []
        for first in range(0, work.days, share):
            ends = [days[first], days[first + share - 1]]
            command = ["-m", "benchmarks.quota_efficiency", "--land", work.title, *ends]
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=Path(__file__).parent.parent,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            running.append(started.enter_context(process))
            started.callback(process.kill)
        for process in running:
            expect(process, "ready")
        begun = time.perf_counter()
        for process in running:
            assert process.stdin  # noqa: S101 - it is a pipe
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in running:
            expect(process, "landed")
        return time.perf_counter() - begun


def expect(process: "subprocess.Popen[str]", word: str) -> None:
    """Stop the benchmark if a process says anything else."""
    assert process.stdout  # noqa: S101 - it is a pipe
    said = process.stdout.readline().strip()
    if said != word:
        raise SystemExit(f"A process said {said!r} instead of {word!r}.")


def _land(title: str, first: str, last: str) -> None:
    """Land a range of days in this process, once told to go."""
    (work,) = (each for each in WORKS.values() if each.title == title)
    job = build_definitions().resolve_job_def(work.job)
    ends = {"start": first, "end": last}
    tags = {f"dagster/asset_partition_range_{end}": day for end, day in ends.items()}
    with dg.DagsterInstance.ephemeral() as instance:
        print("ready", flush=True)
        sys.stdin.readline()
        selection = [dg.AssetKey(work.asset)]
        job.execute_in_process(asset_selection=selection, tags=tags, instance=instance)
    print("landed", flush=True)


if __name__ == "__main__":
    main()
