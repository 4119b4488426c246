"""What a materialization of listed reports tells: what was found, what landed, what is loaded.

https://docs.dagster.io/guides/build/assets/metadata-and-tags
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from asp_dagster.listed.loads import ListedLoads
from asp_dagster.metadata import Metadata, loading_metadata

if TYPE_CHECKING:  # only a run pays for loading what asks Amazon for data
    from asp_dagster.landing import Look


def look_metadata(
    look: "Look", last_look: datetime | None, retention: timedelta, *, landed: int
) -> Metadata:
    """Describe a look, and what came of it.

    Args:
        look: The look.
        last_look: When the one before was; none if there was none.
        retention: How long Amazon keeps a report of the type.
        landed: How many reports have landed in this run.
    """
    ends = [report.data_end for report in look.reports if report.data_end]
    found: dict[str, Any] = {
        "reports_found": len(look.reports),
        "reports_landed": landed,
        "report_ids": dg.MetadataValue.json([report.report_id for report in look.new]),
    }
    if look.newest:
        found["newest_report"] = dg.MetadataValue.timestamp(look.newest.created_at)
    if ends:
        found["newest_data_end"] = dg.MetadataValue.timestamp(max(ends))
    if look.new:
        found["days_left_of_oldest_new"] = (look.new[0].created_at + retention - look.at).days
    if last_look:
        found["last_look"] = dg.MetadataValue.timestamp(last_look)
    return found


def load_metadata(loads: ListedLoads, number: int) -> Metadata:
    """Describe what was loaded into the feed's table of a number."""
    table, loaded = loads.feed.tables[number], loads.of_table(number)
    told = loading_metadata(table, loaded, {}) if loaded else {}
    # Of a table with a key that is less than the lines that were read for it.
    return {**told, "rows": loads.rows_in(table.name), **reports_metadata(loads)}


def reports_metadata(loads: ListedLoads) -> Metadata:
    """Describe which reports were loaded."""
    return {
        "reports_loaded": len(loads.loaded),
        "report_ids": dg.MetadataValue.json(list(loads.loaded)),
    }
