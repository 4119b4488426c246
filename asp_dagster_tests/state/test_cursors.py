"""A cursor moves ahead without a gap, or by hand to anywhere."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asp_dagster.state import Cursor, Cursors

HOUR = timedelta(hours=1)

WINDOWS = [
    pytest.param(0, 5, True, id="from-the-beginning"),
    pytest.param(-2, 5, True, id="with-lookback"),
    pytest.param(1, 5, False, id="gap"),
    pytest.param(-5, 0, False, id="no-ground-gained"),
    pytest.param(-5, -1, False, id="behind"),
    pytest.param(0, 0, False, id="empty"),
    pytest.param(5, 1, False, id="backwards"),
]

hours = st.integers(-3, 12)
steps = st.lists(
    st.tuples(st.just("advance"), hours, hours)
    | st.tuples(st.just("set"), hours, st.none())
    | st.tuples(st.just("reset"), st.none(), st.none()),
    max_size=12,
)


@pytest.fixture(scope="session")
def feed_numbers() -> Iterator[int]:
    """Numbers that tell the feeds of one state apart."""
    return count()


def _advance(
    cursors: Cursors, beginning: datetime, start: float, end: float, **changes: str
) -> bool:
    return cursors.advance(
        changes.get("feed", "orders"),
        start=beginning + start * HOUR,
        end=beginning + end * HOUR,
        beginning=beginning,
        run_id=changes.get("run_id", "run-1"),
    )


def _until(cursors: Cursors, feed: str = "orders") -> datetime | None:
    cursor = cursors.get(feed)
    assert cursor is not None
    return cursor.until


def test_feed_has_no_cursor_at_first(cursors: Cursors) -> None:
    """A feed that was never loaded has no cursor."""
    assert cursors.get("orders") is None
    assert cursors.all() == ()


@pytest.mark.parametrize(("start", "end", "moves"), WINDOWS)
def test_first_window_begins_at_the_beginning(
    cursors: Cursors, beginning: datetime, start: int, end: int, *, moves: bool
) -> None:
    """Without a cursor a window counts if it covers the beginning and goes beyond."""
    assert _advance(cursors, beginning, start, end) is moves
    assert (cursors.get("orders") is not None) is moves


@pytest.mark.parametrize(("start", "end", "moves"), WINDOWS)
def test_next_window_begins_at_the_cursor(
    cursors: Cursors, beginning: datetime, start: int, end: int, *, moves: bool
) -> None:
    """With a cursor a window counts if it covers the cursor and goes beyond."""
    _advance(cursors, beginning, 0, 20)

    assert _advance(cursors, beginning, 20 + start, 20 + end) is moves
    assert _until(cursors) == beginning + (20 + (end if moves else 0)) * HOUR


def test_cursor_tells_who_moved_it(cursors: Cursors, beginning: datetime, now: datetime) -> None:
    """A cursor tells the run that moved it and when; one set by hand tells that."""
    _advance(cursors, beginning, 0, 1, run_id="run-7")
    cursors.set("returns", beginning)

    assert cursors.all() == (
        Cursor(feed="orders", until=beginning + HOUR, updated_at=now, set_by="run", run_id="run-7"),
        Cursor(feed="returns", until=beginning, updated_at=now, set_by="hand"),
    )


def test_feeds_have_cursors_of_their_own(cursors: Cursors, beginning: datetime) -> None:
    """What moves one feed's cursor leaves the others' alone."""
    _advance(cursors, beginning, 0, 1, feed="orders")
    _advance(cursors, beginning, 0, 2, feed="acme/orders")
    cursors.reset("orders")

    assert _until(cursors, "acme/orders") == beginning + 2 * HOUR


@pytest.mark.parametrize("microsecond", [0, 1000, 999000, 999999])
def test_times_are_kept_exactly(cursors: Cursors, beginning: datetime, microsecond: int) -> None:
    """A cursor's time comes back as it was set, in UTC, and a step of a millisecond counts."""
    moment = beginning.replace(microsecond=microsecond)
    cursors.set("orders", moment.astimezone(timezone(timedelta(hours=5, minutes=30))))

    assert _until(cursors) == moment
    assert _until(cursors).tzinfo is UTC  # type: ignore[union-attr] # it was just compared
    assert _advance(cursors, moment, 0, 1 / 3_600_000)


def test_times_without_a_zone_are_refused(cursors: Cursors, beginning: datetime) -> None:
    """A time that could mean any of 24 hours is refused before anything is changed."""
    naive = beginning.replace(tzinfo=None)

    with pytest.raises(ValueError, match="has no time zone"):
        cursors.set("orders", naive)
    with pytest.raises(ValueError, match="has no time zone"):
        _advance(cursors, naive, 0, 1)
    assert cursors.all() == ()


def test_run_does_not_undo_a_hand(cursors: Cursors, beginning: datetime) -> None:
    """A cursor that is set back while a run is at work stays there when the run ends."""
    _advance(cursors, beginning, 0, 5)
    cursors.set("orders", beginning + 2 * HOUR)

    assert not _advance(cursors, beginning, 5, 8)
    assert _until(cursors) == beginning + 2 * HOUR
    assert _advance(cursors, beginning, 2, 8)


def test_reset_feed_begins_again(cursors: Cursors, beginning: datetime) -> None:
    """A feed that was reset stays visible, and goes on from its beginning."""
    _advance(cursors, beginning, 0, 5)
    cursors.reset("orders")

    assert _until(cursors) is None
    assert not _advance(cursors, beginning, 5, 8)
    assert _advance(cursors, beginning, 0, 3)
    assert _until(cursors) == beginning + 3 * HOUR


def test_names_are_taken_as_they_are(cursors: Cursors, beginning: datetime) -> None:
    """No feed's name can steer a statement."""
    name = "x'; DROP TABLE asp_cursors; --/é %s :until"
    cursors.set(name, beginning)

    assert _until(cursors, name) == beginning


@given(steps=steps)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
def test_any_course_is_as_described(
    cursors: Cursors,
    beginning: datetime,
    feed_numbers: Iterator[int],
    steps: list[tuple[str, int, int]],
) -> None:
    """Whatever happens to a cursor, it stands where the rule puts it."""
    feed, position = f"feed-{next(feed_numbers)}", 0
    for what, first, second in steps:
        if what == "advance":
            moves = first <= position < second
            assert _advance(cursors, beginning, first, second, feed=feed) is moves
            position = second if moves else position
        elif what == "set":
            cursors.set(feed, beginning + first * HOUR)
            position = first
        else:
            cursors.reset(feed)
            position = 0

    cursor = cursors.get(feed)
    until = cursor.until if cursor and cursor.until else beginning
    assert until == beginning + position * HOUR
