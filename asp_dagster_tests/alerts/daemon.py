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

    def end(self, event: dg.DagsterEventType, root: str | None = None) -> str:
        """Let a run have ended without a step, alone or started again, and return its id."""

        @dg.job(name="orders_job")
        def job() -> None:
            """Do nothing."""

        with freeze_time(self.clock.moment):
            run = self.instance.create_run_for_job(job, root_run_id=root, parent_run_id=root)
            ended = dg.DagsterEvent(event_type_value=event.value, job_name=run.job_name)
            self.instance.report_dagster_event(ended, run.run_id)
        return run.run_id

    def fail_after(self, done: str, error: Exception, name: str) -> str:
        """Let a run fail of an error after a step that succeeded, and return its id."""
        return self._run(error, name, {}, done)

    def _run(
        self, error: Exception | None, name: str, tags: dict[str, str], done: str = "before"
    ) -> str:
        @dg.op(name=done)
        def before() -> None:
            """Succeed."""

        @dg.op(name=name, ins={"start": dg.In(dg.Nothing)})
        def step() -> None:
            with clear_failures():
                if error:
                    raise error

        @dg.job(name="orders_job")
        def job() -> None:
            step(start=before())

        run_tags = {key.replace("__", "/"): value for key, value in tags.items()}
        with freeze_time(self.clock.moment):
            result = job.execute_in_process(
                instance=self.instance, raise_on_error=False, tags=run_tags
            )
        return result.run_id
