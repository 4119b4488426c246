"""Asset checks: what is loaded without an error and may be wrong all the same.

Here belong: the checks' names, what they ask of the warehouse, and how grave they are. What cannot
be loaded at all is a failure, not a check.

https://docs.dagster.io/guides/test/asset-checks
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import dagster as dg

from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.landing import DataWindow
from asp_dagster.metadata import LoadedTable
from asp_dagster.warehouse import WarehouseError
from asp_dagster.warehouse.sql import identifier, literal

if TYPE_CHECKING:  # only who loads a table pays for loading the warehouse
    from asp_dagster.warehouse import Warehouse

EMPTY_WITH_ORDERS = "no_orders_where_the_report_is_empty"

_DESCRIPTION = (
    "Warns of a report without rows for a time in which there were orders: Amazon says that there"
    " are no data, and that may be a report that was asked for too early or too often."
)


def build_check_specs(feed: Feed, table_key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """Return the checks of a feed: of a report for a time, that it is not empty by surprise."""
    if not (isinstance(feed.source, ReportSpec) and feed.partitions):
        return []
    return [dg.AssetCheckSpec(EMPTY_WITH_ORDERS, asset=table_key, description=_DESCRIPTION)]


def check_emptiness(
    table_key: dg.AssetKey,
    loads: Mapping[str, LoadedTable],
    windows: Mapping[str, DataWindow | None],
    warehouse: "Warehouse",
    schema: str,
) -> dg.AssetCheckResult:
    """Return whether no partition is empty in which the table of orders has any.

    Args:
        table_key: The table that the report was loaded into.
        loads: What each partition brought to it.
        windows: The partitions' windows.
        warehouse: Where the orders are, if they are.
        schema: The schema of the orders.
    """
    empty = {key: windows[key] for key, load in loads.items() if not load.result.rows}
    dated = {key: window for key, window in empty.items() if window}
    orders = {key: _orders_in(window, warehouse, schema) for key, window in dated.items()}
    surprising = sorted(key for key, count in orders.items() if count)
    return dg.AssetCheckResult(
        check_name=EMPTY_WITH_ORDERS,
        asset_key=table_key,
        passed=not surprising,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "empty_partitions": len(empty),
            "empty_partitions_with_orders": dg.MetadataValue.json(surprising),
            "orders_in_them": sum(count for count in orders.values() if count),
        },
    )


def _orders_in(window: DataWindow, warehouse: "Warehouse", schema: str) -> int | None:
    """Return how many orders were placed in a window; None where there is no table of orders."""
    try:
        found = warehouse.query(
            f"SELECT count(*) AS orders FROM {identifier(schema)}.orders"  # noqa: S608 - `identifier` and `literal` quote
            f" WHERE created_at >= CAST({literal(window.start.isoformat())} AS TIMESTAMPTZ)"
            f" AND created_at < CAST({literal(window.end.isoformat())} AS TIMESTAMPTZ)"
        )
    except WarehouseError:
        return None
    count: int = found.column("orders")[0].as_py()
    return count
