"""What the asset checks of the orders cost beside their load, in both databases.

The raw files of one day, orders and the all-orders report, are written as the simulator would send
them, and loaded as a run loads them; then every check of the orders is asked. The report is loaded
as if before the day's last orders, so that the comparison with it has the whole day to compare, its
dearest case. What is measured is the share of the load's time that the checks take.

    python -m benchmarks.check_cost [--orders 100000] [--repeat 3]
"""

import argparse
import gzip
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import dagster as dg
import yaml

import asp_dagster.defs
from asp_dagster.assets import raw_key, table_keys
from asp_dagster.catalog.feeds import Feed
from asp_dagster.checks.order_reports import NAME
from asp_dagster.checks.running import LoadedFeed
from asp_dagster.components import AmazonSPApi, AmazonSPReport
from asp_dagster.landing import DataWindow
from asp_dagster.simulator import Partner
from asp_dagster.simulator.v2026_orders import render_order
from asp_dagster.warehouse import LoadResult, Origin, RawData, Warehouse
from benchmarks.postgresql import postgresql
from benchmarks.results import machine, write_section

PACKAGES = ("duckdb", "adbc-driver-postgresql")
END = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
WINDOW = DataWindow(END - timedelta(days=1), END)
PARTITION = WINDOW.start.date().isoformat()
INCLUDED = ("PROCEEDS", "FULFILLMENT")


@dataclass(frozen=True)
class Day:
    """The raw files of a day."""

    orders: Path
    report: Path


def main() -> None:
    """Measure both databases, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    lines = [
        "| database | orders | items | load, seconds | checks, seconds | share of the load |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    with TemporaryDirectory() as folder:
        day = _day(Path(folder), options.orders)
        for database, url in _databases(Path(folder)):
            with url as address:
                figures = _measured(Warehouse.from_url(address), day, options.repeat)
            lines.append(f"| {database} | {figures} |")
            print(lines[-1], flush=True)
    note = (
        "Medians of runs that load the same day again, all of it compared with the report. The mark"
        " is a share of 5 %."
    )
    write_section(
        "What the asset checks of the orders cost",
        "\n".join([*lines, "", note, "", machine(PACKAGES)]),
    )


def _databases(folder: Path) -> Iterator[tuple[str, AbstractContextManager[str]]]:
    yield "DuckDB", _file(folder)
    yield "PostgreSQL", postgresql()


@contextmanager
def _file(folder: Path) -> Iterator[str]:
    yield f"duckdb:///{folder / 'warehouse.duckdb'}"


def _day(folder: Path, orders: int) -> Day:
    """Write the raw files as the simulator would send them."""
    partner = Partner.generate(seed=1, orders=orders, until=END, days=1)
    day = Day(folder / "orders.jsonl.gz", folder / "all_orders.tsv")
    with gzip.open(day.orders, "wt", compresslevel=1, encoding="utf-8") as file:
        for order in partner.books.by_last_update.orders:
            file.write(json.dumps(render_order(order, INCLUDED)) + "\n")
    shops = [each.marketplace_id for each in partner.marketplaces]
    lines = partner.all_orders_lines(WINDOW.start, WINDOW.end, shops)
    with day.report.open("w", encoding="utf-8") as file:
        for line in [dict(zip(lines[0], lines[0], strict=True)), *lines]:
            file.write("\t".join(line.values()) + "\n")
    return day


def _feed(name: str, component: type[AmazonSPApi] | type[AmazonSPReport]) -> Feed:
    file = Path(asp_dagster.defs.__path__[0]) / name / "defs.yaml"
    attributes: Mapping[str, object] = yaml.safe_load(file.read_text("utf-8"))["attributes"]
    return component.from_attributes_dict(attributes=dict(attributes)).declared()


def _measured(warehouse: Warehouse, day: Day, repeat: int) -> str:
    """Load and check the day several times; return the figures as cells."""
    orders, report = _feed("orders", AmazonSPApi), _feed("all_orders", AmazonSPReport)
    _load(warehouse, report, day.report, loaded_at=WINDOW.start)
    loads, checks, results = [], [], []
    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(repeat):
            began = time.perf_counter()
            results = _load(warehouse, orders, day.orders, loaded_at=datetime.now(UTC))
            loaded = time.perf_counter()
            _check(warehouse, orders, results, instance)
            loads.append(loaded - began)
            checks.append(time.perf_counter() - loaded)
    load, check = median(loads), median(checks)
    rows = " | ".join(f"{result.rows:,}" for result in results)
    return f"{rows} | {load:.2f} | {check:.2f} | {check / load:.1%}"


def _load(
    warehouse: Warehouse, feed: Feed, file: Path, *, loaded_at: datetime
) -> "list[LoadResult]":
    return list(
        warehouse.load(
            feed.tables,
            RawData([file], feed.raw_format),
            Origin(schema="amazon", partition=PARTITION, loaded_at=loaded_at),
        )
    )


def _check(
    warehouse: Warehouse, feed: Feed, results: "list[LoadResult]", instance: dg.DagsterInstance
) -> None:
    loaded = LoadedFeed(
        feed=feed,
        raw_key=raw_key(feed),
        keys=table_keys(feed),
        results={PARTITION: results},
        windows={PARTITION: WINDOW},
        warehouse=warehouse,
        schema="amazon",
        instance=instance,
        now=datetime.now(UTC),
    )
    found = {each.check_name: each for each in loaded.check_results()}
    failed = [str(name) for name, each in found.items() if not each.passed]
    print("   not passed:", ", ".join(failed) or "none", flush=True)
    print("   of the comparison:", found[NAME].description, flush=True)


if __name__ == "__main__":
    main()
