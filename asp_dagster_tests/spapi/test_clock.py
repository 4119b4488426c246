"""The system clock tells UTC and really lets time pass."""

from datetime import UTC

from asp_dagster.spapi import SystemClock


def test_now_is_aware_and_utc() -> None:
    """The present is a moment, not a wall-clock reading."""
    assert SystemClock().now().tzinfo is UTC


def test_sleep_lets_monotonic_time_pass() -> None:
    """Sleeping takes as long as it says."""
    clock = SystemClock()
    before = clock.monotonic()

    clock.sleep(0.001)

    assert clock.monotonic() - before >= 0.001
