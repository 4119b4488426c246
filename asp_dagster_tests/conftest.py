"""The fixtures that all tests share, and which tests need Amazon's published models beside them."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import Credentials, SellingPartnerClient

# Contract tests compare with Amazon's published models, which only a checkout with them can read.
collect_ignore = [] if os.environ.get("ASP_MODELS") else ["contract"]

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
"""The end of the simulated orders: yesterday's midnight, so that yesterday is over too."""


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
def clock() -> ScriptedClock:
    """A clock in the afternoon after the last simulated day."""
    return ScriptedClock()


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A small selling partner behind real HTTP, with a quota that never binds."""
    partner = Partner.generate(seed=11, orders=120, until=UNTIL, days=2)
    with Simulator(partner, speed=1e6, report_seconds=0.05) as running:
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
