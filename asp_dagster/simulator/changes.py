"""What happens to orders between two runs.

Here belong: which orders change, and how. Everything follows from the seed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from asp_dagster.simulator.orders import Item, Order, Status, with_status

HOUR = timedelta(hours=1)
_INSTANT = timedelta(milliseconds=1)
_SHARE_LOSING_AN_ITEM = 0.3

_NEXT_STATUSES: dict[Status, tuple[Status, ...]] = {
    "PENDING_AVAILABILITY": ("PENDING", "CANCELLED"),
    "PENDING": ("UNSHIPPED", "UNSHIPPED", "CANCELLED"),
    "UNSHIPPED": ("SHIPPED", "SHIPPED", "PARTIALLY_SHIPPED", "CANCELLED"),
    "PARTIALLY_SHIPPED": ("SHIPPED",),
    "SHIPPED": ("SHIPPED",),
    "CANCELLED": ("CANCELLED",),
    "UNFULFILLABLE": ("UNFULFILLABLE",),
}


def changed_orders(
    orders: Sequence[Order], *, random: Random, fraction: float, at: datetime
) -> Iterator[Order]:
    """Yield the orders that differ in the hour before `at`, each as it is afterwards.

    Only orders that were quiet in that hour can change, so that no order goes back in time.
    """
    quiet = [order for order in orders if order.last_updated_at < at - HOUR]
    for order in random.sample(quiet, round(len(quiet) * fraction)):
        changed = _changed(order, random)
        yield replace(changed, last_updated_at=_moment_before(at, random))


def _changed(order: Order, random: Random) -> Order:
    """Return the order after its next step: it loses an item, or its status moves on."""
    can_lose = order.status in {"PENDING", "UNSHIPPED"} and order.booked_items
    if can_lose and random.random() < _SHARE_LOSING_AN_ITEM:
        return replace(order, booked_items=_without_one(order.booked_items, random))
    status = random.choice(_NEXT_STATUSES[order.status])
    return with_status(order, status)


def _without_one(items: Sequence[Item], random: Random) -> tuple[Item, ...]:
    lost = random.randrange(len(items))
    return (*items[:lost], *items[lost + 1 :])


def _moment_before(at: datetime, random: Random) -> datetime:
    """Return a moment within the hour before, to the millisecond."""
    return at - _INSTANT * random.randint(1, HOUR // _INSTANT)
