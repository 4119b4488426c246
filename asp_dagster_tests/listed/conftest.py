"""Settlements of a seller in Europe, and runs of the ready feed that finds them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.components import AmazonSPListedReport
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse
from asp_dagster_tests.clocks import LateClock

NOW = datetime.now(UTC)
EUROPE = ("A1PA6795UKMFR9", "A1F83G8C2ARO7P", "A13V1IB3VIYZZH", "A2NODRKZP88ZB9")

Row = Mapping[str, Any]


@pytest.fixture
def clock() -> LateClock:
    """A clock that goes right until a test sets it back."""
    return LateClock()


@pytest.fixture
def marketplaces() -> Sequence[str]:
    """Where the seller is paid: in Germany alone, unless a test wants more."""
    return EUROPE[:1]


@pytest.fixture
def amazon(clock: LateClock, marketplaces: Sequence[str]) -> Iterator[Simulator]:
    """A seller who is paid every two weeks."""
    partner = Partner.generate(seed=5, orders=9, until=NOW, days=1, marketplaces=marketplaces)
    with Simulator(partner, speed=1e6, clock=clock, page_size_limit=10) as running:
        yield running


class Settlements:
    """Runs the ready feed, and reads what came of it."""

    def __init__(self, amazon: Simulator, folder: Path, run_feed: Callable[..., Any]) -> None:
        self._amazon, self._folder, self._run_feed = amazon, folder, run_feed

    def run(self, **options: Any) -> dg.ExecuteInProcessResult:
        """Run the job once."""
        keys = options.pop("keys", {})
        result: dg.ExecuteInProcessResult = self._run_feed(
            self._amazon, AmazonSPListedReport, {"feed": "settlements", **keys}, **options
        )
        return result

    def rows(self, sql: str) -> Sequence[Row]:
        """Return what a query finds in the warehouse."""
        url = f"duckdb:///{self._folder / 'warehouse.duckdb'}"
        rows: Sequence[Row] = Warehouse.from_url(url).query(sql).to_pylist()
        return rows

    def landed(self) -> dict[str, Path]:
        """Return the raw files by the ids of their reports."""
        folder = self._folder / "raw" / "raw_settlements"
        return {file.stem: file for file in folder.glob("*.tsv")}

    def totals(self) -> dict[str, Decimal]:
        """Return what the table says is paid, by the id of the settlement."""
        rows = self.rows("SELECT settlement_id, total_amount FROM amazon.settlements")
        return {row["settlement_id"]: row["total_amount"] for row in rows}


@pytest.fixture
def settlements(amazon: Simulator, tmp_path: Path, run_feed: Callable[..., Any]) -> Settlements:
    """The ready feed, with all data below the test's folder."""
    return Settlements(amazon, tmp_path, run_feed)
