"""What the Orders API and the all-orders report tell of the same windows, as the tables have it.

Here belong the two sides and the questions about them: first which windows can be compared, which
costs little, then one join that counts. An order has one row, so the orders of a window that the
report does not tell of are all there are less those that the join finds. What follows from the
counts is said in `order_reports`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from asp_dagster.checks.check import FEW, Loaded, moment, windows_as_values
from asp_dagster.landing import DataWindow
from asp_dagster.warehouse.sql import identifier, literal

_ID_OF_AMAZON = "___-_______-_______"


@dataclass(frozen=True, kw_only=True)
class Side:
    """A table that tells of orders, and its columns.

    Attributes:
        table: The table's name.
        order_id: The order's id.
        sales_channel: The name of its marketplace.
        updated_at: When it last changed.
        items_count: How many items it has, if that is told.
    """

    table: str
    order_id: str
    sales_channel: str
    updated_at: str
    items_count: str | None = None


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many orders are compared.

    Attributes:
        reported: The orders of the report.
        unknown: Those of them that are in no row of the orders.
        known: The orders with items, where they are looked for in the report.
        unreported: Those of them that the report does not tell of.
    """

    reported: int = 0
    unknown: int = 0
    known: int = 0
    unreported: int = 0


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What both sides tell of, and the questions about it.

    Attributes:
        loaded: What the run has loaded.
        orders: The table of the Orders API.
        report: The table of the report.
        windows: Where orders of the report are looked for in the orders.
        both_ways: Those of them where orders are looked for in the report too.
        in_orders: How many orders with items are in these.
        channels: The marketplaces that the orders are of.
    """

    loaded: Loaded
    orders: Side
    report: Side
    windows: Mapping[str, DataWindow]
    both_ways: Collection[str]
    in_orders: int
    channels: Collection[str]

    def counts(self) -> Counts:
        """Count what each side tells of, and what the other misses of it."""
        order_id, updated_at = identifier(self.orders.order_id), identifier(self.orders.updated_at)
        orders = self.loaded.table_named(self.orders.table)
        counted = self.loaded.first(
            f"SELECT count(*) AS reported, count(*) FILTER (WHERE o.{order_id} IS NULL) AS unknown,"  # noqa: S608 - names are checked by `identifier`
            f" count(*) FILTER (WHERE {self._is_sought}"
            f" AND {_within(f'o.{updated_at}')}) AS matched"
            f" FROM {self._reported} AS w LEFT JOIN {orders} AS o ON o.{order_id} = w.id"
        )
        return Counts(
            reported=counted["reported"],
            unknown=counted["unknown"],
            known=self.in_orders,
            unreported=self.in_orders - counted["matched"],
        )

    def missing(self) -> Sequence[str]:
        """Return a few of the orders that one side misses."""
        order_id, updated_at = identifier(self.orders.order_id), identifier(self.orders.updated_at)
        orders = self.loaded.table_named(self.orders.table)
        found = self.loaded.query(
            f"WITH r AS (SELECT * FROM {self._reported} AS w) SELECT id FROM (SELECT r.id FROM r"  # noqa: S608 - as above
            f" WHERE NOT EXISTS (SELECT 1 FROM {orders} AS o WHERE o.{order_id} = r.id) UNION ALL"
            f" SELECT o.{order_id} AS id FROM {orders} AS o JOIN {windows_as_values(self.windows)}"
            f" ON {_within(f'o.{updated_at}')} WHERE {self._is_sought}"
            f" AND NOT EXISTS (SELECT 1 FROM r WHERE r.id = o.{order_id} AND r.name = w.name))"
            f" AS missing ORDER BY id LIMIT {FEW}"
        )
        ids: Sequence[str] = found.column("id").to_pylist()
        return ids

    @property
    def _is_sought(self) -> str:
        """The condition that an order `o` is looked for in the window `w` of the report."""
        names = ", ".join(map(literal, self.both_ways)) or "NULL"
        return f"w.name IN ({names}) AND {_has_items(self.orders)}"

    @property
    def _reported(self) -> str:
        """The orders of the report in their windows, each once, as SQL writes them behind FROM."""
        order_id, updated_at = identifier(self.report.order_id), identifier(self.report.updated_at)
        channels = ", ".join(map(literal, self.channels)) or "NULL"
        return (
            f"(SELECT DISTINCT w.name, w.start_at, w.end_at, r.{order_id} AS id"  # noqa: S608 - as above
            f" FROM {self.loaded.table_named(self.report.table)} AS r"
            f" JOIN {windows_as_values(self.windows)} ON {_within(f'r.{updated_at}')}"
            f" WHERE r.{order_id} LIKE {literal(_ID_OF_AMAZON)}"
            f" AND r.{identifier(self.report.sales_channel)} IN ({channels}))"
        )


def compare(loaded: Loaded, orders: Side, report: Side) -> Compared | None:
    """Return what both sides tell of; None if there is nothing."""
    channel, updated_at = identifier(orders.sales_channel), identifier(orders.updated_at)
    channels = loaded.query(
        f"SELECT {channel} AS channel,"  # noqa: S608 - names are checked by `identifier`
        f" CAST(max({updated_at}) AS TIMESTAMP WITH TIME ZONE) AS until"
        f" FROM {loaded.table_named(orders.table)} AS o GROUP BY {channel}"
    )
    until = max(filter(None, channels.column("until").to_pylist()), default=None)
    windows = _with_those_before(loaded.dated)
    if until is None:
        return None
    told = loaded.query(_told(loaded, orders, report, windows, until)).to_pylist()
    both_ways = {row["name"]: row["orders"] for row in told if row["is_passed"]}
    found = {row["name"] for row in told if row["is_passed"] or row["was_before"]}
    if not found:
        return None
    return Compared(
        loaded=loaded,
        orders=orders,
        report=report,
        windows={name: window for name, window in windows.items() if name in found},
        both_ways=both_ways,
        in_orders=sum(count or 0 for count in both_ways.values()),
        channels=list(filter(None, channels.column("channel").to_pylist())),
    )


def _told(
    loaded: Loaded,
    orders: Side,
    report: Side,
    windows: Mapping[str, DataWindow],
    until: datetime,
) -> str:
    """Return the query of what each side knew of the windows, and when.

    Args:
        loaded: What the run has loaded.
        orders: The table of the Orders API.
        report: The table of the report.
        windows: The windows.
        until: Up to when orders are loaded.
    """
    ordered_at, reported_at = identifier(orders.updated_at), identifier(report.updated_at)
    values = windows_as_values(windows)
    return (
        f"SELECT w.name, o.orders, {moment(until)} >= r.at AS is_passed, o.at <= r.at AS was_before"  # noqa: S608 - as above
        f" FROM {values} JOIN (SELECT w.name, max(r._loaded_at) AS at"
        f" FROM {loaded.table_named(report.table)} AS r JOIN {values}"
        f" ON {_within(f'r.{reported_at}')} GROUP BY w.name) AS r ON r.name = w.name"
        " LEFT JOIN (SELECT w.name, min(o._loaded_at) AS at,"
        f" count(*) FILTER (WHERE {_has_items(orders)}) AS orders"
        f" FROM {loaded.table_named(orders.table)} AS o JOIN {values}"
        f" ON {_within(f'o.{ordered_at}')} GROUP BY w.name) AS o ON o.name = w.name"
    )


def _within(moments: str) -> str:
    """Return the condition that a column's moment is in the window `w`."""
    return f"{moments} >= w.start_at AND {moments} < w.end_at"


def _has_items(orders: Side) -> str:
    """Return the condition that an order `o` has items, if the table tells."""
    return f"o.{identifier(orders.items_count)} > 0" if orders.items_count else "TRUE"


def _with_those_before(windows: Mapping[str, DataWindow]) -> Mapping[str, DataWindow]:
    """Return the windows, and before each the stretch of the same length."""
    before = {
        f"before {key}": DataWindow(window.start - (window.end - window.start), window.start)
        for key, window in windows.items()
        if not any(each.end == window.start for each in windows.values())
    }
    return {**before, **windows}
