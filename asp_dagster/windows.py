"""The windows of a run: which stretches of time it lands and loads, and under which names.

Here belongs: the choice between a feed's partitions, its cursor, and no window at all.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import dagster as dg

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed
from asp_dagster.chosen_windows import ChosenWindow
from asp_dagster.extractions import RunContext
from asp_dagster.incremental import Progress, beginning, newest, next_window
from asp_dagster.io_managers import RawPartitions
from asp_dagster.landed_windows import landed_by_run, last_landed
from asp_dagster.landing import DataWindow
from asp_dagster.partitions import partition_windows, windows_after

SNAPSHOT = "latest"
"""What stands for the partition of a feed that has neither partitions nor a date to go on from."""

REBUILD = "asp_dagster/rebuild"
"""The tag of a run that loads all that ever landed of a feed without partitions, not only the last
window: for a table that was lost, or is to have other columns."""

FOLLOWED_UNTIL = "asp_dagster/followed_until"
"""The tag of a run that others follow at once: the last partition of these. Their reports are asked
for with its own, so that Amazon makes them meanwhile."""

RunWindows = Mapping[str, DataWindow | None]
"""The windows of a run by the names of their raw files; none for a snapshot."""


def windows_to_ask(
    feed: Feed, context: dg.AssetExecutionContext, now: datetime, chosen: ChosenWindow
) -> RunWindows:
    """Return what a run is to ask Amazon for, as far as it has happened yet.

    Args:
        feed: The feed.
        context: Dagster's.
        now: Up to when it asks.
        chosen: The window that was named for the run, if one was; only for incremental feeds.

    Raises:
        dg.Failure: When the run names no usable partition.
        WindowError: When nothing of a window has happened yet.
        SettingError: When the window that was named cannot be meant.
    """
    if feed.partitions:
        return reaching_back(feed, partition_windows(context), now)
    progress = progress_of(feed, context)
    if progress is None:
        return {SNAPSHOT: None}
    assert isinstance(feed.source, EndpointSpec)  # noqa: S101 - only endpoints are incremental
    if chosen:
        window = chosen.window(feed, feed.source, progress.position, now)
    else:
        window = next_window(feed, feed.source, progress.position, now)
    return {window.name: window}


def reaching_back(feed: Feed, windows: Mapping[str, DataWindow], now: datetime) -> RunWindows:
    """Return the windows of partitions as a run asks for them.

    They end now at the latest, and reach back where the data may still change; a backfill of what
    is older need not.

    Raises:
        WindowError: When nothing of a window has happened yet.
    """
    clamped = {key: window.clamped(now) for key, window in windows.items()}
    return {
        key: window.reaching_back(feed.lookback) if window.end > now - feed.lookback else window
        for key, window in clamped.items()
    }


def windows_ahead(context: dg.AssetExecutionContext) -> Sequence[DataWindow]:
    """Return the windows of the runs that follow this one at once, by its tag."""
    last = context.run.tags.get(FOLLOWED_UNTIL)
    return windows_after(context, last) if last else ()


def loaded_windows(feed: Feed, context: dg.AssetExecutionContext, raw: RawPartitions) -> RunWindows:
    """Return what a run is to load of what has landed, in that order.

    A window that ends later holds no older state of a record than one that ends before it: Amazon
    was asked for it later.

    Raises:
        dg.Failure: When the run names no usable partition.
        RawFileMissingError: When nothing has landed.
    """
    if feed.partitions:
        return partition_windows(context)
    progress = progress_of(feed, context)
    if progress is None:
        return {SNAPSHOT: None}
    landed = {name: DataWindow.parse(name) for name in raw.partitions()}
    if REBUILD in context.run.tags:
        wanted: Collection[DataWindow] = landed.values()
    else:
        wanted = landed_by_run(context, raw.key) or _left(context, raw.key, landed, progress)
    ordered = sorted(wanted, key=lambda window: (window.end, window.start))
    return {window.name: window for window in ordered}


def _left(
    context: dg.AssetExecutionContext, key: dg.AssetKey, landed: RunWindows, progress: Progress
) -> Collection[DataWindow]:
    """Return what a run that only loads is to load: what landed last.

    If that was a window of the past, what reaches past the cursor too, which then still waits.
    """
    furthest = DataWindow.parse(newest(landed, progress.start))
    last = last_landed(context, key)
    if last is None or last.name not in landed:
        return [furthest]
    return {last, furthest} if furthest.end > progress.position else [last]


def progress_of(feed: Feed, context: RunContext) -> Progress | None:
    """Return how far a feed has come, if it goes on where the last run ended."""
    if not (feed.is_incremental and isinstance(feed.source, EndpointSpec)):
        return None
    path = [feed.account.name, feed.name] if feed.account.name else [feed.name]
    return Progress(
        context.resources.state.get_cursors(),
        "/".join(path),
        beginning(feed.source),
        feed.lookback,
        context.run.run_id,
    )
