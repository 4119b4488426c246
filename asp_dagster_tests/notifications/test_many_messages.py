"""A thousand messages are drained in one tick, and each order comes once."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any

import boto3
import moto.sqs.models
import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.notifications import Delivery
from asp_dagster_tests.notifications.ticking import Location, depth

MANY = 1000


@pytest.fixture(autouse=True)
def quick_sqs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto tell the time quicker, which it does tens of thousands of times a receive."""
    monkeypatch.setattr(moto.sqs.models, "unix_time", time)
    monkeypatch.setattr(moto.sqs.models, "unix_time_millis", lambda: time() * 1000)


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A seller of many orders."""
    until = datetime.now(UTC) - timedelta(hours=30)
    partner = Partner.generate(seed=3, orders=MANY, until=until, days=1)
    with Simulator(partner, speed=1e7, report_seconds=0) as running:
        yield running


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What SQS is asked, by operation, from now on."""
    counted: Counter[str] = Counter()
    session = boto3.Session()
    session.events.register("before-call.sqs", lambda model, **_: counted.update([model.name]))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    return counted


def test_thousand_messages_take_two_ticks(
    location: Location, amazon: Simulator, queue: Any, request: pytest.FixtureRequest
) -> None:
    """One tick receives all and asks for one run, the next deletes all, ten at a time."""
    changed = location.change(fraction=1)
    sent = location.notify(Delivery(is_in_order=False))
    asked: Counter[str] = request.getfixturevalue("asked")

    started = [location.tick(), location.tick()]

    assert sent == len(changed) >= MANY
    assert started == [1, 0]
    assert depth(queue) == 0
    assert asked["ReceiveMessage"] == sent / 10 + 2  # each tick ends when there is none
    assert asked["DeleteMessageBatch"] == sent / 10
    assert amazon.count("getOrder") == 0
    assert {row["order_id"] for row in location.orders()} == changed
