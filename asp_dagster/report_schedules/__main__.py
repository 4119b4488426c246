"""Shows report schedules at Amazon, and makes them as the feeds declare them.

python -m asp_dagster.report_schedules status
python -m asp_dagster.report_schedules apply --dry-run

Here belong: arguments, settings, and what is printed.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from dagster.components.core.component_tree import ComponentTreeException

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.report_schedules.comparing import Pair, pairs
from asp_dagster.report_schedules.declared import listed_reports, partners
from asp_dagster.resources import AmazonSPResource
from asp_dagster.spapi import SellingPartnerError
from asp_dagster.spapi.wire import timestamp
from asp_dagster.state import StateError

_DONE, _FAILED, _DIFFERENT = 0, 1, 3
_OWN_FEEDS = Path(__file__).parent.parent / "defs"

_DESCRIPTION = """\
Shows the report schedules that Amazon has and those that feeds of type
asp_dagster.AmazonSPListedReport declare under `schedule`, and makes the first like the second. No
run of a feed does that. Credentials are those of the feeds: ASP_CLIENT_ID and so on, or named ones.
"""

_EPILOG = """\
examples:
  python -m asp_dagster.report_schedules status
  python -m asp_dagster.report_schedules apply --dry-run
  python -m asp_dagster.report_schedules apply
  python -m asp_dagster.report_schedules apply --remove-others
  python -m asp_dagster.report_schedules remove 50039018869997

`apply` leaves alone what is not declared, since Seller Central's schedules are among it, unless
--remove-others says otherwise. The reports that a schedule has made stay.

exit codes: 0 all is as declared, or done; 1 not done, for the reason printed; 2 wrong arguments;
3 something declared is missing at Amazon or differs (status), or would be done (--dry-run)
"""


class _RefusedError(Exception):
    """What was asked for cannot be done; the text is one sentence with the remedy."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments ask for; returns the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        with ExitStack() as opened:
            found = _found(asked.folder, opened)
            if asked.command == "status":
                return _status(found)
            return _take(list(_wanted(found, asked)), is_dry=asked.dry_run)
    except ComponentTreeException as error:
        return _failed(error.__cause__ or error)
    except (DeclarationError, SellingPartnerError, StateError, _RefusedError) as error:
        return _failed(error)


def _failed(error: BaseException) -> int:
    sys.stderr.write(f"{error}\n")
    return _FAILED


def _found(folder: Path, opened: ExitStack) -> Sequence[Pair]:
    """Return the schedules of all selling partners whose feeds a folder declares."""
    amazon = AmazonSPResource(**_settings())
    opened.callback(amazon.close)
    found = []
    for partner in partners(listed_reports(folder), amazon):
        found += list(pairs(partner))
    return found


def _settings() -> dict[str, str]:
    """Return what the environment sets of the resource of the feeds."""
    variables = {name: f"ASP_{name.upper()}" for name in AmazonSPResource.model_fields}
    return {
        name: os.environ[variable]
        for name, variable in variables.items()
        if os.environ.get(variable)
    }


def _status(found: Sequence[Pair]) -> int:
    sys.stdout.write(
        _table(found) or "Neither does a feed declare a schedule nor has Amazon one.\n"
    )
    return _DIFFERENT if any(pair.declared and pair.step for pair in found) else _DONE


def _wanted(found: Sequence[Pair], asked: argparse.Namespace) -> Iterator[Pair]:
    """Yield what is to be done."""
    if asked.command == "remove":
        yield from _named(found, asked.schedules)
        return
    for pair in found:
        if pair.step and (pair.declared or asked.remove_others):
            yield pair


def _named(found: Sequence[Pair], names: Sequence[str]) -> Iterator[Pair]:
    """Yield the schedules of Amazon that are named by id or type, to be cancelled."""
    there = [pair for pair in found if pair.found]
    for name in dict.fromkeys(names):
        meant = [pair for pair in there if name in {_id(pair), pair.makes.report_type}]
        if not meant:
            known = ", ".join(f"{_id(pair)} ({pair.makes.report_type})" for pair in there)
            raise _RefusedError(
                f"Amazon has no schedule {name!r}; those that it has: {known or 'none'}."
            )
        yield from (Pair(pair.partner, None, pair.found) for pair in meant)


def _take(wanted: Sequence[Pair], *, is_dry: bool) -> int:
    """Take the steps one by one, and say each."""
    for pair in wanted:
        done = {"create": "created", "replace": "replaced", "cancel": "cancelled"}[pair.step or ""]
        if is_dry:
            sys.stdout.write(f"would be {done}: {_title(pair)}\n")
        else:
            schedule_id = pair.take()
            sys.stdout.write(f"{done}: {_title(pair)}, {schedule_id}\n")
    if not wanted:
        sys.stdout.write("All is as declared; nothing to do.\n")
    return _DIFFERENT if is_dry and wanted else _DONE


def _title(pair: Pair) -> str:
    whose = f"{pair.partner.name}: " if pair.partner.name else ""
    makes = pair.makes
    return f"{whose}{makes.report_type} each {makes.period} for {_marketplaces(pair)}"


def _table(found: Sequence[Pair]) -> str:
    """Return the schedules as a table, or nothing where there are none."""
    if not found:
        return ""
    heading = ("account", "report type", "marketplaces", "period", "next report", "id", "state")
    rows = [heading, *map(_row, found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(f"{_line(row, widths)}\n" for row in rows)


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


def _line(row: Iterable[str], widths: Iterable[int]) -> str:
    return "  ".join(map(str.ljust, row, widths)).rstrip()


def _marketplaces(pair: Pair) -> str:
    return " ".join(sorted(pair.makes.marketplace_ids)) or "-"


def _id(pair: Pair) -> str:
    return pair.found.schedule_id if pair.found else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m asp_dagster.report_schedules",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_folder(parser, _OWN_FEEDS)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_folder(commands.add_parser("status", help="show what is declared and what Amazon has"))
    apply = commands.add_parser("apply", help="make Amazon's schedules as they are declared")
    apply.add_argument(
        "--remove-others",
        action="store_true",
        help="also cancel the schedules that no feed declares, Seller Central's among them",
    )
    remove = commands.add_parser("remove", help="cancel schedules of Amazon, declared or not")
    remove.add_argument(
        "schedules", nargs="+", metavar="SCHEDULE", help="its id, or a type for all of that type"
    )
    for command in (apply, remove):
        _add_folder(command)
        command.add_argument("--dry-run", action="store_true", help="only say what would be done")
    return parser


def _add_folder(parser: argparse.ArgumentParser, default: object = argparse.SUPPRESS) -> None:
    """Take the folder before the command as well as behind it."""
    parser.add_argument(
        "--folder",
        metavar="FOLDER",
        type=Path,
        default=default,
        help="the folder of the feeds' folders with their defs.yaml (this package's defs)",
    )


if __name__ == "__main__":
    sys.exit(main())
