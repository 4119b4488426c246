"""The partner's orders at one moment, found by id and by time.

Here belongs: looking orders up. Books never change: an operation that holds them sees one moment of
the partner, whatever happens meanwhile.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter

from asp_dagster.simulator.orders import Order

Position = tuple[datetime, str]
"""Where an order stands in a timeline: its time, and its id for orders of the same moment."""


@dataclass(frozen=True)
class Timeline:
    """Orders sorted by one of their times, oldest first."""

    positions: Sequence[Position]
    orders: Sequence[Order]

    @classmethod
    def of(cls, orders: Iterable[Order], field: str) -> "Timeline":
        """Sort the orders by the time in this field."""
        ordered = sorted(orders, key=attrgetter(field, "order_id"))
        return cls([attrgetter(field, "order_id")(order) for order in ordered], ordered)

    def between(self, start: datetime, end: datetime) -> Sequence[Order]:
        """Return the orders from start, inclusive, to end, exclusive."""
        return self.orders[self._first_at(start) : self._first_at(end)]

    def since(self, position: Position) -> Iterator[tuple[Position, Order]]:
        """Yield the orders from this position on, each with its own."""
        for place in range(bisect_left(self.positions, position), len(self.positions)):
            yield self.positions[place], self.orders[place]

    def _first_at(self, moment: datetime) -> int:
        return bisect_left(self.positions, (moment, ""))


class Books:
    """The partner's orders at one moment."""

    def __init__(self, orders: Iterable[Order]) -> None:
        self.by_id: Mapping[str, Order] = {order.order_id: order for order in orders}

    @property
    def orders(self) -> Sequence[Order]:
        """All orders, in the order in which they were drawn."""
        return tuple(self.by_id.values())

    @cached_property
    def by_creation(self) -> Timeline:
        """The orders as they were made."""
        return Timeline.of(self.by_id.values(), "created_at")

    @cached_property
    def by_last_update(self) -> Timeline:
        """The orders as they last changed."""
        return Timeline.of(self.by_id.values(), "last_updated_at")

    def changed(self, orders: Iterable[Order]) -> "Books":
        """Return new books in which these orders replace their older selves, or are added."""
        return Books({**self.by_id, **{order.order_id: order for order in orders}}.values())
