"""Requests keep to Amazon's buckets: never too early, and no later than that needs."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asp_dagster.spapi import InProcessQuota, Operation, QuotaKey, TokenBucket
from asp_dagster.spapi.quota import _Line

KEY = QuotaKey.of("app", "Atzr|partner", "https://endpoint")
OPERATION = Operation(name="getThing", method="GET", path="/thing", rate=0.5, burst=3)

rates = st.sampled_from([0.0056, 0.0167, 0.5, 1.0, 2.0, 10.0, 80.0])
bursts = st.integers(1, 6)
latencies = st.just(0.0) | st.floats(0.0, 3.0)
pauses = st.just(0.0) | st.floats(0.0, 400.0)


class AmazonsBucket:
    """The bucket at Amazon's end, in exact arithmetic: it counts a request when it arrives."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = Fraction(rate), Fraction(burst)
        self._tokens, self._updated = Fraction(burst), Fraction(0)

    def seconds_until_token(self, now: Fraction) -> Fraction:
        """Return how long a request that arrives now would have been too early."""
        refilled = self._tokens + (now - self._updated) * self._rate
        self._tokens, self._updated = min(refilled, self._burst), now
        return max(Fraction(0), (1 - self._tokens) / self._rate)

    def count(self) -> None:
        """Spend a token."""
        self._tokens -= 1


@given(rate=rates, burst=bursts, pauses=st.lists(pauses, min_size=3, max_size=30))
def test_bucket_is_exact(rate: float, burst: int, pauses: list[float]) -> None:
    """When nothing takes time, we wait exactly as long as Amazon's bucket demands."""
    ours, amazons, now = TokenBucket(rate, burst, 0.0), AmazonsBucket(rate, burst), 0.0
    for pause in pauses:
        now += pause
        wait = ours.seconds_until(1, now)
        demanded = amazons.seconds_until_token(Fraction(now))

        assert wait == pytest.approx(float(demanded), abs=1e-6)

        now += wait + 1e-9
        amazons.seconds_until_token(Fraction(now))
        amazons.count()
        ours.take(now)
        ours.settle(now)


@given(
    rate=rates,
    burst=bursts,
    steps=st.lists(st.tuples(pauses, latencies, latencies), min_size=3, max_size=30),
)
def test_no_request_is_throttled(
    rate: float, burst: int, steps: list[tuple[float, float, float]]
) -> None:
    """However long requests travel, none arrives before its token: a fresh bucket gets no 429."""
    ours, amazons, now = TokenBucket(rate, burst, 0.0), AmazonsBucket(rate, burst), 0.0
    for pause, there, back in steps:
        now += pause
        now += ours.seconds_until(1, now) + 1e-9
        ours.take(now)
        now += there
        too_early = amazons.seconds_until_token(Fraction(now))

        assert too_early < 1e-6

        amazons.count()
        now += back
        ours.settle(now)


def test_burst_at_once_then_paced(clock: Any) -> None:
    """A full bucket is used at once; from then on requests are paced by the rate."""
    quota = InProcessQuota(clock)
    waits = []

    for _ in range(6):
        waits.append(quota.acquire(KEY, OPERATION).waited_seconds)
        quota.settle(KEY, OPERATION)

    assert waits == pytest.approx([0, 0, 0, 2, 2, 2])


def test_an_idle_bucket_fills_to_the_burst_and_no_further(clock: Any) -> None:
    """Idleness saves up the burst, not more."""
    quota = InProcessQuota(clock)
    _use(quota, 3)
    clock.sleep(1000)

    waits = _use(quota, 4)

    assert waits == pytest.approx([0, 0, 0, 2])


@pytest.mark.parametrize(("rate", "wait"), [(5.0, 0.2), (0.1, 10.0)], ids=["up", "down"])
def test_learns_the_rate_in_both_directions(clock: Any, rate: float, wait: float) -> None:
    """The rate Amazon reports replaces the documented one, faster or slower."""
    quota = InProcessQuota(clock)
    _use(quota, 3)

    quota.learn(KEY, OPERATION, rate)

    assert _use(quota, 1) == pytest.approx([wait])


def test_a_waiter_notices_a_corrected_rate(clock: Any) -> None:
    """Whoever waits when the rate is corrected waits by the new one."""
    slow = Operation(name="slow", method="GET", path="/slow", rate=0.001, burst=1)
    quota = InProcessQuota(clock)
    quota.acquire(KEY, slow)
    sleep = clock.sleep

    def sleep_and_learn(seconds: float) -> None:
        sleep(seconds)
        quota.learn(KEY, slow, 1.0)

    clock.sleep = sleep_and_learn

    assert quota.acquire(KEY, slow).waited_seconds == pytest.approx(6, abs=0.01)


def test_throttled_empties_the_bucket(clock: Any) -> None:
    """After a 429 nothing is left of a burst that we thought was there."""
    quota = InProcessQuota(clock)
    _use(quota, 1)

    quota.throttled(KEY, OPERATION)

    assert _use(quota, 2) == pytest.approx([2, 2])


def test_buckets_are_apart(clock: Any) -> None:
    """Another partner, endpoint, operation or grantless call has a bucket of its own."""
    quota = InProcessQuota(clock)
    _use(quota, 3)
    others = [
        (QuotaKey.of("app", "Atzr|other", "https://endpoint"), OPERATION),
        (QuotaKey.of("app", "Atzr|partner", "https://sandbox"), OPERATION),
        (QuotaKey.of("app", "", "https://endpoint"), OPERATION),
        (KEY, Operation(name="getThing", method="POST", path="/thing", rate=0.5, burst=3)),
    ]

    waits = [quota.acquire(key, operation).waited_seconds for key, operation in others]

    assert waits == [0, 0, 0, 0]


def test_key_does_not_hold_the_refresh_token() -> None:
    """A key can be logged or stored: the refresh token is in it only as a hash."""
    assert "partner" not in repr(KEY)
    assert QuotaKey.of("app", "", "https://endpoint").refresh_token_hash == ""


def test_a_long_wait_is_announced(clock: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A wait of more than five seconds is logged with operation, length and end, once."""
    slow = Operation(name="searchThings", method="GET", path="/things", rate=0.01, burst=1)
    quota = InProcessQuota(clock)

    with caplog.at_level(logging.INFO):
        quota.acquire(KEY, slow)
        quota.acquire(KEY, slow)

    until = f"{clock.now():%Y-%m-%d %H:%M:%S} UTC"
    assert caplog.messages == [f"searchThings waits 100 s for its quota, until {until}"]


def test_first_come_first_served() -> None:
    """Tokens go out in the order of arrival, even if a later waiter wakes up first."""
    line = _Line(TokenBucket(1.0, 2, 0.0))
    line.empty(0.0)
    first, second = line.join(), line.join()

    assert [line.seconds_to_wait(ticket, 0.0) for ticket in (first, second)] == [1.0, 2.0]
    assert line.seconds_to_wait(second, 1.5) == 0.5
    assert line.seconds_to_wait(first, 1.5) == 0.0
    assert line.seconds_to_wait(second, 2.0) == 0.0


def test_a_waiter_that_gives_up_leaves_the_line(clock: Any) -> None:
    """An interrupted wait takes no token and holds nobody up."""
    quota = InProcessQuota(clock)
    _use(quota, 3)
    sleep, clock.sleep = clock.sleep, _interrupt

    with pytest.raises(KeyboardInterrupt):
        quota.acquire(KEY, OPERATION)

    clock.sleep = sleep
    assert _use(quota, 1) == pytest.approx([2])


def test_slow_answers_do_not_pile_up_debts(clock: Any) -> None:
    """Requests that are answered late cost one token each, however many are under way."""
    quota = InProcessQuota(clock)
    for _ in range(5):
        quota.acquire(KEY, OPERATION)
    for _ in range(5):
        quota.settle(KEY, OPERATION)

    assert quota.acquire(KEY, OPERATION).waited_seconds == pytest.approx(2)


def test_threads_wait_in_line_without_a_stampede(clock: Any) -> None:
    """Many threads together never get more than burst and refill allow, in any stretch of time."""
    quota, granted, lock = InProcessQuota(clock), [], threading.Lock()

    def call(_: int) -> None:
        quota.acquire(KEY, OPERATION)
        with lock:
            granted.append(clock.monotonic())
        quota.settle(KEY, OPERATION)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(call, range(40)))

    granted.sort()
    for start in range(40):
        for end in range(start, 40):
            allowed = OPERATION.burst + (granted[end] - granted[start]) * OPERATION.rate
            assert end - start + 1 <= allowed + 1e-6


def _use(quota: InProcessQuota, times: int) -> list[float]:
    waits = []
    for _ in range(times):
        waits.append(quota.acquire(KEY, OPERATION).waited_seconds)
        quota.settle(KEY, OPERATION)
    return waits


def _interrupt(_: float) -> None:
    raise KeyboardInterrupt
