"""Dagster's own tags of a run, which it has no public names for, and what they tell of it.

Here belong the tags that several modules read or write. Ours are named where their meaning is.

https://docs.dagster.io/guides/build/assets/metadata-and-tags/tags
"""

import dagster as dg

PARTITION = "dagster/partition"
"""The partition of a run that has one."""

PARTITION_RANGE = (
    "dagster/asset_partition_range_start",
    "dagster/asset_partition_range_end",
)
"""The first and the last partition of a run that has several."""

RUN_KEY = "dagster/run_key"
"""The key under which a sensor or a schedule asked for a run; retries have the same."""

_WILL_RETRY = "dagster/will_retry"


def has_failed_for_good(run: dg.DagsterRun) -> bool:
    """Tell whether a run has failed and Dagster does not try it again."""
    return run.status == dg.DagsterRunStatus.FAILURE and run.tags.get(_WILL_RETRY) != "true"
