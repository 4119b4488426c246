"""Keeps the requests of one application and selling partner within Amazon's quota.

Here belong: the token bucket, and `Quota`, the seam behind which it lives. `InProcessQuota` knows
the requests of this process only; other processes that use the same application and selling partner
draw from the same bucket at Amazon. `state.quota` implements `Quota` over a database that those
processes share. Usage plans are found in `usage_plans`.

https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
"""

import hashlib
import logging
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, Self

from asp_dagster.spapi.clock import Clock
from asp_dagster.spapi.usage_plans import Operation

_log = logging.getLogger(__name__)

LONG_WAIT_SECONDS = 5.0
"""A wait that is longer is announced in the log."""

LONGEST_SLEEP_SECONDS = 5.0
"""A waiter looks up at least this often: the rate may have been corrected meanwhile."""

# Shorter sleeps could vanish in the rounding of a long-running clock.
_SHORTEST_SLEEP_SECONDS = 0.001


@dataclass(frozen=True)
class QuotaKey:
    """Whose buckets they are: Amazon counts per application, selling partner and endpoint.

    Attributes:
        client_id: The application's LWA client id.
        refresh_token_hash: Stands for the selling partner; empty for grantless operations, which
            Amazon counts for the application alone.
        endpoint: Base URL; the sandbox has plans of its own.
    """

    client_id: str
    refresh_token_hash: str
    endpoint: str

    @classmethod
    def of(cls, client_id: str, refresh_token: str, endpoint: str) -> Self:
        """Return the key, which does not hold the refresh token itself."""
        digest = hashlib.sha256(refresh_token.encode()).hexdigest()[:16] if refresh_token else ""
        return cls(client_id, digest, endpoint)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Leave to send one request, and what the bucket looked like: from two of them follows its use.

    Attributes:
        arrived_at: When the request asked for leave, in the clock's monotonic seconds.
        left_at: When it got it.
        tokens: What was in the bucket when it asked.
        sent_before: How many requests the bucket had ever let go by then, whoever sent them.
        sent: How many by the time this one had leave, itself included.
        rate: Requests per second that the bucket restores.
    """

    arrived_at: float
    left_at: float
    tokens: float
    sent_before: int
    sent: int
    rate: float

    @property
    def waited_seconds(self) -> float:
        """How long it stood in line."""
        return self.left_at - self.arrived_at


class Quota(Protocol):
    """Where a request asks for leave before it is sent, and tells what became of it.

    All methods may be called from any thread. For every `acquire` there is one `settle`.
    """

    def acquire(self, key: QuotaKey, operation: Operation) -> Turn:
        """Wait until the request may be sent, first come first served."""
        ...

    def settle(self, key: QuotaKey, operation: Operation) -> None:
        """Note that a request has ended, however it ended."""
        ...

    def learn(self, key: QuotaKey, operation: Operation, rate: float) -> None:
        """Use the rate that Amazon reports, higher or lower than the documented one."""
        ...

    def throttled(self, key: QuotaKey, operation: Operation) -> None:
        """Note that Amazon answered 429: its bucket is empty, whatever we thought."""
        ...


class TokenBucket:
    """The mathematics of one bucket; it neither waits nor tells the time.

    Amazon counts a request when it arrives, which is between our sending it and its answer, and a
    full bucket does not refill. What our copy gained while a request was under way it may have
    gained alone, so an answer takes back whatever exceeds the burst less the requests under way.
    Our copy then never holds more than Amazon's, and nobody is throttled for being early by the
    time it took to set up the first connection.
    """

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self._tokens = float(burst)
        self._updated = now
        self._in_flight = 0
        self.sent = 0

    def tokens_at(self, now: float) -> float:
        """Return how many tokens there are."""
        self._refill(now)
        return self._tokens

    def seconds_until(self, tokens: int, now: float) -> float:
        """Return how long it takes until there are so many tokens; 0 if there are."""
        return max(0.0, (tokens - self.tokens_at(now)) / self.rate)

    def take(self, now: float) -> None:
        """Spend a token on a request that is about to be sent."""
        self._refill(now)
        self._tokens -= 1
        self._in_flight += 1
        self.sent += 1

    def settle(self, now: float) -> None:
        """Note that a request has been answered: only now is it sure that Amazon has counted it."""
        self._refill(now)
        self._tokens = min(self._tokens, max(0.0, float(self.burst - self._in_flight)))
        self._in_flight -= 1

    def learn(self, rate: float, now: float) -> None:
        """Refill at this rate from now on."""
        self._refill(now)
        self.rate = rate

    def empty(self, now: float) -> None:
        """Start over without a token."""
        self._refill(now)
        self._tokens = 0.0

    def _refill(self, now: float) -> None:
        # Threads may look at the clock in one order and come here in another.
        now = max(now, self._updated)
        refilled = self._tokens + (now - self._updated) * self.rate
        self._tokens = min(refilled, float(self.burst))
        self._updated = now


class InProcessQuota:
    """A `Quota` in memory: right for one process, unaware of others.

    Hand the same one to every client of the process: clients of the same application and selling
    partner then share their buckets.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._lines: dict[tuple[QuotaKey, str, str], _Line] = {}

    def acquire(self, key: QuotaKey, operation: Operation) -> Turn:
        """Wait for a token, first come first served."""
        line = self._line(key, operation)
        arrived = self._clock.monotonic()
        tokens, sent_before = line.look(arrived)
        ticket = line.join()
        try:
            wait = line.seconds_to_wait(ticket, arrived)
            announce_wait(self._clock, operation, wait)
            while wait > 0:
                self._clock.sleep(sleep_seconds(wait))
                wait = line.seconds_to_wait(ticket, self._clock.monotonic())
        except BaseException:
            line.leave(ticket)
            raise
        left = self._clock.monotonic()
        return Turn(
            arrived_at=arrived,
            left_at=left,
            tokens=tokens,
            sent_before=sent_before,
            sent=line.look(left)[1],
            rate=line.rate,
        )

    def settle(self, key: QuotaKey, operation: Operation) -> None:
        """Note that a request has ended."""
        self._line(key, operation).settle(self._clock.monotonic())

    def learn(self, key: QuotaKey, operation: Operation, rate: float) -> None:
        """Use the rate that Amazon reports from now on."""
        self._line(key, operation).learn(rate, self._clock.monotonic())

    def throttled(self, key: QuotaKey, operation: Operation) -> None:
        """Empty the bucket."""
        self._line(key, operation).empty(self._clock.monotonic())

    def _line(self, key: QuotaKey, operation: Operation) -> "_Line":
        name = (key, operation.method, operation.path)
        with self._lock:
            if name not in self._lines:
                now = self._clock.monotonic()
                self._lines[name] = _Line(TokenBucket(operation.rate, operation.burst, now))
            return self._lines[name]


def sleep_seconds(wait_seconds: float) -> float:
    """Return how long to sleep before looking again, for whoever has so long to wait."""
    return max(min(wait_seconds, LONGEST_SLEEP_SECONDS), _SHORTEST_SLEEP_SECONDS)


def announce_wait(clock: Clock, operation: Operation, wait_seconds: float) -> None:
    """Log a wait that is long, with its end as it is foreseen."""
    if wait_seconds > LONG_WAIT_SECONDS:
        until = clock.now() + timedelta(seconds=wait_seconds)
        name, moment = operation.name, f"{until:%Y-%m-%d %H:%M:%S} UTC"
        _log.info("%s waits %.0f s for its quota, until %s", name, wait_seconds, moment)


class _Line:
    """A bucket and those who wait at it, in the order they came."""

    def __init__(self, bucket: TokenBucket) -> None:
        self._bucket = bucket
        self._waiting: deque[object] = deque()
        self._lock = threading.Lock()

    @property
    def rate(self) -> float:
        return self._bucket.rate

    def look(self, now: float) -> tuple[float, int]:
        """Return the tokens that there are, and how many were ever spent."""
        with self._lock:
            return self._bucket.tokens_at(now), self._bucket.sent

    def join(self) -> object:
        ticket = object()
        with self._lock:
            self._waiting.append(ticket)
        return ticket

    def leave(self, ticket: object) -> None:
        with self._lock, suppress(ValueError):  # it may have been served just before
            self._waiting.remove(ticket)

    def seconds_to_wait(self, ticket: object, now: float) -> float:
        """Return how long the ticket still has to wait; at 0 its token is taken and it has left."""
        with self._lock:
            # Those ahead keep their tokens even if they have not woken up yet.
            place = self._waiting.index(ticket)
            seconds = self._bucket.seconds_until(place + 1, now)
            if seconds == 0:
                self._waiting.remove(ticket)
                self._bucket.take(now)
            return seconds

    def settle(self, now: float) -> None:
        with self._lock:
            self._bucket.settle(now)

    def learn(self, rate: float, now: float) -> None:
        with self._lock:
            self._bucket.learn(rate, now)

    def empty(self, now: float) -> None:
        with self._lock:
            self._bucket.empty(now)
