"""What the requests to Amazon cost: how many, how often throttled, how long waited.

Here belong: the counter that a client keeps and the values it hands out. What is done with them is
the caller's business.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self


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
    """

    calls: int = 0
    throttled: int = 0
    wait_seconds: float = 0.0
    retries: int = 0
    by_operation: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def __sub__(self, before: Self) -> "CallStatistics":
        return CallStatistics(
            calls=self.calls - before.calls,
            throttled=self.throttled - before.throttled,
            wait_seconds=self.wait_seconds - before.wait_seconds,
            retries=self.retries - before.retries,
            by_operation=MappingProxyType(
                dict(Counter(self.by_operation) - Counter(before.by_operation))
            ),
        )


class CallCounter:
    """Counts, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_operation: Counter[str] = Counter()
        self._throttled = 0
        self._wait_seconds = 0.0
        self._retries = 0

    def snapshot(self) -> CallStatistics:
        """Return the counts up to now."""
        with self._lock:
            return CallStatistics(
                calls=self._by_operation.total(),
                throttled=self._throttled,
                wait_seconds=self._wait_seconds,
                retries=self._retries,
                by_operation=MappingProxyType(dict(self._by_operation)),
            )

    def sent(self, operation: str) -> None:
        """Count a request that goes out."""
        with self._lock:
            self._by_operation[operation] += 1

    def throttled(self) -> None:
        """Count an answer 429."""
        with self._lock:
            self._throttled += 1

    def waited(self, seconds: float) -> None:
        """Add time spent waiting for quota."""
        with self._lock:
            self._wait_seconds += seconds

    def retried(self) -> None:
        """Count a request that is sent again."""
        with self._lock:
            self._retries += 1
