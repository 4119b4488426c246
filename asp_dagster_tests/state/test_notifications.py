"""What came from a queue is kept until what follows is under way, once however often it came."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from asp_dagster.catalog.notifications import Arrival, Notification
from asp_dagster.state import AskedRun, Notifications, State

QUEUE = "arn:aws:sqs:us-east-1:123456789012:amazon"


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
    return Arrival(notification, message or f"message of {name}", receipt or f"receipt of {name}")


def _ids(notifications: Notifications) -> list[str]:
    return [each.notification_id for each in notifications.changed_orders(QUEUE)]


def test_change_is_noted_asked_for_and_settled(notifications: Notifications, now: datetime) -> None:
    """It is open until a run is asked for, and asked for until Dagster has stored the run."""
    notifications.note(QUEUE, [_change("a", now), _change("b", now)])

    notifications.ask("key", "2026-11-22", ["a"])

    assert _ids(notifications) == ["b"]
    expected = AskedRun("key", "2026-11-22", ["order of a"], ["receipt of a"])
    assert notifications.asked(QUEUE) == [expected]
    notifications.settle("key")
    assert notifications.asked(QUEUE) == []
    assert _ids(notifications) == ["b"]


def test_changes_stand_in_the_order_they_happened(
    notifications: Notifications, now: datetime
) -> None:
    """However they arrived, the first change is the first; two of an order are one to fetch."""
    earlier = now - timedelta(minutes=1)
    late, early = (
        _change(name, moment, order_id="1") for name, moment in (("late", now), ("early", earlier))
    )
    notifications.note(QUEUE, [late, early])

    assert _ids(notifications) == ["early", "late"]
    notifications.ask("key", "day", ["early", "late"])
    assert notifications.asked(QUEUE) == [
        AskedRun("key", "day", ["1"], ["receipt of early", "receipt of late"])
    ]


def test_message_that_comes_again_is_deleted_by_its_last_receipt(
    notifications: Notifications, now: datetime
) -> None:
    """Until it is settled the newest receipt counts; afterwards nobody needs the message."""
    assert notifications.note(QUEUE, [_change("a", now, receipt="r1")]) == []
    assert notifications.note(QUEUE, [_change("a", now, receipt="r2")]) == []
    notifications.ask("key", "day", ["a"])
    [asked] = notifications.asked(QUEUE)
    notifications.settle("key")

    spent = notifications.note(QUEUE, [_change("a", now, receipt="r3")])

    assert (asked.receipts, spent) == (["r2"], ["r3"])
    assert _ids(notifications) == []


def test_copy_is_not_needed(notifications: Notifications, now: datetime) -> None:
    """Of two messages of one notification the first stands for it, and the other may go."""
    copy = _change("a", now, message="copy", receipt="r2")

    spent = notifications.note(QUEUE, [_change("a", now, receipt="r1"), copy])

    notifications.ask("key", "day", ["a"])
    [asked] = notifications.asked(QUEUE)
    assert (asked.receipts, spent) == (["r1"], ["r2"])


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
    assert _ids(notifications) == []


def test_settled_ones_are_forgotten_when_they_cannot_come_again(
    url: str, now: datetime, clock: Any
) -> None:
    """A queue keeps messages for 14 days: after 15 only what is not settled is left."""
    clock.moment = now
    with State.from_url(url, clock=clock) as state:
        found = state.notifications
        found.note(QUEUE, [_change("a", now), _change("b", now)])
        found.ask("key", "day", ["a"])
        found.settle("key")
        found.forget()
        assert found.note(QUEUE, [_change("a", now)]) == ["receipt of a"]

        clock.moment += timedelta(days=15, seconds=1)
        found.forget()

        assert found.note(QUEUE, [_change("a", now)]) == []
        assert _ids(found) == ["a", "b"]


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
