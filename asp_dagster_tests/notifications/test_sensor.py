"""The sensor starts a run for what notifications tell, loses nothing and does nothing twice.

Amazon is played by the simulator, SQS by moto; a tick is evaluated as Dagster's daemon does it.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.definitions import build_definitions
from asp_dagster.notifications import sensor
from asp_dagster.notifications.draining import Drain
from asp_dagster.notifications.queue import NotificationQueue
from asp_dagster.notifications.settling import PAUSES
from asp_dagster.simulator import Simulator
from asp_dagster.simulator.notifications import Delivery
from asp_dagster.state import State
from asp_dagster_tests.conftest import ScriptedClock
from asp_dagster_tests.notifications.ticking import Location, depth, order_change


def test_changed_orders_are_fetched_and_loaded(location: Location, amazon: Simulator) -> None:
    """One run asks for just the orders that have changed, and the tables tell of them."""
    changed = location.change()
    location.notify()

    started = location.tick()

    assert started == 1
    assert amazon.count("getOrder") == len(changed)
    assert amazon.count("searchOrders") == 0
    truth = location.truth(changed)
    rows = location.orders()
    assert [{name: row[name] for name in truth[0]} for row in rows] == truth


def test_messages_go_when_the_run_is_stored(location: Location, queue: Any) -> None:
    """A message stays until Dagster has the run, and the next tick deletes it."""
    sent = len(location.change())
    location.notify()

    location.tick()
    before = depth(queue)
    again = location.tick()

    assert (before, again, depth(queue)) == (sent, 0, 0)
    assert "0 messages received; 0 changes wait" in str(location.evaluated().skip_message)


def test_tick_that_is_lost_is_repeated(location: Location, queue: Any) -> None:
    """A daemon that dies before it stores the run gets the same request again, and then no more."""
    location.change()
    location.notify()
    lost = location.evaluated().run_requests

    repeated = location.evaluated().run_requests

    assert repeated == lost
    assert location.tick() == 1
    assert location.tick() == 0
    assert depth(queue) == 0


def test_death_before_messages_are_deleted_doubles_nothing(
    location: Location, amazon: Simulator, queue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages whose deletion failed are deleted by the next tick, and fetched once."""
    changed = location.change()
    location.notify()
    location.tick()
    with monkeypatch.context() as patched:
        patched.setattr(NotificationQueue, "delete", _die)
        with pytest.raises(ZeroDivisionError):
            location.evaluated()

    assert location.tick() == 0

    assert depth(queue) == 0
    assert amazon.count("getOrder") == len(changed)


def _die(*_: object) -> None:
    raise ZeroDivisionError


def test_state_that_is_lost_loses_nothing(
    location: Location, amazon: Simulator, arn: str, queue: Any, tmp_path: Path
) -> None:
    """Until Dagster has the run the queue has the messages: a new state gets them again."""
    changed = location.change()
    location.notify()
    location.evaluated()
    with State.from_url(f"sqlite:///{tmp_path / 'state.db'}") as state:
        [asked] = state.notifications.changes.asked(arn)
        state.notifications.changes.stored(asked.run_key)
        receipts = state.notifications.spent(arn, 100)
    for file in tmp_path.glob("state.db*"):
        file.unlink()
    for receipt in receipts:  # as it is after ten minutes
        queue.Message(receipt).change_visibility(VisibilityTimeout=0)

    assert location.tick() == 1
    assert amazon.count("getOrder") == len(changed)


def test_duplicates_and_disorder_change_nothing(
    location: Location, amazon: Simulator, queue: Any
) -> None:
    """However often and in whatever order Amazon sends, each order is fetched once."""
    changed = location.change(fraction=0.4)
    sent = location.notify(Delivery(seed=1, duplicates=0.6, is_in_order=False))
    assert sent > len(changed)

    assert location.tick() == 1
    assert location.tick() == 0

    assert amazon.count("getOrder") == len(changed)
    assert depth(queue) == 0


def test_copy_that_comes_late_is_deleted_at_once(location: Location, arn: str, queue: Any) -> None:
    """A notification that has been dealt with starts nothing when it comes again."""
    [order_id, *_] = sorted(location.change())
    message = order_change(order_id)
    location.post(arn, [message])
    assert (location.tick(), location.tick()) == (1, 0)

    location.post(arn, [message])

    assert location.tick() == 0
    assert depth(queue) == 0


def test_changes_gather_while_a_run_is_under_way(
    location: Location, instance: dg.DagsterInstance, queue: Any
) -> None:
    """Runs do not pile up: the next is asked for when the last is over, with all that came."""
    location.change(seed=1)
    location.notify()
    [request] = location.evaluated().run_requests or []
    tags = {**request.tags, "dagster/run_key": str(request.run_key)}
    run = instance.create_run_for_job(
        build_definitions().resolve_job_def("orders_job"),
        tags=tags,
        status=dg.DagsterRunStatus.STARTED,
    )
    location.change(seed=2, ago=timedelta(minutes=5))
    location.notify()
    second = location.evaluated()
    assert not second.run_requests
    assert "changes wait for a run" in str(second.skip_message)

    instance.report_run_canceled(run)
    [following] = location.evaluated().run_requests or []

    assert following.run_key != request.run_key
    assert depth(queue) == int(following.tags["asp_dagster/order_changes"])


def test_run_that_failed_is_asked_for_again(
    location: Location, amazon: Simulator, queue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Orders whose run failed come with another, some minutes later, though nobody tells again."""
    changed = location.change()
    location.notify()
    [request] = location.evaluated().run_requests or []
    with monkeypatch.context() as patched:
        patched.setenv("ASP_REFRESH_TOKEN", "revoked")
        key = {"dagster/run_key": str(request.run_key)}
        assert not location.run({**request.tags, **key}).success
    at_once = location.tick()

    later = ScriptedClock(datetime.now(UTC) + PAUSES[0] + timedelta(seconds=1))
    monkeypatch.setattr(sensor, "SystemClock", lambda: later)

    assert (at_once, location.tick()) == (0, 1)
    assert amazon.count("getOrder") == len(changed)
    assert {row["order_id"] for row in location.orders()} == changed
    assert depth(queue) == 0


def test_backlog_is_received_before_a_run_is_asked_for(
    location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a tick has no time to receive comes with the same run, unless very much waits."""
    location.change()
    sent = location.notify()
    with monkeypatch.context() as hurried:
        hurried.setattr(sensor, "_LONGEST_SECONDS", 0)
        first = location.evaluated()
        hurried.setattr(sensor, "_MOST_WAITING", 0)
        hurried.setattr(sensor, "Drain", partial(Drain, most_messages=10))
        hurried.setattr(sensor, "_LONGEST_SECONDS", 40)
        [some] = location.evaluated().run_requests or []

    assert not first.run_requests
    assert "There are more messages" in str(first.skip_message)
    assert int(some.tags["asp_dagster/order_changes"]) == 10 < sent


def test_many_changes_are_searched_for(location: Location, amazon: Simulator) -> None:
    """Beyond a hundred orders the partition is searched, which costs less."""
    changed = location.change(fraction=1)
    assert len(changed) > 100
    location.notify()

    assert location.tick() == 1

    assert amazon.count("getOrder") == 0
    assert {row["order_id"] for row in location.orders()} >= changed


def test_without_a_queue_nothing_happens(
    location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no queue is set a tick says by what to name one."""
    monkeypatch.delenv("ASP_NOTIFICATIONS_QUEUE")

    assert "ASP_NOTIFICATIONS_QUEUE" in str(location.evaluated().skip_message)
