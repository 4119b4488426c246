"""How long personal data are kept.

Here belongs the rule of a run; what a record counts from is `landing.erasing.judging`'s.

https://developer-docs.amazon.com/sp-api/docs/security-compliance-overview
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asp_dagster.catalog.feeds import Feed
from asp_dagster.landing import SettingError

KEEP_DAYS = 30
"""Amazon's: personal data no longer than 30 days after the delivery."""

KEEP_TAG = "asp_dagster/keep_personal_data"
"""The tag by which a feed has a time of its own, where a law requires it."""

# A tag takes no spaces, and Dagster takes a text of digits for a number.
_TIME = re.compile(r"([0-9]{1,5})-days")
_ANY_MOMENT = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Rule:
    """What a run goes by.

    Attributes:
        now: The present, aware.
        keep_days: How many days personal data are kept, unless their feed says; with 0, none is,
            whatever any feed says.
        is_dry: Whether it only counts.
        reads_all: Whether it reads files too that are known to hold nothing that is due.
    """

    now: datetime
    keep_days: int = KEEP_DAYS
    is_dry: bool = False
    reads_all: bool = False

    def keep(self, feed: Feed) -> timedelta:
        """Return how long the personal data of a feed are kept.

        Raises:
            SettingError: The feed's tag is no time.
        """
        own = feed.tags.get(KEEP_TAG, f"{self.keep_days}-days")
        found = _TIME.fullmatch(own)
        if found is None:
            raise SettingError(
                f"{feed.name}: the tag {KEEP_TAG} is {own!r}; write it as 3650-days."
            )
        return timedelta(days=int(found[1]) if self.keep_days else 0)

    def before(self, feed: Feed) -> datetime:
        """Return the moment from which, or before which, a feed's values count that are due.

        Where nothing is kept, that is any: an order's delivery may be to come.
        """
        keep = self.keep(feed)
        return self.now - keep if keep else _ANY_MOMENT
