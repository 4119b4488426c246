"""A simulated year of a million orders, by the bulk road and by the API's, in Amazon's quota time.

The bulk road is run as it is: all the year's partitions, thirteen reports, Amazon's own quota. To
that is added, and said so, the time in which Amazon makes reports, since the simulator makes them
at once. The API's road would take weeks: its bound is computed from the usage plan; some days of it
are run on a simulator whose quota comes back faster, and the share of the bound that these reach is
taken for that of the whole.

    python -m benchmarks.bulk_road [--orders 1000000] [--days 365]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from math import ceil
from pathlib import Path

import dagster as dg

from asp_dagster.catalog.bulk_orders import BulkOrders, bulk_orders
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.definitions import build_definitions
from asp_dagster.landing.costs import MAKING_TIME, ORDERS_PER_PAGE, Costs, seconds_at_least
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import UsagePlans
from benchmarks.results import machine, write_section

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
HALVES = {"land": ["raw_orders"], "load": ["orders", "order_items"]}
PACKAGES = ("dagster", "duckdb", "pyarrow", "requests")
TABLE = "A year of orders by the bulk road and by the API's"
SAMPLE_PAGES = 150
"""How many pages the sample of the API's road has at least, so that most of them are waited for."""
SAMPLE_SPEED = 1000


@dataclass(frozen=True)
class Run:
    """What the run of one half took."""

    seconds: float
    peak_mib: float


def main() -> None:
    """Measure both roads, print the table and write it down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--half", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.half:
        print(json.dumps(_run_half(*options.half)))
        return
    partner = Partner.generate(seed=7, orders=options.orders, until=UNTIL, days=options.days)
    table = _table(_measured(partner, options.orders, options.days))
    print(table)
    write_section(TABLE, table)


@dataclass(frozen=True)
class Year:
    """What was measured of both roads.

    Attributes:
        orders: How many orders the year has.
        days: How many days it has.
        landed: The reports' road, landing.
        loaded: The reports' road, loading.
        reports: How many reports were asked for.
        throttled: How many calls for them were throttled.
        sample: Some days of the API's road, landing.
        sample_days: How many.
        sample_pages: How many pages they had.
    """

    orders: int
    days: int
    landed: Run
    loaded: Run
    reports: int
    throttled: int
    sample: Run
    sample_days: int
    sample_pages: int

    @property
    def by_report(self) -> float:
        """The seconds of the reports' road."""
        making = self.reports * MAKING_TIME.total_seconds()
        return self.landed.seconds + self.loaded.seconds + making

    @property
    def reached(self) -> float:
        """The share of its bound that the API's road reaches."""
        search = _costs("/orders/2026-01-01/orders").search
        bound = seconds_at_least(self.sample_pages, search)
        return min(bound / (self.sample.seconds * SAMPLE_SPEED), 1.0)

    def bound(self, path: str) -> float:
        """Return the seconds that an API's road takes at least."""
        return _costs(path).searching(self.days, self.orders)


def _measured(partner: Partner, orders: int, days: int) -> Year:
    with tempfile.TemporaryDirectory() as name, Simulator(partner, report_seconds=0) as amazon:
        landed = _in_process(amazon, Path(name), "land", days, "report")
        loaded = _in_process(amazon, Path(name), "load", days, "report")
        reports = amazon.count("createReport")
        throttled = sum(call.status == HTTPStatus.TOO_MANY_REQUESTS for call in amazon.calls)
    sample_days = min(max(SAMPLE_PAGES * 100 * days // orders, 1), days)
    with tempfile.TemporaryDirectory() as name, Simulator(partner, speed=SAMPLE_SPEED) as amazon:
        sample = _in_process(amazon, Path(name), "land", sample_days, "api")
        pages = amazon.count("searchOrders", 200)
    return Year(
        orders=orders,
        days=days,
        landed=landed,
        loaded=loaded,
        reports=reports,
        throttled=throttled,
        sample=sample,
        sample_days=sample_days,
        sample_pages=pages,
    )


def _table(year: Year) -> str:
    bound, by_v0 = year.bound("/orders/2026-01-01/orders"), year.bound("/orders/v0/orders")
    searched = bound / year.reached
    making = _span(MAKING_TIME.total_seconds())
    rows = [
        (
            "reports",
            f"{year.reports} createReport",
            _span(year.by_report),
            (
                f"measured at Amazon's quota: {year.landed.seconds:,.0f} s to land,"
                f" {year.loaded.seconds:,.0f} s to load; reckoned: {year.reports} times {making}"
                " for Amazon to make a report"
            ),
        ),
        (
            "v2026-01-01",
            f"{_pages(year.orders, year.days):,} searchOrders",
            _span(searched),
            (
                f"bound by the usage plan: {_span(bound)}; extrapolated by the {year.reached:.2f}"
                f" of it that {year.sample_days} days ({year.sample_pages:,} pages) reached on a"
                f" simulator {SAMPLE_SPEED:,} times as fast"
            ),
        ),
        ("v0", f"{year.orders:,} getOrderItems", _span(by_v0), "bound by the usage plan"),
    ]
    lines = [
        f"{year.orders:,} orders of {year.days} days, in daily partitions.",
        "",
        "| road | calls that count | quota time | how it is known |",
        "|---|---:|---:|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        (
            f"The reports are {searched / year.by_report:,.0f} times as quick as the search."
            f" On their road {year.throttled} calls were throttled; peak memory was"
            f" {year.landed.peak_mib:.0f} MiB landing and {year.loaded.peak_mib:.0f} MiB loading."
        ),
        "",
        machine(PACKAGES, " shared with the simulator"),
    ]
    return "\n".join(lines)


def _pages(orders: int, days: int) -> int:
    return days * max(ceil(orders / days / ORDERS_PER_PAGE), 1)


def _costs(path: str) -> Costs:
    orders = bulk_orders(EndpointSpec(path=path))
    assert isinstance(orders, BulkOrders)  # noqa: S101 - a path of ours
    return Costs.of(orders, UsagePlans.load())


def _span(seconds: float) -> str:
    """Write a time in the largest unit that fits."""
    for unit, length in {"days": 86_400, "hours": 3600, "minutes": 60}.items():
        if seconds >= 2 * length:
            return f"{seconds / length:,.1f} {unit}"
    return f"{seconds:,.0f} s"


def _in_process(amazon: Simulator, folder: Path, half: str, days: int, road: str) -> Run:
    """Run a half in a process of its own, whose peak memory the operating system tells."""
    environment = {
        **os.environ,
        "ASP_ENDPOINT": amazon.url,
        "ASP_LWA_URL": amazon.lwa_url,
        "ASP_CLIENT_ID": amazon.client_id,
        "ASP_CLIENT_SECRET": amazon.client_secret,
        "ASP_REFRESH_TOKEN": amazon.refresh_token,
        "ASP_START_DATE": (UNTIL - timedelta(days=days)).date().isoformat(),
        "ASP_RAW_PATH": str(folder / "raw"),
        "ASP_WAREHOUSE": f"duckdb:///{folder / 'warehouse.duckdb'}",
        "ASP_STATE": f"sqlite:///{folder / 'state.db'}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bulk_road", "--half", half, str(days), road],
        cwd=Path(__file__).parent.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def _run_half(half: str, days: str, road: str) -> Mapping[str, float]:
    first, last = UNTIL - timedelta(days=int(days)), UNTIL - timedelta(days=1)
    started = time.perf_counter()
    result = (
        build_definitions()
        .resolve_job_def("orders_job")
        .execute_in_process(
            asset_selection=[dg.AssetKey(name) for name in HALVES[half]],
            tags={
                "dagster/asset_partition_range_start": first.date().isoformat(),
                "dagster/asset_partition_range_end": last.date().isoformat(),
                "asp_dagster/road": road,
            },
        )
    )
    assert result.success  # noqa: S101 - it raises otherwise
    return {
        "seconds": time.perf_counter() - started,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    main()
