"""The partitions of a feed, and the data windows they stand for.

Here belong: partitions definitions, and the guard against a run that names no usable partition. The
arithmetic of windows is `landing`'s; where a feed without partitions goes on is said in `windows`.

https://docs.dagster.io/guides/build/partitions-and-backfills/partitioning-assets
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import dagster as dg

from asp_dagster.catalog.feeds import PartitionsSpec
from asp_dagster.landing import DataWindow

DEFAULT_START_DATE = "2025-01-01"
"""Amazon keeps two years of orders; a fixed date keeps partition keys the same from day to day."""

_LONGEST = timedelta(days=31)
"""No partition is longer than a month."""

# How the first hour is written; the others write their first day.
_HOUR_FORMAT = "%Y-%m-%d-%H:%M"


def partitions_definition(spec: PartitionsSpec | None) -> dg.TimeWindowPartitionsDefinition | None:
    """Return the partitions that a declaration asks for, if it does.

    Raises:
        ValueError: When `ASP_START_DATE` is no date.
    """
    if spec is None:
        return None
    start = spec.start or start_date()
    if spec.every == "hourly":
        return dg.HourlyPartitionsDefinition(
            start_date=start.strftime(_HOUR_FORMAT), timezone=spec.timezone
        )
    if spec.every == "daily":
        return dg.DailyPartitionsDefinition(start.isoformat(), timezone=spec.timezone)
    if spec.every == "weekly":
        return dg.WeeklyPartitionsDefinition(start.isoformat(), timezone=spec.timezone)
    return dg.MonthlyPartitionsDefinition(start.isoformat(), timezone=spec.timezone)


def start_date() -> date:
    """Return the first day of the feeds that name none: `ASP_START_DATE`.

    Raises:
        ValueError: When it is no date.
    """
    start = dg.EnvVar("ASP_START_DATE").get_value(DEFAULT_START_DATE)
    try:
        return date.fromisoformat(str(start))
    except ValueError:
        raise ValueError(
            f"ASP_START_DATE is {start!r}, which is no date; write it as {DEFAULT_START_DATE}."
        ) from None


def windows_between(
    cut: dg.TimeWindowPartitionsDefinition, first: date | None, last: date | None
) -> Mapping[str, DataWindow]:
    """Return the partitions that are over and hold a day of a stretch of time, in order.

    Args:
        cut: The partitions.
        first: The first day, in the partitions' time zone; without it, the last day.
        last: The last day, which belongs to it; without it, that of the latest partition.
    """
    latest = cut.get_last_partition_key()
    if latest is None:
        return {}
    end = cut.time_window_for_partition_key(latest).end
    if last:
        end = min(end, _midnight(last, cut) + timedelta(days=1))
    start = _midnight(first, cut) if first else end - timedelta(microseconds=1)
    keys = cut.get_partition_keys_in_time_window(dg.TimeWindow(start - _LONGEST, end))
    windows = {key: cut.time_window_for_partition_key(key) for key in keys}
    return {
        key: _in_utc(window)
        for key, window in windows.items()
        if window.end > start and window.start >= cut.start
    }


def _midnight(day: date, cut: dg.TimeWindowPartitionsDefinition) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(cut.timezone))


def _in_utc(window: dg.TimeWindow) -> DataWindow:
    return DataWindow(window.start.astimezone(UTC), window.end.astimezone(UTC))


def partition_windows(context: dg.AssetExecutionContext) -> Mapping[str, DataWindow]:
    """Return the data window of each partition the run covers, by partition key, in order.

    `dagster job execute` takes any tag for a partition, so what it names is checked here.

    Raises:
        dg.Failure: When the run names no partition, or one before the first.
    """
    cut = cast("dg.TimeWindowPartitionsDefinition", context.assets_def.partitions_def)
    windows = {key: cut.time_window_for_partition_key(key) for key in _partition_keys(context)}
    for key, window in windows.items():
        if window.start < cut.start:
            raise _failure(context, f"{key} lies before its first one, {cut.start:%Y-%m-%d}")
    return {key: _in_utc(window) for key, window in windows.items()}


def windows_after(context: dg.AssetExecutionContext, last: str) -> Sequence[DataWindow]:
    """Return the data windows of the partitions that follow those of the run.

    Args:
        context: Dagster's.
        last: The last of them.
    """
    cut = cast("dg.TimeWindowPartitionsDefinition", context.assets_def.partitions_def)
    stretch = dg.PartitionKeyRange(_partition_keys(context)[-1], last)
    keys = cut.get_partition_keys_in_range(stretch)[1:]
    return [_in_utc(cut.time_window_for_partition_key(key)) for key in keys]


def _partition_keys(context: dg.AssetExecutionContext) -> list[str]:
    if context.has_partition_key_range:
        return list(context.partition_keys)
    if context.has_partition_key:
        return [context.partition_key]
    raise _failure(context, "this run names no partition")


def _failure(context: dg.AssetExecutionContext, what: str) -> dg.Failure:
    tag = """'{"dagster/partition": "2026-11-01"}'"""
    return dg.Failure(
        f"{context.assets_def.node_def.name} is cut into partitions and {what}. Choose another"
        f" partition, on the command line with --tags {tag}.",
        allow_retries=False,
    )
