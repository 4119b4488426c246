"""Time, as something that can be handed in.

Here belong: telling the time and sleeping, and what wakes a sleeper early. No other module of this
package does either, so that a test can run through hours in a moment.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Protocol

# The thread's own: whoever stops some threads' work leaves alone what others do with the client.
_stop: ContextVar[threading.Event | None] = ContextVar("_stop", default=None)


class StoppedError(Exception):
    """The work of this thread is no longer wanted; nothing went wrong here.

    It is no `SellingPartnerError`: neither a pause nor the selling partner can do anything about
    it.
    """


@contextmanager
def stopped_by(stop: threading.Event) -> Iterator[None]:
    """Let an event end this thread's waits and requests for as long as the block runs.

    A thread that waits for quota may wait for minutes. Once the event is set, a sleep of the system
    clock ends at once, and no further request is sent.

    Raises:
        StoppedError: From within the block, by `check_not_stopped` or a sleep.
    """
    before = _stop.set(stop)
    try:
        yield
    finally:
        _stop.reset(before)


def check_not_stopped() -> None:
    """Return if this thread's work is still wanted.

    Raises:
        StoppedError: When it is not.
    """
    stop = _stop.get()
    if stop is not None and stop.is_set():
        raise StoppedError


class Clock(Protocol):
    """Tells the time and lets it pass."""

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start, which never go back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return after `seconds` have passed."""
        ...


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start, which never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block the calling thread for `seconds`, or until it is stopped.

        Raises:
            StoppedError: When the thread is stopped: see `stopped_by`.
        """
        stop = _stop.get()
        if stop is None:
            time.sleep(seconds)
        elif stop.wait(seconds):
            raise StoppedError
