"""Counts what a partner sold and how often its pages were seen.

Here belong: the facts behind the sales-and-traffic report, before any ratio or rounding. Sales come
from the orders; visits are drawn, at least one for each order item. A day is a day in UTC.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from asp_dagster.simulator.books import Books
from asp_dagster.simulator.marketplaces import Marketplace
from asp_dagster.simulator.orders import Item, Order, Product

_DAY = timedelta(days=1)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be added up: over days, and over the products of a family."""

    sales: Decimal = _NOTHING
    sales_b2b: Decimal = _NOTHING
    units: int = 0
    units_b2b: int = 0
    order_items: int = 0
    order_items_b2b: int = 0
    units_refunded: int = 0
    shipped_sales: Decimal = _NOTHING
    units_shipped: int = 0
    orders_shipped: int = 0
    browser_sessions: int = 0
    app_sessions: int = 0
    browser_views: int = 0
    app_views: int = 0
    buy_box_views: int = 0

    def __add__(self, other: "Facts") -> "Facts":
        return Facts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def sessions(self) -> int:
        """Visits in a browser or the app."""
        return self.browser_sessions + self.app_sessions

    @property
    def views(self) -> int:
        """Pages seen in a browser or the app."""
        return self.browser_views + self.app_views


@dataclass(frozen=True)
class Period:
    """The facts of one marketplace from a day on, by product. Empty if there is no data."""

    start: date
    marketplace: Marketplace
    by_product: Mapping[Product, Facts]

    @property
    def all_products(self) -> Facts:
        """The facts of the partner's whole catalogue."""
        return added(self.by_product.values())


@dataclass(frozen=True)
class Ledger:
    """Counts a partner's days.

    Attributes:
        seed: What visits follow from.
        products: What the partner sells.
        books: Its orders.
    """

    seed: int
    products: Sequence[Product]
    books: Books

    def day(self, day: date, marketplace: Marketplace) -> Period:
        """Count one day."""
        if not self._is_open(day):
            return Period(day, marketplace, {})
        sold = self._sold(day, marketplace)
        return Period(
            day,
            marketplace,
            {
                product: sold[product] + self._traffic(day, marketplace, product, sold[product])
                for product in self.products
            },
        )

    def days(self, first: date, last: date, marketplace: Marketplace) -> Period:
        """Count the days from the first to the last together."""
        span = (last - first).days + 1
        return merged([self.day(first + _DAY * n, marketplace) for n in range(span)])

    def _is_open(self, day: date) -> bool:
        """Tell whether the day lies between the first order and the last change."""
        if not self.books.by_id:
            return False
        first = self.books.by_creation.orders[0].created_at
        last = self.books.by_last_update.orders[-1].last_updated_at
        return first.date() <= day <= last.date()

    def _sold(self, day: date, marketplace: Marketplace) -> defaultdict[Product, Facts]:
        """Count what was ordered, and what was shipped, on the day."""
        midnight = datetime.combine(day, time(), UTC)
        sums: defaultdict[Product, Facts] = defaultdict(Facts)
        for timeline, count in (
            (self.books.by_creation, _ordered),
            (self.books.by_last_update, _shipped),
        ):
            for order in timeline.between(midnight, midnight + _DAY):
                if order.marketplace == marketplace and order.status != "CANCELLED":
                    for product, facts in count(order):
                        sums[product] += facts
        return sums

    def _traffic(self, day: date, marketplace: Marketplace, product: Product, sold: Facts) -> Facts:
        """Draw the visits of a product's pages, and the refunds."""
        key = f"{self.seed} {day} {marketplace.marketplace_id} {product.sku}"
        random = Random(key)  # noqa: S311 - repeatable, not secret
        browser_sessions, app_sessions = random.randint(0, 40), random.randint(0, 20)
        browser_views = round(browser_sessions * random.uniform(1, 3)) + sold.order_items
        app_views = round(app_sessions * random.uniform(1, 2))
        return Facts(
            units_refunded=min(sold.units, random.choice((0, 0, 0, 0, 1))),
            browser_sessions=browser_sessions + sold.order_items,
            app_sessions=app_sessions,
            browser_views=browser_views,
            app_views=app_views,
            buy_box_views=round((browser_views + app_views) * random.random()),
        )


def added(facts: Iterable[Facts]) -> Facts:
    """Add facts up."""
    return sum(facts, Facts())


def merged(periods: Sequence[Period]) -> Period:
    """Make one period of several."""
    sums: defaultdict[Product, Facts] = defaultdict(Facts)
    for period in periods:
        for product, facts in period.by_product.items():
            sums[product] += facts
    return Period(periods[0].start, periods[0].marketplace, sums)


def _ordered(order: Order) -> Iterator[tuple[Product, Facts]]:
    """Yield what each item adds to the day it was ordered."""
    for item in order.booked_items:
        sales, units = item.item_price or _NOTHING, item.quantity_ordered
        if order.is_business:
            yield item.product, Facts(sales, sales, units, units, 1, 1)
        else:
            yield item.product, Facts(sales=sales, units=units, order_items=1)


def _shipped(order: Order) -> Iterator[tuple[Product, Facts]]:
    """Yield what each item adds to the day it was shipped: the day of its last change."""
    if order.status != "SHIPPED":
        return
    for place, item in enumerate(order.booked_items):
        yield item.product, _shipped_item(item, is_first=place == 0)


def _shipped_item(item: Item, *, is_first: bool) -> Facts:
    """Count an item; its order counts with its first."""
    return Facts(
        shipped_sales=item.item_price or _NOTHING,
        units_shipped=item.quantity_fulfilled,
        orders_shipped=int(is_first),
    )
