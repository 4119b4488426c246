"""Which windows of a feed without partitions have landed, as Dagster's instance recorded it.

Here belongs: reading back which of its raw files a run is to load, and no older one after it. What
a run asks for is decided in `windows`.

A raw file says of which window it is, but not which run brought it: that, the instance knows.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import dagster as dg

from asp_dagster.extractions import RunContext
from asp_dagster.landing import DataWindow

_LOOKED_BACK = 100
"""So many landings are looked through for those that came after a run's own."""

_LANDED = dg.DagsterEventType.ASSET_MATERIALIZATION


def landed_by_run(context: RunContext, key: dg.AssetKey) -> Sequence[DataWindow]:
    """Return the window that a run landed, or the one did that it is the re-execution of.

    What landed later, overlaps it and reaches further goes with it: it holds newer records, which
    an older one would replace where nothing else tells their age. What holds all of the window goes
    in its place.

    Args:
        context: The run; one that only loads gets nothing.
        key: The raw asset.
    """
    for record in _landings(context, key):
        window = _window(record)
        if window is not None:
            later = dg.AssetRecordsFilter(asset_key=key, after_storage_id=record.storage_id)
            found = context.instance.fetch_materializations(later, limit=_LOOKED_BACK).records
            return _with_newer(window, list(filter(None, map(_window, found))))
    return []


def last_landed(context: RunContext, key: dg.AssetKey) -> DataWindow | None:
    """Return the window that landed last, by whatever run; none if the instance knows of none."""
    found = context.instance.fetch_materializations(key, limit=_LOOKED_BACK).records
    return next(filter(None, map(_window, found)), None)


def _landings(context: RunContext, key: dg.AssetKey) -> Iterator[dg.EventLogRecord]:
    """Yield the materializations of the run and of those before it, the last one first."""
    run: dg.DagsterRun | None = context.run
    while run is not None:
        found = context.instance.get_records_for_run(run.run_id, of_type=_LANDED, ascending=False)
        for record in found.records:
            event = record.event_log_entry.dagster_event
            if event and event.asset_key == key:
                yield record
        run = context.instance.get_run_by_id(run.parent_run_id) if run.parent_run_id else None


def _window(record: dg.EventLogRecord) -> DataWindow | None:
    landed = record.asset_materialization
    values = {name: entry.value for name, entry in landed.metadata.items()} if landed else {}
    if not {"window_start", "window_end"} <= values.keys():
        return None  # reported by hand
    start, end = (float(str(values[name])) for name in ("window_start", "window_end"))
    return DataWindow(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))


def _with_newer(window: DataWindow, later: Sequence[DataWindow]) -> Sequence[DataWindow]:
    newer = [each for each in later if each.start < window.end < each.end]
    is_covered = any(each.start <= window.start for each in newer)
    return newer if is_covered else [window, *newer]
