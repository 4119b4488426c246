"""The simulated selling partner: its orders, and the truth about them.

Here belong: the partner as tests and operations see it. How orders are drawn is `generation`, how
they change is `changes`; what Amazon's answers look like is the renderers' business.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

from asp_dagster.simulator import all_orders, sales_and_traffic, truth
from asp_dagster.simulator.assortment import assortment
from asp_dagster.simulator.books import Books
from asp_dagster.simulator.changes import HOUR, changed_orders
from asp_dagster.simulator.clock import to_the_millisecond
from asp_dagster.simulator.generation import Draw, Era
from asp_dagster.simulator.marketplaces import Marketplace, marketplace
from asp_dagster.simulator.orders import Product
from asp_dagster.simulator.sales_facts import Ledger, Period
from asp_dagster.simulator.truth import Row

_MAX_PRODUCTS = 120
_LONG_AGO = timedelta(days=20)


class Partner:
    """A selling partner whose orders all follow from a seed.

    The same seed, size and times give the same partner in every process.

    Attributes:
        seed: What everything follows from.
        marketplaces: Where the partner sells; all in one selling region.
        products: What it sells.
        books: Its orders at this moment; replaced as a whole when orders change.
    """

    def __init__(
        self,
        seed: int,
        marketplaces: Sequence[Marketplace],
        products: Sequence[Product],
        books: Books,
    ) -> None:
        self.seed = seed
        self.marketplaces = tuple(marketplaces)
        self.products = tuple(products)
        self.books = books

    def __repr__(self) -> str:
        ids = ", ".join(each.marketplace_id for each in self.marketplaces)
        return f"<Partner of seed {self.seed}: {len(self.books.by_id)} orders in {ids}>"

    @classmethod
    def generate(
        cls,
        *,
        seed: int,
        orders: int,
        until: datetime,
        days: int,
        marketplaces: Sequence[str] = ("ATVPDKIKX0DER",),
    ) -> "Partner":
        """Draw a partner whose orders last changed in the given days before `until`.

        Args:
            seed: Any whole number.
            orders: How many orders.
            until: The moment after the last change; aware.
            days: How many days before `until` the first change may lie.
            marketplaces: Ids of marketplaces of one selling region.

        Raises:
            ValueError: When a number is negative, a time is naive, or the marketplaces lie in
                several regions or are unknown.
        """
        _check(orders, until, days, marketplaces)
        shops = tuple(map(marketplace, marketplaces))
        products = assortment(seed, min(_MAX_PRODUCTS, max(orders, 1)))
        draw = Draw(Random(f"orders {seed}"), seed, products, shops)  # noqa: S311 - repeatable, not secret
        end = to_the_millisecond(until)
        start = end - timedelta(days=days)
        era = Era(opening=start - _LONG_AGO, start=start, end=end)
        return cls(seed, shops, products, Books(draw.order(n, era) for n in range(orders)))

    @property
    def region(self) -> str:
        """The selling region of all the partner's marketplaces."""
        return self.marketplaces[0].region

    def update(self, *, seed: int, at: datetime, fraction: float = 0.2) -> None:
        """Let orders change, get cancelled, lose items and appear in the hour before `at`.

        Args:
            seed: What the changes follow from, together with the partner's seed.
            at: The moment after the last change; aware.
            fraction: The share of orders that change; a tenth as many are new.

        Raises:
            ValueError: When the time is naive, or the fraction is not one.
        """
        _refuse_naive("at", at)
        if not 0 <= fraction <= 1:
            raise ValueError(f"fraction must lie between 0 and 1, not {fraction}.")
        books, at = self.books, to_the_millisecond(at)
        random = Random(f"changes {self.seed} {seed}")  # noqa: S311 - repeatable, not secret
        changed = list(changed_orders(books.orders, random=random, fraction=fraction, at=at))
        draw = Draw(random, self.seed, self.products, self.marketplaces)
        era = Era(opening=at - HOUR, start=at - HOUR, end=at)
        first = len(books.by_id)
        new = [draw.order(first + n, era) for n in range(max(1, len(changed) // 10))]
        self.books = books.changed([*changed, *new])

    def order_rows(self) -> list[Row]:
        """Return the truth about the orders: one row each, the last changed last."""
        return [truth.order_row(order) for order in self.books.by_last_update.orders]

    def order_item_rows(self) -> list[Row]:
        """Return the truth about the order items: one row each."""
        orders = self.books.by_last_update.orders
        return [row for order in orders for row in truth.order_item_rows(order)]

    def sales_and_traffic_by_date(self, day: date, marketplace_id: str) -> list[Row]:
        """Return the truth of a day's sales and traffic: one row, or none without data."""
        return sales_and_traffic.rows_by_date(self._day(day, marketplace_id))

    def sales_and_traffic_by_asin(self, day: date, marketplace_id: str) -> list[Row]:
        """Return the truth of a day's sales and traffic per child ASIN."""
        return sales_and_traffic.rows_by_asin(self._day(day, marketplace_id))

    def all_orders_lines(
        self, start: datetime, end: datetime, marketplace_ids: Sequence[str]
    ) -> list[dict[str, str]]:
        """Return the lines of the all-orders report over a window, end exclusive."""
        return list(all_orders.lines(self.books, start, end, marketplace_ids))

    @property
    def ledger(self) -> Ledger:
        """Counts the partner's sales and traffic as of this moment."""
        return Ledger(self.seed, self.products, self.books)

    def _day(self, day: date, marketplace_id: str) -> Period:
        return self.ledger.day(day, marketplace(marketplace_id))


def _check(orders: int, until: datetime, days: int, marketplaces: Sequence[str]) -> None:
    """Refuse what no partner can be drawn from."""
    if orders < 0 or days < 1:
        raise ValueError(f"orders must be 0 or more and days 1 or more, not {orders} and {days}.")
    _refuse_naive("until", until)
    regions = {marketplace(each).region for each in marketplaces}
    if len(regions) != 1:
        raise ValueError(
            f"The marketplaces {', '.join(marketplaces) or '(none)'} lie in {len(regions)} selling"
            " regions; a selling partner is authorised for one."
        )


def _refuse_naive(name: str, moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError(f"{name} must be aware, such as {moment.isoformat()}+00:00.")
