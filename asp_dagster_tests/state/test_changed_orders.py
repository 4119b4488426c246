"""A changed order is kept for each feed that fetches it, until a run has done so."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from asp_dagster.catalog.notifications import Arrival, Notification
from asp_dagster.state import AskedRun, ChangedOrder, ChangedOrders, Notifications, State

QUEUE = "arn:aws:sqs:us-east-1:123456789012:amazon"
FEED, OTHER = "raw_orders", "acme/raw_orders"
NOW = datetime.now(UTC)


@pytest.fixture
def notifications(state: State) -> Notifications:
    """Those of a new state, of each kind in turn."""
    return state.notifications


def _note(
    notifications: Notifications,
    name: str,
    happened_at: datetime,
    *,
    order_id: str = "",
    feeds: Sequence[str] = (FEED,),
) -> None:
    notification = Notification(
        notification_id=name,
        notification_type="ORDER_CHANGE",
        subject=order_id or f"order of {name}",
        happened_at=happened_at,
    )
    notifications.note(QUEUE, [Arrival(notification, f"m-{name}", f"r-{name}", feeds)])


def _ids(changes: ChangedOrders, feed: str = FEED, now: datetime = NOW) -> list[str]:
    return [each.notification_id for each in changes.open(QUEUE, feed, now)]


def test_change_goes_from_open_to_over(notifications: Notifications, now: datetime) -> None:
    """It is open, asked for, stored with its run, and gone when that is over."""
    changes = notifications.changes
    for name in ("a", "b"):
        _note(notifications, name, now)
    changes.ask("key", FEED, "2026-11-22", ["a"])

    run = AskedRun("key", FEED, "2026-11-22", ["order of a"])
    assert (_ids(changes), changes.waiting(QUEUE)) == (["b"], 1)
    assert (changes.asked(QUEUE), changes.under_way(QUEUE)) == ([run], [])
    changes.stored("key")
    stored = replace(run, stored_at=now)
    assert (changes.asked(QUEUE), changes.under_way(QUEUE)) == ([], [stored])
    changes.over("key")
    assert (changes.asked(QUEUE), changes.under_way(QUEUE), _ids(changes)) == ([], [], ["b"])


def test_changes_stand_in_the_order_they_happened(
    notifications: Notifications, now: datetime
) -> None:
    """However they arrived, the first change is the first; two of an order are one to fetch."""
    _note(notifications, "late", now, order_id="1")
    _note(notifications, "early", now - timedelta(minutes=1), order_id="1")

    assert _ids(notifications.changes) == ["early", "late"]
    notifications.changes.ask("key", FEED, "day", ["early", "late"])
    assert notifications.changes.asked(QUEUE) == [AskedRun("key", FEED, "day", ["1"])]


def test_each_feed_has_its_own(notifications: Notifications, now: datetime) -> None:
    """What one feed asks for stays open for the other."""
    _note(notifications, "a", now, feeds=(FEED, OTHER))

    notifications.changes.ask("key", FEED, "day", ["a"])

    assert (_ids(notifications.changes), _ids(notifications.changes, OTHER)) == ([], ["a"])


def test_what_another_tick_has_asked_for_is_left_to_it(
    notifications: Notifications, now: datetime
) -> None:
    """Of two ticks that ask at the same time, each change has the run of the first."""
    for name in ("a", "b"):
        _note(notifications, name, now)

    notifications.changes.ask("first", FEED, "day", ["a"])
    notifications.changes.ask("second", FEED, "day", ["a", "b"])

    runs = notifications.changes.asked(QUEUE)
    assert {run.run_key: run.order_ids for run in runs} == {
        "first": ["order of a"],
        "second": ["order of b"],
    }


def test_what_failed_is_open_again_when_it_is_due(
    notifications: Notifications, now: datetime
) -> None:
    """A failed run's changes wait, and know how often they have failed."""
    _note(notifications, "a", now)
    changes, due_at = notifications.changes, now + timedelta(minutes=5)
    changes.ask("key", FEED, "day", ["a"])
    changes.stored("key")

    changes.failed("key", due_at)

    assert (_ids(changes, now=now), changes.waiting(QUEUE), changes.under_way(QUEUE)) == ([], 1, [])
    assert changes.open(QUEUE, FEED, due_at) == [ChangedOrder("a", "order of a", now, failures=1)]
    changes.ask("other", FEED, "day", ["a"])
    assert [run.failures for run in changes.asked(QUEUE)] == [1]


def test_message_that_comes_again_opens_nothing_anew(
    notifications: Notifications, now: datetime
) -> None:
    """A message is received again while another feed's run is not stored: no change comes back."""
    _note(notifications, "a", now, feeds=(FEED, OTHER))
    notifications.changes.ask("key", FEED, "day", ["a"])
    notifications.changes.over("key")

    _note(notifications, "a", now, feeds=(FEED, OTHER))

    assert (_ids(notifications.changes), _ids(notifications.changes, OTHER)) == ([], ["a"])


def test_feeds_that_are_gone_keep_nothing(notifications: Notifications, now: datetime) -> None:
    """What only a feed was to fetch that is no longer declared is forgotten, and counted."""
    _note(notifications, "a", now, feeds=(FEED, OTHER))

    assert notifications.changes.keep(QUEUE, [FEED]) == 1
    assert notifications.changes.keep("another", []) == 0

    assert (_ids(notifications.changes), _ids(notifications.changes, OTHER)) == (["a"], [])
