"""Which feeds can listen to notifications: those of orders, which are fetched by their ids.

Here belongs what such a feed must be. How its orders are fetched is decided above.

https://developer-docs.amazon.com/sp-api/docs/notification-type-values#order_change
"""

from collections.abc import Iterator

from asp_dagster.catalog.bulk_orders import (
    ALL_ORDERS_BY_LAST_UPDATE,
    bulk_orders,
    bulk_report,
    tells_the_newer,
)
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed

_CADENCES = ("hourly", "daily", "weekly")


def listens(feed: Feed) -> bool:
    """Tell whether a feed is told of changed orders: if it says so, or is of the newest version."""
    if feed.notifications is not None:
        return feed.notifications
    orders = bulk_orders(feed.source)
    is_newest = orders is not None and orders.version == "v2026"
    return is_newest and not list(listening_mistakes(feed))


def listening_mistakes(feed: Feed) -> Iterator[str]:
    """Yield what keeps a feed from listening."""
    source, orders = feed.source, bulk_orders(feed.source)
    if orders is None or not isinstance(source, EndpointSpec):
        yield (
            "notifications: true is for the orders of /orders/2026-01-01/orders and"
            " /orders/v0/orders only; leave it out"
        )
        return
    if bulk_report(source) is not ALL_ORDERS_BY_LAST_UPDATE:
        yield "notifications: needs updated_at_param, lastUpdatedAfter or LastUpdatedAfter"
    if feed.partitions is None or feed.partitions.every not in _CADENCES:
        yield "notifications: needs `partitions`, hourly, daily or weekly"
    if any(not tells_the_newer(table) for table in feed.tables):
        yield (
            "notifications: needs what identifies and dates a row, as record_config does, in each"
            " table that has no parent"
        )
    if chosen := sorted(source.params.keys() - orders.neutral_params):
        yield (
            f"notifications: a changed order is fetched whatever {', '.join(chosen)} may say; leave"
            " notifications out, or the parameters"
        )
