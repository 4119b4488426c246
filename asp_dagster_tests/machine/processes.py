"""Runs of the real jobs, each in a process of its own, on file systems of a test's making.

Here belong: starting such a run, and what it says at its end. The processes are forked from one
that has loaded the code location already: sixteen of them cost what one start-up does.
"""

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import dagster as dg

from asp_dagster.definitions import build_definitions
from asp_dagster_tests.machine.own_mounts import Mount, mount_all

PATIENCE_SECONDS = 120
_LOADED_ONCE = (
    __name__,
    "asp_dagster.state.state",
    "asp_dagster.warehouse.reading.rows",
    "asp_dagster.warehouse.warehouse",
    "psycopg",
    "requests",
    "sqlalchemy.dialects.sqlite",
)
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(list(_LOADED_ONCE))


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        success: Whether it succeeded.
        said: The sentence of each step that failed; an error that is none of ours, as it is.
        logged: What the run's log says besides Dagster's own events.
        metadata: What was told of each asset that was materialized.
    """

    success: bool
    said: Sequence[str]
    logged: Sequence[str]
    metadata: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Job:
    """A job to be run.

    Attributes:
        name: Its name.
        day: Its partition.
        settings: The variables that it adds to those of its process.
        assets: The assets that are materialized, if not all of the job.
    """

    name: str
    day: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    assets: Sequence[str] = ()

    def run(self) -> Outcome:
        """Run it in this process."""
        os.environ.update(self.settings)
        tempfile.tempdir = None  # it was chosen before, by another TMPDIR
        job = build_definitions().resolve_job_def(self.name)
        with dg.DagsterInstance.ephemeral() as instance:
            result = job.execute_in_process(
                partition_key=self.day,
                instance=instance,
                raise_on_error=False,
                asset_selection=[dg.AssetKey(name) for name in self.assets] or None,
            )
            entries = instance.all_logs(result.run_id)
        logged = [entry.user_message for entry in entries if not entry.is_dagster_event]
        return Outcome(result.success, list(_said(result)), logged, dict(_told(result)))


@dataclass(frozen=True)
class Worker:
    """A process that does what it is told, one thing after the other."""

    process: Any
    pipe: Connection = field(repr=False)

    def begin(self, work: Callable[..., Any], *arguments: object) -> None:
        """Let it do something; function and arguments must be picklable."""
        self.pipe.send((work, arguments))

    def ended(self) -> Any:
        """Wait for what it has begun, which must end in time, and return what comes of it."""
        assert self.pipe.poll(PATIENCE_SECONDS), "it does not end"
        return self.pipe.recv()

    def run(self, job: Job) -> Outcome:
        """Let it run a job to its end."""
        self.begin(job.run)
        outcome: Outcome = self.ended()
        return outcome

    def seen(self, path: Path) -> Path:
        """Return how this process reaches a path as the worker sees it, mounts included."""
        return Path(f"/proc/{self.process.pid}/root") / path.relative_to("/")


@contextmanager
def workers(number: int, mounts: Sequence[Mount] = ()) -> Iterator[list[Worker]]:
    """Start processes, and end them with the block."""
    with ExitStack() as started:
        found = []
        for _ in range(number):
            ours, theirs = _FORKS.Pipe()
            process = _FORKS.Process(target=_work, args=(theirs, mounts))
            process.start()
            started.callback(process.join)
            started.callback(process.kill)
            theirs.close()
            found.append(Worker(process, ours))
        for each in found:
            assert each.ended() == "ready"
        yield found


def _work(pipe: Connection, mounts: Sequence[Mount]) -> None:
    if mounts:
        mount_all(mounts)
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        pipe.send("ready")
        while True:
            try:
                work, arguments = pipe.recv()
            except EOFError:
                return
            pipe.send(work(*arguments))


def _said(result: dg.ExecuteInProcessResult) -> Iterator[str]:
    """Yield why steps failed; what is no sentence of ours, with its stack trace."""
    for event in result.all_events:
        if event.event_type_value == "STEP_FAILURE":
            data = event.step_failure_data
            yield (data.user_failure_data and data.user_failure_data.description) or str(data.error)


def _told(result: dg.ExecuteInProcessResult) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the metadata of each asset that was materialized."""
    for event in result.get_asset_materialization_events():
        made = event.step_materialization_data.materialization
        yield (
            made.asset_key.to_user_string(),
            {name: value.value for name, value in made.metadata.items()},
        )
