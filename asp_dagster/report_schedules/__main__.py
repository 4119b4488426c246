"""Shows report schedules at Amazon, and makes them as the feeds declare them.

asp schedules status
asp schedules apply --dry-run

Here belong: arguments, settings, and what is printed.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.commands import either_side, json_option, print_json, told
from asp_dagster.declared import OWN_FEEDS
from asp_dagster.report_schedules.comparing import Pair, pairs
from asp_dagster.report_schedules.declared import listed_reports, partners
from asp_dagster.settings import amazon_outside_runs
from asp_dagster.spapi import SellingPartnerError
from asp_dagster.spapi.wire import timestamp
from asp_dagster.state import StateError
from asp_dagster.text_tables import text_table

_DIFFERENT = 3
_DONE = {"create": "created", "replace": "replaced", "cancel": "cancelled"}

_EPILOG = """\b
examples:
  asp schedules status
  asp schedules apply --dry-run
  asp schedules apply
  asp schedules apply --remove-others
  asp schedules remove 50039018869997

`apply` leaves alone what is not declared, since Seller Central's schedules are among it, unless
--remove-others says otherwise. The reports that a schedule has made stay.

\b
exit codes: 0 all is as declared, or done; 1 not done, for the reason printed; 2 wrong arguments;
3 something declared is missing at Amazon or differs (status), or would be done (--dry-run)
"""

_FOLDER_HELP = "The folder of the feeds' folders with their defs.yaml (this package's defs)."
_folder_option = either_side("--folder", type=click.Path(path_type=Path), help=_FOLDER_HELP)
_dry_run_option = click.option(
    "--dry-run", "is_dry", is_flag=True, help="Only say what would be done."
)


@click.group("schedules", epilog=_EPILOG)
@either_side("--folder", type=click.Path(path_type=Path), default=OWN_FEEDS, help=_FOLDER_HELP)
def command() -> None:
    """Show the report schedules at Amazon, and make them as declared.

    Declared are those of feeds of type asp_dagster.AmazonSPListedReport, under `schedule`. No run
    of a feed changes Amazon's. Credentials are those of the feeds: ASP_CLIENT_ID and so on, or
    named ones.
    """


@command.command("status")
@_folder_option
@json_option
@click.pass_obj
def _status(folder: Path, *, as_json: bool) -> None:
    """Show what is declared and what Amazon has."""
    with _found(folder) as found:
        if as_json:
            print_json(list(map(_values, found)))
        else:
            click.echo(
                _table(found) or "Neither does a feed declare a schedule nor has Amazon one."
            )
    if any(pair.declared and pair.step for pair in found):
        sys.exit(_DIFFERENT)


@command.command("apply")
@click.option(
    "--remove-others",
    is_flag=True,
    help="Also cancel the schedules that no feed declares, Seller Central's among them.",
)
@_dry_run_option
@_folder_option
@json_option
@click.pass_obj
def _apply(folder: Path, *, remove_others: bool, is_dry: bool, as_json: bool) -> None:
    """Make Amazon's schedules as they are declared."""
    with _found(folder) as found:
        wanted = [pair for pair in found if pair.step and (pair.declared or remove_others)]
        _take(wanted, is_dry=is_dry, as_json=as_json)


@command.command("remove")
@click.argument("schedules", nargs=-1, required=True)
@_dry_run_option
@_folder_option
@json_option
@click.pass_obj
def _remove(folder: Path, schedules: Sequence[str], *, is_dry: bool, as_json: bool) -> None:
    """Cancel schedules of Amazon, declared or not.

    SCHEDULES are ids, or report types for all schedules of that type.
    """
    with _found(folder) as found:
        _take(list(_named(found, schedules)), is_dry=is_dry, as_json=as_json)


@contextmanager
def _found(folder: Path) -> Iterator[Sequence[Pair]]:
    """Give the schedules of all selling partners whose feeds the folder declares."""
    amazon = amazon_outside_runs()
    with told(DeclarationError, SellingPartnerError, StateError):
        try:
            whose = partners(listed_reports(folder), amazon)
            yield [pair for partner in whose for pair in pairs(partner)]
        finally:
            amazon.close()


def _named(found: Sequence[Pair], names: Sequence[str]) -> Iterator[Pair]:
    """Yield the schedules of Amazon that are named by id or type, to be cancelled."""
    there = [pair for pair in found if pair.found]
    for name in dict.fromkeys(names):
        meant = [pair for pair in there if name in {_id(pair), pair.makes.report_type}]
        if not meant:
            known = ", ".join(f"{_id(pair)} ({pair.makes.report_type})" for pair in there)
            raise click.ClickException(
                f"Amazon has no schedule {name!r}; those that it has: {known or 'none'}."
            )
        yield from (Pair(pair.partner, None, pair.found) for pair in meant)


def _take(wanted: Sequence[Pair], *, is_dry: bool, as_json: bool) -> None:
    """Take the steps one by one, and say each."""
    steps = []
    for pair in wanted:
        done = _DONE[pair.step or ""]
        schedule_id = None if is_dry else pair.take()
        steps.append({"step": done, "is_done": not is_dry, **_values(pair), "id": schedule_id})
        if not as_json:
            said = f"would be {done}: {_title(pair)}" if is_dry else f"{done}: {_title(pair)}"
            click.echo(f"{said}, {schedule_id}" if schedule_id else said)
    if as_json:
        print_json(steps)
    elif not wanted:
        click.echo("All is as declared; nothing to do.")
    if is_dry and wanted:
        sys.exit(_DIFFERENT)


def _title(pair: Pair) -> str:
    whose = f"{pair.partner.name}: " if pair.partner.name else ""
    makes = pair.makes
    return f"{whose}{makes.report_type} each {makes.period} for {_marketplaces(pair)}"


def _table(found: Sequence[Pair]) -> str:
    """Return the schedules as a table, or nothing where there are none."""
    if not found:
        return ""
    heading = ("account", "report type", "marketplaces", "period", "next report", "id", "state")
    return text_table([heading, *map(_row, found)])


def _row(pair: Pair) -> tuple[str, ...]:
    next_at = pair.found.next_at if pair.found else None
    return (
        pair.partner.name or "-",
        pair.makes.report_type,
        _marketplaces(pair),
        (pair.found or pair).makes.period,
        timestamp(next_at) if next_at else "-",
        _id(pair) or "-",
        pair.state,
    )


def _values(pair: Pair) -> Mapping[str, Any]:
    """Return what a program is told of a schedule."""
    return {
        "account": pair.partner.name or None,
        "report_type": pair.makes.report_type,
        "marketplaces": sorted(pair.makes.marketplace_ids),
        "period": (pair.found or pair).makes.period,
        "next_report": pair.found.next_at if pair.found else None,
        "id": _id(pair) or None,
        "state": pair.state,
    }


def _marketplaces(pair: Pair) -> str:
    return " ".join(sorted(pair.makes.marketplace_ids)) or "-"


def _id(pair: Pair) -> str:
    return pair.found.schedule_id if pair.found else ""


if __name__ == "__main__":
    command(prog_name="python -m asp_dagster.report_schedules")
