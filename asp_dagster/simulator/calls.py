"""Remembers every request, so that a test can say how many there were.

Here belongs: the log of calls. It is written by the server's thread and read by the test's.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock


@dataclass(frozen=True, slots=True)
class Call:
    """One request and how it was answered.

    Attributes:
        operation: Amazon's name of the operation; `requestToken` for LWA, `downloadDocument` for a
            presigned URL, `unknownOperation` for a path that Amazon does not have.
        method: The HTTP method.
        path: The path, without its query.
        status: The HTTP status; 0 if the connection was dropped.
        at: When it was answered.
    """

    operation: str
    method: str
    path: str
    status: int
    at: datetime


class CallLog:
    """The calls so far, in their order."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = Lock()

    def add(self, call: Call) -> None:
        """Remember a call."""
        with self._lock:
            self._calls.append(call)

    def all(self) -> tuple[Call, ...]:
        """Return the calls so far."""
        with self._lock:
            return tuple(self._calls)

    def counts(self) -> Mapping[str, Mapping[int, int]]:
        """Return how often each operation was answered with each status."""
        counted = Counter((call.operation, call.status) for call in self.all())
        operations: dict[str, dict[int, int]] = {}
        for (operation, status), count in sorted(counted.items()):
            operations.setdefault(operation, {})[status] = count
        return operations
