"""What `asp plan` and `asp run` are asked: a feed of a code location, and some days of it.

Here belong their common arguments, and what stands behind the names.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import click
import dagster as dg

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.chosen_windows import ChosenWindow
from asp_dagster.commands import Command, told
from asp_dagster.failures import clear_failures
from asp_dagster.forecasts import Forecaster, Stretch
from asp_dagster.located import LocatedFeed, feed_in, feeds_in, load_location
from asp_dagster.mitto import MittoJobError
from asp_dagster.settings import build_resources
from asp_dagster.spapi import SystemClock

DEFAULT_MODULE = "asp_dagster.definitions"
_DAY = click.DateTime(["%Y-%m-%d"])


def _completed(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    definitions = load_location(context.params.get("module") or DEFAULT_MODULE)
    return [name for name in sorted(feeds_in(definitions)) if name.startswith(begun)]


_ARGUMENTS = (
    click.argument("feed", shell_complete=_completed),
    click.option(
        "--from",
        "first",
        type=_DAY,
        metavar="DAY",
        help="The first day; without it, the last, or where the feed's cursor stands.",
    ),
    click.option(
        "--to",
        "last",
        type=_DAY,
        metavar="DAY",
        help="The last day, which belongs to it; without it, the latest that is over, or now.",
    ),
    click.option(
        "--road",
        type=click.Choice(["api", "report"]),
        help="Force the road of a feed with `backfill`; without it, the quicker one is taken.",
    ),
    click.option(
        "--module",
        "-m",
        default=DEFAULT_MODULE,
        show_default=True,
        help="The code location that has the feed.",
    ),
)


@dataclass(frozen=True)
class Asked:
    """What the arguments name.

    Attributes:
        definitions: The code location.
        located: The feed.
        stretch: The days.
        road: The road that is forced, if one is.
    """

    definitions: dg.Definitions
    located: LocatedFeed
    stretch: Stretch
    road: str | None

    @classmethod
    def of(
        cls,
        *,
        feed: str,
        first: datetime | None,
        last: datetime | None,
        road: str | None,
        module: str,
    ) -> "Asked":
        """Return what the arguments name.

        Raises:
            DeclarationError: There is no such code location, or no such feed in it.
        """
        sys.path.insert(0, os.getcwd())  # noqa: PTH109 - where Dagster's commands look too
        definitions = load_location(module)
        stretch = Stretch(first.date() if first else None, last.date() if last else None)
        return cls(definitions, feed_in(definitions, feed), stretch, road)

    @property
    def chosen(self) -> ChosenWindow:
        """The days of a feed without partitions, which its run is told; none of another."""
        return ChosenWindow() if self.located.feed.partitions else self.stretch.chosen

    @contextmanager
    def forecaster(self, instance: dg.DagsterInstance) -> Iterator[Forecaster]:
        """Lend what foretells the runs, with the resources of the code location."""
        there = {**build_resources(), **(self.definitions.resources or {})}
        wanted = {name: there[name] for name in ("amazon", "state", "warehouse")}
        with dg.build_resources(wanted, instance=instance) as resources:
            known = {name: getattr(resources, name) for name in wanted}
            yield Forecaster(self.located, known, instance, SystemClock().now(), self.road)


def feed_arguments(command: Command) -> Command:
    """Let a command take a feed, and days of it: see `Asked`."""
    for each in reversed(_ARGUMENTS):
        command = each(command)
    return command


@contextmanager
def mistakes_told() -> Iterator[None]:
    """Let what is foreseen end the command with its sentence."""
    with told(DeclarationError, MittoJobError, dg.Failure), clear_failures():
        yield
