"""A code location whose sensor ticks by hand, and a seller whose orders change.

Here belongs what the tests of the sensor share.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.definitions.sensor_definition import SensorExecutionData  # no public name

from asp_dagster.definitions import build_definitions
from asp_dagster.settings import build_resources
from asp_dagster.simulator import Simulator
from asp_dagster.simulator.notifications import Delivery, post
from asp_dagster.warehouse import Warehouse

SENSOR = "order_change_sensor"


def depth(queue: Any) -> int:
    """Return how many messages a queue has, received or not."""
    queue.reload()
    names = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"
    return sum(int(queue.attributes[name]) for name in names)


def order_change(order_id: str, seller_id: str = "A1", **changes: Any) -> dict[str, Any]:
    """Return a notification of Amazon's, with an id of its own."""
    change = {
        "SellerId": seller_id,
        "AmazonOrderId": order_id,
        "OrderChangeTrigger": {"TimeOfOrderChange": "2026-11-20T00:00:00Z"},
    }
    return {
        "NotificationType": "ORDER_CHANGE",
        "PayloadVersion": "1.0",
        "Payload": {"OrderChangeNotification": change},
        "NotificationMetadata": {"NotificationId": str(uuid.uuid4())},
        **changes,
    }


@dataclass(frozen=True)
class Location:
    """A code location, its instance, and the seller whose orders it loads."""

    amazon: Simulator
    whose: str
    sqs_url: str
    instance: dg.DagsterInstance
    folder: Path
    load: Callable[[], dg.Definitions] = build_definitions

    def change(
        self, *, seed: int = 1, fraction: float = 0.1, ago: timedelta = timedelta(minutes=10)
    ) -> set[str]:
        """Let orders change within an hour of one day, and return their ids."""
        before, at = self.amazon.partner.books.by_id, datetime.now(UTC) - ago
        at = at if at.hour else at.replace(minute=0, second=0) - timedelta(minutes=1)
        self.amazon.partner.update(seed=seed, fraction=fraction, at=at)
        after = self.amazon.partner.books.by_id
        return {key for key, order in after.items() if before.get(key) != order}

    def notify(self, delivery: Delivery | None = None) -> int:
        """Let Amazon send what is due."""
        return self.amazon.notifications.send(self.sqs_url, datetime.now(UTC), delivery)

    def post(self, arn: str, messages: Sequence[Any]) -> None:
        """Put messages into the queue that Amazon has not sent."""
        post(self.sqs_url, arn, messages)

    def evaluated(self) -> SensorExecutionData:
        """Evaluate the sensor, as a tick does, and start nothing."""
        sensor = self.load().resolve_sensor_def(SENSOR)
        with dg.build_sensor_context(
            instance=self.instance, sensor_name=SENSOR, resources=build_resources()
        ) as context:
            return sensor.evaluate_tick(context)

    def store(self, request: dg.RunRequest) -> bool:
        """Start a run unless its key is known, as Dagster's daemon does; tell whether it did."""
        key = {"dagster/run_key": str(request.run_key)}
        if self.instance.get_runs(dg.RunsFilter(tags=key)):
            return False
        result = self.run({**request.tags, **key}, str(request.job_name))
        assert result.success
        return True

    def tick(self) -> int:
        """Evaluate the sensor, start the runs whose keys are new, and return how many."""
        return sum(map(self.store, self.evaluated().run_requests or ()))

    def run(self, tags: dict[str, str], name: str = "orders_job") -> dg.ExecuteInProcessResult:
        """Run a job, by default that of the orders."""
        job = self.load().resolve_job_def(name)
        return job.execute_in_process(instance=self.instance, tags=tags, raise_on_error=False)

    def run_days(self) -> None:
        """Run the daily partitions that the orders lie in, as the schedule does."""
        for back in range(4):
            day = f"{datetime.now(UTC) - timedelta(days=back):%Y-%m-%d}"
            assert self.run({"dagster/partition": day}).success

    def orders(self) -> list[dict[str, Any]]:
        """Return the table of the orders, without what tells of the run that loaded it."""
        return self._rows("orders", "order_id")

    def order_items(self) -> list[dict[str, Any]]:
        """Return the table of the items, likewise."""
        return self._rows("order_items", "order_id, order_item_id")

    def _rows(self, table: str, key: str) -> list[dict[str, Any]]:
        warehouse = Warehouse.from_url(f"duckdb:///{self.folder / 'warehouse.duckdb'}")
        found = warehouse.query(f"SELECT * FROM amazon.{table} ORDER BY {key}").to_pylist()
        return [
            {name: value for name, value in row.items() if not name.startswith("_")}
            for row in found
        ]

    def truth(self, order_ids: set[str]) -> list[dict[str, Any]]:
        """Return what the table of orders should say of some."""
        rows = self.amazon.partner.order_rows()
        of_ids = [row for row in rows if row["order_id"] in order_ids]
        return sorted(of_ids, key=lambda row: str(row["order_id"]))
