"""The sensor that reads the queue, and starts runs for the orders that have changed.

A tick first settles what earlier ones have asked for: once Dagster has stored a run, the messages
behind it are deleted, and until then it is asked for again under the same key. Then it empties the
queue. Only when no run of a feed is left, and the queue is empty, does it ask for the next, so that
changes gather instead of runs. Here belong the ticks, nothing else.

https://docs.dagster.io/guides/automate/sensors
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg

from asp_dagster.notifications.asking import groups, run_request
from asp_dagster.notifications.draining import Drain
from asp_dagster.notifications.listeners import Audience, Listener, Listeners
from asp_dagster.notifications.queue import NotificationQueue
from asp_dagster.notifications.settling import Settling
from asp_dagster.spapi import Clock, SystemClock

if TYPE_CHECKING:  # Dagster has no public name for the first; who opens the state pays for it
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition,
    )

    from asp_dagster.state import Notifications

    _Job = dg.JobDefinition | UnresolvedAssetJobDefinition

_INTERVAL_SECONDS = 60
# Dagster gives a tick 60 seconds.
_SETTLING_SECONDS = 15.0
_LONGEST_SECONDS = 40.0
# Of what is still in the queue one run brings as much as of what was received; but not for ever.
_MOST_WAITING = 10_000


def build_sensors(declared: dg.Definitions) -> Sequence[dg.SensorDefinition]:
    """Return the sensor of all declared feeds that listen to notifications, if there are any.

    Args:
        declared: The feeds, with their jobs.
    """
    listeners = Listeners.of(declared)
    wanted = {listener.job_name for listener in listeners.orders}
    jobs = [job for job in declared.jobs or () if job.name in wanted]
    return [_order_change_sensor(jobs, listeners)] if listeners.orders else []


def _order_change_sensor(jobs: Sequence["_Job"], listeners: Listeners) -> dg.SensorDefinition:
    """Return the sensor, off until somebody turns it on."""

    @dg.sensor(
        name="order_change_sensor",
        jobs=jobs,
        description=(
            "Starts the jobs of the orders that Amazon's notifications tell to have changed, and"
            " notes which reports have ended."
        ),
        minimum_interval_seconds=_INTERVAL_SECONDS,
        required_resource_keys={"amazon", "state", "notifications"},
    )
    def order_change_sensor(
        context: dg.SensorEvaluationContext,
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        queue: NotificationQueue | None = context.resources.notifications.get_queue()
        if queue is None:
            yield dg.SkipReason("No queue is set: name one by ASP_NOTIFICATIONS_QUEUE.")
            return
        notifications = context.resources.state.get_notifications()
        yield from _Tick(context, queue, notifications, listeners, SystemClock()).requests()

    return order_change_sensor


@dataclass(frozen=True)
class _Tick:
    """One look at the queue."""

    context: dg.SensorEvaluationContext
    queue: NotificationQueue
    notifications: "Notifications"
    listeners: Listeners
    clock: Clock

    def requests(self) -> Iterator[dg.RunRequest | dg.SkipReason]:
        """Yield the runs that are asked for, or why there are none."""
        resources, began, feeds = self.context.resources, self.clock.monotonic(), self._by_asset
        settling = Settling(
            self.context.instance, self.queue, self.notifications, self.clock, self.context.log
        )
        settling.run(list(feeds), began + _SETTLING_SECONDS)
        drained = Drain(
            queue=self.queue,
            notifications=self.notifications,
            reports=resources.state.get_reports(),
            audience=Audience(self.listeners, resources.amazon),
            clock=self.clock,
            log=self.context.log,
        ).run(began + _LONGEST_SECONDS)
        waiting = self.notifications.changes.waiting(self.queue.arn)
        if drained.is_all or waiting >= _MOST_WAITING:
            self._ask()
        asked = self.notifications.changes.asked(self.queue.arn)
        yield from (run_request(each, feeds[each.feed]) for each in asked)
        if not asked:
            more = "" if drained.is_all else " There are more messages: they are received first."
            yield dg.SkipReason(
                f"{drained.received} messages received; {waiting} changes wait for a run.{more}"
            )

    @property
    def _by_asset(self) -> Mapping[str, Listener]:
        return {listener.asset: listener for listener in self.listeners.orders}

    def _ask(self) -> None:
        """Note which runs are to be asked for, before Dagster hears of any.

        A feed whose last run is not over has its turn in a later tick.
        """
        changes, arn = self.notifications.changes, self.queue.arn
        busy = {run.feed for run in [*changes.asked(arn), *changes.under_way(arn)]}
        now = self.clock.now()
        for name, listener in self._by_asset.items():
            if name not in busy:
                for group in groups(changes.open(arn, name, now), listener.cut, now):
                    ids = [change.notification_id for change in group.changes]
                    changes.ask(group.run_key(name), name, group.partition_key, ids)
