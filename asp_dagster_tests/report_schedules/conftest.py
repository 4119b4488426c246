"""What the tests of the command share: a seller, a folder of declarations, and the command."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.report_schedules.__main__ import command
from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.clocks import LateClock
from asp_dagster_tests.conftest import LeadTo
from asp_dagster_tests.declaring import Command, command_run, declare_below

RETURNS = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"
DAILY: Mapping[str, Any] = {
    "name": "returns",
    "report_spec": {"reportType": RETURNS},
    "file_format": "TSV",
    "schedule": {"period": "P1D"},
}


@pytest.fixture
def clock() -> LateClock:
    """A clock that a test may set on."""
    return LateClock(timedelta(days=5))


@pytest.fixture
def amazon(clock: LateClock) -> Iterator[Simulator]:
    """A seller without a schedule."""
    partner = Partner.generate(seed=5, orders=40, until=datetime.now(UTC), days=9)
    with Simulator(partner, speed=1e6, clock=clock) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the declarations."""
    folder = tmp_path / "defs"
    folder.mkdir()
    return folder


@pytest.fixture
def declare(folder: Path) -> Callable[..., None]:
    """Write a declaration into a folder of its own, or leave it out."""

    def write(name: str = "returns", **changes: Any) -> None:
        attributes = {**DAILY, "name": name, **changes}
        declare_below(folder / name, "AmazonSPListedReport", attributes)

    return write


@pytest.fixture
def run(amazon: Simulator, folder: Path, lead_to: LeadTo) -> Command:
    """Run the command on what is declared."""
    lead_to(amazon)
    return command_run(command, "--folder", str(folder))


@pytest.fixture
def daily() -> Mapping[str, Any]:
    """The declaration that `declare` writes unless it is told otherwise."""
    return DAILY
