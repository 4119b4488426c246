"""What the tests of the commands share: the command, with all settings from the environment."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asp_dagster.cli import asp
from asp_dagster.simulator import Simulator

Asp = Callable[..., Result]

# The package's own code location has read the environment when the first test imported it.
LOCATION = """
from asp_dagster.definitions import build_definitions
defs = build_definitions()
"""


@pytest.fixture
def run_of(
    settings: Callable[[Simulator], Mapping[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Callable[[Simulator], Asp]:
    """Give `asp run` for a selling partner, with an instance and a code location of its own."""

    def of(amazon: Simulator) -> Asp:
        home = tmp_path / "dagster_home"
        home.mkdir()
        (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
        for name, value in {**settings(amazon), "DAGSTER_HOME": str(home)}.items():
            monkeypatch.setenv(name, value)
        module = f"location_of_{tmp_path.name}"
        (tmp_path / f"{module}.py").write_text(LOCATION)
        monkeypatch.chdir(tmp_path)
        return lambda *arguments: CliRunner().invoke(
            asp, ["run", *arguments, "-m", module], catch_exceptions=False
        )

    return of
