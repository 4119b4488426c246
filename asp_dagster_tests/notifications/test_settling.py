"""What a run has failed to fetch is asked for again, with pauses and not for ever."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from asp_dagster.catalog.notifications import Arrival, Notification
from asp_dagster.notifications.queue import NotificationQueue
from asp_dagster.notifications.settling import PAUSES, Settling
from asp_dagster.state import ChangedOrder, State
from asp_dagster_tests.conftest import ScriptedClock
from asp_dagster_tests.notifications.ticking import depth

STATUS = dg.DagsterRunStatus
FEED = "raw_orders"
NOW = datetime.now(UTC)


@dg.job(name="orders_job")
def job() -> None:
    """Do nothing: what has become of a run is said by its status."""


class Asked:
    """A changed order for which runs are asked, and ticks that settle them."""

    def __init__(
        self, instance: dg.DagsterInstance, state: State, queue: NotificationQueue
    ) -> None:
        self.instance, self.changes = instance, state.notifications.changes
        self.clock = ScriptedClock(NOW)
        log = logging.getLogger("settling")
        self.settling = Settling(instance, queue, state.notifications, self.clock, log)
        [message] = queue.receive()
        notification = Notification(
            notification_id="n", notification_type="ORDER_CHANGE", subject="1", happened_at=NOW
        )
        arrival = Arrival(notification, message.message_id, message.receipt, [FEED])
        state.notifications.note(queue.arn, [arrival])
        self.arn = queue.arn

    def end(self, status: dg.DagsterRunStatus, key: str = "key", **tags: str) -> None:
        """Let a run have been asked for and have come to some status."""
        self.changes.ask(key, FEED, "2026-11-22", ["n"])
        known = {name.replace("__", "/"): value for name, value in tags.items()}
        self.instance.create_run_for_job(job, tags={"dagster/run_key": key, **known}, status=status)

    def settle(self, seconds: float = 1, *feeds: str) -> None:
        """Settle, as a tick does, with some time to delete."""
        self.settling.run(feeds or [FEED], self.clock.monotonic() + seconds)

    def open(self, after: timedelta = timedelta(0)) -> list[ChangedOrder]:
        """Return what is to be asked for after some time."""
        return list(self.changes.open(self.arn, FEED, self.clock.now() + after))


@pytest.fixture
def asked(
    instance: dg.DagsterInstance, state: State, queue: Any, arn: str, aws_endpoint: str
) -> Iterator[Asked]:
    """A changed order whose message is in the queue."""
    queue.send_message(MessageBody="a notification")
    opened = NotificationQueue(arn, aws_endpoint)
    yield Asked(instance, state, opened)
    opened.close()


def test_what_failed_is_asked_for_again_after_a_pause(asked: Asked, queue: Any) -> None:
    """The message goes, since Dagster has the run; the order waits a while, each time longer."""
    for failures, pause in enumerate(PAUSES, start=1):
        asked.end(STATUS.FAILURE, f"key {failures}")
        asked.settle()

        assert asked.open(pause - timedelta(seconds=1)) == []
        assert [each.failures for each in asked.open(pause)] == [failures]
    assert depth(queue) == 0


def test_what_fails_again_and_again_is_left_to_the_day(
    asked: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    """After the last pause a failure is the end, and it is said what brings the order."""
    for attempt in range(len(PAUSES) + 1):
        asked.end(STATUS.FAILURE, f"key {attempt}")
        asked.settle()

    assert asked.changes.waiting(asked.arn) == 0
    assert "1 changed orders of raw_orders are given up, as 4 runs for them have" in caplog.text
    assert "with the run of partition 2026-11-22" in caplog.text


@pytest.mark.parametrize("status", [STATUS.SUCCESS, STATUS.CANCELED])
def test_what_is_done_or_stopped_is_over(asked: Asked, status: dg.DagsterRunStatus) -> None:
    """Nothing is asked for again that came, or that somebody has stopped."""
    asked.end(status)

    asked.settle()

    assert asked.changes.under_way(asked.arn) == []
    assert asked.open(timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("status", "tags"),
    [
        pytest.param(STATUS.NOT_STARTED, {}, id="not-started"),
        pytest.param(STATUS.STARTED, {}, id="started"),
        pytest.param(STATUS.FAILURE, {"dagster__will_retry": "true"}, id="will-retry"),
    ],
)
def test_what_is_not_over_is_waited_for(
    asked: Asked, status: dg.DagsterRunStatus, tags: dict[str, str]
) -> None:
    """A run that goes on, and one that Dagster itself retries, are under way."""
    asked.end(status, **tags)

    asked.settle()

    assert [run.run_key for run in asked.changes.under_way(asked.arn)] == ["key"]


def test_run_that_never_ends_is_waited_for_for_a_day(
    asked: Asked, caplog: pytest.LogCaptureFixture
) -> None:
    """A run whose process is gone keeps the orders that change after it waiting no longer."""
    asked.end(STATUS.STARTED)
    asked.settle()
    asked.clock.moment += timedelta(hours=23)
    asked.settle()
    waited = len(asked.changes.under_way(asked.arn))

    asked.clock.moment += timedelta(hours=2)
    asked.settle()

    assert (waited, len(asked.changes.under_way(asked.arn))) == (1, 0)
    assert "has not ended within a day" in caplog.text


def test_run_that_is_deleted_is_given_up(asked: Asked, caplog: pytest.LogCaptureFixture) -> None:
    """What became of it cannot be known, so it is told, and nothing waits for it."""
    asked.end(STATUS.STARTED)
    asked.settle()
    [run] = asked.instance.get_runs()
    asked.instance.delete_run(run.run_id)

    asked.settle()

    assert asked.changes.under_way(asked.arn) == []
    assert "the run for them was deleted" in caplog.text


def test_retry_of_dagsters_own_counts(asked: Asked) -> None:
    """Of a run and its retry, which has the same key, the last says what became of it."""
    asked.end(STATUS.FAILURE, dagster__will_retry="true")
    asked.end(STATUS.SUCCESS)

    asked.settle()

    assert asked.changes.under_way(asked.arn) == []


def test_deleting_ends_in_time(asked: Asked, queue: Any) -> None:
    """What a tick has no time to delete, the next one deletes."""
    asked.end(STATUS.SUCCESS)

    asked.settle(0)
    left = depth(queue)
    asked.settle()

    assert (left, depth(queue)) == (1, 0)


def test_feed_that_listens_no_more_keeps_no_message(
    asked: Asked, queue: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """What only it was to fetch is given up, which is said, and the message goes."""
    asked.settle(1, "another")

    assert "1 changed orders are left" in caplog.text
    assert depth(queue) == 0
