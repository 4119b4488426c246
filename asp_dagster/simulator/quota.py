"""Keeps Amazon's usage plans: one token bucket per application, selling partner and operation.

Here belongs: counting tokens. Nothing here waits; whoever comes too early is told so.

https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
"""

from dataclasses import dataclass, field
from datetime import datetime
from math import inf, isinf

from asp_dagster.simulator.operations import Operation
from asp_dagster.simulator.wire import Refusal

_ROUNDING_SECONDS = 2e-6
"""By how much a bucket may be asked too early: clocks are exact to the microsecond."""


@dataclass
class Bucket:
    """The tokens left of one plan, and when they were counted."""

    tokens: float
    counted_at: datetime


@dataclass
class Quota:
    """Spends tokens, and refuses a request for which there is none.

    Attributes:
        speed: How many times faster than Amazon's tokens come back; infinite: no quota.
    """

    speed: float = 1.0
    _buckets: dict[tuple[str, str, str], Bucket] = field(default_factory=dict, repr=False)

    def rate(self, operation: Operation) -> str | None:
        """Return the rate in force as its header states it, or None without quota."""
        return None if isinf(self.speed) else f"{operation.plan.rate * self.speed:.10g}"

    def spend(self, caller: str, operation: Operation, now: datetime) -> None:
        """Take one token of the caller's plan.

        Raises:
            Refusal: With status 429 when there is none; the refused request takes nothing.
        """
        if isinf(self.speed):
            return
        bucket = self._refilled(caller, operation, now)
        if bucket.tokens < 1 - _ROUNDING_SECONDS * operation.plan.rate * self.speed:
            message = "You exceeded your quota for the requested resource."
            raise Refusal(429, "QuotaExceeded", message)
        bucket.tokens -= 1

    def _refilled(self, caller: str, operation: Operation, now: datetime) -> Bucket:
        plan = operation.plan
        key = caller, operation.method, operation.template
        bucket = self._buckets.setdefault(key, Bucket(plan.burst, now))
        waited = max(0.0, (now - bucket.counted_at).total_seconds())
        bucket.tokens = min(plan.burst, bucket.tokens + waited * plan.rate * self.speed)
        bucket.counted_at = now
        return bucket


def speed_from(given: float | str) -> float:
    """Read a speed: a positive factor, or 0 or `inf` for no quota.

    Raises:
        ValueError: When it is negative or no number.
    """
    speed = float(given)
    if not speed >= 0:
        raise ValueError(f"speed must be 0 or more, not {given}.")
    return speed or inf
