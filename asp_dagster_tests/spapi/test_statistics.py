"""Counts can be read at any moment and subtracted."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from asp_dagster.spapi import CallCounter, CallStatistics


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
