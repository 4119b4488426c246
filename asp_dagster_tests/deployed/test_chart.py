"""Dagster's chart takes the values for Kubernetes, as far as that can be told without the chart.

The chart is not here: `make chart` renders it, where there is Helm and a network. Here each value
is held against what the chart hands it to: Kubernetes' own models, dagster-k8s and Dagster.
"""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from dagster._config import process_config, resolve_to_config_type
from dagster._core.instance.config import dagster_instance_config
from dagster_k8s import K8sRunLauncher
from dagster_k8s.container_context import K8sContainerContext
from dagster_k8s.job import UserDefinedDagsterK8sConfig
from dagster_k8s.models import k8s_model_from_dict
from dagster_postgres.utils import pg_config
from kubernetes.client import V1EnvVar, V1ResourceRequirements, V1SecretEnvSource

from asp_dagster_tests.shown import ROOT
from asp_dagster_tests.test_deploy import SETTINGS

KUBERNETES = ROOT / "deploy" / "kubernetes"
VALUES: Mapping[str, Any] = yaml.safe_load((KUBERNETES / "values.yaml").read_text("utf-8"))
[DEPLOYMENT] = VALUES["dagster-user-deployments"]["deployments"]
LAUNCHER = VALUES["runLauncher"]["config"]["k8sRunLauncher"]
DAEMON = VALUES["dagsterDaemon"]

OBJECTS = {"resources", "env", "envSecrets", "containerConfig", "podSpecConfig", "jobSpecConfig"}
"""Keys below which all is Kubernetes' own."""

CHART: Mapping[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("chart.yaml").read_text("utf-8")
)
"""The keys that the chart knows, by the place of their object."""

WORDS = {
    "containerConfig": "container_config",
    "podSpecConfig": "pod_spec_config",
    "jobSpecConfig": "job_spec_config",
}
"""What the chart makes of its own words, for the run launcher."""


def _objects(values: Any, place: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the objects of values with their places, down to what is Kubernetes' own."""
    if place.rpartition(".")[2] in OBJECTS:
        return
    if isinstance(values, Mapping):
        yield place, values
        for key, value in values.items():
            yield from _objects(value, f"{place}.{key}" if place else key)
    elif isinstance(values, list):
        for value in values:
            yield from _objects(value, f"{place}[]")


def test_chart_knows_the_keys() -> None:
    """Each key stands in an object where the chart knows it."""
    objects = list(_objects(VALUES))

    unknown = [(place, key) for place, each in objects for key in set(each) - set(CHART[place])]
    assert unknown == []
    assert {place for place, _ in objects} == set(CHART)


def test_chart_is_of_dagsters_version() -> None:
    """The chart that is named everywhere is of the Dagster that the image pins."""
    pinned = re.search(r"^dagster==(\S+)", _text("requirements/deploy.txt"), re.MULTILINE)
    named = {
        version
        for place in ("Makefile", "docs/deploy.md", "deploy/kubernetes/values.yaml")
        for version in re.findall(r"dagster .*--version (\S+)", _text(place))
    }

    assert pinned
    assert named == {pinned[1]}


def _text(place: str) -> str:
    return (ROOT / place).read_text("utf-8")


def test_code_server_is_ours() -> None:
    """The code server loads our module, and its image has a tag of its own."""
    assert import_module(DEPLOYMENT["codeServerArgs"][-1]).defs
    assert DEPLOYMENT["image"]["tag"] not in {"", "latest"}


def test_variables_and_secrets_are_settings() -> None:
    """What is plain stands in the values, what is secret in the example for the secret."""
    lines = (KUBERNETES / "asp.env.example").read_text("utf-8").splitlines()
    secret = {line.partition("=")[0] for line in lines if not line.startswith("#")}
    plain = {each["name"] for each in DEPLOYMENT["env"]}

    assert plain | secret <= SETTINGS
    assert not plain & secret
    assert secret >= {"ASP_CLIENT_SECRET", "ASP_REFRESH_TOKEN", "ASP_STATE", "ASP_WAREHOUSE"}


def test_kubernetes_takes_its_parts() -> None:
    """Variables, secrets and resources of the code server are Kubernetes' own objects."""
    assert all(k8s_model_from_dict(V1EnvVar, each).value for each in DEPLOYMENT["env"])
    assert all(
        k8s_model_from_dict(V1SecretEnvSource, each).name for each in DEPLOYMENT["envSecrets"]
    )
    assert k8s_model_from_dict(V1ResourceRequirements, DEPLOYMENT["resources"]).limits


def test_runs_and_steps_get_what_the_code_server_has() -> None:
    """What the chart hands on to runs and their steps is taken by dagster-k8s."""
    handed = {
        "env": DEPLOYMENT["env"],
        "env_secrets": [each["name"] for each in DEPLOYMENT["envSecrets"]],
        "resources": DEPLOYMENT["resources"],
        "image_pull_policy": DEPLOYMENT["image"]["pullPolicy"],
    }

    context = K8sContainerContext.create_from_config({"k8s": handed})

    container = context.run_k8s_config.container_config
    assert {each["name"] for each in container["env"]} == {e["name"] for e in DEPLOYMENT["env"]}
    assert container["env_from"] == [{"secret_ref": {"name": "asp-dagster"}}]


def _launcher() -> Mapping[str, Any]:
    """The run launcher's settings, as the chart writes them."""
    return {
        "load_incluster_config": True,
        "job_namespace": "dagster",
        "image_pull_policy": LAUNCHER["imagePullPolicy"],
        "service_account_name": "dagster",
        "instance_config_map": "dagster-instance",
        "dagster_home": "/opt/dagster/dagster_home",
        "postgres_password_secret": VALUES["global"]["postgresqlSecretName"],
        "run_k8s_config": {WORDS[key]: each for key, each in LAUNCHER["runK8sConfig"].items()},
    }


def test_run_launcher_takes_its_settings() -> None:
    """A run that is stopped has a minute to say so, and its job is removed after a day."""
    taken = process_config(resolve_to_config_type(K8sRunLauncher.config_type()), _launcher())
    made = UserDefinedDagsterK8sConfig.from_dict(_launcher()["run_k8s_config"])

    assert taken.success, taken.errors
    assert made.pod_spec_config == {"termination_grace_period_seconds": 60}
    assert made.job_spec_config == {"ttl_seconds_after_finished": 86400}


def test_storage_is_reached_by_psycopg2() -> None:
    """dagster-postgres takes the database of the values, with the driver it can speak by."""
    database = VALUES["postgresql"]
    written = {
        "postgres_db": {
            "username": database["postgresqlUsername"],
            "password": "…",
            "hostname": database["postgresqlHost"],
            "db_name": database["postgresqlDatabase"],
            "port": 5432,
            "scheme": database["postgresqlScheme"],
        }
    }

    taken = process_config(pg_config(), written)

    assert taken.success, taken.errors
    assert database["postgresqlScheme"] == "postgresql+psycopg2"


def test_dagster_takes_what_the_daemon_is_told(tmp_path: Path) -> None:
    """Queue, monitoring, retries and telemetry make a dagster.yaml without a mistake."""
    monitoring, retries = DAEMON["runMonitoring"], DAEMON["runRetries"]
    limit = DAEMON["runCoordinator"]["config"]["queuedRunCoordinator"]
    written = {
        "run_launcher": {
            "module": "dagster_k8s",
            "class": VALUES["runLauncher"]["type"],
            "config": dict(_launcher()),
        },
        "run_coordinator": {
            "module": "dagster.core.run_coordinator",
            "class": DAEMON["runCoordinator"]["type"],
            "config": {"max_concurrent_runs": limit["maxConcurrentRuns"]},
        },
        "run_monitoring": {
            "enabled": monitoring["enabled"],
            "free_slots_after_run_end_seconds": monitoring["freeSlotsAfterRunEndSeconds"],
        },
        "run_retries": {"enabled": retries["enabled"], "max_retries": retries["maxRetries"]},
        "telemetry": {"enabled": VALUES["telemetry"]["enabled"]},
    }
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(written))

    found, _ = dagster_instance_config(str(tmp_path))

    assert found["run_coordinator"]["config"]["max_concurrent_runs"] == 10
    assert found["run_monitoring"]["free_slots_after_run_end_seconds"] == 300
