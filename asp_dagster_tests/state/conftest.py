"""A state in both databases, and a clock that stands still."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asp_dagster.state import Cursors, State
from asp_dagster_tests.postgres import Server

NOW = datetime.now(UTC).replace(microsecond=123000)


class StillClock:
    """A clock that stands still."""

    def now(self) -> datetime:
        """Return the time at which the tests began."""
        return NOW

    def monotonic(self) -> float:
        """Return the time in seconds."""
        return NOW.timestamp()

    def sleep(self, seconds: float) -> None:
        """Refuse: nothing in the state waits by itself."""
        raise AssertionError(seconds)


@pytest.fixture
def new_postgres_url(postgres: Server) -> str:
    """The URL of a new, empty schema of PostgreSQL."""
    return postgres.new_schema()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new state, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'state.db'}"
    return str(request.getfixturevalue("new_postgres_url"))


@pytest.fixture
def state(url: str) -> Iterator[State]:
    """A new state, of each kind in turn."""
    with State.from_url(url, clock=StillClock()) as opened:
        yield opened


@pytest.fixture
def cursors(state: State) -> Cursors:
    """The cursors of a new state, of each kind in turn."""
    return state.cursors


@pytest.fixture
def now() -> datetime:
    """The time at which the clock stands."""
    return NOW


@pytest.fixture
def beginning() -> datetime:
    """Where the feeds of the tests begin."""
    return NOW.replace(microsecond=0) - timedelta(days=30)
