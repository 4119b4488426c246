"""When an order was promised to be shipped and delivered.

Here belongs: the promise's arithmetic, which both versions of the Orders API and their filters
share.
"""

from datetime import datetime, timedelta

from asp_dagster.simulator.orders import Order

_DAY = timedelta(days=1)

_DELIVERY_DAYS = {"SAME_DAY": 0, "NEXT_DAY": 1, "SECOND_DAY": 2, "EXPEDITED": 3}


def ship_by(order: Order) -> tuple[datetime, datetime]:
    """Return from when until when the order is to be shipped."""
    earliest = order.created_at.replace(microsecond=0)
    return earliest, earliest + _DAY


def deliver_by(order: Order) -> tuple[datetime, datetime]:
    """Return from when until when the order is to be delivered."""
    earliest = order.created_at.replace(microsecond=0)
    earliest += _DAY * _DELIVERY_DAYS.get(order.service_level, 5)
    return earliest, earliest + 2 * _DAY
