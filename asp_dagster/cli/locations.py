"""What `asp plan` and `asp run` are asked: a feed of a code location, and some days of it.

Here belong their common arguments, and what stands behind the names.
"""

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import click
import dagster as dg

from asp_dagster import components
from asp_dagster.assets import raw_key
from asp_dagster.catalog.declarations import DeclarationError, DeclarationWarning
from asp_dagster.chosen_windows import ChosenWindow
from asp_dagster.commands import Command, told
from asp_dagster.failures import clear_failures
from asp_dagster.feeds.ready import LISTED_REPORTS, component_of, shown_feed_names
from asp_dagster.forecasts import Forecaster, Stretch
from asp_dagster.located import LocatedFeed, feed_in, feeds_in, load_location
from asp_dagster.mitto import MittoJobError
from asp_dagster.settings import build_resources
from asp_dagster.spapi import SystemClock

DEFAULT_MODULE = "asp_dagster.definitions"


class _Day(click.ParamType[date]):
    """A day, as in 2026-11-01."""

    name = "day"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day: write 2026-11-01", param, ctx)


def _declared(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    try:
        found, _ = _loaded(context.params.get("module") or DEFAULT_MODULE)
    except (DeclarationError, MittoJobError):
        return []  # who runs the command is told; who completes a word has no use for it
    return [name for name in sorted(feeds_in(found)) if name.startswith(begun)]


def _declared_or_ready(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    ready = (name for name in shown_feed_names() if name.startswith(begun))
    return sorted({*_declared(context, parameter, begun), *ready})


_OPTIONS = (
    click.option(
        "--from",
        "first",
        type=_Day(),
        metavar="DAY",
        help="The first day; without it, the last, or where the feed's cursor stands.",
    ),
    click.option(
        "--to",
        "last",
        type=_Day(),
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
        is_declared: Whether the code location has the feed; else it is a ready one.
    """

    definitions: dg.Definitions
    located: LocatedFeed
    stretch: Stretch
    road: str | None
    is_declared: bool = True

    @classmethod
    def of(
        cls,
        *,
        feed: str,
        first: date | None,
        last: date | None,
        road: str | None,
        module: str,
        may_be_ready: bool = False,
    ) -> "Asked":
        """Return what the arguments name; a ready feed too, where it need not be declared.

        Raises:
            DeclarationError: There is no such code location, or no such feed in it.
            click.UsageError: The last day is before the first.
        """
        if first and last and last < first:
            raise click.UsageError(f"--to {last} is before --from {first}.")
        definitions, warned = _loaded(module)
        stretch = Stretch(first, last)
        if feed not in feeds_in(definitions) and feed in shown_feed_names():
            if may_be_ready:
                return cls(definitions, _ready(feed), stretch, road, is_declared=False)
            raise DeclarationError(
                f"{module} does not declare {feed}, which is a ready feed. {how_to_declare(feed)}"
            )
        located = feed_in(definitions, feed)
        for sentence in warned:
            if sentence.startswith(f"{located.feed.name}: "):
                click.echo(f"Warning: {sentence}", err=True)
        return cls(definitions, located, stretch, road)

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


def feed_arguments(*, may_be_ready: bool = False) -> Callable[[Command], Command]:
    """Let a command take a feed, and days of it: see `Asked`."""
    completed = _declared_or_ready if may_be_ready else _declared

    def taking(command: Command) -> Command:
        for each in reversed(_OPTIONS):
            command = each(command)
        return click.argument("feed", shell_complete=completed)(command)

    return taking


def _loaded(module: str) -> tuple[dg.Definitions, Sequence[str]]:
    """Return a code location, and what somebody should know of its declarations."""
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - where Dagster's commands look too
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DeclarationWarning)
        definitions = load_location(module)
    for each in caught:
        if not issubclass(each.category, DeclarationWarning):
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    sentences = [str(each.message) for each in caught if each.category is DeclarationWarning]
    return definitions, sentences


def how_to_declare(feed: str) -> str:
    """Say what makes a ready feed one of the code location's."""
    return (
        f"To have it, write into {feed}/defs.yaml in your folder of definitions:"
        f" `type: asp_dagster.{component_of(feed)}`, `attributes: {{feed: {feed}}}`."
    )


def _ready(name: str) -> LocatedFeed:
    """Return a ready feed as its name alone would declare it."""
    component = component_of(name)
    declared = getattr(components, component).from_attributes_dict(attributes={"feed": name})
    feed = declared.declared()
    return LocatedFeed(feed, raw_key(feed), is_listed=component == LISTED_REPORTS)


@contextmanager
def mistakes_told() -> Iterator[None]:
    """Let what is foreseen end the command with its sentence."""
    with told(DeclarationError, MittoJobError, dg.Failure), clear_failures():
        yield
