"""`asp plan`: what runs of a feed are going to cost, without asking Amazon."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from asp_dagster.cli.instances import known_instance
from asp_dagster.cli.locations import Asked, feed_arguments, how_to_declare, mistakes_told
from asp_dagster.commands import json_option, print_json
from asp_dagster.forecasts import Forecast
from asp_dagster.plans import PlannedCalls
from asp_dagster.text_tables import text_table

_EPILOG = """\b
examples:
  asp plan orders --from 2026-11-01 --to 2026-11-20
  asp plan orders --from 2026-01-01 --road api
  asp plan acme_fresh_orders -m my_project.definitions

How many calls a window takes is known from the last run that the instance in DAGSTER_HOME knows;
before the first, the least is told.
"""

_HEADINGS = ("operation", "calls", "a second", "at once", "hours")


@click.command("plan", epilog=_EPILOG)
@feed_arguments(may_be_ready=True)
@json_option
def command(*, as_json: bool, **asked: Any) -> None:
    """Tell what runs of a feed will cost: calls, hours, by which road.

    FEED is a feed of the code location: its job's name without `_job`; or a ready feed, which need
    not be declared yet. Amazon is not asked and no credentials are needed. Hours are the time in
    which Amazon's usage plan gives so many calls, from a full bucket on. A feed without partitions
    is planned from its cursor unless days are named.
    """
    with mistakes_told(), known_instance() as instance:
        named = Asked.of(**asked, may_be_ready=True)
        with named.forecaster(instance) as forecaster:
            found = forecaster.forecast(forecaster.runs(named.stretch))
    if as_json:
        print_json({**_values(asked["feed"], found), "is_declared": named.is_declared})
        return
    click.echo(_text(asked["feed"], found))
    if not named.is_declared:
        click.echo(
            f"Not declared yet: it is planned as it is ready. {how_to_declare(asked['feed'])}"
        )


def _text(feed: str, found: Forecast) -> str:
    """Return the plan for a terminal."""
    windows, plan = found.windows, found.plan
    stretch = windows[0] if len(windows) == 1 else f"{windows[0]} to {windows[-1]}"
    runs = "1 run" if len(found.runs) == 1 else f"{len(found.runs)} runs"
    bound = "at least" if plan.is_least else "about"
    return "\n".join(
        [
            f"{feed}: {stretch} in {runs}, by the {' and the '.join(found.roads)}",
            text_table([_HEADINGS, *_rows(plan.calls)]),
            f"{bound} {plan.hours:.1f} h at Amazon's pace",
        ]
    )


def _rows(calls: Sequence[PlannedCalls]) -> Iterator[Sequence[str]]:
    for each in calls:
        plan, is_known = each.operation, each.calls is not None
        number = f"{each.calls}{'+' if each.is_least else ''}" if is_known else "not known yet"
        hours = f"{each.hours:.1f}" if is_known else "-"
        yield plan.name, number, f"{plan.rate:g}", str(plan.burst), hours


def _values(feed: str, found: Forecast) -> Mapping[str, Any]:
    """Return the plan for programs."""
    return {
        "feed": feed,
        "windows": found.windows,
        "runs": len(found.runs),
        "roads": found.roads,
        "hours": round(found.plan.hours, 2),
        "is_least": found.plan.is_least,
        "calls": [
            {
                "operation": each.operation.name,
                "calls": each.calls,
                "is_least": each.is_least,
                "rate": each.operation.rate,
                "burst": each.operation.burst,
                "hours": round(each.hours, 2),
            }
            for each in found.plan.calls
        ],
    }
