"""What the tests of notifications share: a seller, a queue of SQS, and a code location."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.notifications.subscribing import Subscribing
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import Credentials, SellingPartnerClient
from asp_dagster.state import State
from asp_dagster_tests.notifications.ticking import Location


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A seller whose orders last changed before yesterday."""
    until = datetime.now(UTC) - timedelta(hours=30)
    partner = Partner.generate(seed=3, orders=120, until=until, days=1)
    with Simulator(partner, speed=1e7, report_seconds=0) as running:
        yield running


@pytest.fixture
def arn(queue: Any) -> str:
    """The queue's ARN."""
    return str(queue.attributes["QueueArn"])


@pytest.fixture(autouse=True)
def environment(
    amazon: Simulator,
    arn: str,
    aws_endpoint: str,
    settings: Callable[[Simulator], Mapping[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Name the simulator and the queue by the variables that lead to them."""
    for name, value in settings(amazon).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ASP_NOTIFICATIONS_QUEUE", arn)
    monkeypatch.setenv("ASP_SQS_URL", aws_endpoint)
    monkeypatch.setenv("ASP_START_DATE", f"{datetime.now(UTC) - timedelta(days=9):%Y-%m-%d}")


@pytest.fixture
def subscribing(amazon: Simulator, arn: str) -> Iterator[Subscribing]:
    """The seller's subscriptions to the queue."""
    credentials = Credentials(amazon.client_id, amazon.client_secret, amazon.refresh_token)
    with SellingPartnerClient(credentials, amazon.url, lwa_url=amazon.lwa_url) as client:
        yield Subscribing(client, arn)


@pytest.fixture
def location(
    subscribing: Subscribing,
    amazon: Simulator,
    aws_endpoint: str,
    instance: dg.DagsterInstance,
    tmp_path: Path,
) -> Location:
    """The code location, with all types subscribed to."""
    assert [part.state for part in subscribing.set_up()] == ["made"] * 3
    return Location(amazon, subscribing.client.identity, aws_endpoint, instance, tmp_path)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """The state of the code location."""
    with State.from_url(f"sqlite:///{tmp_path / 'state.db'}") as opened:
        yield opened
