"""How long personal data are kept.

Here belongs the rule of a run; what a record counts from is `landing.erasing.judging`'s.

https://developer-docs.amazon.com/sp-api/docs/security-compliance-overview
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

KEEP_DAYS = 30
"""Amazon's: personal data no longer than 30 days after the delivery."""

_ANY_MOMENT = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Rule:
    """What a run goes by.

    Attributes:
        now: The present, aware.
        keep_days: How many days personal data are kept.
        keep_days_of: The same for single feeds, by name.
        is_dry: Whether it only counts.
        reads_all: Whether it reads files too that are known to hold nothing that is due.
    """

    now: datetime
    keep_days: int = KEEP_DAYS
    keep_days_of: Mapping[str, int] = field(default_factory=dict)
    is_dry: bool = False
    reads_all: bool = False

    def keep(self, feed: str) -> timedelta:
        """Return how long the personal data of a feed are kept."""
        return timedelta(days=self.keep_days_of.get(feed, self.keep_days))

    def before(self, feed: str) -> datetime:
        """Return the moment from which, or before which, a feed's values count that are due.

        Where nothing is kept, that is any: an order's delivery may be to come.
        """
        keep = self.keep(feed)
        return self.now - keep if keep else _ANY_MOMENT

    @property
    def shortest(self) -> timedelta:
        """How long any feed's personal data are kept."""
        return timedelta(days=min([self.keep_days, *self.keep_days_of.values()]))
