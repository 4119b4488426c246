"""Counts can be read at any moment and subtracted."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from asp_dagster.spapi import CallCounter, CallStatistics, Turn


def test_starts_with_nothing() -> None:
    """A new counter has counted nothing."""
    assert CallCounter().snapshot() == CallStatistics()


def test_counts_from_many_threads() -> None:
    """No count is lost between threads."""
    counter = CallCounter()

    with ThreadPoolExecutor(5) as threads:
        for _ in range(500):
            threads.submit(counter.sent, "getOrders")

    assert counter.snapshot().calls == 500


def test_a_difference_tells_what_happened_in_between() -> None:
    """Later minus earlier leaves only what was added, by operation too."""
    counter = CallCounter()
    counter.sent("getOrders")
    before = counter.snapshot()
    counter.sent("getOrderItems")
    counter.throttled()
    counter.retried()
    counter.waited(2.5)

    used = counter.snapshot() - before

    assert used == CallStatistics(
        calls=1, throttled=1, wait_seconds=2.5, retries=1, by_operation={"getOrderItems": 1}
    )


def test_a_snapshot_does_not_change() -> None:
    """What was handed out stays as it was, whoever holds it."""
    counter = CallCounter()
    counter.sent("getOrders")
    snapshot = counter.snapshot()

    counter.sent("getOrders")

    assert snapshot.by_operation == {"getOrders": 1}
    with pytest.raises(TypeError):
        snapshot.by_operation["getOrders"] = 7  # type: ignore[index]


def _turn(arrived: float, left: float, sent_before: int, sent: int, tokens: float = 0.0) -> Turn:
    return Turn(
        arrived_at=arrived,
        left_at=left,
        tokens=tokens,
        sent_before=sent_before,
        sent=sent,
        rate=0.5,
    )


def test_efficiency_is_the_bounds_share_of_the_time() -> None:
    """Of ten requests two found tokens; the other eight took twenty seconds instead of sixteen."""
    counter = CallCounter()
    with counter.pace() as pace:
        counter.had_leave("getOrderItems", _turn(100.0, 100.0, 7, 8, tokens=2.0))
        counter.had_leave("getOrderItems", _turn(101.0, 120.0, 8, 17))
        counter.had_leave("getOrders", _turn(100.0, 150.0, 0, 1, tokens=20.0))
    counter.had_leave("getOrderItems", _turn(200.0, 900.0, 17, 18))

    assert pace.efficiency == pytest.approx(0.8)
    assert counter.snapshot().wait_seconds == 0 + 19 + 50 + 700


def test_efficiency_is_unknown_while_no_bucket_binds() -> None:
    """Requests that the burst covers, or none at all, say nothing about the quota's use."""
    counter = CallCounter()
    with counter.pace() as pace:
        assert pace.efficiency is None
        counter.had_leave("getOrders", _turn(0.0, 0.0, 0, 1, tokens=20.0))

    assert pace.efficiency is None


def test_counts_of_several_clients_add_up() -> None:
    """Added, counts are those of all, and the latest leave of each operation is kept."""
    turn = Turn(arrived_at=1.0, left_at=2.0, tokens=0.0, sent_before=3, sent=4, rate=1.0)
    first, second = CallCounter(), CallCounter()
    first.sent("getOrders")
    first.had_leave("getOrders", turn)
    second.sent("getOrders")
    second.throttled()

    both = first.snapshot() + second.snapshot()

    assert both == CallStatistics(
        calls=2, throttled=1, wait_seconds=1.0, by_operation={"getOrders": 2}
    )
    assert (both - first.snapshot()).turns == {"getOrders": turn}
