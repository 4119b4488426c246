"""The sensor of alerts: looks for failed runs, and tells what is new, and what has healed.

It is no `run_failure_sensor`: that one shows a run once, and what it could not deliver then would
be lost. Here belong ticks; what is known between two is in `memory`.

https://docs.dagster.io/guides/automate/sensors
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from logging import Logger

import dagster as dg

from asp_dagster.alerts.causes import Cause, causes_of
from asp_dagster.alerts.healing import Failed, Failing, feeds_of
from asp_dagster.alerts.memory import Memory, Message
from asp_dagster.alerts.resource import AlertsResource
from asp_dagster.alerts.targets import DeliveryError, Target
from asp_dagster.run_tags import has_failed_for_good
from asp_dagster.spapi import Clock, SystemClock

_SETTLED = timedelta(seconds=10)
"""Dagster says a moment after a run has failed whether it will be retried."""

_OVERLAP = timedelta(minutes=1)
_MOST_RUNS = 500
_LONGEST_SECONDS = 25.0
"""Dagster gives a tick 60 seconds, of which a target that is slow may take many."""

_TARGETS = ("ASP_ALERT_WEBHOOK", "ASP_ALERT_EMAIL_TO")
_OVER = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS]


def build_alerts(clock: Clock | None = None) -> dg.Definitions:
    """Return the sensor of alerts: on once a target is set, off before.

    Args:
        clock: What tells the time.
    """
    is_wanted = any(dg.EnvVar(target).get_value() for target in _TARGETS)
    status = dg.DefaultSensorStatus
    time = clock or SystemClock()

    @dg.sensor(
        name="alerts_sensor",
        description="Tells what runs failed of, once for each cause; see docs/alerts.md.",
        minimum_interval_seconds=30,
        default_status=status.RUNNING if is_wanted else status.STOPPED,
        required_resource_keys={"alerts"},
    )
    def alerts_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        alerts: AlertsResource = context.resources.alerts
        # A wrong setting is refused before anything is told that could not be remembered.
        targets, quiet, healed = alerts.targets(), alerts.quiet_time(), alerts.tells_healed()
        tick = _Tick(context, alerts, targets, quiet, healed, time)
        if not tick.targets:
            context.update_cursor(str(Memory(looked_until=tick.now)))
            return dg.SkipReason(f"Nobody is told: set {' or '.join(_TARGETS)}.")
        memory = tick.deliver(tick.look(Memory.parse(context.cursor, tick.now)))
        context.update_cursor(str(memory.forgetting(tick.now, tick.quiet)))
        return dg.SkipReason(f"{len(memory.pending)} messages are still to be delivered.")

    return dg.Definitions(sensors=[alerts_sensor])


@dataclass(frozen=True)
class _Tick:
    """One look.

    Attributes:
        context: Dagster's.
        alerts: The settings.
        targets: Where alerts go.
        quiet: For how long a cause is not told again.
        tells_healed: Whether it is told what has healed.
        clock: Tells when it is.
    """

    context: dg.SensorEvaluationContext
    alerts: AlertsResource
    targets: Mapping[str, Target]
    quiet: timedelta
    tells_healed: bool
    clock: Clock

    @cached_property
    def now(self) -> datetime:
        """When the tick came."""
        return self.clock.now()

    def look(self, memory: Memory) -> Memory:
        """Return what is known once the runs that have failed since are looked at."""
        until = self.now - _SETTLED
        records = self._records(memory.looked_until - _OVERLAP, until)
        for record in records:
            run = record.dagster_run
            if self._is_ours(run):
                memory = self._heal(memory, run, _ended_at(record))
                if has_failed_for_good(run) and run.run_id not in memory.seen:
                    memory = self._tell(memory, run, _ended_at(record))
        if len(records) == _MOST_RUNS:  # there may be more, which the next tick looks at
            until = min(until, records[-1].update_timestamp + _OVERLAP)
        return replace(memory, looked_until=max(until, memory.looked_until))

    def deliver(self, memory: Memory) -> Memory:
        """Return what is known once all is delivered that can be.

        A target that fails is left alone until the next tick, and so is what there is no time for:
        of a tick that Dagster ends nothing would be remembered.
        """
        left: list[Message] = []
        broken: set[str] = set()
        until = self.clock.monotonic() + _LONGEST_SECONDS
        for message in memory.pending:
            target = self.targets.get(message.target)
            if target is None:
                continue  # it is no longer wanted
            if self.clock.monotonic() >= until or message.target in broken:
                left.append(message)
            elif not _sent(target, message, self._log):
                broken.add(message.target)
                left.append(message)
        return replace(memory, pending=left)

    def _records(self, since: datetime, until: datetime) -> Sequence[dg.RunRecord]:
        """Return the runs that are over, the first ones if there are too many."""
        return self.context.instance.get_run_records(
            dg.RunsFilter(statuses=_OVER, updated_after=since, updated_before=until),
            limit=_MOST_RUNS,
            order_by="update_timestamp",
            ascending=True,
        )

    def _is_ours(self, run: dg.DagsterRun) -> bool:
        """Tell whether no other code location ran it, as far as it says."""
        own, origin = self.context.code_location_origin, run.remote_job_origin
        if own is None or origin is None:
            return True
        return own.location_name == origin.repository_origin.code_location_origin.location_name

    def _tell(self, memory: Memory, run: dg.DagsterRun, at: datetime) -> Memory:
        """Return what is known once the causes of a run are told that are new."""
        memory = memory.seeing(run.run_id, self.now)
        known = memory
        for cause in causes_of(self.context.instance, run):
            keys = [cause.key, _family(run)]
            # Of one run all causes are told: what was known before it began counts.
            if not known.is_told(keys, self.now, self.quiet):
                memory = memory.telling(keys, self.now, self._messages(cause, run))
            if self.tells_healed and cause.key in memory.told:
                failing = memory.failing.get(cause.key, Failing.of(cause, run))
                memory = memory.with_failing(cause.key, failing.failing(Failed.of(run, at)))
        return memory

    def _heal(self, memory: Memory, run: dg.DagsterRun, at: datetime) -> Memory:
        """Return what is known once it is told what a run has healed the last of.

        What a run has brought before it failed has healed too.
        """
        done = Failed.of(run, at)
        after = {key: each.succeeding(done) for key, each in memory.failing.items()}
        after = {key: each for key, each in after.items() if each != memory.failing[key]}
        feeds = feeds_of(self.context.instance, run) if after else ()
        for key, failing in after.items():
            if failing.feed not in feeds:
                continue
            if failing.failed:
                memory = memory.with_failing(key, failing)
            else:
                keys = [key, _family(run)]
                memory = memory.healing(keys, self._messages(failing, run))
        return memory

    def _messages(self, what: Cause | Failing, run: dg.DagsterRun) -> list[Message]:
        text = what.text(run, self.alerts.ui_url)
        return [Message(name, what.subject, text, self.now) for name in self.targets]

    @property
    def _log(self) -> Logger:
        return self.context.log


def _family(run: dg.DagsterRun) -> str:
    """Return what is the same of a run and of all that it was started again as."""
    return f"run {run.root_run_id or run.run_id}"


def _ended_at(record: dg.RunRecord) -> datetime:
    """Return when a run ended; tags that are put on it later move the time of its record."""
    ended = record.end_time
    return datetime.fromtimestamp(ended, UTC) if ended else record.update_timestamp


def _sent(target: Target, message: Message, log: Logger) -> bool:
    """Tell whether a message could be delivered; why not is logged."""
    try:
        target.send(message.subject, message.text)
    except DeliveryError as error:
        log.warning("The %s took no message: %s. Tried again.", message.target, error)
        return False
    return True
