"""The partitions of the default feeds, and the data windows they stand for.

Here belong: partitions definitions, and the guard against a run that names no usable partition. The
arithmetic of windows is `landing`'s.

https://docs.dagster.io/guides/build/partitions-and-backfills/partitioning-assets
"""

from collections.abc import Mapping
from datetime import UTC, date
from typing import cast

import dagster as dg

from asp_dagster.landing import DataWindow

DEFAULT_START_DATE = "2025-01-01"
"""Amazon keeps two years of orders; a fixed date keeps partition keys the same from day to day."""


def daily_partitions() -> dg.DailyPartitionsDefinition:
    """Return one partition a day in UTC, from `ASP_START_DATE` on.

    Raises:
        ValueError: When `ASP_START_DATE` is no date.
    """
    start = dg.EnvVar("ASP_START_DATE").get_value(DEFAULT_START_DATE)
    try:
        first_day = date.fromisoformat(str(start))
    except ValueError:
        raise ValueError(
            f"ASP_START_DATE is {start!r}, which is no date; write it as {DEFAULT_START_DATE}."
        ) from None
    return dg.DailyPartitionsDefinition(start_date=first_day.isoformat(), timezone="UTC")


def partition_windows(context: dg.AssetExecutionContext) -> Mapping[str, DataWindow]:
    """Return the data window of each partition the run covers, by partition key, in order.

    `dagster job execute` takes any tag for a partition, so what it names is checked here.

    Raises:
        dg.Failure: When the run names no partition, or one before the first.
    """
    days = cast("dg.TimeWindowPartitionsDefinition", context.assets_def.partitions_def)
    windows = {key: days.time_window_for_partition_key(key) for key in _partition_keys(context)}
    for key, window in windows.items():
        if window.start < days.start:
            raise _failure(context, f"{key} lies before its first day, {days.start:%Y-%m-%d}")
    return {
        key: DataWindow(window.start.astimezone(UTC), window.end.astimezone(UTC))
        for key, window in windows.items()
    }


def _partition_keys(context: dg.AssetExecutionContext) -> list[str]:
    if context.has_partition_key_range:
        return list(context.partition_keys)
    if context.has_partition_key:
        return [context.partition_key]
    raise _failure(context, "this run names no day")


def _failure(context: dg.AssetExecutionContext, what: str) -> dg.Failure:
    tag = """'{"dagster/partition": "2026-11-01"}'"""
    return dg.Failure(
        f"{context.assets_def.node_def.name} is partitioned by day and {what}. Choose another"
        f" partition, on the command line with --tags {tag}.",
        allow_retries=False,
    )
