"""Things that go wrong on purpose.

Here belongs: the queue of outcomes that a test wants instead of the usual answer. It is filled by
the test's thread and emptied by the server's.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from asp_dagster.simulator.wire import Answer, to_json

DROPPED = 0
"""The status of a call that got no answer."""

Body = bytes | str | Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens instead of the usual answer to a call.

    Attributes:
        status: The HTTP status.
        body: The body: bytes or text as they are, a mapping as JSON; by default Amazon's error.
        headers: Headers of the answer.
        drop: Close the connection without an answer.
        truncate: Send half of the usual answer, then close the connection.
        change: Turns the usual answer into another.
        seconds: Send the usual answer piece by piece, over so long a time.
    """

    status: int = 503
    body: Body | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    truncate: bool = False
    change: Callable[[Answer], Answer] | None = None
    seconds: float = 0.0

    @property
    def keeps_answer(self) -> bool:
        """Whether something happens to the usual answer, instead of another taking its place."""
        return self.truncate or self.change is not None or self.seconds > 0

    def of(self, answer: Answer) -> Answer:
        """Return what becomes of the usual answer."""
        is_changed = self.change is not None and answer.status == 200  # noqa: PLR2004 - data
        return self.change(answer) if is_changed and self.change else answer

    @property
    def answer(self) -> Answer:
        """The answer to give."""
        return Answer(DROPPED if self.drop else self.status, self._bytes(), self.headers)

    def _bytes(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        error = {"code": "InternalFailure", "message": "This fault was asked for.", "details": ""}
        return to_json({"errors": [error]} if self.body is None else self.body)


class Faults:
    """The faults waiting for the next calls of an operation."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = {}
        self._lock = Lock()

    def add(self, operation: str, fault: Fault, times: int) -> None:
        """Let the next calls of the operation end in the fault."""
        with self._lock:
            self._waiting.setdefault(operation, deque()).extend([fault] * times)

    def take(self, operation: str) -> Fault | None:
        """Return the fault for this call, if one is waiting."""
        if operation not in self._waiting:
            return None
        with self._lock:
            waiting = self._waiting[operation]
            return waiting.popleft() if waiting else None
