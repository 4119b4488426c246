"""What came from a queue is kept until what follows is under way, once however often it came."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from asp_dagster.catalog.notifications import Arrival, Notification
from asp_dagster.state import Notifications, State, Unserved

QUEUE = "arn:aws:sqs:us-east-1:123456789012:amazon"
FEED = "raw_orders"


@pytest.fixture
def notifications(state: State) -> Notifications:
    """Those of a new state, of each kind in turn."""
    return state.notifications


def _change(
    name: str, happened_at: datetime, *, order_id: str = "", receipt: str = "", message: str = ""
) -> Arrival:
    notification = Notification(
        notification_id=name,
        notification_type="ORDER_CHANGE",
        subject=order_id or f"order of {name}",
        happened_at=happened_at,
    )
    message, receipt = message or f"message of {name}", receipt or f"receipt of {name}"
    return Arrival(notification, message, receipt, [FEED])


def _settle(notifications: Notifications, key: str, *names: str) -> list[str]:
    """Let a run for some notifications be stored, and return what may be deleted."""
    notifications.changes.ask(key, FEED, "day", names)
    notifications.changes.stored(key)
    return list(notifications.spent(QUEUE, 100))


def test_message_may_go_when_all_its_runs_are_stored(
    notifications: Notifications, now: datetime
) -> None:
    """Of two feeds that fetch the same order, both must have their run."""
    both = replace(_change("a", now), feeds=["raw_orders", "raw_orders_v0"])
    notifications.note(QUEUE, [both, _change("b", now)])

    assert _settle(notifications, "first", "a") == []
    notifications.changes.ask("second", "raw_orders_v0", "day", ["a"])
    assert notifications.spent(QUEUE, 100) == []
    notifications.changes.stored("second")

    assert notifications.spent(QUEUE, 100) == ["receipt of a"]
    assert notifications.spent("another", 100) == []
    notifications.deleted(["receipt of a"])
    assert notifications.spent(QUEUE, 100) == []


def test_messages_are_told_some_at_a_time(notifications: Notifications, now: datetime) -> None:
    """What may be deleted is told up to a number, so that a tick can end in between."""
    notifications.note(QUEUE, [_change(name, now) for name in "abc"])
    _settle(notifications, "key", "a", "b", "c")

    first = notifications.spent(QUEUE, 2)
    notifications.deleted(first)

    assert len({*first, *notifications.spent(QUEUE, 2)}) == 3


def test_message_that_comes_again_is_deleted_by_its_last_receipt(
    notifications: Notifications, now: datetime
) -> None:
    """Until it is settled the newest receipt counts; afterwards nobody needs the message."""
    assert notifications.note(QUEUE, [_change("a", now, receipt="r1")]) == []
    assert notifications.note(QUEUE, [_change("a", now, receipt="r2")]) == []
    last = _settle(notifications, "key", "a")
    notifications.deleted(last)

    spent = notifications.note(QUEUE, [_change("a", now, receipt="r3")])

    assert (last, spent) == (["r2"], ["r3"])
    assert notifications.changes.open(QUEUE, FEED, now) == []


def test_copy_is_not_needed(notifications: Notifications, now: datetime) -> None:
    """Of two messages of one notification the first stands for it, and the other may go."""
    copy = _change("a", now, message="copy", receipt="r2")

    spent = notifications.note(QUEUE, [_change("a", now, receipt="r1"), copy])

    assert (_settle(notifications, "key", "a"), spent) == (["r1"], ["r2"])


def test_what_needs_no_run_is_noted_once(notifications: Notifications, now: datetime) -> None:
    """It is remembered as the last that came, and waits for nothing."""
    done = Notification(
        notification_id="a",
        notification_type="REPORT_PROCESSING_FINISHED",
        subject="7",
        happened_at=now,
    )
    assert notifications.last_noted_at(QUEUE) is None

    notifications.done(QUEUE, [Arrival(done, "1", "r1"), Arrival(done, "2", "r2")])

    assert notifications.last_noted_at(QUEUE) == now
    assert notifications.last_noted_at("another") is None
    assert notifications.changes.waiting(QUEUE) == 0
    assert notifications.spent(QUEUE, 100) == []


def test_settled_ones_are_forgotten_when_they_cannot_come_again(
    url: str, now: datetime, clock: Any
) -> None:
    """A queue keeps messages for 14 days: after 15 only what is not settled is left."""
    clock.moment = now
    with State.from_url(url, clock=clock) as state:
        found = state.notifications
        found.note(QUEUE, [_change("a", now), _change("b", now)])
        found.deleted(_settle(found, "key", "a"))
        found.changes.over("key")
        found.forget()
        assert found.note(QUEUE, [_change("a", now)]) == ["receipt of a"]

        clock.moment += timedelta(days=15, seconds=1)
        found.forget()

        assert found.note(QUEUE, [_change("a", now)]) == []
        assert [each.notification_id for each in found.changes.open(QUEUE, FEED, now)] == ["a", "b"]


def test_last_thousand_messages_are_kept_aside(notifications: Notifications) -> None:
    """Of what is no notification it is known why, as long as there is not too much of it."""
    notifications.set_aside(QUEUE, {"first": "It is no JSON."})
    notifications.set_aside(QUEUE, {"first": "It is no JSON."})
    assert [each.reason for each in notifications.aside(QUEUE)] == ["It is no JSON."]

    notifications.set_aside(QUEUE, {str(number): "Type X" for number in range(1000)})

    kept = notifications.aside(QUEUE)
    assert len(kept) == 1000
    assert (kept[0].message_id, kept[-1].message_id) == ("999", "0")
    assert notifications.aside("another") == []


def test_who_is_not_listened_to_is_told_once(url: str, now: datetime, clock: Any) -> None:
    """A seller is new the first time, and counted from then on, until long nothing has come."""
    clock.moment = now
    with State.from_url(url, clock=clock) as state:
        found = state.notifications
        first = found.unserved(QUEUE, {("A2", "M1"): 3, ("A3", ""): 1})
        clock.moment += timedelta(minutes=1)
        again = found.unserved(QUEUE, {("A2", "M1"): 2, ("A2", "M2"): 1})

        assert (first, again) == ([("A2", "M1"), ("A3", "")], [("A2", "M2")])
        assert found.all_unserved(QUEUE) == [
            Unserved("A2", "M1", 5, clock.moment),
            Unserved("A2", "M2", 1, clock.moment),
            Unserved("A3", "", 1, now),
        ]
        assert found.all_unserved("another") == []

        clock.moment += timedelta(days=16)
        found.forget()

        assert found.unserved(QUEUE, {("A2", "M1"): 1}) == [("A2", "M1")]
