"""The schedules: one for each feed, off until somebody turns it on.

Here belongs: what a tick asks for. A feed with partitions is asked for those whose data have become
ready, once more each day for those that still change, and for those that were missed; another
feed's job is just run. When a tick comes is said in `timetables`.

https://docs.dagster.io/guides/automate/schedules
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import dagster as dg
from dagster._utils.schedules import is_valid_cron_string  # Dagster has no public name for it

from asp_dagster.assets import raw_key
from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.catalog.feeds import Cadence, Feed
from asp_dagster.partitions import partitions_definition
from asp_dagster.timetables import Timetable, timetable

if TYPE_CHECKING:  # Dagster has no public name for what `define_asset_job` returns
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition,
    )

Reason = Literal["ready", "changing", "missed"]

DUE = "asp_dagster/due"
"""The tag of a scheduled run that says why its partition is asked for: its data have become ready,
they still change, or it was missed."""

NO_SCHEDULE = "none"

_MISSED: dict[Cadence, timedelta] = {
    "hourly": timedelta(days=1),
    "daily": timedelta(days=7),
    "weekly": timedelta(days=28),
    "monthly": timedelta(days=93),
}
"""For so long after its data were final a partition that has not landed is asked for again."""


def build_feed_schedules(
    feed: Feed, job: "UnresolvedAssetJobDefinition", cron_schedule: str | None
) -> list[dg.ScheduleDefinition]:
    """Return the schedule of a feed, or none where it is declared to have none.

    Args:
        feed: The feed.
        job: The job that lands and loads it.
        cron_schedule: When it ticks; by default when data are ready. `none` for no schedule.

    Raises:
        DeclarationError: It is no cron schedule.
    """
    if cron_schedule == NO_SCHEDULE:
        return []
    if cron_schedule is not None and not is_valid_cron_string(cron_schedule):
        raise DeclarationError(
            f"cron_schedule: {cron_schedule!r} is none; write five fields, `30 6 * * *`, or `none`"
        )
    hours, partitions = timetable(feed, cron_schedule), partitions_definition(feed.partitions)
    tick = _Tick(feed, hours, partitions) if partitions else None
    return [
        dg.ScheduleDefinition(
            name=f"{job.name}_schedule",
            job=job,
            cron_schedule=hours.cron,
            execution_timezone=hours.zone,
            execution_fn=tick.run_requests if tick else None,
            description=tick.description if tick else "Runs the job; see docs/automation.md.",
        )
    ]


@dataclass(frozen=True)
class _Tick:
    """What the schedule of a feed with partitions does.

    Attributes:
        feed: The feed.
        hours: Its timetable.
        partitions: Its partitions.
    """

    feed: Feed
    hours: Timetable
    partitions: dg.TimeWindowPartitionsDefinition

    @property
    def description(self) -> str:
        """What a tick asks for, and how many runs that are."""
        changing = self.hours.look_back - self.hours.hold_back
        more = f" and the {changing.days} before, which still change" if changing.days > 0 else ""
        return (
            f"Asks for each partition {self.hours.hold_back} after its end, when its data are"
            f" ready{more}; for what was missed too. See docs/automation.md."
        )

    def run_requests(self, context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        """Yield a run for each partition that is due."""
        at = context.scheduled_execution_time.astimezone(UTC)
        landed = context.instance.get_materialized_partitions(raw_key(self.feed))
        day = context.scheduled_execution_time.date()
        for key, reason in self.due(at, landed):
            yield dg.RunRequest(partition_key=key, run_key=f"{key} {day}", tags={DUE: reason})

    def due(self, at: datetime, landed: Collection[str]) -> Iterator[tuple[str, Reason]]:
        """Yield each partition that is due at a tick, and why; none is twice in a day.

        Args:
            at: When the tick is.
            landed: The partitions that have landed.
        """
        since = self.hours.tick_before(at)
        # What was due before is the business of each day's first tick.
        is_first = self.hours.is_first_of_day(at)
        changing_since = min(since, self.hours.day_before(at))
        for key, end in self._ended(at):
            ready_at = self.hours.ready_at(end)
            if since < ready_at <= at:
                yield key, "ready"
            elif is_first and ready_at <= at:
                if self.hours.is_changing(end, changing_since):
                    yield key, "changing"
                elif key not in landed:
                    yield key, "missed"

    def _ended(self, at: datetime) -> Iterator[tuple[str, datetime]]:
        """Yield each partition that may be due, with its end, the newest first."""
        assert self.feed.partitions  # noqa: S101 - only feeds with partitions have such ticks
        earliest = min(self.hours.tick_before(at), at - _MISSED[self.feed.partitions.every])
        window = self.partitions.get_prev_partition_window(at)
        while window:
            end = window.end.astimezone(UTC)
            if self.hours.final_at(end) <= earliest:
                return
            yield self.partitions.get_partition_key_for_timestamp(window.start.timestamp()), end
            window = self.partitions.get_prev_partition_window(window.start)
