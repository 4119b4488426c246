"""How far each feed without partitions has come.

A cursor says up to when a feed's records are loaded. A run asks Amazon for a window that begins
there and, once the window is loaded, advances the cursor to its end. Here belongs when a cursor may
move; what a run asks for is decided above.

However many runs advance a cursor at the same time, and in whatever order they end, all between the
beginning and the cursor is loaded: a window that would leave a gap before it does not count, nor
one that ends before the cursor. By hand it can be set anywhere.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import and_, func, literal, select, update

from asp_dagster.spapi import Clock
from asp_dagster.state.databases import Database
from asp_dagster.state.tables import CURSORS, UTCTime


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """How far a feed has come.

    Attributes:
        feed: The feed.
        until: Up to when its records are loaded, exclusive, aware, in UTC; none if it was sent
            back to its beginning.
        updated_at: When the cursor was last changed.
        set_by: Who changed it: a run, or a person.
        run_id: The run, if it was one.
    """

    feed: str
    until: datetime | None
    updated_at: datetime
    set_by: Literal["run", "hand"]
    run_id: str | None = None


class Cursors:
    """The cursors in a shared state. Each call is one transaction.

    Raises:
        StateError: From every method, when the state cannot be used.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def get(self, feed: str) -> Cursor | None:
        """Return a feed's cursor; none if the feed has never been loaded, nor set by hand."""
        with self._database.transaction() as connection:
            row = connection.execute(select(CURSORS).where(CURSORS.c.feed == feed)).one_or_none()
        return Cursor(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name

    def all(self) -> tuple[Cursor, ...]:
        """Return all cursors, by the names of their feeds."""
        with self._database.transaction() as connection:
            rows = connection.execute(select(CURSORS)).all()
        cursors = (Cursor(**row._mapping) for row in rows)  # noqa: SLF001 - as above
        return tuple(sorted(cursors, key=lambda cursor: cursor.feed))

    def advance(
        self, feed: str, *, start: datetime, end: datetime, beginning: datetime, run_id: str
    ) -> bool:
        """Move a feed's cursor to the end of a window that is loaded, if that is a step ahead.

        It moves if the cursor stands in the window: not before its start, which would leave a gap,
        and before its end. Compared and set in one statement.

        Args:
            feed: The feed.
            start: The window's start, inclusive.
            end: The window's end, exclusive.
            beginning: Where the cursor stands as long as nothing says otherwise.
            run_id: The run that loaded the window.

        Returns:
            Whether it moved.

        Raises:
            ValueError: When a time has no zone.
        """
        start, end, beginning = map(_aware, (start, end, beginning))
        row = self._row(feed, end, "run", run_id)
        position = func.coalesce(CURSORS.c.until, literal(beginning, UTCTime))
        is_ahead = and_(position >= start, position < end)
        if start <= beginning < end:
            statement = self._upsert(row, is_ahead)
        else:
            # From the beginning the window is no step ahead: only a stored cursor can move.
            statement = update(CURSORS).where(CURSORS.c.feed == feed, is_ahead).values(row)
        with self._database.transaction() as connection:
            return connection.execute(statement.returning(CURSORS.c.feed)).first() is not None

    def set(self, feed: str, until: datetime) -> None:
        """Set a feed's cursor by hand, back or ahead.

        A run that is at work meanwhile moves it on only if its window covers the time.

        Raises:
            ValueError: When the time has no zone.
        """
        self._write(self._row(feed, _aware(until), "hand"))

    def reset(self, feed: str) -> None:
        """Send a feed back to its beginning, wherever its declaration says that is."""
        self._write(self._row(feed, None, "hand"))

    def _write(self, row: dict[str, Any]) -> None:
        with self._database.transaction() as connection:
            connection.execute(self._upsert(row))

    def _row(
        self, feed: str, until: datetime | None, set_by: str, run_id: str | None = None
    ) -> dict[str, Any]:
        return {
            "feed": feed,
            "until": until,
            "updated_at": self._clock.now(),
            "set_by": set_by,
            "run_id": run_id,
        }

    def _upsert(self, row: dict[str, Any], condition: Any = None) -> Any:
        """Return the statement that inserts a row or, on a condition, replaces the one there."""
        return (
            self._database.insert(CURSORS)
            .values(row)
            .on_conflict_do_update(index_elements=["feed"], set_=row, where=condition)
        )


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; give it one, best UTC.")
    return moment.astimezone(UTC)
