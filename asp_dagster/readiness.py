"""When a report's data are ready and when they are final, as far as is known of its type.

Amazon makes a report of yesterday when it is asked for one, whether yesterday's figures are there
or not: of some types they come after days, of some they change for weeks. Here belongs telling so
of a run. What is known of each type stands in the catalogue.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import dagster as dg

from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.landing import DataWindow
from asp_dagster.timetables import timetable


def readiness(feed: Feed, windows: Mapping[str, DataWindow | None]) -> Mapping[str, datetime]:
    """Return when the data of a run's windows are ready, and when they change no more.

    Args:
        feed: The feed; only of a report anything is known.
        windows: What the run asks for.

    Returns:
        `data_ready_at` and `data_final_at`, each only where the type's page, or experience, says.
    """
    ends = [window.end for window in windows.values() if window]
    if not (isinstance(feed.source, ReportSpec) and ends):
        return {}
    known = ReportTypes.load().find(feed.source.report_type)
    hold_back = known.hold_back.of(known.period(feed.source.report_options))
    found = {"data_ready_at": hold_back, "data_final_at": known.look_back}
    over_at = timetable(feed).over_at(max(ends))
    return {name: over_at + delay for name, delay in found.items() if delay}


def readiness_metadata(ready: Mapping[str, datetime]) -> dict[str, dg.MetadataValue]:
    """Return what a materialization tells of it."""
    return {name: dg.MetadataValue.timestamp(moment) for name, moment in ready.items()}


def readiness_warnings(ready: Mapping[str, datetime], now: datetime) -> Iterator[str]:
    """Yield a sentence where a run comes too early for all data."""
    ready_at = ready.get("data_ready_at")
    if ready_at and now < ready_at:
        again = ready_at + timedelta(minutes=1)
        yield (
            "Amazon may not have all data of this window yet, even if it says that there are none:"
            f" materialize the partition again after {again:%Y-%m-%d %H:%M} UTC."
        )
