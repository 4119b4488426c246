"""Whether a report is empty for a time in which there were orders.

Amazon says then that there are no data, and that may be a report that was asked for too early or
too often.
"""

import dagster as dg

from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.checks.check import Check, Judge, Loaded, Table, Verdict, moment
from asp_dagster.landing import DataWindow
from asp_dagster.warehouse import WarehouseError

NAME = "no_orders_where_the_report_is_empty"


def _judge(loaded: Loaded) -> Verdict:
    empty = {key: window for key, window in loaded.dated.items() if not loaded.results[key].rows}
    orders = {key: _orders_in(window, loaded) for key, window in empty.items()}
    surprising = sorted(key for key, count in orders.items() if count)
    metadata = {
        "empty_partitions": len(empty),
        "empty_partitions_with_orders": dg.MetadataValue.json(surprising),
        "orders_in_them": sum(count for count in orders.values() if count),
    }
    if not surprising:
        return Verdict(
            passed=True, says="No report is empty where there were orders.", metadata=metadata
        )
    return Verdict(
        passed=False,
        says=f"The report of {', '.join(surprising)} is empty, and there were orders: it may have"
        " been asked for too early, or too often. Materialize the partition again, some hours"
        " later.",
        metadata=metadata,
    )


def _orders_in(window: DataWindow, loaded: Loaded) -> int | None:
    """Return how many orders were placed in a window; None where there is no table of orders."""
    try:
        found = loaded.first(
            f"SELECT count(*) AS orders FROM {loaded.table_named('orders')} AS o"  # noqa: S608 - names are checked by `identifier`
            f" WHERE created_at >= {moment(window.start)} AND created_at < {moment(window.end)}"
        )
    except WarehouseError:
        return None
    count: int = found["orders"]
    return count


def _judge_of(feed: Feed, table: Table) -> Judge | None:
    is_of_a_time = isinstance(feed.source, ReportSpec) and feed.partitions is not None
    return _judge if is_of_a_time and table == feed.tables[0] else None


CHECK = Check(
    name=NAME,
    description="Warns of a report without rows for a time in which there were orders: Amazon says"
    " that there are no data, and that may be a report that was asked for too early or too often.",
    judge_of=_judge_of,
)
