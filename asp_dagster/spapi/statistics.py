"""What the requests to Amazon cost: how many, how often throttled, how long waited.

Here belong: the counter that a client keeps and the values it hands out. What is done with them is
the caller's business.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

from asp_dagster.spapi.quota import Turn


@dataclass(frozen=True, kw_only=True)
class CallStatistics:
    """A count of requests; `after - before` is what happened in between.

    Attributes:
        calls: Requests sent to the Selling Partner API, repeated ones included. Login with Amazon
            and document downloads are not counted: they cost no quota.
        throttled: Requests answered 429.
        wait_seconds: Seconds spent waiting for quota: in line before sending, and in the pauses
            after a 429. Threads that wait at once all count.
        retries: Requests sent again after an error that waiting can cure.
        by_operation: Requests by Amazon's name of the operation.
        turns: The latest leave of each operation: from it follows what its bucket holds.
    """

    calls: int = 0
    throttled: int = 0
    wait_seconds: float = 0.0
    retries: int = 0
    by_operation: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    turns: Mapping[str, Turn] = field(default_factory=lambda: MappingProxyType({}), compare=False)

    def __sub__(self, before: Self) -> "CallStatistics":
        return CallStatistics(
            calls=self.calls - before.calls,
            throttled=self.throttled - before.throttled,
            wait_seconds=self.wait_seconds - before.wait_seconds,
            retries=self.retries - before.retries,
            by_operation=MappingProxyType(
                dict(Counter(self.by_operation) - Counter(before.by_operation))
            ),
            turns=self.turns,
        )

    def __add__(self, other: Self) -> "CallStatistics":
        return CallStatistics(
            calls=self.calls + other.calls,
            throttled=self.throttled + other.throttled,
            wait_seconds=self.wait_seconds + other.wait_seconds,
            retries=self.retries + other.retries,
            by_operation=MappingProxyType(
                dict(Counter(self.by_operation) + Counter(other.by_operation))
            ),
            turns=MappingProxyType({**self.turns, **other.turns}),
        )


@dataclass(frozen=True)
class Span:
    """The first and the last of an operation's requests in some stretch of time.

    Attributes:
        first: The request that asked for leave first.
        last: The request that got it last.
    """

    first: Turn
    last: Turn

    @property
    def bound_seconds(self) -> float:
        """How long the bucket needed for what it let go, whoever sent it.

        With n requests between, these two included: (n - tokens at the beginning) / rate; 0 if the
        bucket held enough at once. No way of asking is faster.
        """
        requests = self.last.sent - self.first.sent_before
        return max(0.0, (requests - self.first.tokens) / self.last.rate)

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.last.left_at - self.first.arrived_at


class Pace:
    """How well the quota was used in some stretch of time; filled while it lasts."""

    def __init__(self) -> None:
        self._spans: dict[str, Span] = {}

    @property
    def efficiency(self) -> float | None:
        """The bound's share of the time it took, of the operation whose bound is the longest.

        1 is Amazon's speed limit; none if no bucket made anybody wait.
        """
        slowest = max(self._spans.values(), key=lambda span: span.bound_seconds, default=None)
        if slowest is None or not slowest.bound_seconds:
            return None
        # A rate that was corrected meanwhile is taken as if it had always been so.
        return min(1.0, slowest.bound_seconds / slowest.seconds)

    def note(self, operation: str, turn: Turn) -> None:
        """Add a request that got leave."""
        span = self._spans.get(operation, Span(turn, turn))
        self._spans[operation] = Span(
            min(span.first, turn, key=lambda each: each.arrived_at),
            max(span.last, turn, key=lambda each: each.left_at),
        )


class CallCounter:
    """Counts, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_operation: Counter[str] = Counter()
        self._throttled = 0
        self._wait_seconds = 0.0
        self._retries = 0
        self._paces: list[Pace] = []
        self._turns: dict[str, Turn] = {}

    @contextmanager
    def pace(self) -> Iterator[Pace]:
        """Watch how well the quota is used for as long as the block runs."""
        pace = Pace()
        with self._lock:
            self._paces.append(pace)
        try:
            yield pace
        finally:
            with self._lock:
                self._paces.remove(pace)

    def snapshot(self) -> CallStatistics:
        """Return the counts up to now."""
        with self._lock:
            return CallStatistics(
                calls=self._by_operation.total(),
                throttled=self._throttled,
                wait_seconds=self._wait_seconds,
                retries=self._retries,
                by_operation=MappingProxyType(dict(self._by_operation)),
                turns=MappingProxyType(dict(self._turns)),
            )

    def sent(self, operation: str) -> None:
        """Count a request that goes out."""
        with self._lock:
            self._by_operation[operation] += 1

    def throttled(self) -> None:
        """Count an answer 429."""
        with self._lock:
            self._throttled += 1

    def had_leave(self, operation: str, turn: Turn) -> None:
        """Note a request's turn, and add the time that it waited."""
        self.waited(turn.waited_seconds)
        with self._lock:
            self._turns[operation] = turn
            for pace in self._paces:
                pace.note(operation, turn)

    def waited(self, seconds: float) -> None:
        """Add time spent waiting for quota."""
        with self._lock:
            self._wait_seconds += seconds

    def retried(self) -> None:
        """Count a request that is sent again."""
        with self._lock:
            self._retries += 1
