"""The settings in `deploy/` are taken by what they are for, as far as one machine can tell.

Celery's are run for real, in `engines`. In `deployed` are units, the chart's values, ECS's tasks.
"""

import configparser
import re
import shlex
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config

HOUSE = Path(__file__).parent.parent
DEPLOY = HOUSE / "deploy"
SETTINGS = {
    *re.findall(r"`(ASP_\w+)`", (HOUSE / "docs" / "settings.md").read_text("utf-8")),
    *("ASP_DAGSTER_STORAGE", "ASP_CELERY_BROKER", "ASP_CELERY_BACKEND"),
}
UNITS = sorted(DEPLOY.rglob("*.service"))


def _yaml(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text("utf-8"))


@pytest.mark.parametrize("folder", ["one_machine", "celery", "ecs"])
def test_dagster_takes_its_settings(folder: str) -> None:
    """Dagster finds no mistake in a dagster.yaml, and no secret stands in it."""
    found, _ = dagster_instance_config(str(DEPLOY / folder))

    assert found["storage"] == {"postgres": {"postgres_url": {"env": "ASP_DAGSTER_STORAGE"}}}
    assert found["run_monitoring"]["free_slots_after_run_end_seconds"] == 300


def test_workspace_names_a_code_location() -> None:
    """The module of a workspace holds our definitions."""
    [location] = _yaml("celery/workspace.yaml")["load_from"]

    assert import_module(location["python_module"]).defs.resolve_job_def("orders_job")


@pytest.mark.parametrize("name", ["one_machine/asp.env.example", "celery/asp.env.example"])
def test_variables_are_settings(name: str) -> None:
    """Each variable of an example is one that is documented."""
    lines = (DEPLOY / name).read_text("utf-8").splitlines()
    names = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}

    assert names - SETTINGS - {"DAGSTER_HOME", "DAGSTER_DISABLE_TELEMETRY"} == set()
    assert {"ASP_STATE", "ASP_WAREHOUSE", "ASP_RAW_PATH", "ASP_DAGSTER_STORAGE"} <= names


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_units_start_commands_that_exist(unit: Path) -> None:
    """A unit of systemd is well-formed, and starts a command that is installed."""
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign] - systemd's names have capitals
    parsed.read(unit)
    command, *_ = shlex.split(parsed["Service"]["ExecStart"])

    assert Path(command).name in entry_points(group="console_scripts").names
    assert parsed["Service"]["UMask"] == "0077"
    needed = parsed["Unit"].get("Requires", "")
    assert not needed or (unit.parent / needed).is_file()
