"""The system clock tells UTC, really lets time pass, and wakes whoever is stopped."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC

import pytest

from asp_dagster.spapi import StoppedError, SystemClock, stopped_by
from asp_dagster.spapi.clock import check_not_stopped


def test_now_is_aware_and_utc() -> None:
    """The present is a moment, not a wall-clock reading."""
    assert SystemClock().now().tzinfo is UTC


def test_sleep_lets_monotonic_time_pass() -> None:
    """Sleeping takes as long as it says."""
    clock = SystemClock()
    before = clock.monotonic()

    clock.sleep(0.001)

    assert clock.monotonic() - before >= 0.001


def test_a_stopped_thread_sleeps_no_more() -> None:
    """Whoever is stopped is woken at once, be it before or during the sleep."""
    stop = threading.Event()
    waker = threading.Timer(0.01, stop.set)

    with stopped_by(stop):
        SystemClock().sleep(0.001)
        waker.start()
        for _ in range(2):
            with pytest.raises(StoppedError):
                SystemClock().sleep(3600)

    waker.join()
    SystemClock().sleep(0.001)


def test_stopping_concerns_the_block_only() -> None:
    """Work is no longer wanted only where the event was given, and only while the block runs."""
    stop, other = threading.Event(), threading.Event()
    stop.set()

    with stopped_by(stop):
        with stopped_by(other):
            check_not_stopped()
        with pytest.raises(StoppedError):
            check_not_stopped()

    check_not_stopped()


def test_stopping_concerns_the_thread_only() -> None:
    """Another thread goes on with its work."""
    stop = threading.Event()
    stop.set()

    with stopped_by(stop), ThreadPoolExecutor(1) as others:
        assert others.submit(check_not_stopped).result() is None
