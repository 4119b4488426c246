"""A clock that leaps: who sleeps wakes at once, and it is that much later for everybody."""

import threading
from datetime import UTC, datetime, timedelta


class LeapingClock:
    """The machine's time plus all that was slept; shared by a client and its simulator."""

    def __init__(self) -> None:
        self._start = datetime.now(UTC)
        self._leapt = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC) + timedelta(seconds=self._leapt)

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start."""
        return (self.now() - self._start).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        with self._lock:
            self._leapt += seconds
