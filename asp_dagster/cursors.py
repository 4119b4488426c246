"""Shows and moves the cursors of feeds without partitions: `asp cursor`.

Here belong: arguments, and what is printed. What a cursor is, and when runs move it, is said in
`state.cursors`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime

import click

from asp_dagster.commands import either_side, json_option, print_json, told
from asp_dagster.spapi import SystemClock
from asp_dagster.spapi.wire import timestamp
from asp_dagster.state import Cursor, State, StateError
from asp_dagster.text_tables import text_table

_DEFAULT_STATE = "sqlite:///data/state.db"
_BEGINNING = "the beginning"

_EPILOG = """\b
examples:
  asp cursor show
  asp cursor set raw_orders 2026-11-01
  asp cursor set raw_orders 2026-11-01T08:30:00+01:00
  asp cursor reset raw_orders

exit codes: 0 done; 1 not done, for the reason printed; 2 wrong arguments
"""

_STATE_HELP = f"SQLAlchemy URL of the shared state (ASP_STATE, else {_DEFAULT_STATE})."
_state_option = either_side("--state", metavar="URL", help=_STATE_HELP)


def _completed(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Complete a feed that has a cursor; where the state cannot be opened, none."""
    try:
        with State.from_url(context.obj) as state:
            cursors = state.cursors.all() if state.is_there else ()
    except StateError:
        return []
    return [cursor.feed for cursor in cursors if cursor.feed.startswith(begun)]


_feed_argument = click.argument("feed", shell_complete=_completed)


class _Time(click.ParamType[datetime]):
    """A time in ISO 8601; without a zone it is UTC."""

    name = "time"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            self.fail(
                f"{value!r} is no time: write 2026-11-01, or 2026-11-01T08:30:00Z", param, ctx
            )


@click.group("cursor", epilog=_EPILOG)
@either_side("--state", metavar="URL", envvar="ASP_STATE", default=_DEFAULT_STATE, help=_STATE_HELP)
def command() -> None:
    """Show and move the cursors of feeds without partitions.

    A cursor says up to when a feed's records are loaded; the feed's next run asks Amazon for what
    changed since, less the feed's look-back. Set it back to have a stretch of time extracted again:
    rows are merged, so nothing is doubled. A run that is at work meanwhile moves the cursor on only
    if it covers the new time.
    """


@command.command("show")
@_state_option
@json_option
@click.pass_obj
def _show(url: str, *, as_json: bool) -> None:
    """Show all cursors."""
    with _opened(url) as opened:
        cursors = opened.cursors.all()
    if as_json:
        print_json([asdict(cursor) for cursor in cursors])
    else:
        click.echo(_table(cursors) or f"No cursor is stored at {opened.name} yet.")


@command.command("set")
@_feed_argument
@click.argument("time", type=_Time())
@click.option("--new", "is_new", is_flag=True, help="Allow a feed that has no cursor yet.")
@_state_option
@json_option
@click.pass_obj
def _set(url: str, feed: str, time: datetime, *, is_new: bool, as_json: bool) -> None:
    """Move a feed's cursor back, or ahead.

    FEED is the key of its raw asset, as `show` lists it. TIME is up to when its records count as
    loaded: an ISO 8601 date or time, UTC without a zone.
    """
    now = SystemClock().now()
    if time > now:
        raise click.ClickException(
            f"{timestamp(time)} has not come yet, and what happens until then would never be asked"
            f" for: give a time before {timestamp(now)}."
        )
    with _opened(url, may_be_new=is_new) as opened:
        before = opened.cursors.get(feed) if is_new else _known(opened, feed)
        opened.cursors.set(feed, time)
        after = _known(opened, feed)
    _tell(before, after, as_json=as_json)


@command.command("reset")
@_feed_argument
@_state_option
@json_option
@click.pass_obj
def _reset(url: str, feed: str, *, as_json: bool) -> None:
    """Send a feed back to its beginning.

    FEED is the key of its raw asset, as `show` lists it.
    """
    with _opened(url) as opened:
        before = _known(opened, feed)
        opened.cursors.reset(feed)
        after = _known(opened, feed)
    _tell(before, after, as_json=as_json)


def _tell(before: Cursor | None, after: Cursor, *, as_json: bool) -> None:
    """Tell where a cursor stood, and where it stands now."""
    if as_json:
        print_json({**asdict(after), "before": before and asdict(before)})
        return
    moved = f"from {_position(before)} " if before else ""
    click.echo(f"{after.feed}: {moved}to {_position(after)}.")


@contextmanager
def _opened(url: str, *, may_be_new: bool = False) -> Iterator[State]:
    """Open the state that the arguments or the environment name."""
    with told(StateError), State.from_url(url) as state:
        if not state.is_there and not may_be_new:
            raise click.ClickException(
                f"There is no shared state at {state.name}: say where it is by --state or"
                " ASP_STATE, or run a feed without partitions first."
            )
        yield state


def _known(state: State, feed: str) -> Cursor:
    """Return the cursor of a feed that has one."""
    cursors = {cursor.feed: cursor for cursor in state.cursors.all()}
    if feed not in cursors:
        raise click.ClickException(
            f"No feed {feed!r} has a cursor at {state.name}; those that have one:"
            f" {', '.join(cursors) or 'none yet'}. To set one before the feed's first run, use"
            " `set --new`."
        )
    return cursors[feed]


def _table(cursors: Sequence[Cursor]) -> str:
    """Return the cursors as a table, or nothing where there are none."""
    if not cursors:
        return ""
    return text_table([("feed", "loaded up to", "set by", "at", "run"), *map(_row, cursors)])


def _row(cursor: Cursor) -> tuple[str, ...]:
    changed = timestamp(cursor.updated_at.replace(microsecond=0))
    return (cursor.feed, _position(cursor), cursor.set_by, changed, cursor.run_id or "")


def _position(cursor: Cursor) -> str:
    return timestamp(cursor.until) if cursor.until else _BEGINNING


if __name__ == "__main__":
    command(prog_name="python -m asp_dagster.cursors")
