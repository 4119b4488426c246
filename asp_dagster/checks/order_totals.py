"""Whether the items of an order come to what the order says.

The items' prices, shipping and gift wrap, less their discounts, are the total; so much both
versions of the API have in common. Their taxes are in the prices in some marketplaces and beside
them in others, so both are right. What else a total may hold stands in no table of ours: tips and
fees for payment on delivery in v2026-01-01; in v0 gift wrap too, which is told with a restricted
data token only.

https://developer-docs.amazon.com/sp-api/reference/orders-v2026-01-01
"""

from collections.abc import Mapping
from functools import partial

from asp_dagster.catalog.bulk_orders import Version
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.tables import TableSpec
from asp_dagster.checks.check import Check, Judge, Loaded, Table, Verdict, is_beyond_chance
from asp_dagster.checks.declared_columns import column_at
from asp_dagster.checks.orders import Orders, orders_in
from asp_dagster.warehouse.sql import identifier

NAME = "items_sum_to_total"

_TAX = "proceeds.breakdowns[type=TAX].detailedBreakdowns[subtype={}].value.amount"
_PRICES: Mapping[Version, tuple[str, ...]] = {
    "v2026": tuple(
        f"proceeds.breakdowns[type={kind}].subtotal.amount"
        for kind in ("ITEM", "SHIPPING", "GIFT_WRAP")
    ),
    "v0": ("ItemPrice.Amount", "ShippingPrice.Amount", "BuyerInfo.GiftWrapPrice.Amount"),
}
_TAXES: Mapping[Version, tuple[str, ...]] = {
    "v2026": tuple(map(_TAX.format, ("ITEM", "SHIPPING", "GIFT_WRAP"))),
    "v0": ("ItemTax.Amount", "ShippingTax.Amount", "BuyerInfo.GiftWrapTax.Amount"),
}
_DISCOUNTS: Mapping[Version, tuple[str, ...]] = {
    "v2026": ("proceeds.breakdowns[type=DISCOUNT].subtotal.amount",),
    "v0": ("PromotionDiscount.Amount",),
}
_MOST_COMPARED = 10_000
"""Of so many orders a load must not be long, and more would tell no more."""

_SHORT = "0.01"
_OVER: Mapping[Version, str] = {"v2026": "0.01", "v0": "0.5"}
"""By which share of it the total may differ from the sum."""


def _judge(loaded: Loaded, *, orders: Orders, items: TableSpec, total: str) -> Verdict:
    sums = f"({_sums(loaded, orders, items, total)}) AS sums"
    is_wrong = (
        f"total < lower - {_SHORT} * abs(lower) - 0.01"
        f" OR total > higher + {_OVER[orders.version]} * abs(higher) + 0.01"
    )
    counted = loaded.first(
        f"SELECT count(*) AS compared, count(*) FILTER (WHERE {is_wrong}) AS wrong FROM {sums}"  # noqa: S608 - names are checked by `identifier`
    )
    compared, wrong = counted["compared"], counted["wrong"]
    metadata = {"orders_compared": compared, "orders_that_differ": wrong}
    if not is_beyond_chance(wrong, compared):
        return Verdict(
            passed=True, says="The items come to the totals of their orders.", metadata=metadata
        )
    examples = loaded.few((orders.order_id,), f"(SELECT * FROM {sums} WHERE {is_wrong}) AS wrong")  # noqa: S608 - as above
    return Verdict(
        passed=False,
        says=f"Of {compared} orders with a total, the items of {wrong} in {items.name} come to"
        " something else. Compare one with Seller Central: either items are missing or doubled, or"
        " Amazon counts something into the total that no column tells; then turn the check off.",
        metadata={**metadata, "examples": examples},
    )


def _sums(loaded: Loaded, orders: Orders, items: TableSpec, total: str) -> str:
    """Return the query of the totals, and of the sums of the items without and with their taxes."""
    order_id, version = identifier(orders.order_id), orders.version
    price = _added(items, _PRICES[version])
    untaxed = f"{price} - ({_added(items, _DISCOUNTS[version])})"
    taxes = _added(items, _TAXES[version])
    return (
        f"SELECT {order_id}, min(total) AS total, sum({untaxed}) AS lower,"  # noqa: S608 - as above
        f" sum({untaxed} + {taxes}) AS higher FROM (SELECT {order_id}, {identifier(total)} AS total"
        f" FROM {loaded.name} AS t WHERE {loaded.in_partitions} AND {identifier(total)} IS NOT NULL"
        f" LIMIT {_MOST_COMPARED}) AS o JOIN {loaded.table_named(items.name)} AS i"
        f" USING ({order_id}) GROUP BY {order_id}"
    )


def _added(items: TableSpec, paths: tuple[str, ...]) -> str:
    """Return the sum of the columns that there are of some parts, each counting 0 without value."""
    columns = filter(None, (column_at(items, path) for path in paths))
    return " + ".join(["0", *(f"coalesce({identifier(name)}, 0)" for name in columns)])


def _judge_of(feed: Feed, table: Table) -> Judge | None:
    orders = orders_in(feed, table)
    if orders is None or orders.items is None or orders.total is None:
        return None
    if column_at(orders.items, _PRICES[orders.version][0]) is None:
        return None
    return partial(_judge, orders=orders, items=orders.items, total=orders.total)


CHECK = Check(
    name=NAME,
    description="Whether the items of each order come to the order's total.",
    judge_of=_judge_of,
)
