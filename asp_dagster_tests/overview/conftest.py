"""Figures to show."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from asp_dagster.overview.figures import Days, Figures, Overview, Product, Sales


@pytest.fixture
def overview() -> Callable[..., Overview]:
    """Make an overview of two days against two before, for each marketplace named."""

    def make(*names: str, title: str = "A kettle") -> Overview:
        days = Days(date(2026, 11, 30), 2)
        product = Product(sku="K-1", asin="B000000001", title=title, units=3, sales=Decimal(60))
        sales = (
            Sales(
                marketplace=name,
                currency="EUR",
                time_zone="Europe/Berlin",
                days=days,
                recent=(Figures(), Figures(orders=2, units=3, sales=Decimal("1234.5"))),
                before=(Figures(orders=1, units=1, sales=Decimal(617)), Figures(orders=1, units=2)),
                best_selling=(product,),
                most_sold=(product,),
            )
            for name in names
        )
        return Overview(days.count, tuple(sales))

    return make
