"""docs/ui.md tells every name that a materialization has, and none that there is not."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

import asp_dagster.landing
from asp_dagster.components import AmazonSPApi
from asp_dagster.simulator import Simulator

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "ui.md").read_text("utf-8").split("## Of a materialization")[1]
TOLD = {
    name
    for names in re.findall(r"^\| (`[^|]+) \|", PAGE, re.MULTILINE)
    for name in re.findall(r"`([^`]+)`", names)
}
YESTERDAY = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()

RunJob = Callable[..., dg.ExecuteInProcessResult]


def _names(result: dg.ExecuteInProcessResult) -> set[str]:
    events = result.get_asset_materialization_events()
    return {
        name
        for event in events
        for name in event.step_materialization_data.materialization.metadata
    }


def test_every_name_of_a_materialization_is_told(
    simulator: Simulator, run_job: RunJob, run_feed: RunJob
) -> None:
    """What raw files and tables report of orders, of reports and of a feed without partitions."""
    found = _names(run_job(simulator, "orders_job", YESTERDAY))
    found |= _names(run_job(simulator, "reports_job", YESTERDAY))
    found |= _names(
        run_feed(
            simulator,
            AmazonSPApi,
            {"name": "shops", "path": "/sellers/v1/marketplaceParticipations"},
        )
    )

    assert found - TOLD == set()
    assert {"rows", "cursor", "api_calls", "plan", "road"} - {"cursor"} <= found


def test_every_name_that_is_told_is_one() -> None:
    """No name stands on the page that the code does not know."""
    package = Path(asp_dagster.landing.__file__).parent.parent
    source = "\n".join(path.read_text() for path in package.rglob("*.py"))

    assert {name for name in TOLD if f'"{name}"' not in source} == set()
