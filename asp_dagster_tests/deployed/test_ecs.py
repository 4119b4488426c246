"""AWS's model takes the tasks of ECS, and a run has what it needs.

Nothing is asked of AWS: moto answers by AWS's own model of the service, on loopback.
"""

import json
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest
import yaml
from dagster._config import process_config, resolve_to_config_type
from dagster_aws.ecs import EcsRunLauncher
from dagster_aws.ecs.tasks import get_task_definition_dict_from_current_task

from asp_dagster.definitions import defs
from asp_dagster_tests.shown import ROOT
from asp_dagster_tests.test_deploy import SETTINGS

ECS = ROOT / "deploy" / "ecs"
TASKS: Mapping[str, Any] = {
    path.name.removesuffix("-task-definition.json"): json.loads(path.read_text("utf-8"))
    for path in sorted(ECS.glob("*-task-definition.json"))
}
CONTAINERS: Mapping[str, Any] = {
    container["name"]: container
    for task in TASKS.values()
    for container in task["containerDefinitions"]
}


@pytest.fixture
def ecs(aws_endpoint: str) -> Any:
    """A client of ECS that asks nobody but this machine."""
    return boto3.client(
        "ecs",
        endpoint_url=aws_endpoint,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        region_name="us-east-1",
    )


@pytest.fixture
def _in_the_daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tell whoever asks ECS where it runs that it runs in the daemon's container."""

    class Metadata(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"Name": "asp-daemon"}')

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its own name
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Metadata) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv(
            "ECS_CONTAINER_METADATA_URI_V4", f"http://127.0.0.1:{server.server_port}"
        )
        yield
        server.shutdown()


def test_parts_are_three() -> None:
    """There is a code server, a daemon and a webserver."""
    assert set(TASKS) == {"code", "services"}
    assert set(CONTAINERS) == {"asp-code", "asp-daemon", "asp-webserver"}


@pytest.mark.parametrize("task", TASKS)
def test_aws_takes_the_task(task: str, ecs: Any) -> None:
    """AWS's model finds no mistake in a task definition, and keeps all containers."""
    registered = ecs.register_task_definition(**TASKS[task])["taskDefinition"]

    names = [container["name"] for container in registered["containerDefinitions"]]
    assert names == [each["name"] for each in TASKS[task]["containerDefinitions"]]


@pytest.mark.parametrize("name", CONTAINERS)
def test_variables_are_settings(name: str) -> None:
    """What is secret comes from Secrets Manager; every variable is one that is documented."""
    plain = {each["name"] for each in CONTAINERS[name]["environment"]} - {"DAGSTER_CURRENT_IMAGE"}
    secret = {each["name"] for each in CONTAINERS[name]["secrets"]}

    assert plain | secret <= SETTINGS
    assert secret >= {"ASP_CLIENT_SECRET", "ASP_REFRESH_TOKEN", "ASP_STATE", "ASP_WAREHOUSE"}


def test_launcher_takes_its_settings() -> None:
    """Dagster's launcher takes its part of dagster.yaml."""
    launcher = yaml.safe_load((ECS / "dagster.yaml").read_text("utf-8"))["run_launcher"]

    taken = process_config(resolve_to_config_type(EcsRunLauncher.config_type()), launcher["config"])
    assert taken.success, taken.errors


@pytest.mark.usefixtures("_in_the_daemon")
def test_run_has_image_of_the_code_and_secrets_of_the_daemon(ecs: Any) -> None:
    """The task that Dagster makes for a run has our code, and every setting a run needs."""
    registered = ecs.register_task_definition(**TASKS["services"])["taskDefinition"]
    code = CONTAINERS["asp-code"]
    [image] = [e["value"] for e in code["environment"] if e["name"] == "DAGSTER_CURRENT_IMAGE"]

    made = get_task_definition_dict_from_current_task(
        ecs,
        "run",
        {"taskDefinitionArn": registered["taskDefinitionArn"]},
        image,
        "run",
        environment=[],
    )

    [container] = ecs.register_task_definition(**made)["taskDefinition"]["containerDefinitions"]
    assert container["image"] == image == code["image"]
    assert {each["name"] for each in container["secrets"]} == {
        each["name"] for each in code["secrets"]
    }
    assert {each["name"] for each in code["environment"]} - {"DAGSTER_CURRENT_IMAGE"} == {
        each["name"] for each in container["environment"]
    }


def test_daemon_finds_the_code_server() -> None:
    """The workspace leads to the port on which the code server listens, with our definitions."""
    [location] = yaml.safe_load((ECS / "workspace.yaml").read_text("utf-8"))["load_from"]
    command = CONTAINERS["asp-code"]["command"]

    assert command[command.index("--port") + 1] == str(location["grpc_server"]["port"])
    assert command[-1] == "asp_dagster.definitions"
    assert defs.resolve_job_def("orders_job")


def test_image_of_the_services_has_what_they_start_with() -> None:
    """Settings and workspace lie in the image where the commands look for them."""
    text = (ECS / "Dockerfile").read_text("utf-8")
    commands = [CONTAINERS[name]["command"] for name in ("asp-daemon", "asp-webserver")]

    assert f"FROM {CONTAINERS['asp-code']['image']}\n" in text
    assert "COPY deploy/ecs/dagster.yaml deploy/ecs/workspace.yaml /opt/dagster/\n" in text
    assert {command[-1] for command in commands} == {"/opt/dagster/workspace.yaml"}
