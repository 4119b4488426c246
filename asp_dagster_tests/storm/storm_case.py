"""One selling partner in a storm: every feed lands and loads, then the tables are compared.

The real jobs run in this process, against the simulator over HTTP, and time leaps instead of
passing. A run that fails is run again, a last time in calm weather; that one must succeed.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random

import dagster as dg

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.storms import Storm
from asp_dagster.warehouse import Warehouse
from asp_dagster_tests.secret_search import (
    SecretSearch,
    secrets_of,
    texts_below,
    texts_of_instance,
)
from asp_dagster_tests.storm.clock import LeapingClock
from asp_dagster_tests.storm.code_location import READY_FEEDS, code_location
from asp_dagster_tests.storm.storm_truth import StormTruth
from asp_dagster_tests.storm.tally import Tally

MARKETPLACES = ("ATVPDKIKX0DER", "A2EUQ1WTGCTBG2")
UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
DAYS = [UNTIL - timedelta(days=2), UNTIL - timedelta(days=1)]
WITHOUT_ORDERS = UNTIL - timedelta(days=6)
"""A day before the first order: Amazon cancels a report that has no rows."""
STORMY_ATTEMPTS = 3


@dataclass(frozen=True)
class StormCase:
    """A partner, a storm and a folder for the data.

    Attributes:
        seed: What everything follows from.
        folder: Where raw files, warehouse and state go.
        tally: Where the outcome is counted.
    """

    seed: int
    folder: Path
    tally: Tally
    clock: LeapingClock = field(default_factory=LeapingClock)

    @cached_property
    def random(self) -> Random:
        """Chooses sizes."""
        return Random(f"storm {self.seed}")  # noqa: S311 - repeatable, not secret

    @cached_property
    def partner(self) -> Partner:
        """The selling partner."""
        return Partner.generate(
            seed=self.seed,
            orders=self.random.randint(30, 90),
            until=UNTIL,
            days=len(DAYS),
            marketplaces=MARKETPLACES,
        )

    def run(self) -> None:
        """Run every feed through the storm, and compare its tables with the truth."""
        simulator = Simulator(
            self.partner,
            speed=1e6,
            page_size_limit=self.random.randint(4, 9),
            report_seconds=self.random.choice([0, 5]),
            clock=self.clock,
        )
        with simulator as amazon, dg.DagsterInstance.ephemeral() as instance:
            share = self.random.uniform(0.05, 0.4)
            hours = [UNTIL + timedelta(hours=number) for number in range(1, 24)]
            storm = amazon.storms.begin(seed=self.seed, share=share, moves=hours)
            ids = sorted(self.partner.books.by_id)
            gone = self.random.sample(ids, 2)
            amazon.storms.lose_items(gone)
            runs = _Runs(
                self, code_location(amazon, self.clock, self.folder, *READY_FEEDS), instance, storm
            )
            search = SecretSearch(secrets_of(amazon))
            with search.of_logs():
                self._weather(runs, storm)
            search.look_through("events", texts_of_instance(instance))
            search.look_through("files", texts_below(self.folder))
            self.tally.searched(search)
            self.tally.faults += Counter(storm.counts)
        self._compare(StormTruth(self.partner, DAYS, gone))

    def _weather(self, runs: "_Runs", storm: Storm) -> None:
        """Run the orders' feeds while rows move, then the others."""
        jobs = ["orders_job", "orders_v0_job"]
        self.random.shuffle(jobs)
        for day in DAYS:
            for job in jobs:
                runs.until_done(job, day)
        first, last = jobs
        runs.until_done(first, UNTIL)
        storm.moves.clear()
        runs.until_done(last, UNTIL)
        runs.until_done("all_orders_job", WITHOUT_ORDERS)
        for day in DAYS:
            runs.until_done("reports_job", day)
            runs.until_done("vendor_direct_fulfillment_orders_job", day)
        runs.until_done("vendor_direct_fulfillment_orders_job", UNTIL)
        runs.until_done("fba_inventory_job", None)
        runs.until_done("outbound_orders_job", None)

    def _compare(self, truth: StormTruth) -> None:
        warehouse = Warehouse.from_url(f"duckdb:///{self.folder / 'warehouse.duckdb'}")
        for table, rows in truth.tables():
            if rows:
                found = warehouse.query(f"select {', '.join(rows[0])} from {table}").to_pylist()
                self.tally.add(table, rows, found)


@dataclass(frozen=True)
class _Runs:
    """Runs the jobs of one case."""

    case: StormCase
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    storm: Storm

    def until_done(self, job: str, day: datetime | None) -> None:
        """Run a job in the storm, and a last time in calm weather if it fails."""
        if any(self._run(job, day) for _ in range(STORMY_ATTEMPTS)):
            return
        share, self.storm.share = self.storm.share, 0.0
        if not self._run(job, day):
            self.case.tally.unclear.append(f"seed {self.case.seed}: {job} fails in calm weather")
        self.storm.share = share

    def _run(self, job: str, day: datetime | None) -> bool:
        began = time.monotonic()
        result = self.definitions.resolve_job_def(job).execute_in_process(
            partition_key=day and day.date().isoformat(),
            instance=self.instance,
            raise_on_error=False,
        )
        tally = self.case.tally
        tally.slowest = max(tally.slowest, time.monotonic() - began)
        tally.runs += 1
        tally.failed += not result.success
        tally.unclear += [f"seed {self.case.seed}: {each}" for each in _unclear(result)]
        return result.success


def _unclear(result: dg.ExecuteInProcessResult) -> Iterator[str]:
    """Yield the errors of failed steps that are no sentence of ours."""
    for event in result.all_events:
        if event.event_type_value == "STEP_FAILURE":
            data = event.step_failure_data
            said = data.user_failure_data and data.user_failure_data.description
            if not said:
                yield str(data.error)
