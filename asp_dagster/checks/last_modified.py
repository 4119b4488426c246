"""Whether what was loaded changed within the window that was asked for.

Of feeds by last update only: an order that was placed in a window may change after it.
"""

import re
from collections.abc import Mapping
from datetime import timedelta

from asp_dagster.catalog.bulk_orders import ALL_ORDERS_BY_LAST_UPDATE
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.catalog.tables import InferredTable
from asp_dagster.checks.check import (
    Check,
    Judge,
    Loaded,
    Table,
    Verdict,
    is_beyond_chance,
    unjudged,
    windows_as_values,
)
from asp_dagster.checks.declared_columns import column_at
from asp_dagster.landing import DataWindow
from asp_dagster.warehouse.sql import identifier

NAME = "last_modified_in_window"

_OF_UPDATES = re.compile("updat|modif|chang", re.IGNORECASE)


def _judge(loaded: Loaded) -> Verdict:
    column = _column(loaded)
    if column is None or not loaded.dated:
        return unjudged("nothing has been loaded that says when it changed")
    if loaded.has_single_orders:
        return unjudged("the run asked for orders by their ids, whatever their time")
    changed = f"CAST(t.{identifier(column)} AS TIMESTAMP WITH TIME ZONE)"
    source = f"{loaded.name} AS t JOIN {windows_as_values(_asked(loaded))} ON t._partition = w.name"
    is_early = f"{changed} < w.start_at"
    is_late = f"{changed} >= w.end_at" if _has_end(loaded.feed) else "FALSE"
    counted = loaded.first(
        f"SELECT count(*) AS in_all, count(*) FILTER (WHERE {is_early}) AS early,"  # noqa: S608 - names are checked by `identifier`
        f" count(*) FILTER (WHERE {is_late}) AS late FROM {source}"
    )
    early, late = counted["early"], counted["late"]
    metadata = {"rows": counted["in_all"], "rows_before_window": early, "rows_after_window": late}
    if not (early or is_beyond_chance(late, counted["in_all"])):
        return Verdict(
            passed=True, says="The rows changed within their windows.", metadata=metadata
        )
    key = loaded.result.key or (column,)
    examples = loaded.few(key, f"(SELECT t.* FROM {source} WHERE {is_early} OR {is_late}) AS wrong")  # noqa: S608 - as above
    return Verdict(
        passed=False,
        says=f"{early} rows say in {column} that they changed before the window that they were"
        f" asked for with, {late} after it. Look whether {column} is read from the time that the"
        " window is cut by, and whether `lookback` was changed; if Amazon itself answers with"
        " other times, materialize the neighbouring partitions again, so that nothing is missed.",
        metadata={**metadata, "examples": examples},
    )


def _asked(loaded: Loaded) -> Mapping[str, DataWindow]:
    """Return what was asked for; a window of an incremental feed reaches back of itself."""
    back = loaded.feed.lookback if loaded.feed.partitions else timedelta(0)
    return {key: window.reaching_back(back) for key, window in loaded.dated.items()}


def _has_end(feed: Feed) -> bool:
    source = feed.source
    return isinstance(source, ReportSpec) or source.updated_before_param is not None


def _column(loaded: Loaded) -> str | None:
    if isinstance(loaded.feed.source, EndpointSpec):
        return loaded.result.newest_by
    return _report_column(loaded.table)


def _report_column(table: Table) -> str | None:
    """Return the column of the all-orders report's time of the last change."""
    header = ALL_ORDERS_BY_LAST_UPDATE.dated_by
    if isinstance(table, InferredTable):
        return header.replace("-", "_")
    return column_at(table, header)


def _judge_of(feed: Feed, table: Table) -> Judge | None:
    source = feed.source
    if isinstance(source, ReportSpec):
        is_by_update = source.report_type == ALL_ORDERS_BY_LAST_UPDATE.report_type
        return _judge if is_by_update and feed.partitions and _report_column(table) else None
    is_by_update = _OF_UPDATES.search(source.updated_at_param or "") is not None
    return _judge if table.newest_by and is_by_update else None


CHECK = Check(
    name=NAME,
    description="Whether the rows changed within the window that was asked for.",
    judge_of=_judge_of,
)
