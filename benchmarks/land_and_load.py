"""Orders landed and loaded per second, and peak memory, by the size of the partition.

The simulator answers without quota, in a process of its own, so the figures are those of this
software and the machine. Each half runs as a process of its own, whose peak memory the operating
system tells. What counts is the ratio between the sizes: the times depend on the machine.

    python -m benchmarks.land_and_load [--sizes 1000 10000 50000]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from asp_dagster.definitions import build_definitions
from asp_dagster.demo.processes import simulator
from benchmarks.results import machine, write_section

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()
HALVES = {"land": ["raw_orders"], "load": ["orders", "order_items"]}
PACKAGES = ("dagster", "duckdb", "pyarrow", "requests")


def main() -> None:
    """Measure every size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 50_000])
    parser.add_argument("--half", choices=HALVES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.half:
        print(json.dumps(_run_half(options.half)))
        return
    table = _table([_measure(size) for size in options.sizes])
    print(table)
    write_section("Landing and loading by the size of the partition", table)


def _measure(size: int) -> dict[str, Any]:
    """Land and load a partition of a size, each half in a process of its own."""
    options = {"--port": "0", "--orders": str(size), "--days": "1", "--speed": "1e6"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with simulator(options, folder / "simulator.log") as amazon:
            environment = {
                **os.environ,
                **amazon,
                "ASP_RAW_PATH": str(folder / "raw"),
                "ASP_WAREHOUSE": f"duckdb:///{folder / 'warehouse.duckdb'}",
            }
            halves = {half: _in_process(half, environment) for half in HALVES}
    return {"orders": size, **halves}


def _in_process(half: str, environment: Mapping[str, str]) -> Mapping[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.land_and_load", "--half", half],
        cwd=Path(__file__).parent.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    figures: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _run_half(half: str) -> Mapping[str, float]:
    job = build_definitions().resolve_job_def("orders_job")
    assets = [dg.AssetKey(name) for name in HALVES[half]]
    started = time.perf_counter()
    job.execute_in_process(asset_selection=assets, partition_key=DAY)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mib": peak}


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        "| orders | landed per second | peak MiB | loaded per second | peak MiB |",
        "|---:|---:|---:|---:|---:|",
        *(_line(row) for row in rows),
        "",
        "Peak memory of the largest partition against the smallest, landing and loading:",
        f"{_growth(rows, 'land'):.2f} and {_growth(rows, 'load'):.2f}.",
        "",
        machine(PACKAGES, " shared with the simulator"),
        "The seconds include Dagster's own work for a run.",
        "",
    ]
    return "\n".join(lines)


def _line(row: Mapping[str, Any]) -> str:
    cells = [f"{row['orders']:,}"]
    for half in HALVES:
        cells += [f"{row['orders'] / row[half]['seconds']:,.0f}", f"{row[half]['peak_mib']:.0f}"]
    return f"| {' | '.join(cells)} |"


def _growth(rows: Sequence[Mapping[str, Any]], half: str) -> float:
    growth: float = rows[-1][half]["peak_mib"] / rows[0][half]["peak_mib"]
    return growth


if __name__ == "__main__":
    main()
