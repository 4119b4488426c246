"""What a check of a feed's way to Amazon is, and what it is given.

It belongs to the raw files, for landing them is what goes wrong, and it is told before they are
asked for. Here belong the values; what is judged is said in `secret_age` and `removals`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from asp_dagster.catalog.feeds import Feed
from asp_dagster.checks.check import Verdict
from asp_dagster.resources import AmazonSPResource


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A run that is about to ask Amazon.

    Attributes:
        feed: The feed it asks for.
        amazon: The way to Amazon.
        today: The date.
    """

    feed: Feed
    amazon: AmazonSPResource
    today: date


RawJudge = Callable[[Asking], Verdict]


@dataclass(frozen=True, kw_only=True)
class RawCheck:
    """One check of a feed's way to Amazon.

    Attributes:
        name: Its name, which stays the same.
        description: What it asks.
        judge_of: Returns what gives the verdict on a feed; none if it is not for it.
    """

    name: str
    description: str
    judge_of: Callable[[Feed], RawJudge | None]
