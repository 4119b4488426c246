"""What the sales overview shows, as values.

Here belong: the figures of a day, of a stretch of days, of a product, and the two stretches that
are compared. Where they come from is said in `queries`, how they look in `drawing` and `page`.

Amounts of different currencies are never added up: there are figures for each marketplace and
currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was sold.

    Attributes:
        orders: How many orders were placed and not cancelled.
        units: The units in them.
        sales: The price of these units, without tax, shipping and discounts; of an order that is
            pending Amazon tells no price.
    """

    orders: int = 0
    units: int = 0
    sales: Decimal = Decimal(0)

    @classmethod
    def total(cls, all_figures: Sequence["Figures"]) -> "Figures":
        """Return what several come to."""
        return cls(
            orders=sum(each.orders for each in all_figures),
            units=sum(each.units for each in all_figures),
            sales=sum((each.sales for each in all_figures), Decimal(0)),
        )


@dataclass(frozen=True, kw_only=True)
class Product:
    """What was sold of one of the seller's products."""

    sku: str
    asin: str
    title: str
    units: int
    sales: Decimal


@dataclass(frozen=True)
class Days:
    """The last days that are over, and as many before them."""

    last: date
    count: int

    @property
    def recent(self) -> list[date]:
        """The last days, in order."""
        return [self.last - timedelta(days=back) for back in reversed(range(self.count))]

    @property
    def before(self) -> list[date]:
        """The days before them, in order."""
        return [day - timedelta(days=self.count) for day in self.recent]


@dataclass(frozen=True, kw_only=True)
class Sales:
    """What one marketplace sold in one currency.

    Attributes:
        marketplace: The marketplace, as people call it.
        currency: ISO 4217 code of the amounts.
        time_zone: The zone in which its days begin.
        days: The days that are compared.
        recent: The figures of the last days, one for each day.
        before: Those of the days before.
        best_selling: The products with the most sales in the last days.
        most_sold: Those of which most units were sold.
    """

    marketplace: str
    currency: str
    time_zone: str
    days: Days
    recent: tuple[Figures, ...]
    before: tuple[Figures, ...]
    best_selling: tuple[Product, ...]
    most_sold: tuple[Product, ...]

    @property
    def name(self) -> str:
        """What tells it from the others."""
        return f"{self.marketplace} ({self.currency})"


@dataclass(frozen=True)
class Overview:
    """What is shown: the sales of each marketplace and currency, the most orders first."""

    count: int
    sales: tuple[Sales, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no order was placed in all these days."""
        return not self.sales

    def totals(self, part: Literal["recent", "before"]) -> dict[str, int | float]:
        """Return orders and units of all marketplaces, and the sales of each currency."""
        by_currency: dict[str, list[Figures]] = {}
        for sales in self.sales:
            by_currency.setdefault(sales.currency, []).extend(getattr(sales, part))
        totals = {name: Figures.total(found) for name, found in sorted(by_currency.items())}
        everything = Figures.total(list(totals.values()))
        amounts = {f"sales_{name.lower()}": float(each.sales) for name, each in totals.items()}
        return {"orders": everything.orders, "units": everything.units, **amounts}

    @property
    def sentence(self) -> str:
        """What it is, in one sentence."""
        if self.is_empty:
            return f"No orders of the last {2 * self.count} days are in the warehouse."
        return (
            f"Orders, units and sales of the last {self.count} days that are over, beside the"
            f" {self.count} before; each day is the marketplace's own."
        )
