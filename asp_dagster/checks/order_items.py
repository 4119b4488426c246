"""Whether orders have their items.

Pending orders may come without, and so may cancelled ones. An order of which every item was taken
away comes to nothing, and has none either.
"""

from functools import partial

from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.tables import TableSpec
from asp_dagster.checks.check import Check, Judge, Loaded, Table, Verdict
from asp_dagster.checks.orders import Orders, orders_in
from asp_dagster.warehouse.sql import identifier, literal

NAME = "orders_have_items"

# In the words of both versions, for a feed may keep those of v0.
_WITHOUT_ITEMS = (
    "PENDING",
    "PENDING_AVAILABILITY",
    "PENDINGAVAILABILITY",
    "CANCELLED",
    "CANCELED",
)


def _judge(loaded: Loaded, *, orders: Orders, items: TableSpec, status: str) -> Verdict:
    if _is_whole(loaded, orders, items):
        return Verdict(passed=True, says=f"{items.name} has as many items as the orders say.")
    wrong = f"({_lacking(loaded, orders, items, status)}) AS wrong"
    count = loaded.first(f"SELECT count(*) AS orders FROM {wrong}")["orders"]  # noqa: S608 - names are checked by `identifier`
    if not count:
        return Verdict(passed=True, says="Each order has its items.")
    return Verdict(
        passed=False,
        says=f"{count} orders lack items in {items.name}, and are neither pending nor cancelled."
        " Materialize the partition again; the raw file tells whether Amazon left them out.",
        metadata={
            "orders_without_items": count,
            "examples": loaded.few((orders.order_id,), wrong),
        },
    )


def _is_whole(loaded: Loaded, orders: Orders, items: TableSpec) -> bool:
    """Tell, without joining the tables, whether the orders have all the items that they say."""
    if orders.items_count is None:
        return False
    said = identifier(orders.items_count)
    counted = loaded.first(
        f"SELECT sum({said}) AS said, count(*) FILTER (WHERE coalesce({said}, 0) = 0) AS without,"  # noqa: S608 - names are checked by `identifier`
        f" (SELECT count(*) FROM {loaded.table_named(items.name)} AS i"
        f" WHERE {loaded.in_partitions}) AS there"
        f" FROM {loaded.name} AS o WHERE {loaded.in_partitions}"
    )
    return (counted["said"] or 0) == counted["there"] and not counted["without"]


def _lacking(loaded: Loaded, orders: Orders, items: TableSpec, status: str) -> str:
    """Return the query of the orders that have fewer items than they say, or none."""
    order_id = identifier(orders.order_id)
    total = f"o.{identifier(orders.total)}" if orders.total else "NULL"
    said = f"o.{identifier(orders.items_count)}" if orders.items_count else "0"
    none_expected = ", ".join(map(literal, _WITHOUT_ITEMS))
    return (
        f"SELECT o.* FROM {loaded.name} AS o LEFT JOIN (SELECT {order_id}, count(*) AS there"  # noqa: S608 - as above
        f" FROM {loaded.table_named(items.name)} AS t WHERE {loaded.in_partitions}"
        f" GROUP BY {order_id}) AS i ON i.{order_id} = o.{order_id}"
        f" WHERE o.{loaded.in_partitions} AND (coalesce(i.there, 0) < {said}"
        f" OR (i.there IS NULL AND {total} IS DISTINCT FROM 0"
        f" AND upper(o.{identifier(status)}) NOT IN ({none_expected})))"
    )


def _judge_of(feed: Feed, table: Table) -> Judge | None:
    orders = orders_in(feed, table)
    if orders is None or orders.items is None or orders.status is None:
        return None
    return partial(_judge, orders=orders, items=orders.items, status=orders.status)


CHECK = Check(
    name=NAME,
    description="Whether each order has its items, unless it is pending or cancelled.",
    judge_of=_judge_of,
)
