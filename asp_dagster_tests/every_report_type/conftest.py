"""All current report types as one declares them, and what comes of running all of them.

The types of a selling region run together against one simulated seller of that region, so that
each region's character sets are met; those that Amazon, a schedule or Seller Central makes are put
there and found. What is asserted stands in `test_every_report_type`.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.catalog.report_types import ReportType, ReportTypes
from asp_dagster.components import AmazonSPListedReport, AmazonSPReport
from asp_dagster.reports.examples import attributes, short_name
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.report_samples import report_samples
from asp_dagster.warehouse import Warehouse
from asp_dagster_tests.declaring import code_location, definitions_of
from asp_dagster_tests.variables import variables_of

NOW = datetime.now(UTC)
SHOPS = {"US": "ATVPDKIKX0DER", "DE": "A1PA6795UKMFR9", "JP": "A1VC38T7YXB528"}
INDIA = "A21TJRUUN4KGV"
SELLERS = {"US": (SHOPS["US"],), "DE": (SHOPS["DE"], INDIA), "JP": (SHOPS["JP"],)}
"""A simulated seller in each selling region, by the country it is called after."""

PLACES = {"hourly": -5, "daily": -5, "weekly": -1, "monthly": -1}
"""Which partition is run, counted from the last: one whose data are ready."""

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Declared:
    """A type, where it is asked for, and how it is declared.

    Attributes:
        known: What the catalogue knows of it.
        country: The simulated seller that is asked.
        shop: The marketplace.
    """

    known: ReportType
    country: str
    shop: str

    @classmethod
    def of(cls, known: ReportType, number: int) -> "Declared":
        """Return the type in a country it is for; those for all countries, in each in turn."""
        if known.countries == ("IN",):
            return cls(known, "DE", INDIA)
        countries = [each for each in SHOPS if each in known.countries] or list(SHOPS)
        country = countries[number % len(countries)]
        return cls(known, country, SHOPS[country])

    @property
    def name(self) -> str:
        """What the feed is called."""
        return short_name(self.known)

    @property
    def is_asked_for(self) -> bool:
        """Whether createReport takes it."""
        return self.known.made_by == "request"

    @property
    def rows(self) -> str | None:
        """Where the table's rows are."""
        rows = self.known.rows[-1] if self.known.rows else None
        return attributes(self.known).get("rows") if self.is_asked_for else rows

    @property
    def cadence(self) -> str | None:
        """How it is partitioned."""
        return attributes(self.known).get("partitions") if self.is_asked_for else None

    def definitions(self) -> dg.Definitions:
        """Return what a declaration of the type and a marketplace means."""
        component, keys = self._declaration
        return definitions_of(component, {**keys, "marketplaces": [self.shop], "pii": "include"})

    @property
    def _declaration(self) -> tuple[type[dg.Component], dict[str, Any]]:
        if not self.is_asked_for:
            spec = {"reportType": self.known.name}
            keys = {"name": self.name, "report_spec": spec, "file_format": self.known.formats[0]}
            return AmazonSPListedReport, keys | ({"rows": self.rows} if self.rows else {})
        return AmazonSPReport, {"report": self.known.name}


class Landed:
    """What came of all runs: what was told of each asset, tables, files, and the sellers."""

    def __init__(self, folder: Path) -> None:
        current = [known for known in ReportTypes.load().all if known.status == "current"]
        declared = [Declared.of(known, number) for number, known in enumerate(current)]
        self.declared = {each.known.name: each for each in declared}
        self.metadata: dict[str, Mapping[str, Any]] = {}
        self.days: dict[str, date] = {}
        self.failures: dict[str, str] = {}
        self.sellers: dict[str, Simulator] = {}
        self._folder = folder
        self._warehouse = Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}")

    def run_all(self) -> None:
        """Run every type, once; the sellers are remembered as they then are."""
        with ExitStack() as running:
            patch = running.enter_context(pytest.MonkeyPatch.context())
            instance = running.enter_context(dg.DagsterInstance.ephemeral())
            for country, ids in SELLERS.items():
                partner = Partner.generate(seed=3, orders=300, until=NOW, days=45, marketplaces=ids)
                seller = Simulator(partner, speed=1e6, report_seconds=0)
                self.sellers[country] = running.enter_context(seller)
                for name, value in self._settings(seller).items():
                    patch.setenv(name, value)
                self._run_for(country, instance)

    def _settings(self, seller: Simulator) -> Mapping[str, str]:
        return {
            **variables_of(seller, self._folder),
            "ASP_START_DATE": (NOW - timedelta(days=80)).date().isoformat(),
        }

    def _run_for(self, country: str, instance: dg.DagsterInstance) -> None:
        """Run the types of one seller, together where they are cut into the same partitions."""
        own = [each for each in self.declared.values() if each.country == country]
        for each in own:
            if not each.is_asked_for and each.known.name in report_samples():
                self.sellers[country].make_report(each.known.name, [each.shop])
        for cadence in {each.cadence: None for each in own}:
            self._run([each for each in own if each.cadence == cadence], cadence, instance)

    def _run(
        self, types: Sequence[Declared], cadence: str | None, instance: dg.DagsterInstance
    ) -> None:
        location = code_location(*(each.definitions() for each in types))
        job = location.resolve_implicit_global_asset_job_def()
        key = None
        if cadence and job.partitions_def:
            key = job.partitions_def.get_partition_keys()[PLACES[cadence]]
        day = date.fromisoformat(key[:10]) if key else NOW.date()
        self.days |= {each.name: day for each in types}
        self._take(
            job.execute_in_process(partition_key=key, instance=instance, raise_on_error=False)
        )

    def _take(self, result: dg.ExecuteInProcessResult) -> None:
        """Remember what a run told."""
        for event in result.get_asset_materialization_events():
            told = event.materialization.metadata
            name = event.materialization.asset_key.to_user_string()
            self.metadata[name] = {key: each.value for key, each in told.items()}
        for step in (event for event in result.all_events if event.is_step_failure):
            data = step.step_failure_data
            self.failures[str(step.step_key)] = str(data.user_failure_data or data.error)

    def rows(self, table: str) -> Rows:
        """Return the rows of a table."""
        rows: Rows = self._warehouse.query(f'SELECT * FROM amazon."{table}"').to_pylist()
        return rows

    @cached_property
    def _tables(self) -> Sequence[str]:
        sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'amazon'"
        return [row["table_name"] for row in self._warehouse.query(sql).to_pylist()]

    def values(self, name: str) -> list[Any]:
        """Return the values of a feed's table and its child tables, but for our own columns."""
        own = [each for each in self._tables if each == name or each.startswith(f"{name}__")]
        return [
            value
            for table in own
            for row in self.rows(table)
            for column, value in row.items()
            if not column.startswith("_")
        ]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    """What came of running all types once."""
    every = Landed(tmp_path_factory.mktemp("every"))
    every.run_all()
    return every
