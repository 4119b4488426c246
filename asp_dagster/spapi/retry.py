"""How often and how long something is tried again.

Here belongs: the one loop that repeats what waiting can cure. Whether waiting can cure an error,
the error says itself.

https://developer-docs.amazon.com/sp-api/docs/strategies-to-optimize-rate-limits-for-your-application-workloads
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from asp_dagster.spapi.clock import Clock
from asp_dagster.spapi.errors import SellingPartnerError

Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """Bounds in number and in time; within them, pauses that double and vary at random.

    The defaults outlive the slowest refills: searchOrders gets one token in 178 seconds, and the
    bucket, not the pause, does that waiting.

    Attributes:
        max_attempts: Attempts in all, the first included; 1 switches repeating off.
        max_elapsed_seconds: No attempt starts later than this after the first, waits for quota
            aside.
        base_seconds: The longest first pause.
        max_seconds: The longest pause, unless Amazon asks for a longer one.
        jitter: Gives numbers from 0 to 1, by which pauses vary between half and whole.
    """

    max_attempts: int = 8
    max_elapsed_seconds: float = 1800.0
    base_seconds: float = 1.0
    max_seconds: float = 60.0
    jitter: Callable[[], float] = field(default=random.random, repr=False, compare=False)

    def pause_seconds(self, attempts: int, retry_after: float | None) -> float:
        """Return how long to pause after so many failed attempts."""
        longest = min(self.max_seconds, self.base_seconds * 2.0 ** (attempts - 1))
        return max(longest * (1 + self.jitter()) / 2, retry_after or 0.0)


def keep_trying(
    attempt: Callable[[], Result],
    policy: RetryPolicy,
    clock: Clock,
    note: Callable[[SellingPartnerError, float], None],
) -> Result:
    """Return what the attempt returns, repeating it while waiting can cure its error.

    Args:
        attempt: What to do.
        policy: How often and how long.
        clock: Where the pauses are spent.
        note: Told of every error that is followed by a pause, and its seconds.

    Raises:
        SellingPartnerError: The last attempt's error, as itself.
    """
    started = clock.monotonic()
    attempts = 0
    while True:
        try:
            return attempt()
        except SellingPartnerError as error:
            attempts += 1
            pause = policy.pause_seconds(attempts, error.retry_after)
            ends = clock.monotonic() - started + pause
            if (
                not error.is_curable_by_waiting
                or attempts >= policy.max_attempts
                or ends > policy.max_elapsed_seconds
            ):
                raise
            note(error, pause)
        clock.sleep(pause)
