"""A code location with a feed that leaves its reports to a sensor, and a daemon that ticks by hand.

Here belongs what the tests of waiting reports share.
"""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.definitions.sensor_definition import SensorExecutionData  # no public name

from asp_dagster.components import AmazonSPReport
from asp_dagster.settings import build_resources
from asp_dagster.simulator import Simulator
from asp_dagster_tests.declaring import code_location, definitions_of

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()
BEFORE = (UNTIL - timedelta(days=2)).date().isoformat()
US, CANADA = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"
DECLARED: Mapping[str, Any] = {
    "name": "lines",
    "report_spec": {"reportType": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"},
    "file_format": "tsv",
    "partitions": {"every": "daily", "start": (UNTIL - timedelta(days=9)).date().isoformat()},
    "wait": "sensor",
}

Settings = Callable[[Simulator], Mapping[str, str]]


@dataclass(frozen=True)
class Location:
    """A code location with one feed and its instance."""

    defs: dg.Definitions
    instance: dg.DagsterInstance
    folder: Path

    @classmethod
    def of(cls, instance: dg.DagsterInstance, folder: Path, **changes: Any) -> "Location":
        """Load a declaration with some changes; its settings are in the environment."""
        feed = definitions_of(AmazonSPReport, {**DECLARED, **changes})
        return cls(code_location(feed), instance, folder)

    def run(
        self, day: str | None = DAY, tags: Mapping[str, str] | None = None
    ) -> dg.ExecuteInProcessResult:
        """Run the feed's job."""
        partition = {"dagster/partition": day} if day else {}
        return self.defs.resolve_job_def("lines_job").execute_in_process(
            instance=self.instance, tags={**partition, **(tags or {})}, raise_on_error=False
        )

    def evaluated(self) -> SensorExecutionData:
        """Evaluate the sensor, as a tick does, and start nothing."""
        name = "lines_reports_sensor"
        sensor = self.defs.resolve_sensor_def(name)
        with dg.build_sensor_context(
            instance=self.instance, sensor_name=name, resources=build_resources()
        ) as context:
            return sensor.evaluate_tick(context)

    def tick(self) -> list[dg.ExecuteInProcessResult]:
        """Evaluate the sensor, and start the runs whose keys are new, as Dagster's daemon does."""
        self.let_time_pass()
        runs = []
        for request in self.evaluated().run_requests or []:
            key = {"dagster/run_key": str(request.run_key)}
            if not self.instance.get_runs(dg.RunsFilter(tags=key)):
                runs.append(self.run(None, {**request.tags, **key}))
        return runs

    def let_time_pass(self) -> None:
        """Let it be time for another look at Amazon's reports."""
        self._sql("UPDATE asp_report_looks SET due_at = '2000-01-01 00:00:00.000000'")

    def landed(self) -> list[str]:
        """Return the raw files that there are."""
        files = (self.folder / "raw").rglob("*.tsv")
        return sorted(str(file.relative_to(self.folder / "raw" / "raw_lines")) for file in files)

    def materialized(self) -> set[str]:
        """Return the partitions of the raw asset that count as materialized."""
        return self.instance.get_materialized_partitions(dg.AssetKey("raw_lines"))

    def _sql(self, statement: str) -> None:
        with closing(sqlite3.connect(self.folder / "state.db")) as connection, connection:
            connection.execute(statement)
