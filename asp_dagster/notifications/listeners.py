"""Which feeds are told of a notification: those of the seller and the marketplace that it names.

Here belong finding the feeds that listen, and whose each of them is. Whether a feed can listen is
said in `catalog.listening`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import dagster as dg

from asp_dagster.catalog.bulk_orders import bulk_orders
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.listening import listens
from asp_dagster.catalog.notifications import ORDER_CHANGE, Notification
from asp_dagster.jobs import job_name
from asp_dagster.located import located_feed
from asp_dagster.partitions import partitions_definition
from asp_dagster.resources import AmazonSPResource

_MARKETPLACES = "{marketplace_ids}"


@dataclass(frozen=True)
class Listener:
    """A feed that is told of notifications.

    Attributes:
        feed: The feed.
        asset: Its raw asset, as text: `acme/raw_orders`.
    """

    feed: Feed
    asset: str

    @property
    def job_name(self) -> str:
        """The job that fetches what has changed."""
        return job_name(self.feed)

    @property
    def cut(self) -> dg.TimeWindowPartitionsDefinition:
        """The partitions of a feed of orders."""
        return cast(
            "dg.TimeWindowPartitionsDefinition", partitions_definition(self.feed.partitions)
        )


@dataclass(frozen=True)
class Listeners:
    """The feeds of a code location that listen.

    Attributes:
        orders: Those that fetch changed orders.
        reports: Those that leave their reports to a sensor.
    """

    orders: Sequence[Listener]
    reports: Sequence[Listener]

    @classmethod
    def of(cls, declared: dg.Definitions) -> "Listeners":
        """Find them among declared feeds."""
        assets = [each for each in declared.assets or () if isinstance(each, dg.AssetsDefinition)]
        located = filter(None, (located_feed(spec) for each in assets for spec in each.specs))
        found = [Listener(each.feed, each.key.to_user_string()) for each in located]
        return cls(
            [each for each in found if listens(each.feed)],
            [each for each in found if each.feed.wait == "sensor"],
        )


@dataclass(frozen=True)
class Audience:
    """Who is told of what.

    A feed is its account's; one without an account of its own is that of the settings. Where no
    feed says whose it is, and all are of one selling partner, they are told of anybody's.

    Attributes:
        listeners: The feeds.
        amazon: The settings.
    """

    listeners: Listeners
    amazon: AmazonSPResource

    def of(self, notification: Notification) -> Sequence[str]:
        """Return the assets of the feeds that are told of a notification."""
        is_order = notification.notification_type == ORDER_CHANGE
        among = self.listeners.orders if is_order else self.listeners.reports
        told = [each for each in among if self._is_of(each, notification.seller_id, among)]
        return [each.asset for each in told if self._asks_for(each, notification.marketplace_id)]

    def knows(self, seller_id: str) -> bool:
        """Tell whether any feed is that seller's, as far as is said."""
        everybody = [*self.listeners.orders, *self.listeners.reports]
        return any(self._is_of(each, seller_id, everybody) for each in everybody)

    def why_not(self, seller_id: str, marketplace_id: str) -> str:
        """Return why nobody is told of what came from a seller and a marketplace."""
        if self.knows(seller_id):
            return (
                f"No feed that listens asks for marketplace {marketplace_id} of seller {seller_id}:"
                " add it to the account's `marketplaces` or to ASP_MARKETPLACE_IDS if its orders"
                " are wanted."
            )
        return (
            f"No feed that listens is of seller {seller_id}: write `seller_id: {seller_id}` to its"
            " account (ASP_SELLER_ID for the settings' own), or"
            " let asp notifications remove end its subscription."
        )

    def _is_of(self, listener: Listener, seller_id: str | None, among: Sequence[Listener]) -> bool:
        own = self._seller_of(listener.feed)
        return own == seller_id if own else _is_one_partner(among) and not self._are_said(among)

    def _seller_of(self, feed: Feed) -> str | None:
        account = feed.account
        of_settings = self.amazon.seller_id if account.credentials is None else None
        return account.seller_id or of_settings

    def _are_said(self, among: Iterable[Listener]) -> bool:
        return any(self._seller_of(each.feed) for each in among)

    def _asks_for(self, listener: Listener, marketplace_id: str | None) -> bool:
        return marketplace_id is None or marketplace_id in self._marketplaces_of(listener.feed)

    def _marketplaces_of(self, feed: Feed) -> Collection[str]:
        """Return what the feed's search asks for."""
        orders, source = bulk_orders(feed.source), cast("EndpointSpec", feed.source)
        asked = source.params.get(orders.marketplaces_param) if orders else None
        written = asked if isinstance(asked, list) else str(asked or _MARKETPLACES).split(",")
        return {
            marketplace
            for each in map(str, written)
            for marketplace in (
                self.amazon.named_marketplaces(feed.account) if "{" in each else [each.strip()]
            )
        }


def _is_one_partner(among: Iterable[Listener]) -> bool:
    accounts = [each.feed.account for each in among]
    return len({(each.credentials, each.endpoint) for each in accounts}) == 1
