"""A queue is emptied into the state: what is none is set aside, and what is noted may go."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from asp_dagster.notifications.draining import Drain
from asp_dagster.notifications.listeners import Audience, Listeners
from asp_dagster.notifications.queue import NotificationQueue
from asp_dagster.resources import AmazonSPResource
from asp_dagster.simulator import Simulator
from asp_dagster.state import State
from asp_dagster_tests.conftest import ScriptedClock
from asp_dagster_tests.notifications.listening import orders_feed
from asp_dagster_tests.notifications.ticking import Location, depth, order_change

REPORT_TYPE = "GET_MERCHANT_LISTINGS_ALL_DATA"
ORDER_ID = "903-0000000-0000001"
NOW = datetime.now(UTC)


class Hurrying(ScriptedClock):
    """A clock on which seven seconds pass whenever somebody looks."""

    def monotonic(self) -> float:
        """Return the scripted time in seconds."""
        self.sleep(7)
        return super().monotonic()


@pytest.fixture
def drain(arn: str, aws_endpoint: str, state: State) -> Iterator[Any]:
    """Empty the queue, by default for the seller A1."""
    queue = NotificationQueue(arn, aws_endpoint)

    def run(
        seller_id: str | None = "A1", clock: Any = None, seconds: float = 60, **limits: Any
    ) -> int:
        clock = clock or ScriptedClock()
        listeners = Listeners([orders_feed()], [replace(orders_feed(), asset="raw")])
        return (
            Drain(
                queue=queue,
                notifications=state.notifications,
                reports=state.reports,
                audience=Audience(listeners, AmazonSPResource(seller_id=seller_id)),
                clock=clock,
                log=logging.getLogger("drain"),
                **limits,
            )
            .run(clock.moment.timestamp() + seconds)
            .received
        )

    yield run
    queue.close()


POISON = [
    pytest.param("no JSON", "It is no JSON.", id="no-json"),
    pytest.param(order_change(ORDER_ID, PayloadVersion="9"), "has version 9", id="version"),
    pytest.param({"NotificationType": "PRICING_HEALTH"}, "PRICING_HEALTH is not known", id="type"),
]


@pytest.mark.parametrize(("message", "words"), POISON)
def test_poison_is_set_aside(  # noqa: PLR0913, PLR0917 - the queue, the state, and what is in them
    location: Location, drain: Any, arn: str, state: State, queue: Any, message: Any, words: str
) -> None:
    """What is no notification of ours is deleted with its reason noted; what is good goes on."""
    location.post(arn, [message, order_change(ORDER_ID)])

    assert drain() == 2

    [aside] = state.notifications.aside(arn)
    assert words in aside.reason
    assert [each.order_id for each in state.notifications.changes.open(arn, "raw_orders", NOW)] == [
        ORDER_ID
    ]
    assert depth(queue) == 1


def test_without_a_seller_id_anybodys_are_taken(
    location: Location, drain: Any, arn: str, state: State
) -> None:
    """A queue of one seller needs no name of the seller."""
    location.post(arn, [order_change(ORDER_ID, "A2")])

    drain(None)

    assert len(state.notifications.changes.open(arn, "raw_orders", NOW)) == 1
    assert not state.notifications.all_unserved(arn)


def test_who_is_nobodys_is_told_once(
    location: Location, drain: Any, arn: str, state: State, queue: Any, caplog: Any
) -> None:
    """Messages of a seller that no feed listens to go, counted, with one sentence for all."""
    for _ in range(2):
        location.post(
            arn, [order_change(ORDER_ID, "A2"), order_change(ORDER_ID, "A2"), _report("A2")]
        )
        drain()

    [unserved] = state.notifications.all_unserved(arn)
    assert (unserved.seller_id, unserved.messages) == ("A2", 6)
    assert caplog.text.count("No feed that listens is of seller A2: write `seller_id: A2`") == 1
    assert state.notifications.changes.waiting(arn) == 0
    assert depth(queue) == 0


def test_report_of_a_vendor_is_nobodys_business(
    location: Location, drain: Any, arn: str, state: State, queue: Any
) -> None:
    """It names no seller: where no sensor waits for it, a run does, or somebody else."""
    location.post(arn, [_report(None)])

    drain()

    assert state.notifications.all_unserved(arn) == []
    assert depth(queue) == 0


def _report(seller_id: str | None) -> dict[str, Any]:
    """Return a notification that a report has ended."""
    finished = {"reportId": "7", **({"sellerId": seller_id} if seller_id else {})}
    return {
        "notificationType": "REPORT_PROCESSING_FINISHED",
        "payloadVersion": "2020-09-04",
        "eventTime": "2026-11-20T00:00:00Z",
        "payload": {"reportProcessingFinishedNotification": finished},
        "notificationMetadata": {"notificationId": "n"},
    }


def test_tick_ends_after_so_many_messages(location: Location, drain: Any, arn: str) -> None:
    """What is left is received by the next tick, none twice."""
    location.post(arn, [order_change(f"903-0000000-{number:07d}") for number in range(35)])

    assert [drain(most_messages=20), drain(most_messages=20), drain()] == [20, 15, 0]


def test_tick_ends_after_so_long(location: Location, drain: Any, arn: str) -> None:
    """A queue that never ends does not keep a tick from ending."""
    location.post(arn, [order_change(f"903-0000000-{number:07d}") for number in range(35)])

    assert drain(clock=Hurrying(), seconds=21) == 20


def test_report_that_has_ended_is_not_asked_after(
    location: Location, drain: Any, amazon: Simulator, state: State, queue: Any
) -> None:
    """A report that a run has left to its sensor is noted to have ended, with its document."""
    report_id = amazon.make_report(REPORT_TYPE)
    _left_to_a_sensor(location, state, report_id)
    location.notify()

    assert drain(None) == 1

    [waiting] = state.reports.waiting.of_asset("raw")
    found = state.reports.latest("key")
    assert waiting.ended_at is not None
    assert found
    assert (found.status, bool(found.document_id)) == ("DONE", True)
    assert amazon.count("getReports") == 0
    assert depth(queue) == 0


def test_report_that_nobody_waits_for_is_passed_over(
    location: Location, drain: Any, amazon: Simulator, state: State, queue: Any
) -> None:
    """Reports of others, or of runs that wait themselves, change nothing."""
    _left_to_a_sensor(location, state, "7")
    amazon.make_report(REPORT_TYPE)
    location.notify()

    drain(None)

    [waiting] = state.reports.waiting.of_asset("raw")
    assert waiting.ended_at is None
    assert depth(queue) == 0


def _left_to_a_sensor(location: Location, state: State, report_id: str) -> None:
    """Let a run have asked for a report and gone."""
    asked = state.reports.requested("key", {"reportType": REPORT_TYPE})
    assert asked
    state.reports.created(asked.number, report_id)
    state.reports.waiting.leave(
        location.whose, "raw", {"": {asked.number: False}}, asked_at=asked.requested_at
    )
