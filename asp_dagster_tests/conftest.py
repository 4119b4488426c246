"""The fixtures that all tests share, and which tests need more than Python."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import dagster as dg
import pytest
from hypothesis import settings as hypothesis_settings

from asp_dagster.definitions import build_definitions
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import Credentials, SellingPartnerClient
from asp_dagster.state import Cursors, State
from asp_dagster_tests.declaring import code_location, definitions_of
from asp_dagster_tests.long_files import turn_of
from asp_dagster_tests.servers import (  # noqa: F401 - fixtures
    anywhere,
    aws_endpoint,
    aws_settings,
    bucket,
    new_postgres_url,
    postgres,
    queue,
    warehouse_url,
)
from asp_dagster_tests.variables import variables_of

# How long an example takes says more of the machine than of the code.
hypothesis_settings.register_profile("any_machine", deadline=None)
hypothesis_settings.load_profile("any_machine")

# Contract tests compare with Amazon's published models, which only a checkout with them can read.
collect_ignore = [] if os.environ.get("ASP_MODELS") else ["contract"]
# Engines are tested with Redis, which comes with no Python package.
collect_ignore += [] if shutil.which("redis-server") else ["engines"]
# What people see is looked at with Chromium, which no Python package brings.
collect_ignore += [] if shutil.which("chromium") else ["browser"]

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
"""The end of the simulated orders: yesterday's midnight, so that yesterday is over too."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the files that take longest begin first."""
    items.sort(key=lambda item: turn_of(item.path))


@dataclass
class ScriptedClock:
    """A clock that a test moves; sleeping moves it too."""

    moment: datetime = UNTIL + timedelta(hours=12)
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        """Return the scripted time."""
        return self.moment

    def monotonic(self) -> float:
        """Return the scripted time in seconds."""
        return self.moment.timestamp()

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def cursors(tmp_path: Path) -> Iterator[Cursors]:
    """The cursors that the runs of a test move."""
    with State.from_url(f"sqlite:///{tmp_path / 'state.db'}") as state:
        yield state.cursors


@pytest.fixture
def clock() -> ScriptedClock:
    """A clock in the afternoon after the last simulated day."""
    return ScriptedClock()


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A small selling partner behind real HTTP, with a quota that never binds."""
    partner = Partner.generate(seed=11, orders=120, until=UNTIL, days=2)
    with Simulator(partner, speed=1e6, report_seconds=0) as running:
        yield running


@pytest.fixture
def client(simulator: Simulator) -> Iterator[SellingPartnerClient]:
    """The client of the small selling partner."""
    credentials = Credentials(
        client_id=simulator.client_id,
        client_secret=simulator.client_secret,
        refresh_token=simulator.refresh_token,
    )
    with SellingPartnerClient(credentials, simulator.url, lwa_url=simulator.lwa_url) as connected:
        yield connected


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster instance that forgets."""
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


LeadTo = Callable[..., None]


class RunFeed(Protocol):
    """Runs a feed as it is declared, all settings from the environment."""

    def __call__(
        self,
        amazon: Simulator,
        component: type[dg.Component],
        attributes: Mapping[str, Any],
        day: str | None = None,
        **changes: Any,
    ) -> dg.ExecuteInProcessResult:
        """Run what a component declares; changes are settings, `tags`, `selection`, `config`."""
        ...


class RunJob(Protocol):
    """Runs one of the jobs, all settings from the environment, as `dagster job execute` does."""

    def __call__(
        self, amazon: Simulator, job: str, day: str | None, **changes: Any
    ) -> dg.ExecuteInProcessResult:
        """Run a job for a day; changes are settings, `tags` or an `asset_selection`."""
        ...


@pytest.fixture
def settings(tmp_path: Path) -> Callable[[Simulator], Mapping[str, str]]:
    """Give the variables that lead to a simulator, with all data below the test's folder."""
    return partial(variables_of, folder=tmp_path)


@pytest.fixture
def lead_to(
    settings: Callable[[Simulator], Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> LeadTo:
    """Let the environment lead to a simulator, with some variables changed or added."""

    def lead(amazon: Simulator, **changes: str) -> None:
        for name, value in {**settings(amazon), **changes}.items():
            monkeypatch.setenv(name, value)

    return lead


@pytest.fixture
def run_job(lead_to: LeadTo, instance: dg.DagsterInstance) -> RunJob:
    """Run jobs with raw files and a warehouse below the test's folder."""

    def run(
        amazon: Simulator,
        job: str,
        day: str | None,
        tags: Mapping[str, str] | None = None,
        asset_selection: list[dg.AssetKey] | None = None,
        **changes: str,
    ) -> dg.ExecuteInProcessResult:
        lead_to(amazon, **changes)
        return (
            build_definitions()
            .resolve_job_def(job)
            .execute_in_process(
                partition_key=day,
                tags=tags,
                asset_selection=asset_selection,
                instance=instance,
                raise_on_error=False,
            )
        )

    return run


@pytest.fixture
def run_feed(lead_to: LeadTo, instance: dg.DagsterInstance) -> RunFeed:
    """Run declared feeds with raw files, warehouse and state below the test's folder."""

    def run(  # noqa: PLR0913 - all that a run may differ in
        amazon: Simulator,
        component: type[dg.Component],
        attributes: Mapping[str, Any],
        day: str | None = None,
        *,
        selection: Sequence[str] | None = None,
        tags: Mapping[str, str] | None = None,
        config: Mapping[str, Any] | None = None,
        **changes: str,
    ) -> dg.ExecuteInProcessResult:
        lead_to(amazon, **changes)
        return (
            code_location(definitions_of(component, attributes))
            .resolve_implicit_global_asset_job_def()
            .execute_in_process(
                partition_key=day,
                run_config=config,
                instance=instance,
                raise_on_error=False,
                tags=tags,
                asset_selection=[dg.AssetKey(name) for name in selection] if selection else None,
            )
        )

    return run
