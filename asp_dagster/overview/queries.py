"""Reads the figures of the sales overview out of the warehouse, be it DuckDB or PostgreSQL.

Here belongs the SQL. A day begins and ends in the marketplace's time zone, as in Amazon's own
figures; of a marketplace that is not known, in UTC.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from asp_dagster.overview.figures import Days, Figures, Overview, Product, Sales
from asp_dagster.spapi import MARKETPLACES, Marketplace
from asp_dagster.warehouse import Warehouse
from asp_dagster.warehouse.sql import identifier, literal

_KNOWN = {each.marketplace_id: each for each in MARKETPLACES}
_PRODUCTS = 10
_TABLES = ("orders", "order_items")

Row = Mapping[str, Any]
Ask = Callable[[str], Sequence[Row]]


def read_overview(
    warehouse: Warehouse, *, schema: str, now: datetime, count: int, last: date | None = None
) -> Overview:
    """Return the overview of the last days that are over.

    Args:
        warehouse: Where the tables are.
        schema: The schema of `orders` and `order_items`.
        now: What is over is over by then.
        count: How many days are compared with as many before.
        last: The last day that is shown; by default, in each marketplace, yesterday.

    Returns:
        The overview; an empty one where the tables do not exist yet.

    Raises:
        WarehouseError: When the database refuses.
    """
    with warehouse.queries() as query:

        def ask(sql: str) -> list[Row]:
            rows: list[Row] = query(sql).to_pylist()
            return rows

        if not _has_tables(ask, schema):
            return Overview(count, ())
        sales = [
            each
            for marketplace_id in _marketplace_ids(ask, schema)
            for each in _Reader(ask, schema, marketplace_id).sales(now, count, last)
        ]
    return Overview(count, tuple(sorted(sales, key=_by_orders)))


def _has_tables(ask: Ask, schema: str) -> bool:
    found = ask(
        "SELECT table_name AS name FROM information_schema.tables"
        f" WHERE table_schema = {literal(schema)}"
    )
    return set(_TABLES) <= {row["name"] for row in found}


def _marketplace_ids(ask: Ask, schema: str) -> list[str | None]:
    rows = ask(f"SELECT DISTINCT marketplace_id AS id FROM {identifier(schema)}.orders ORDER BY 1")
    return [row["id"] for row in rows]


def _by_orders(sales: Sales) -> tuple[int, str]:
    return -Figures.total(sales.recent + sales.before).orders, sales.name


@dataclass(frozen=True)
class _Reader:
    """Asks for the figures of one marketplace."""

    ask: Ask
    schema: str
    marketplace_id: str | None

    @property
    def known(self) -> Marketplace | None:
        """What Amazon says of the marketplace, if it is one that is known."""
        return _KNOWN.get(self.marketplace_id or "")

    @property
    def zone(self) -> str:
        """The zone in which its days begin."""
        return self.known.time_zone if self.known else "UTC"

    def sales(self, now: datetime, count: int, last: date | None) -> Iterator[Sales]:
        """Yield what was sold, of each currency by itself."""
        yesterday = now.astimezone(ZoneInfo(self.zone)).date() - timedelta(days=1)
        days = Days(last or yesterday, count)
        by_currency: dict[str, dict[date, Figures]] = {}
        for row in self.ask(self._by_day(days)):
            figures = Figures(orders=row["orders"], units=row["units"], sales=row["sales"])
            by_currency.setdefault(row["currency"], {})[row["day"]] = figures
        for currency, found in by_currency.items():
            yield Sales(
                marketplace=self._name(),
                currency=currency,
                time_zone=self.zone,
                days=days,
                recent=tuple(found.get(day, Figures()) for day in days.recent),
                before=tuple(found.get(day, Figures()) for day in days.before),
                best_selling=self._products(days, currency, "sales DESC, units DESC"),
                most_sold=self._products(days, currency, "units DESC, sales DESC"),
            )

    def _name(self) -> str:
        return self.known.domain.capitalize() if self.known else self.marketplace_id or "elsewhere"

    def _products(self, days: Days, currency: str, order: str) -> tuple[Product, ...]:
        return tuple(Product(**row) for row in self.ask(self._best(days, currency, order)))

    def _by_day(self, days: Days) -> str:
        return (
            f"SELECT CAST(o.created_at AT TIME ZONE {literal(self.zone)} AS DATE) AS day,"
            f" {self._currency} AS currency, COUNT(DISTINCT o.order_id) AS orders, {_SUMS}"
            f" {self._sold(days.before[0], days.last)} GROUP BY 1, 2 ORDER BY 2, 1"
        )

    def _best(self, days: Days, currency: str, order: str) -> str:
        return (
            "SELECT COALESCE(i.sku, '') AS sku, COALESCE(i.asin, '') AS asin,"
            f" COALESCE(MAX(i.title), '') AS title, {_SUMS}"
            f" {self._sold(days.recent[0], days.last)} AND {self._currency} = {literal(currency)}"
            " AND i.quantity_ordered > 0"
            f" GROUP BY 1, 2 ORDER BY {order}, sku, asin LIMIT {_PRODUCTS}"
        )

    @property
    def _currency(self) -> str:
        """Of an order without prices, the marketplace's."""
        usual = literal(self.known.currency if self.known else "no currency")
        return f"COALESCE(i.currency, o.currency, {usual})"

    def _sold(self, first: date, last: date) -> str:
        schema = identifier(self.schema)
        where = (
            f"= {literal(self.marketplace_id)}" if self.marketplace_id is not None else "IS NULL"
        )
        return (
            f"FROM {schema}.orders o LEFT JOIN {schema}.order_items i ON i.order_id = o.order_id"
            f" WHERE o.marketplace_id {where} AND COALESCE(o.status, '') <> 'CANCELLED'"
            f" AND o.created_at >= {self._midnight(first)}"
            f" AND o.created_at < {self._midnight(last + timedelta(days=1))}"
        )

    def _midnight(self, day: date) -> str:
        moment = datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)
        return f"CAST({literal(moment.isoformat())} AS TIMESTAMP WITH TIME ZONE)"


_SUMS = (
    "CAST(COALESCE(SUM(i.quantity_ordered), 0) AS BIGINT) AS units,"
    " COALESCE(SUM(i.item_price), 0) AS sales"
)
