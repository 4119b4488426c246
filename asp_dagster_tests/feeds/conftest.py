"""What the tests of the ready feeds share: running one by its name, and reading its tables."""

import gzip
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.components import AmazonSPApi
from asp_dagster.simulator import Simulator
from asp_dagster.warehouse import Warehouse

# Amazon's published examples lie in its models, which only a checkout with them can read.
collect_ignore = [] if os.environ.get("ASP_MODELS") else ["test_published.py", "test_models.py"]

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Feeds:
    """Runs ready feeds, with all data below a folder.

    Attributes:
        folder: The folder.
        run_feed: Runs a declaration.
    """

    folder: Path
    run_feed: Callable[..., dg.ExecuteInProcessResult]

    def run(
        self,
        amazon: Simulator,
        name: str,
        day: str | None = None,
        *,
        check: bool = True,
        **keys: Any,
    ) -> dg.ExecuteInProcessResult:
        """Run a ready feed by nothing but its name; keys stand beside it."""
        attributes = {"feed": name, **keys}
        result = self.run_feed(amazon, AmazonSPApi, attributes, day, ASP_SELLER_ID="A1SIMULATED")
        assert result.success or not check
        return result

    def landed(self, name: str) -> list[Row]:
        """Return the records of a feed's newest raw file, in their order."""
        files = sorted((self.folder / "raw" / f"raw_{name}").rglob("*.jsonl.gz"))
        with gzip.open(files[-1], "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def query(self, sql: str) -> Sequence[Row]:
        """Return the rows that a query finds in the warehouse."""
        rows: Sequence[Row] = self.warehouse.query(sql).to_pylist()
        return rows

    @property
    def warehouse(self) -> Warehouse:
        """The warehouse that the feeds are loaded into."""
        return Warehouse.from_url(f"duckdb:///{self.folder / 'warehouse.duckdb'}")


@pytest.fixture
def feeds(tmp_path: Path, run_feed: Callable[..., dg.ExecuteInProcessResult]) -> Feeds:
    """Run ready feeds with raw files, warehouse and state below the test's folder."""
    return Feeds(tmp_path, run_feed)
