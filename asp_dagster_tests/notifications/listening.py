"""Feeds that listen, for the tests of who is told of what."""

from typing import Any

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Account, Feed, PartitionsSpec
from asp_dagster.notifications.listeners import Audience, Listener, Listeners
from asp_dagster.resources import AmazonSPResource


def orders_feed(
    account: Account | None = None, params: dict[str, Any] | None = None, **changes: Any
) -> Listener:
    """Return a feed of orders that listens."""
    source = EndpointSpec(
        path="/orders/2026-01-01/orders",
        params=params or {},
        updated_at_param="lastUpdatedAfter",
    )
    feed = Feed(
        name="raw_orders",
        group="orders",
        source=source,
        raw_format="jsonl",
        account=account or Account(),
        partitions=PartitionsSpec(every="daily"),
        **changes,
    )
    return Listener(
        feed, "/".join([*([feed.account.name] if feed.account.name else []), feed.name])
    )


def account_feed(name: str, seller_id: str | None = None, *marketplaces: str) -> Listener:
    """Return the feed of an account that has credentials of its own."""
    return orders_feed(
        Account(name=name, credentials=name, seller_id=seller_id, marketplaces=marketplaces)
    )


def audience(*orders: Listener, **settings: Any) -> Audience:
    """Return who is told of what, by some settings."""
    return Audience(Listeners(orders, ()), AmazonSPResource(**settings))
