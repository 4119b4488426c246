"""The sensor that reads Amazon's notifications, and starts runs for the orders that have changed.

A tick first settles what earlier ones have asked for: once Dagster has stored a run, the messages
behind it are deleted, and until then it is asked for again under the same key. Then it empties the
queue. Only when no run of its own is left does it ask for the next, so that changes gather while a
run is under way instead of runs. Here belong the ticks, nothing else.

https://docs.dagster.io/guides/automate/sensors
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import dagster as dg

from asp_dagster.notifications.asking import ORDER_CHANGES, groups, run_request
from asp_dagster.notifications.draining import Drain
from asp_dagster.notifications.queue import NotificationQueue
from asp_dagster.spapi import SystemClock

if TYPE_CHECKING:  # Dagster has no public name for the first; who opens the state pays for it
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition,
    )

    from asp_dagster.state import Notifications

_RAW_ORDERS = dg.AssetKey("raw_orders")
_INTERVAL_SECONDS = 60
_RUN_KEY = "dagster/run_key"
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def build_sensors(declared: dg.Definitions) -> Sequence[dg.SensorDefinition]:
    """Return the sensor of the default orders, if they are declared."""
    jobs = [job for job in declared.jobs or () if job.name == "orders_job"]
    assets = [
        asset
        for asset in declared.assets or ()
        if isinstance(asset, dg.AssetsDefinition) and asset.keys == {_RAW_ORDERS}
    ]
    return [build_order_change_sensor(job, raw) for job, raw in zip(jobs, assets, strict=False)]


def build_order_change_sensor(
    job: "UnresolvedAssetJobDefinition | dg.JobDefinition", raw_orders: dg.AssetsDefinition
) -> dg.SensorDefinition:
    """Return the sensor, off until somebody turns it on.

    Args:
        job: The job that lands and loads orders.
        raw_orders: The asset that lands them, cut into partitions by when they changed.
    """
    cut = cast("dg.TimeWindowPartitionsDefinition", raw_orders.partitions_def)

    @dg.sensor(
        name="order_change_sensor",
        job=job,
        description=(
            f"Starts {job.name} for the orders that Amazon's notifications tell to have changed,"
            " and notes which reports have ended."
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
        notifications: Notifications = context.resources.state.get_notifications()
        _settle(context.instance, queue, notifications)
        received = _drain(context.resources, queue, notifications).run()
        if not notifications.asked(queue.arn) and not _is_under_way(context.instance, job.name):
            _ask(queue, notifications, cut)
        requests = [run_request(asked) for asked in notifications.asked(queue.arn)]
        yield from requests
        if not requests:
            left = len(notifications.changed_orders(queue.arn))
            yield dg.SkipReason(f"{received} messages received; {left} changes wait for a run.")

    return order_change_sensor


def _settle(
    instance: dg.DagsterInstance, queue: NotificationQueue, notifications: "Notifications"
) -> None:
    """Delete the messages of the runs that Dagster has stored, and forget what is long over."""
    for asked in notifications.asked(queue.arn):
        stored = dg.RunsFilter(tags={_RUN_KEY: asked.run_key})
        if instance.get_runs(stored, limit=1):
            queue.delete(asked.receipts)
            notifications.settle(asked.run_key)
    notifications.forget()


def _drain(resources: Any, queue: NotificationQueue, notifications: "Notifications") -> Drain:
    """Return what empties the queue of the selling partner of the settings."""
    return Drain(
        queue,
        notifications,
        resources.state.get_reports(),
        resources.amazon.get_client().identity,
        resources.amazon.seller_id,
        SystemClock(),
    )


def _is_under_way(instance: dg.DagsterInstance, job_name: str) -> bool:
    """Tell whether a run that notifications have led to is not over."""
    runs = instance.get_runs(dg.RunsFilter(job_name=job_name, statuses=_UNDER_WAY))
    return any(ORDER_CHANGES in run.tags for run in runs)


def _ask(
    queue: NotificationQueue,
    notifications: "Notifications",
    cut: dg.TimeWindowPartitionsDefinition,
) -> None:
    """Note which runs are to be asked for, before Dagster hears of any."""
    changes = notifications.changed_orders(queue.arn)
    for group in groups(changes, cut, SystemClock().now()):
        ids = [change.notification_id for change in group.changes]
        notifications.ask(group.run_key, group.partition_key, ids)
