"""A daemon whose alerts tick by hand, and runs that fail or succeed."""

from datetime import timedelta

import dagster as dg
from dagster._core.definitions.sensor_definition import SensorExecutionData  # no public name
from dagster._core.test_utils import freeze_time  # Dagster's own, for the times of its runs

from asp_dagster.alerts import build_alerts
from asp_dagster.alerts.resource import AlertsResource
from asp_dagster.failures import clear_failures
from asp_dagster_tests.conftest import ScriptedClock


class Daemon:
    """Evaluates the sensor tick by tick, as Dagster's daemon does."""

    def __init__(self, instance: dg.DagsterInstance, clock: ScriptedClock, **settings: str) -> None:
        self.instance, self.clock = instance, clock
        self.alerts = AlertsResource(**settings)
        [self.sensor] = build_alerts(clock).sensors or ()
        self.cursor: str | None = None
        self.tick()

    def tick(self, minutes: float = 1) -> SensorExecutionData:
        """Let time pass, and a tick come."""
        self.clock.moment += timedelta(minutes=minutes)
        context = dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor, resources={"alerts": self.alerts}
        )
        ticked = self.sensor.evaluate_tick(context)
        self.cursor = context.cursor
        return ticked

    def fail(self, error: Exception, name: str = "raw_orders", **tags: str) -> str:
        """Let a run fail of an error, and return its id."""
        return self._run(error, name, tags)

    def succeed(self, name: str = "raw_orders", **tags: str) -> str:
        """Let a run succeed, and return its id."""
        return self._run(None, name, tags)

    def _run(self, error: Exception | None, name: str, tags: dict[str, str]) -> str:
        @dg.op(name=name)
        def step() -> None:
            with clear_failures():
                if error:
                    raise error

        @dg.job(name="orders_job")
        def job() -> None:
            step()

        run_tags = {key.replace("__", "/"): value for key, value in tags.items()}
        with freeze_time(self.clock.moment):
            result = job.execute_in_process(
                instance=self.instance, raise_on_error=False, tags=run_tags
            )
        return result.run_id
