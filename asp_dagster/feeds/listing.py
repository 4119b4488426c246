"""Lists the ready feeds: as text for a terminal, and as Markdown for the docs.

Here belongs: the shape of the list. What stands in it comes from `costs`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from asp_dagster.feeds.costs import Calls, FeedCost, feed_cost
from asp_dagster.feeds.ready import (
    ENDPOINTS,
    component_of,
    default_feed_names,
    shown_feed_names,
)
from asp_dagster.text_tables import text_table

_HEADINGS = ("feed", "a run asks for", "operation", "calls", "a second", "at once")
_INTRODUCTION = """\
# Ready feeds

Feeds that need no declaration but their name. In a `defs.yaml`:

```yaml
type: asp_dagster.AmazonSPApi
attributes:
  feed: fba_inventory
```

Every key of the component may stand beside `feed`: it goes before the ready feed's own, and
`params` are added to its params. The component is `asp_dagster.AmazonSPApi` where nothing else is
said. `asp feeds NAME` shows what a feed declares, and why. The first ones are on by default: the
package's own code location declares them.

*Calls* is what a run costs: one call for each of these. *A second* and *at once* are the usage
plan: how many calls Amazon allows a second, and how many may be saved up. This page is what
`asp feeds --markdown` prints. Below the table, each feed leads to its tables and columns.
"""


def listing() -> str:
    """Return all feeds that come with the package with their cost, as a table of plain text."""
    table = text_table([_HEADINGS, *_rows()])
    return f"{table}\n\n{_named(default_feed_names())} are on by default; the others are declared."


def as_values() -> Sequence[Mapping[str, Any]]:
    """Return all ready feeds with their cost, for programs."""
    return [
        {
            "name": cost.name,
            "description": cost.description,
            "is_default": cost.is_default,
            "window": cost.window,
            "calls": [
                {
                    "operation": calls.operation.name,
                    "per": list(calls.per),
                    "rate": calls.operation.rate,
                    "burst": calls.operation.burst,
                }
                for calls in cost.calls
            ],
        }
        for cost in map(feed_cost, shown_feed_names())
    ]


def markdown() -> str:
    """Return all ready feeds with their cost and what they are, as a page of Markdown."""
    costs = [feed_cost(name) for name in shown_feed_names()]
    lines = [
        _markdown_row(_HEADINGS),
        _markdown_row(["---"] * len(_HEADINGS)),
        *map(_markdown_row, _rows()),
    ]
    descriptions = [
        f"- [`{cost.name}`](feeds/{cost.name}.md){_kind(cost)}: {cost.description}"
        for cost in costs
    ]
    return "\n".join([_INTRODUCTION, *lines, "", *descriptions])


def _named(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _kind(cost: FeedCost) -> str:
    """Say that a feed is on, and its component unless it is that of most."""
    component = component_of(cost.name)
    notes = ["on by default"] * cost.is_default
    notes += [f"of `asp_dagster.{component}`"] * (component != ENDPOINTS)
    return f" ({', '.join(notes)})" if notes else ""


def _rows() -> Iterator[Sequence[str]]:
    """Yield a row for each operation of each feed; only the first names the feed."""
    for cost in map(feed_cost, shown_feed_names()):
        for number, calls in enumerate(cost.calls):
            yield _row(cost if number == 0 else None, calls)


def _row(cost: FeedCost | None, calls: Calls) -> Sequence[str]:
    plan = calls.operation
    named = (cost.name, cost.window) if cost else ("", "")
    return (*named, plan.name, str(calls), f"{plan.rate:g}", str(plan.burst))


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
