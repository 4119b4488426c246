"""What Dagster's UI can be asked, it answers without a secret: runs, logs, errors, settings."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from asp_dagster.simulator import Simulator
from asp_dagster_tests.conftest import UNTIL
from asp_dagster_tests.processes import free_port, wait_for_server
from asp_dagster_tests.secret_search import SecretSearch, secrets_of, texts_below
from asp_dagster_tests.variables import variables_of

HOUSE = Path(__file__).parents[2]
DAY = (UNTIL - timedelta(days=1)).date().isoformat()
STARTS_WITHIN_SECONDS = 90

# Every logger of every library at DEBUG, kept in Dagster's event log: more than anybody would ask.
DAGSTER_YAML = """
python_logs: {python_log_level: DEBUG, managed_python_loggers: [root]}
telemetry: {enabled: false}
"""
ERROR = """
fragment Error on PythonError { message className stack
  errorChain { error { message stack } } causes { message stack cause { message stack } } }
"""
ENTRY = """
fragment Entry on MetadataEntry { label description
  ... on TextMetadataEntry { text } ... on UrlMetadataEntry { url }
  ... on PathMetadataEntry { path } ... on MarkdownMetadataEntry { mdStr }
  ... on JsonMetadataEntry { jsonString } ... on TableMetadataEntry { table { records } } }
"""
QUERIES = {
    "runs": ERROR
    + ENTRY
    + """{ runsOrError { ... on Runs { results {
      runId jobName runConfigYaml tags { key value }
      eventConnection(limit: 1000) { cursor hasMore events { __typename
        ... on MessageEvent { message stepKey }
        ... on ErrorEvent { error { ...Error } }
        ... on ExecutionStepFailureEvent { failureMetadata { metadataEntries { ...Entry } } }
        ... on DisplayableEvent { label description metadataEntries { ...Entry } } } } } } } }""",
    "assets": ENTRY
    + """{ assetNodes { assetKey { path } description opVersion
      configField { configType { key description } }
      metadataEntries { ...Entry }
      assetMaterializations(limit: 10) { metadataEntries { ...Entry } partition } } }""",
    "settings": """{ repositoriesOrError { ... on RepositoryConnection { nodes { name
      allTopLevelResourceDetails { name description
        configFields { name defaultValueAsJson } configuredValues { key value type } } } } }
      instance { info hasInfo executablePath } }""",
    "code": ERROR
    + """{ workspaceOrError { ... on Workspace { locationEntries { name
      displayMetadata { key value } locationOrLoadError { __typename ...Error } } } } }""",
}


@pytest.fixture
def environment(amazon: Simulator, tmp_path: Path) -> Mapping[str, str]:
    """The environment of Dagster's processes, with a home below the test's folder."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text(DAGSTER_YAML)
    return {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        **variables_of(amazon, tmp_path),
        "ASP_HASH_KEY": "the-key-of-hashes",
    }


def _run(job: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["dagster", "job", "execute", "-m", "asp_dagster.definitions", "-j", job]
    return subprocess.run(
        [sys.executable, "-m", *command, "--tags", f'{{"dagster/partition": "{DAY}"}}'],
        env=dict(environment),
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def _webserver(environment: Mapping[str, str], log: Path) -> Iterator[str]:
    """Run Dagster's webserver during the block; gives where it answers GraphQL."""
    port = free_port()
    with log.open("w") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "dagster_webserver",
                "-p",
                str(port),
                "-m",
                "asp_dagster.definitions",
            ],
            env=dict(environment),
            cwd=HOUSE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for_server(f"{url}/server_info", process, seconds=STARTS_WITHIN_SECONDS)
        yield f"{url}/graphql"
    finally:
        process.terminate()
        process.wait()


def test_the_ui_tells_no_secret(
    amazon: Simulator, environment: Mapping[str, str], tmp_path: Path
) -> None:
    """After runs that ended well and badly, at DEBUG, no answer, output or file has a secret."""
    search = SecretSearch((*secrets_of(amazon), "the-key-of-hashes"))
    runs = [_run(job, environment) for job in ("orders_job", "reports_job")]
    amazon.fault("searchOrders", times=20, status=403)
    amazon.fault("createReport", times=20, status=400)
    amazon.fault("requestToken", times=1, status=500)
    runs += [_run(job, environment) for job in ("orders_job", "reports_job")]

    with _webserver(environment, tmp_path / "webserver.log") as url:
        answers = {
            name: requests.post(url, json={"query": query}, timeout=60)
            for name, query in QUERIES.items()
        }

    assert [answer.json().get("errors") for answer in answers.values()] == [None] * len(QUERIES)
    assert [run.returncode == 0 for run in runs] == [True, True, False, False]
    assert DAY in answers["runs"].text
    for name, answer in answers.items():
        search.look_through(f"GraphQL {name}", [answer.text])
    search.look_through("output", [text for run in runs for text in (run.stdout, run.stderr)])
    search.look_through("file", texts_below(tmp_path))
    assert search.found == []
