"""Feeds with personal data, landed from the simulator, and the retention asset beside them."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.components import AmazonSPApi, AmazonSPReport
from asp_dagster.retention import assets, build_retention
from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.conftest import LeadTo
from asp_dagster_tests.declaring import code_location, declare_below
from asp_dagster_tests.processes import wait_until
from asp_dagster_tests.retention.looking import UNTIL, Erase, Land, ScriptedNow

DAYS = 3
COMPONENTS = {
    "fulfilment": (
        AmazonSPApi,
        {
            "name": "raw_fulfilment",
            "group": "privacy_tests",
            "pii": "include",
            "path": "/fba/outbound/2020-07-01/fulfillmentOrders",
            "updated_at_param": "queryStartDate",
            "record_config": {
                "id_field": "sellerFulfillmentOrderId",
                "last_modified_field": "statusUpdatedDate",
            },
        },
    ),
    "shipping": (
        AmazonSPReport,
        {
            "name": "raw_shipping",
            "group": "privacy_tests",
            "pii": "include",
            "report_spec": {"reportType": "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING"},
            "file_format": "TSV",
            "partitions": "daily",
        },
    ),
}


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A temporary folder of the test's own: by a clock that is ahead, all in it is old."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> ScriptedNow:
    """The clock of the retention asset."""
    scripted = ScriptedNow()
    scripted.moment = UNTIL
    monkeypatch.setattr(assets, "SystemClock", lambda: scripted)
    return scripted


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A partner with orders of several days."""
    partner = Partner.generate(seed=5, orders=90, until=UNTIL, days=DAYS)
    with Simulator(partner, speed=1e6, report_seconds=0) as running:
        yield running


@pytest.fixture
def feeds_folder(tmp_path: Path) -> Path:
    """The folder in which the feeds are declared."""
    folder = tmp_path / "project" / "defs"
    for name, (component, attributes) in COMPONENTS.items():
        declare_below(folder / name, component.__name__, attributes)
    return folder


@pytest.fixture
def land(run_feed: Callable[..., dg.ExecuteInProcessResult], amazon: Simulator) -> Land:
    """Land and load all feeds, the report for each day."""
    seconds: list[int] = []

    def run(days: Sequence[str], **changes: str) -> None:
        # Amazon is asked to the second: within the same one a feed without partitions has no news.
        wait_until(lambda: int(time.time()) not in seconds, "Another second begins", seconds=5)
        component, attributes = COMPONENTS["fulfilment"]
        results = [run_feed(amazon, component, attributes, **changes)]
        component, attributes = COMPONENTS["shipping"]
        results += [run_feed(amazon, component, attributes, day, **changes) for day in days]
        seconds.append(int(time.time()))
        assert all(result.success for result in results)

    return run


@pytest.fixture
def erase(
    lead_to: LeadTo, amazon: Simulator, instance: dg.DagsterInstance, feeds_folder: Path
) -> Erase:
    """Materialize the retention asset."""

    def run(config: Mapping[str, Any] | None = None, **changes: str) -> dg.ExecuteInProcessResult:
        lead_to(amazon, **changes)
        ops = {assets.RETENTION: {"config": dict(config)}} if config else {}
        return (
            code_location(build_retention(feeds_folder))
            .resolve_job_def(f"{assets.RETENTION}_job")
            .execute_in_process(instance=instance, raise_on_error=False, run_config={"ops": ops})
        )

    return run
