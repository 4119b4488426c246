"""What the tables of every feed must hold after a storm.

Here belong: the truth of the simulated partner, and the query that brings a table into its words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asp_dagster.simulator import Partner
from asp_dagster.simulator.direct_fulfillment import direct_fulfillment_rows
from asp_dagster.simulator.outbound_orders import outbound_order_rows
from asp_dagster.simulator.stock import stock_rows
from asp_dagster_tests.storm.tally import Row

_LOOKBACK = timedelta(days=6)
"""How far the direct-fulfilment feed reaches back from a day."""
_OF_ITEMS = ("items_count", "units_ordered")
"""What a row of an order says of its items."""

_FBA_INVENTORY = """(select marketplace_id, sku as seller_sku, fnsku as fn_sku, asin,
    fulfillable_quantity as fulfillable, reserved_for_orders_quantity as pending,
    total_quantity as total from amazon.fba_inventory)"""
_OUTBOUND_ORDERS = "(select order_id, status, status_update_time from amazon.outbound_orders)"
_DIRECT_FULFILLMENT = """(select purchase_order_number, order_details__order_date as order_date,
    order_details__order_status as status from amazon.vendor_direct_fulfillment_orders)"""


@dataclass(frozen=True)
class StormTruth:
    """The truth of one partner.

    Attributes:
        partner: Whose it is.
        days: The days whose reports were made.
        gone: The orders whose items v0 does not know.
    """

    partner: Partner
    days: Sequence[datetime]
    gone: Sequence[str]

    def tables(self) -> Iterator[tuple[str, Sequence[Row]]]:
        """Yield each table, or a query in its place, with the rows that it must give."""
        partner = self.partner
        orders, items = partner.order_rows(), partner.order_item_rows()
        yield "amazon.orders", orders
        yield "amazon.order_items", items
        gone = ", ".join(f"'{each}'" for each in self.gone)
        yield "amazon.orders_v0", [_without(row, *_OF_ITEMS) for row in orders]
        yield (
            f"(select * from amazon.orders_v0 where order_id not in ({gone}))",
            [row for row in orders if row["order_id"] not in self.gone],
        )
        yield "amazon.order_items_v0", [row for row in items if row["order_id"] not in self.gone]
        yield "amazon.sales_and_traffic_by_date", self._sales("by_date")
        yield "amazon.sales_and_traffic_by_asin", self._sales("by_asin")
        yield "amazon.all_orders", self._all_orders()
        yield _FBA_INVENTORY, stock_rows(partner)
        yield _OUTBOUND_ORDERS, [_without(row, "units") for row in outbound_order_rows(partner)]
        yield _DIRECT_FULFILLMENT, self._direct_fulfillment()

    @property
    def _marketplaces(self) -> list[str]:
        return [each.marketplace_id for each in self.partner.marketplaces]

    def _sales(self, cut: str) -> list[Row]:
        rows = getattr(self.partner, f"sales_and_traffic_{cut}")
        return [
            row
            for day in self.days
            for shop in self._marketplaces
            for row in rows(day.date(), shop)
        ]

    def _all_orders(self) -> list[Row]:
        lines = self.partner.all_orders_lines
        return [
            {"amazon_order_id": line["amazon-order-id"]}
            for day in self.days
            for line in lines(day, day + timedelta(days=1), self._marketplaces)
        ]

    def _direct_fulfillment(self) -> list[Row]:
        """Return the orders that were made in the days, or within the look-back of the first."""
        return [
            _without(row, "items")
            for row in direct_fulfillment_rows(self.partner)
            if row["order_date"] >= self.days[0] - _LOOKBACK
        ]


def _without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}
