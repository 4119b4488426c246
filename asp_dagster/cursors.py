"""Shows and moves the cursors of feeds without partitions: `python -m asp_dagster.cursors`.

Here belong: arguments, and what is printed. What a cursor is, and when runs move it, is said in
`state.cursors`.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from asp_dagster.spapi import Clock, SystemClock
from asp_dagster.spapi.wire import timestamp
from asp_dagster.state import Cursor, State, StateError

_DEFAULT_STATE = "sqlite:///data/state.db"
_BEGINNING = "the beginning"

_DESCRIPTION = """\
Shows and moves the cursors of incremental feeds without partitions. A cursor says up to when a
feed's records are loaded; the feed's next run asks Amazon for what changed since, less the feed's
look-back. Set it back to have a stretch of time extracted again: rows are merged, so nothing is
doubled. A run that is at work meanwhile moves the cursor on only if it covers the new time.
"""

_EPILOG = """\
examples:
  python -m asp_dagster.cursors show
  python -m asp_dagster.cursors set raw_orders 2026-11-01
  python -m asp_dagster.cursors set raw_orders 2026-11-01T08:30:00+01:00
  python -m asp_dagster.cursors reset raw_orders

exit codes: 0 done; 1 not done, for the reason printed; 2 wrong arguments
"""


class _RefusedError(Exception):
    """What was asked for cannot be done; the text is one sentence with the remedy."""


def main(arguments: Sequence[str] | None = None, clock: Clock | None = None) -> int:
    """Do what the arguments ask for; returns the exit code."""
    asked = _parser().parse_args(arguments)
    url = asked.state or os.environ.get("ASP_STATE") or _DEFAULT_STATE
    try:
        with State.from_url(url, clock=clock) as state:
            said = _done(state, asked, clock or SystemClock())
    except (StateError, _RefusedError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0


def _done(state: State, asked: argparse.Namespace, clock: Clock) -> str:
    """Do what is asked for, and return what there is to say."""
    if not state.is_there and not vars(asked).get("new"):
        raise _RefusedError(
            f"There is no shared state at {state.name}: say where it is by --state or ASP_STATE, or"
            " run a feed without partitions first."
        )
    if asked.command == "show":
        return _table(state.cursors.all()) or f"No cursor is stored at {state.name} yet."
    if asked.command == "set":
        return _set(state, asked, clock.now())
    before = _known(state, asked.feed)
    state.cursors.reset(asked.feed)
    return f"{asked.feed}: from {_position(before)} to {_BEGINNING}."


def _set(state: State, asked: argparse.Namespace, now: datetime) -> str:
    if asked.time > now:
        raise _RefusedError(
            f"{timestamp(asked.time)} has not come yet, and what happens until then would never be"
            f" asked for: give a time before {timestamp(now)}."
        )
    before = state.cursors.get(asked.feed) if asked.new else _known(state, asked.feed)
    state.cursors.set(asked.feed, asked.time)
    moved = f"from {_position(before)} " if before else ""
    return f"{asked.feed}: {moved}to {timestamp(asked.time)}."


def _known(state: State, feed: str) -> Cursor:
    """Return the cursor of a feed that has one."""
    cursors = {cursor.feed: cursor for cursor in state.cursors.all()}
    if feed not in cursors:
        raise _RefusedError(
            f"No feed {feed!r} has a cursor at {state.name}; those that have one:"
            f" {', '.join(cursors) or 'none yet'}. To set one before the feed's first run, use"
            " `set --new`."
        )
    return cursors[feed]


def _table(cursors: Sequence[Cursor]) -> str:
    """Return the cursors as a table, or nothing where there are none."""
    if not cursors:
        return ""
    rows = [("feed", "loaded up to", "set by", "at", "run"), *map(_row, cursors)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths) for row in rows)


def _row(cursor: Cursor) -> tuple[str, ...]:
    changed = timestamp(cursor.updated_at.replace(microsecond=0))
    return (cursor.feed, _position(cursor), cursor.set_by, changed, cursor.run_id or "")


def _line(row: Iterable[str], widths: Iterable[int]) -> str:
    return "  ".join(map(str.ljust, row, widths)).rstrip()


def _position(cursor: Cursor) -> str:
    return timestamp(cursor.until) if cursor.until else _BEGINNING


def _time(text: str) -> datetime:
    """Read a time; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time: write 2026-11-01, or 2026-11-01T08:30:00Z"
        ) from None


def _parser() -> argparse.ArgumentParser:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m asp_dagster.cursors",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=shape,
    )
    _add_state(parser, None)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_state(commands.add_parser("show", help="show all cursors"))
    _add_set(commands.add_parser("set", help="move a feed's cursor back, or ahead"))
    reset = commands.add_parser("reset", help="send a feed back to its beginning")
    _add_state(reset)
    reset.add_argument("feed", metavar="FEED", help="the feed, as `show` lists it")
    return parser


def _add_set(parser: argparse.ArgumentParser) -> None:
    _add_state(parser)
    add = parser.add_argument
    add("feed", metavar="FEED", help="the feed, as `show` lists it: the key of its raw asset")
    add(
        "time",
        metavar="TIME",
        type=_time,
        help="up to when its records count as loaded: an ISO 8601 date or time, UTC without a zone",
    )
    add("--new", action="store_true", help="allow a feed that has no cursor yet")


def _add_state(parser: argparse.ArgumentParser, default: object = argparse.SUPPRESS) -> None:
    """Take the state's URL before the command as well as behind it."""
    parser.add_argument(
        "--state",
        metavar="URL",
        default=default,
        help="SQLAlchemy URL of the shared state (the environment's ASP_STATE, else"
        f" {_DEFAULT_STATE})",
    )


if __name__ == "__main__":
    sys.exit(main())
