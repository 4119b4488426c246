"""Dagster's UI for real: `dagster dev` on a simulated selling partner, looked at with Chromium."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, Page, expect, sync_playwright

from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.processes import free_port, wait_for_server
from asp_dagster_tests.variables import variables_of

HOUSE = Path(__file__).parents[2]
UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
DAYS = 60
STARTS_WITHIN_SECONDS = 180
PATIENCE_MILLISECONDS = 60_000
LOCATION = "/locations/__repository__@asp_dagster.definitions"

# The greeting of a new installation would cover the page.
DAGSTER_YAML = "telemetry: {enabled: false}\nnux: {enabled: false}\n"


@dataclass(frozen=True)
class UI:
    """Dagster's UI, and Amazon behind it.

    Attributes:
        url: Where it is.
        amazon: The simulated Amazon.
    """

    url: str
    amazon: Simulator

    def ask(self, query: str) -> Mapping[str, Any]:
        """Return what GraphQL answers."""
        answer = requests.post(f"{self.url}/graphql", json={"query": query}, timeout=60).json()
        assert "errors" not in answer
        data: Mapping[str, Any] = answer["data"]
        return data

    def runs(self) -> list[Mapping[str, Any]]:
        """Return the runs with their states, the newest first."""
        query = "{ runsOrError { ... on Runs { results { runId status } } } }"
        found: list[Mapping[str, Any]] = self.ask(query)["runsOrError"]["results"]
        return found


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UI]:
    """Start `dagster dev` on a selling partner of two months."""
    folder = tmp_path_factory.mktemp("ui")
    home = folder / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text(DAGSTER_YAML)
    partner = Partner.generate(seed=11, orders=3000, until=UNTIL, days=DAYS)
    with Simulator(partner, speed=1e5, report_seconds=0) as amazon:
        environment = {
            **os.environ,
            "DAGSTER_HOME": str(home),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            **variables_of(amazon, folder),
            "ASP_START_DATE": (UNTIL - timedelta(days=DAYS)).date().isoformat(),
            "ASP_OVERVIEW_PATH": str(folder / "overview"),
        }
        # Two processes that make Dagster's storage at once could break it.
        made = [sys.executable, "-m", "dagster", "instance", "info"]
        subprocess.run(made, env=environment, check=True, capture_output=True)
        port = free_port()
        module = ["-m", "asp_dagster.definitions", "-p", str(port)]
        with (folder / "dagster.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dagster", "dev", *module],
                env=environment,
                cwd=HOUSE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for_server(f"{url}/server_info", process, seconds=STARTS_WITHIN_SECONDS)
            yield UI(url, amazon)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of Debian's Chromium, wide enough for the graph."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        opened = chromium.new_page(viewport={"width": 1500, "height": 950})
        opened.set_default_timeout(PATIENCE_MILLISECONDS)
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        yield opened
        chromium.close()


@pytest.fixture
def picture(page: Page, tmp_path: Path) -> Callable[..., Path]:
    """Keep a picture of the page or a part: for the documentation if `ASP_PICTURES` is a folder."""
    folder = Path(os.environ.get("ASP_PICTURES", str(tmp_path)))

    def take(name: str, part: Locator | None = None) -> Path:
        file = folder / f"{name}.png"
        (part or page).screenshot(path=file)
        return file

    return take
