"""`asp run`: runs a feed's job here and now, one run after the other, with its progress."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import click
from rich.console import Console

from asp_dagster.cli.instances import kept_instance
from asp_dagster.cli.locations import DEFAULT_MODULE, Asked, feed_arguments, mistakes_told
from asp_dagster.cli.progress import Standing, own_console, shown, warn
from asp_dagster.commands import json_option, print_json
from asp_dagster.feed_runs import FeedRun, FeedRunner
from asp_dagster.forecasts import Forecaster
from asp_dagster.plans import Plan, Windows
from asp_dagster.spapi import CallStatistics
from asp_dagster.windows import SNAPSHOT

_NOTHING = Plan(0, [])

_EPILOG = """\b
examples:
  asp run orders --from 2026-11-01 --to 2026-11-20
  asp run orders --from 2026-11-01 --to 2026-11-20 --load-only
  asp run acme_fresh_orders -m my_project.definitions --json

exit codes: 0 all has landed and is loaded; 1 a run failed or was stopped; 2 wrong arguments
"""


@click.command("run", epilog=_EPILOG)
@feed_arguments()
@click.option("--load-only", is_flag=True, help="Load what has landed; Amazon is not asked.")
@json_option
def command(*, as_json: bool, load_only: bool, **asked: Any) -> None:
    """Run a feed's job here, for some days, with its progress.

    FEED is a feed of the code location: its job's name without `_job`. Its runs are recorded in the
    instance of DAGSTER_HOME, as those of the UI are, and cut as a backfill there: a partition each,
    or as many as a report holds. A feed without partitions goes on from its cursor; if days are
    named it asks for those, in one run that never sets the cursor back. Ctrl-C ends it and keeps
    what has landed.

    --load-only is for tables that did not load what has landed, or are to be made anew.
    """
    with mistakes_told(), kept_instance() as instance:
        named = Asked.of(**asked)
        if load_only:
            _check_loadable(asked["feed"], named)
        with named.forecaster(instance) as forecaster, own_console() as console:
            course = _Course.of(named, forecaster, console, loads_only=load_only)
            course.take(asked["feed"])
    if as_json:
        print_json(course.values(asked["feed"]))
    else:
        click.echo(course.summary())
    if course.is_broken:
        click.echo(course.remedy(asked), err=True)
        sys.exit(1)


def _check_loadable(name: str, named: Asked) -> None:
    """Refuse to load without asking where there is nothing to load, or nothing to choose.

    Raises:
        click.UsageError: The feed has no tables, or days are named of one without partitions.
    """
    if not named.located.feed.tables:
        raise click.UsageError(f"{name} has no tables to load: it is kept as raw files.")
    if named.chosen:
        raise click.UsageError(
            f"{name} has no partitions: --load-only loads what landed last. Name no days."
        )


@dataclass
class _Course:
    """All runs of the command, and how far they have come."""

    forecaster: Forecaster
    runner: FeedRunner
    console: Console
    runs: Sequence[Windows]
    plan: Plan
    before: CallStatistics = field(default_factory=CallStatistics)
    ended: list[FeedRun] = field(default_factory=list)

    @classmethod
    def of(
        cls, named: Asked, forecaster: Forecaster, console: Console, *, loads_only: bool
    ) -> "_Course":
        """Plan the runs."""
        amazon, instance = forecaster.resources["amazon"], forecaster.instance
        runner = FeedRunner(
            named.definitions,
            named.located,
            instance,
            amazon,
            named.road,
            named.chosen,
            loads_only=loads_only,
            tell=partial(warn, console),
        )
        if loads_only and named.located.feed.partitions is None:
            return cls(forecaster, runner, console, [{SNAPSHOT: None}], _NOTHING)
        runs = forecaster.runs(named.stretch)
        plan = _NOTHING if loads_only else forecaster.forecast(runs).plan
        return cls(forecaster, runner, console, runs, plan)

    @property
    def is_broken(self) -> bool:
        """Whether a run failed, or was stopped."""
        return len(self.good) < len(self.runs)

    @property
    def good(self) -> Sequence[FeedRun]:
        """The runs that did well."""
        return [run for run in self.ended if run.is_good]

    def take(self, title: str) -> None:
        """Make the runs, until one fails or is stopped."""
        with shown(title, self.standing, self.console):
            try:
                for number, windows in enumerate(self.runs):
                    self._look_ahead(self.runs[number:])
                    self.ended.append(self.runner.run(windows, self._last_after(number)))
                    if not self.ended[-1].is_good:
                        break
                else:
                    self.plan = _NOTHING
            except KeyboardInterrupt:  # between two runs: Dagster tells of one within
                return

    def _last_after(self, number: int) -> str | None:
        """Return the last partition of the runs after one, if there are any."""
        return list(self.runs[-1])[-1] if self.runs[number + 1 :] else None

    def standing(self) -> Standing:
        """Tell how far it has come."""
        return Standing(
            done=sum(len(run.windows) for run in self.good),
            windows=sum(map(len, self.runs)),
            rows=self.runner.rows,
            made=self.runner.statistics,
            before=self.before,
            plan=self.plan,
        )

    def _look_ahead(self, runs: Sequence[Windows]) -> None:
        """Plan again what is left: the last run may have shown what a window costs."""
        if self.runner.loads_only:
            return
        self.plan = self.forecaster.forecast(runs).plan
        self.before = self.runner.statistics

    def summary(self) -> str:
        """Say what came of it, in one line."""
        made, left = self.runner.statistics, sum(run.is_left for run in self.good)
        done = sum(len(run.windows) for run in self.good)
        said = f"{done} of {sum(map(len, self.runs))} windows, {self.runner.rows} rows landed,"
        said += f" {made.calls} calls, {made.throttled} throttled"
        return said + (f"; {left} runs left their reports to the sensor" if left else "")

    def remedy(self, asked: Mapping[str, Any]) -> str:
        """Say what broke it, and how to go on: what has landed need only be loaded."""
        broken = self.ended[-1] if self.ended else None
        said = [f"Error: {broken.failure}" if broken and broken.failure else "Stopped."]
        left = self.runs[len(self.good) :]
        if broken and broken.has_landed:
            command = self._command(
                asked, left if self.runner.loads_only else left[:1], loads_only=True
            )
            said.append(f"What has landed stays. To load it: {command}")
            left = [] if self.runner.loads_only else left[1:]
        elif left:
            said.append("What has landed stays.")
        if left:
            said[-1] += f" To go on: {self._command(asked, left)}"
        return "\n".join(said)

    def _command(
        self, asked: Mapping[str, Any], runs: Sequence[Windows], *, loads_only: bool = False
    ) -> str:
        """Return the command that makes some of the runs, or just loads what they landed."""
        words = ["asp run", asked["feed"]]
        if self.runner.located.feed.partitions:
            first, last = next(iter(runs[0])), list(runs[-1])[-1]
            words += ["--from", first[:10], "--to", last[:10]]
        elif not loads_only:
            named = {"--from": self.runner.chosen.first, "--to": self.runner.chosen.last}
            words += [word for pair in named.items() if pair[1] for word in pair]
        words += ["--road", asked["road"]] if asked["road"] else []
        words += ["-m", asked["module"]] if asked["module"] != DEFAULT_MODULE else []
        words += ["--load-only"] if loads_only else []
        return " ".join(words)

    def values(self, feed: str) -> Mapping[str, Any]:
        """Return what came of it, for programs."""
        made = self.runner.statistics
        return {
            "feed": feed,
            "is_success": not self.is_broken,
            "rows": self.runner.rows,
            "calls": made.calls,
            "calls_by_operation": dict(made.by_operation),
            "throttled": made.throttled,
            "wait_seconds": round(made.wait_seconds, 1),
            "runs": [
                {
                    "run_id": run.run_id,
                    "windows": list(run.windows),
                    "failure": run.failure,
                    "is_stopped": run.is_stopped,
                    "is_left_to_sensor": run.is_left,
                }
                for run in self.ended
            ],
        }
