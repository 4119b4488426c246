"""Orders landed and loaded per second, and peak memory, by the size of the partition.

The simulator answers without quota, in a process of its own, so the figures are those of this
software and the machine. Each part runs as a process of its own, whose peak memory the operating
system tells. What the machine can do at best is measured beside it, on the largest partition: a
bare loop that asks for the same pages and compresses them, and DuckDB's own reading of the same raw
file into a table, without types, keys and order.

    python -m benchmarks.land_and_load [--sizes 1000 10000 50000] [--order-items 2000]
"""

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import requests

from asp_dagster import state, warehouse
from asp_dagster.definitions import build_definitions
from asp_dagster.demo.processes import simulator
from benchmarks.postgresql import postgresql
from benchmarks.results import machine, write_section

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()
LOADED = ("orders", "order_items")
PARTS: Mapping[str, tuple[str, Sequence[str]]] = {
    "land": ("orders_job", ["raw_orders"]),
    "load": ("orders_job", LOADED),
    "load_postgresql": ("orders_job", LOADED),
    "land_items": ("orders_v0_job", ["raw_orders_v0"]),
}
BY_SIZE = ("land", "load", "load_postgresql")
PACKAGES = ("dagster", "duckdb", "pyarrow", "requests")
PAGE_ORDERS = 100
INCLUDED_DATA = (
    "PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,PAYMENT,FULFILLMENT_ORDERS"
)


def main() -> None:
    """Measure every size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 50_000])
    parser.add_argument("--order-items", type=int, default=2000)
    parser.add_argument("--part", choices=[*PARTS, *LIMITS], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        run = LIMITS.get(options.part) or partial(_run_part, options.part)
        _load_libraries()
        print(json.dumps(_measured(run)))
        return
    sizes = [_measure(size, BY_SIZE) for size in options.sizes[:-1]]
    sizes.append(_measure(options.sizes[-1], (*BY_SIZE, *LIMITS)))
    items = _measure(options.order_items, ["land_items"])
    table = _table(sizes, items)
    print(table)
    write_section("Landing and loading by the size of the partition", table)


def _measure(size: int, parts: Sequence[str]) -> dict[str, Any]:
    """Run parts over one selling partner's day of a number of orders, each in its own process."""
    options = {"--port": "0", "--orders": str(size), "--days": "1", "--speed": "1e6"}
    with tempfile.TemporaryDirectory() as name, postgresql() as postgresql_url:
        folder = Path(name)
        with simulator(options, folder / "simulator.log") as amazon:
            environment = {
                **os.environ,
                **amazon,
                "ASP_RAW_PATH": str(folder / "raw"),
                "ASP_STATE": f"sqlite:///{folder / 'state.db'}",
                "ASP_WAREHOUSE": f"duckdb:///{folder / 'warehouse.duckdb'}",
            }
            elsewhere = {**environment, "ASP_WAREHOUSE": postgresql_url}
            measured = {
                part: _in_process(part, elsewhere if "postgresql" in part else environment)
                for part in parts
            }
    return {"orders": size, **measured}


def _in_process(part: str, environment: Mapping[str, str]) -> Mapping[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.land_and_load", "--part", part],
        cwd=Path(__file__).parent.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    figures: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _load_libraries() -> None:
    """Load what a run needs only once: start-up has a benchmark of its own."""
    dg.DagsterInstance.ephemeral().dispose()
    for package in (state, warehouse):
        for name in package.__all__:
            getattr(package, name)


def _run_part(part: str) -> None:
    job_name, names = PARTS[part]
    job = build_definitions().resolve_job_def(job_name)
    assets = [dg.AssetKey(name) for name in names]
    job.execute_in_process(asset_selection=assets, partition_key=DAY)


def _ask_and_compress() -> None:
    """Ask for the day's pages one after the other, and write them as they come."""
    ask = requests.Session()
    login = {"grant_type": "refresh_token", "refresh_token": os.environ["ASP_REFRESH_TOKEN"]}
    login |= {name: os.environ[f"ASP_{name.upper()}"] for name in ("client_id", "client_secret")}
    token = ask.post(os.environ["ASP_LWA_URL"], data=login, timeout=60).json()["access_token"]
    ask.headers["x-amz-access-token"] = token
    query = {
        "marketplaceIds": os.environ.get("ASP_MARKETPLACE_IDS", "ATVPDKIKX0DER"),
        "maxResultsPerPage": str(PAGE_ORDERS),
        "includedData": INCLUDED_DATA,
        "lastUpdatedAfter": f"{DAY}T00:00:00Z",
        "lastUpdatedBefore": UNTIL.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    url = f"{os.environ['ASP_ENDPOINT']}/orders/2026-01-01/orders"
    with tempfile.TemporaryFile() as file, gzip.open(file, "wb") as sink:
        while True:
            answer = ask.get(url, params=query, timeout=60)
            answer.raise_for_status()
            sink.write(answer.content)
            following = answer.json().get("pagination", {}).get("nextToken")
            if following is None:
                return
            query["paginationToken"] = following


def _read_by_duckdb() -> None:
    """Let DuckDB read the raw file into a table as it likes."""
    (file,) = (Path(os.environ["ASP_RAW_PATH"]) / "raw_orders").glob("*.jsonl.gz")
    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect(f"{folder}/limit.duckdb")
        connection.read_json(str(file), format="newline_delimited").create("limit_orders")
        connection.close()


LIMITS: Mapping[str, Callable[[], None]] = {
    "limit_of_landing": _ask_and_compress,
    "limit_of_loading": _read_by_duckdb,
}


def _measured(run: Callable[[], None]) -> Mapping[str, float]:
    started = time.perf_counter()
    run()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mib": peak}


def _table(sizes: Sequence[Mapping[str, Any]], items: Mapping[str, Any]) -> str:
    largest = sizes[-1]
    lines = [
        "| orders | landed/s | peak MiB | DuckDB/s | peak MiB | PostgreSQL/s | peak MiB |",
        "|---:|---:|---:|---:|---:|---:|---:|",
        *(_line(row) for row in sizes),
        "",
        "Peak memory of the largest partition against the smallest, landing and loading:",
        f"{_growth(sizes, 'land'):.2f} and {_growth(sizes, 'load'):.2f}.",
        "",
        f"Calls of getOrderItems per second, one for each order: {_rate(items, 'land_items')}.",
        "",
        "What the machine can do at best with the largest partition, orders per second:",
        f"a bare loop of `requests` and gzip asks for {_rate(largest, 'limit_of_landing')};",
        f"DuckDB's own `read_json` into one table reads {_rate(largest, 'limit_of_loading')}.",
        "",
        "The marks: 3,000 landed, 300 calls, 50,000 loaded into DuckDB, 20,000 into PostgreSQL.",
        "",
        machine(PACKAGES, " shared with the simulator"),
        "The seconds of our own parts include Dagster's work for a run.",
        "",
    ]
    return "\n".join(lines)


def _rate(row: Mapping[str, Any], part: str) -> str:
    return f"{row['orders'] / row[part]['seconds']:,.0f}"


def _line(row: Mapping[str, Any]) -> str:
    cells = [f"{row['orders']:,}"]
    for part in BY_SIZE:
        cells += [_rate(row, part), f"{row[part]['peak_mib']:.0f}"]
    return f"| {' | '.join(cells)} |"


def _growth(rows: Sequence[Mapping[str, Any]], part: str) -> float:
    growth: float = rows[-1][part]["peak_mib"] / rows[0][part]["peak_mib"]
    return growth


if __name__ == "__main__":
    main()
