"""What the tests of the commands share: the command, with all settings from the environment."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asp_dagster.cli import asp
from asp_dagster.simulator import Simulator

Asp = Callable[..., Result]


@pytest.fixture
def asp_of(
    settings: Callable[[Simulator], Mapping[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Callable[[Simulator], Asp]:
    """Give the command of a simulated selling partner, with a Dagster instance of its own."""

    def of(amazon: Simulator) -> Asp:
        home = tmp_path / "dagster_home"
        home.mkdir()
        (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
        for name, value in {**settings(amazon), "DAGSTER_HOME": str(home)}.items():
            monkeypatch.setenv(name, value)
        return lambda *arguments: CliRunner().invoke(asp, arguments, catch_exceptions=False)

    return of
