"""What is compared, and what may be added up."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from asp_dagster.overview.figures import Days, Overview


def test_the_days_before_end_where_the_last_ones_begin() -> None:
    """As many days stand before the last ones, and no day is in both or in neither."""
    days = Days(date(2026, 3, 2), 3)

    assert days.recent == [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)]
    assert days.before == [date(2026, 2, 25), date(2026, 2, 26), date(2026, 2, 27)]


def test_amounts_of_different_currencies_are_not_added_up(
    overview: Callable[..., Overview],
) -> None:
    """Orders and units are totals of all marketplaces; sales are so for each currency."""
    of_all = overview("Amazon.de", "Amazon.fr", "Amazon.pl")
    *euros, zloty = of_all.sales
    mixed = replace(of_all, sales=(*euros, replace(zloty, currency="PLN")))

    totals = mixed.totals("recent")

    assert totals == {"orders": 6, "units": 9, "sales_eur": 2469.0, "sales_pln": 1234.5}
