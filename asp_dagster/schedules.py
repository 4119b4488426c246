"""When the default feeds' jobs run: every day, for the day that has just ended.

Here belong: hours. Which partition a tick asks for is Dagster's rule: the last one that is over.

https://docs.dagster.io/guides/automate/schedules
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:  # Dagster has no public names for these
    from dagster._core.definitions.partitions.partitioned_schedule import (
        UnresolvedPartitionedAssetScheduleDefinition,
    )
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition,
    )

# After midnight UTC, apart from each other; reports late, as Amazon finishes a day's figures late.
_TIMES = {"orders_job": (0, 30), "orders_v0_job": (1, 0), "reports_job": (12, 0)}


def build_schedules(
    jobs: "Iterable[UnresolvedAssetJobDefinition | dg.JobDefinition]",
) -> "list[UnresolvedPartitionedAssetScheduleDefinition | dg.ScheduleDefinition]":
    """Return a daily schedule for each job that has its time, off until somebody turns it on."""
    return [
        dg.build_schedule_from_partitioned_job(job, hour_of_day=hour, minute_of_hour=minute)
        for job in jobs
        if job.name in _TIMES
        for hour, minute in [_TIMES[job.name]]
    ]
