"""Listed reports as they are declared, and the way to what Amazon lists of them.

Here belongs the value. What its assets do is said in `assets`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from asp_dagster import landing
from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.catalog.listed_reports import SumSpec
from asp_dagster.catalog.report_types import ReportType, ReportTypes

if TYPE_CHECKING:  # only a run pays for loading what asks Amazon for data
    from asp_dagster.landing import Listing
    from asp_dagster.spapi import SellingPartnerClient


@dataclass(frozen=True)
class ListedFeed:
    """Listed reports as they are declared.

    Attributes:
        feed: The feed.
        overlap: How far before its last look a run looks again.
        sums: The sums that are to come out.
        is_scheduled: Whether it declares a schedule at Amazon.
    """

    feed: Feed
    overlap: timedelta
    sums: Sequence[SumSpec] = ()
    is_scheduled: bool = False

    @property
    def report_type(self) -> ReportType:
        """What is known of the type."""
        return ReportTypes.load().find(self._source.report_type)

    @property
    def marketplace_ids(self) -> Sequence[str]:
        """The marketplaces it is limited to; none for all."""
        declared = self._source.marketplace_ids or self.feed.account.marketplaces
        assert not isinstance(declared, str)  # noqa: S101 - of a listed report it is a list
        return declared

    def listing(self, client: "SellingPartnerClient") -> "Listing":
        """Return the way to its reports; a type that none but a schedule makes needs no sieve."""
        is_mixed = self.is_scheduled and self.report_type.requestable == "yes"
        return landing.Listing(
            client, self.report_type, self.marketplace_ids, is_scheduled=is_mixed
        )

    @property
    def _source(self) -> ReportSpec:
        assert isinstance(self.feed.source, ReportSpec)  # noqa: S101 - only reports are listed
        return self.feed.source
