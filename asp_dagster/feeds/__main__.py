"""Shows the ready feeds, with what they cost in calls, or the declaration of one.

asp feeds
asp feeds fba_inventory
"""

import click

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.commands import json_option, print_json
from asp_dagster.feeds.listing import as_values, listing, markdown
from asp_dagster.feeds.ready import (
    component_of,
    ready_feed,
    ready_feed_text,
    shown_feed_names,
)


def _completed(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    return [name for name in shown_feed_names() if name.startswith(begun)]


@click.command(
    "feeds",
    epilog="A feed is used by its name: `type: asp_dagster.AmazonSPApi` with the attribute"
    " `feed: NAME`. Some are of another component, which NAME shows as its `type`.",
)
@click.argument("name", required=False, shell_complete=_completed)
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the list as docs/feeds.md.")
@json_option
def command(name: str | None, *, as_markdown: bool, as_json: bool) -> None:
    """List the ready feeds with their cost in calls, or show NAME.

    NAME is one of them: its declaration is shown, with its comments.
    """
    if as_markdown and (name or as_json):
        raise click.UsageError("--markdown prints the whole list, for people: give it alone.")
    try:
        if as_json:
            print_json(ready_feed(name, component_of(name)) if name else as_values())
        elif name:
            click.echo(ready_feed_text(name).rstrip("\n"))
        else:
            click.echo(markdown() if as_markdown else listing())
    except DeclarationError as error:
        raise click.UsageError(str(error)) from error


if __name__ == "__main__":
    command(prog_name="python -m asp_dagster.feeds")
