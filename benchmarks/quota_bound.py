"""What a simulator counted, and how fast an ideal client could have got the same.

Here belongs: the bound of Amazon's quota. Who calls, and how long it took, is each benchmark's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from asp_dagster.spapi import UsagePlans


@dataclass(frozen=True)
class Counted:
    """The calls that a simulator answered.

    Attributes:
        sent: How many were sent to operations with a usage plan: neither logins nor downloads.
        throttled: How many were answered with 429.
        bound_seconds: What an ideal client needs from full buckets, in quota time.
    """

    sent: int
    throttled: int
    bound_seconds: float

    @classmethod
    def by(cls, endpoint: str) -> "Counted":
        """Ask the simulator at this address."""
        calls = requests.get(f"{endpoint}/simulator/calls", timeout=10).json()
        return cls(
            sent=sum(sum(statuses.values()) for statuses in _limited(calls).values()),
            throttled=sum(statuses.get("429", 0) for statuses in calls.values()),
            bound_seconds=_bound_seconds(calls),
        )


def _limited(calls: Mapping[str, Mapping[str, int]]) -> Mapping[str, Mapping[str, int]]:
    """Return the operations that have a usage plan: neither logins nor downloads."""
    plans = {operation.name for operation in UsagePlans.load().operations}
    return {name: statuses for name, statuses in calls.items() if name in plans}


def _bound_seconds(calls: Mapping[str, Mapping[str, int]]) -> float:
    """Return how long an ideal client needs, in quota time."""
    plans: dict[str, Any] = {each.name: each for each in UsagePlans.load().operations}
    return max(
        (statuses.get("200", 0) + statuses.get("202", 0) - plans[name].burst) / plans[name].rate
        for name, statuses in _limited(calls).items()
    )
