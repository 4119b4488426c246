"""Runs a feed's job in this process, and tells how far it has come.

Here belong: one run, what comes of it, and what there is to say of it meanwhile. How it is shown is
the caller's business.

https://docs.dagster.io/api/dagster/jobs
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any
from uuid import uuid4

import dagster as dg

from asp_dagster.assets import table_keys
from asp_dagster.catalog.feeds import ReportSpec
from asp_dagster.chosen_windows import ChosenWindow
from asp_dagster.jobs import job_name
from asp_dagster.located import LocatedFeed
from asp_dagster.plans import Windows
from asp_dagster.resources import AmazonSPResource
from asp_dagster.roads import ROAD
from asp_dagster.run_tags import PARTITION_RANGE
from asp_dagster.spapi import CallStatistics
from asp_dagster.windows import FOLLOWED_UNTIL, SNAPSHOT

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class FeedRun:
    """What came of a run.

    Attributes:
        run_id: Dagster's id.
        windows: What it asked for, by name.
        failure: Why it failed, with the remedy; none if it did well or was stopped.
        is_stopped: Whether it was stopped, by Ctrl-C or a signal.
        is_left: Whether its reports are left to a sensor, which lands them when they are made.
        has_landed: Whether its raw files are in their places.
    """

    run_id: str
    windows: Windows
    failure: str | None = None
    is_stopped: bool = False
    is_left: bool = False
    has_landed: bool = False

    @property
    def is_good(self) -> bool:
        """Whether it did all that it was asked for."""
        return self.failure is None and not self.is_stopped


@dataclass
class FeedRunner:
    """Runs a feed's job, one run after the other.

    Attributes:
        definitions: The code location.
        located: The feed.
        instance: Where the runs are recorded.
        amazon: What its clients come from, the same for all runs; tells what they cost.
        road: The road that is forced, if one is.
        chosen: The window of a feed without partitions, if one is named.
        loads_only: Whether to load what has landed, and not to ask Amazon.
        tell: What is done with a warning of a run, as soon as it comes.
        rows: How many rows have landed.
    """

    definitions: dg.Definitions
    located: LocatedFeed
    instance: dg.DagsterInstance
    amazon: AmazonSPResource
    road: str | None = None
    chosen: ChosenWindow = field(default_factory=ChosenWindow)
    loads_only: bool = False
    tell: Callable[[str], None] = field(kw_only=True)
    rows: int = field(default=0, init=False)
    _has_landed: bool = field(default=False, init=False)

    @property
    def statistics(self) -> CallStatistics:
        """What all clients have cost up to now."""
        counts = [client.statistics.snapshot() for client in self.amazon.clients]
        return reduce(add, counts, CallStatistics())

    def run(self, windows: Windows, followed_until: str | None = None) -> FeedRun:
        """Run the job for some windows, to its end.

        Args:
            windows: The windows.
            followed_until: The last partition of the runs that follow at once, if any do.
        """
        run_id, self._has_landed = str(uuid4()), False
        self.instance.add_event_listener(run_id, self._note)
        result = self.definitions.resolve_job_def(job_name(self.located.feed)).execute_in_process(
            run_config=self._config(),
            instance=self.instance,
            raise_on_error=False,
            run_id=run_id,
            **self._steps(),
            **self._partitions(list(windows), followed_until),
        )
        has_landed = self._has_landed or self.loads_only
        if result.success:
            return FeedRun(run_id, windows, is_left=not has_landed, has_landed=has_landed)
        if any(map(_is_stop, result.all_events)):
            return FeedRun(run_id, windows, is_stopped=True, has_landed=has_landed)
        return FeedRun(run_id, windows, failure=_failure(result), has_landed=has_landed)

    def _steps(self) -> Mapping[str, Any]:
        """Return the arguments that tell a run what to do, and by what it asks Amazon."""
        if self.loads_only:
            return {"asset_selection": table_keys(self.located.feed)}
        return {"resources": {"amazon": dg.ResourceDefinition.hardcoded_resource(self.amazon)}}

    def _config(self) -> Mapping[str, Any]:
        """Return what would be filled into the launchpad, and how little the run logs."""
        quiet = {} if self.definitions.loggers else _QUIET
        if not self.chosen or self.loads_only:
            return quiet
        chosen = {"from": self.chosen.first, "to": self.chosen.last}
        landing = self.definitions.resolve_assets_def(self.located.key).op.name
        return {**quiet, "ops": {landing: {"config": chosen}}}

    def _partitions(self, names: list[str], followed_until: str | None) -> Mapping[str, Any]:
        """Return the arguments that tell a run its partitions, and those of the runs after it."""
        tags = {ROAD: self.road} if self.road else {}
        if followed_until and isinstance(self.located.feed.source, ReportSpec):
            tags[FOLLOWED_UNTIL] = followed_until
        if self.located.feed.partitions is None or names == [SNAPSHOT]:
            return {"tags": tags}
        if len(names) == 1:
            return {"tags": tags, "partition_key": names[0]}
        return {"tags": {**tags, **dict(zip(PARTITION_RANGE, (names[0], names[-1]), strict=True))}}

    def _note(self, entry: dg.EventLogEntry) -> None:
        """Tell of a warning; add the rows of raw files: each partition tells those of all."""
        event = entry.dagster_event
        if event is None and entry.level == logging.WARNING:
            self.tell(entry.user_message)
        if event and event.is_step_materialization and event.asset_key == self.located.key:
            rows = event.step_materialization_data.materialization.metadata.get("rows")
            self.rows += int(str(rows.value)) if rows and not self._has_landed else 0
            self._has_landed = True


def _is_stop(event: dg.DagsterEvent) -> bool:
    """Tell whether a step was stopped from outside: Dagster calls that a failure too."""
    error = event.step_failure_data.error if event.is_step_failure else None
    return error is not None and error.cls_name == dg.DagsterExecutionInterruptedError.__name__


def _failure(result: dg.ExecuteInProcessResult) -> str:
    """Return why a run failed, in the words of the first step that did."""
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            told = data.user_failure_data
            if told and told.description:
                return told.description
            if data.error:
                return _said(data.error)
        if event.is_job_failure and event.job_failure_data.error:
            return _said(event.job_failure_data.error)
    return "The run failed; its log in Dagster's UI says why."


def _said(error: Any) -> str:
    """Return the message of the error that is at the bottom."""
    while error.cause:
        error = error.cause
    return str(error.message).strip()
