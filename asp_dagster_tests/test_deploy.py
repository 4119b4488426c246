"""The settings in `deploy/` are taken by what they are for, as far as one machine can tell.

Celery's are run for real, in `engines`. No cluster is asked: a chart's values are held against what
its parts accept, a task definition against AWS's own model.
"""

import configparser
import json
import re
import shlex
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from dagster._config import process_config, resolve_to_config_type
from dagster._core.instance.config import dagster_instance_config
from dagster_aws.ecs import EcsRunLauncher
from dagster_k8s import K8sRunLauncher
from dagster_k8s.job import UserDefinedDagsterK8sConfig

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


def test_values_of_the_chart() -> None:
    """The code server loads our module, launched runs are configured as dagster-k8s understands."""
    values = _yaml("kubernetes/values.yaml")
    [deployment] = values["dagster-user-deployments"]["deployments"]
    launcher = values["runLauncher"]["config"]["k8sRunLauncher"]
    run = launcher["runK8sConfig"]
    words = {"containerConfig": "container_config", "podSpecConfig": "pod_spec_config"}
    words["jobSpecConfig"] = "job_spec_config"

    assert import_module(deployment["codeServerArgs"][-1]).defs
    assert {each["name"] for each in deployment["env"]} <= SETTINGS
    config = {words[name]: each for name, each in run.items()}
    made = UserDefinedDagsterK8sConfig.from_dict(config)
    assert made.pod_spec_config == {"termination_grace_period_seconds": 60}
    taken = process_config(
        resolve_to_config_type(K8sRunLauncher.config_type()),
        {
            "service_account_name": "dagster",
            "instance_config_map": "dagster-instance",
            "dagster_home": "/opt/dagster",
            "run_k8s_config": config,
        },
    )
    assert taken.success, taken.errors


def test_launcher_of_ecs() -> None:
    """Dagster's launcher takes its part of the settings."""
    launcher = _yaml("ecs/dagster.yaml")["run_launcher"]

    taken = process_config(resolve_to_config_type(EcsRunLauncher.config_type()), launcher["config"])
    assert taken.success, taken.errors


def test_task_definition(aws_endpoint: str) -> None:
    """AWS's model takes the task; what is secret in it comes from Secrets Manager."""
    task = json.loads((DEPLOY / "ecs" / "task-definition.json").read_text("utf-8"))
    ecs = boto3.client(
        "ecs",
        endpoint_url=aws_endpoint,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        region_name="us-east-1",
    )

    registered = ecs.register_task_definition(**task)["taskDefinition"]

    [container] = registered["containerDefinitions"]
    plain = {each["name"] for each in container["environment"]} - {"DAGSTER_CURRENT_IMAGE"}
    secret = {each["name"] for each in container["secrets"]}
    assert plain | secret <= SETTINGS
    assert "ASP_CLIENT_SECRET" in secret
