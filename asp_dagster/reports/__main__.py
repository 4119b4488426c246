"""Shows the report types, or all that is known of one.

asp reports --requestable --search fba
asp reports GET_SALES_AND_TRAFFIC_REPORT
"""

from dataclasses import asdict
from difflib import get_close_matches
from typing import Any

import click

from asp_dagster.catalog.report_types import ReportType, ReportTypes
from asp_dagster.commands import json_option, print_json
from asp_dagster.reports.describing import description
from asp_dagster.reports.listing import Choice, listing, markdown

_NEAR = 3


def _completed(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    names = (known.name for known in ReportTypes.load().all)
    return [name for name in names if name.startswith(begun.upper())]


@click.command(
    "reports",
    epilog="A report is declared with `type: asp_dagster.AmazonSPReport`; also one that is not"
    " listed here.",
)
@click.argument("name", required=False, shell_complete=_completed)
@click.option("--requestable", is_flag=True, help="Only what can be requested.")
@click.option("--restricted", is_flag=True, help="Only what needs a restricted token or role.")
@click.option("--format", "file_format", help="Only reports of this format: TSV.")
@click.option("--search", metavar="WORDS", help="Only with these words: settlement.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the list as docs/reports.md.")
@json_option
def command(name: str | None, *, as_markdown: bool, as_json: bool, **choice: Any) -> None:
    """List Amazon's report types with their rules, or describe NAME.

    NAME is a report type: all that is known of it is told, with a declaration of it.
    """
    if name:
        known = _known(name)
        return print_json(_values(known)) if as_json else click.echo(description(known))
    types = Choice(**choice).types()
    if not types:
        raise click.UsageError("no report type is like that; ask for less")
    if as_json:
        return print_json(list(map(_values, types)))
    return click.echo(markdown(types) if as_markdown else listing(types))


def _known(name: str) -> ReportType:
    types = ReportTypes.load()
    known = types.find(name.upper())
    if not known.is_known:
        near = get_close_matches(name.upper(), [each.name for each in types.all], n=_NEAR)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; `--search WORD` finds some"
        raise click.UsageError(f"no report type is known as {name!r}{hint}")
    return known


def _values(known: ReportType) -> dict[str, Any]:
    return {key: value for key, value in asdict(known).items() if key != "is_known"}


if __name__ == "__main__":
    command(prog_name="python -m asp_dagster.reports")
