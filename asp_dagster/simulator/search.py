"""Finds orders by time for both versions of the Orders API.

Here belong: the rules about dates that both versions share, and cutting the result into pages.
Parameter names, filters and words differ between the versions and are theirs.

https://developer-docs.amazon.com/sp-api/docs/orders-api-v0-reference#getorders
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from asp_dagster.simulator.books import Books, Position
from asp_dagster.simulator.clock import to_the_millisecond
from asp_dagster.simulator.marketplaces import marketplace
from asp_dagster.simulator.orders import Order
from asp_dagster.simulator.parameters import Values
from asp_dagster.simulator.wire import invalid_input, unauthorized

SETTLING_TIME = timedelta(minutes=2)
"""Amazon shows nothing younger, and refuses an upper bound nearer to now."""


@dataclass(frozen=True)
class BoundNames:
    """The four date parameters as a version spells them."""

    created_after: str
    created_before: str
    last_updated_after: str
    last_updated_before: str


@dataclass(frozen=True)
class Window:
    """A stretch of one of the orders' times, both ends inclusive.

    Attributes:
        field: The time it is about.
        after: Its first moment.
        before: Its last moment.
        before_name: The name under which the version repeats `before`.
    """

    field: Literal["created_at", "last_updated_at"]
    after: datetime
    before: datetime
    before_name: str


def read_window(values: Values, names: BoundNames, now: datetime) -> Window:
    """Return the window that the date parameters ask for.

    Raises:
        Refusal: When they contradict one another or come too close to now.
    """
    created = names.created_after in values or names.created_before in values
    updated = names.last_updated_after in values or names.last_updated_before in values
    if created and updated:
        raise invalid_input(
            f"{names.created_after} and {names.created_before} cannot be combined with"
            f" {names.last_updated_after} and {names.last_updated_before}."
        )
    if created:
        after_name, before_name = names.created_after, names.created_before
    else:
        after_name, before_name = names.last_updated_after, names.last_updated_before
    if after_name not in values:
        both = f"{names.created_after} or {names.last_updated_after}"
        raise invalid_input(f"Either {both} must be specified.")
    after, before = values[after_name], _before(values, after_name, before_name, now)
    return Window("created_at" if created else "last_updated_at", after, before, before_name)


def _before(values: Values, after_name: str, before_name: str, now: datetime) -> datetime:
    latest = to_the_millisecond(now) - SETTLING_TIME
    before: datetime = values.get(before_name, latest)
    if before > latest:
        raise invalid_input(f"{before_name} must be at least two minutes before now.")
    if before_name in values and before < values[after_name]:
        raise invalid_input(f"{before_name} must be equal to or after {after_name}.")
    return before


def refuse_foreign_marketplaces(marketplace_ids: Collection[str], region: str) -> None:
    """Refuse marketplaces that the selling region does not have.

    Raises:
        Refusal: With 400 for an id Amazon does not know, with 403 for another region's.
    """
    for marketplace_id in marketplace_ids:
        try:
            known = marketplace(marketplace_id)
        except ValueError as error:
            raise invalid_input(
                "Invalid marketplace id.", f"Marketplace {marketplace_id}."
            ) from error
        if known.region != region:
            raise unauthorized(f"Marketplace ID {marketplace_id} is not valid for region {region}.")


@dataclass(frozen=True)
class Page:
    """Some of the orders found, oldest first.

    Attributes:
        orders: The page's orders.
        before: The window's last moment, fixed with the first page.
        next_first: Where the next page begins; None on the last.
    """

    orders: Sequence[Order]
    before: datetime
    next_first: Position | None

    @property
    def bookmark(self) -> list[str] | None:
        """What a page token must remember, or None on the last page."""
        if self.next_first is None:
            return None
        moment, order_id = self.next_first
        return [self.before.isoformat(), moment.isoformat(), order_id]


def page_of(
    books: Books,
    window: Window,
    accepts: Callable[[Order], bool],
    *,
    size: int,
    bookmark: Sequence[str] | None,
) -> Page:
    """Return up to `size` orders of the window.

    Args:
        books: The orders to choose from.
        window: Which times to choose.
        accepts: Whether an order passes the filters.
        size: How many orders make a page.
        bookmark: Where the page before ended; None for the first page.
    """
    before, first = _resumed(window, bookmark)
    timeline = books.by_creation if window.field == "created_at" else books.by_last_update
    orders: list[Order] = []
    for position, order in timeline.since(first):
        if position[0] > before:
            break
        if accepts(order):
            if len(orders) == size:
                return Page(orders, before, position)
            orders.append(order)
    return Page(orders, before, None)


def _resumed(window: Window, bookmark: Sequence[str] | None) -> tuple[datetime, Position]:
    if bookmark is None:
        return window.before, (window.after, "")
    before, moment, order_id = bookmark
    return datetime.fromisoformat(before), (datetime.fromisoformat(moment), order_id)
