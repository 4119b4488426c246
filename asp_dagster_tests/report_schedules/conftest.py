"""What the tests of the command share: a seller, a folder of declarations, and the command."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from asp_dagster.report_schedules.__main__ import command
from asp_dagster.simulator import Partner, Simulator

RETURNS = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"
DAILY: Mapping[str, Any] = {
    "name": "returns",
    "report_spec": {"reportType": RETURNS},
    "file_format": "TSV",
    "schedule": {"period": "P1D"},
}


class Clock:
    """The simulator's clock, which begins some days ago."""

    behind = timedelta(days=5)

    def now(self) -> datetime:
        """Return the simulated time."""
        return datetime.now(UTC) - self.behind


@pytest.fixture
def clock() -> Clock:
    """A clock that a test may set on."""
    return Clock()


@pytest.fixture
def amazon(clock: Clock) -> Iterator[Simulator]:
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
        place = folder / name
        place.mkdir(exist_ok=True)
        declared = {
            "type": "asp_dagster.AmazonSPListedReport",
            "attributes": {**DAILY, "name": name, **changes},
        }
        (place / "defs.yaml").write_text(yaml.safe_dump(declared))

    return write


@pytest.fixture
def run(
    amazon: Simulator,
    folder: Path,
    settings: Callable[[Simulator], Mapping[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., tuple[int, str]]:
    """Run the command; returns the exit code and all that it printed."""
    for name, value in settings(amazon).items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(command, [*arguments, "--folder", str(folder)])
        return done.exit_code, done.output

    return run


@pytest.fixture
def daily() -> Mapping[str, Any]:
    """The declaration that `declare` writes unless it is told otherwise."""
    return DAILY
