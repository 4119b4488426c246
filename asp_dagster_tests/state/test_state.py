"""The state is made when it is first used, for its owner only, and says what is wrong with it."""

import sqlite3
import stat
from contextlib import closing
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from asp_dagster.state import State, StateError, StateUnavailableError, StateURLError
from asp_dagster.state.databases import open_database

WRONG_URLS = [
    pytest.param("", "cannot be read", id="empty"),
    pytest.param("data/state.db", "cannot be read", id="path"),
    pytest.param("postgresql://user:hidden/word", "cannot be read", id="port"),
    pytest.param("postgresql://user:hid@den@host/db", "two @ signs", id="at-sign"),
    pytest.param("mysql://user:hidden@host/db", "mysql:// is no shared state", id="mysql"),
    pytest.param("duckdb:///state.duckdb", "duckdb:// is no shared state", id="duckdb"),
    pytest.param("sqlite://", "plain file", id="no-file"),
    pytest.param("sqlite:///:memory:", "plain file", id="memory"),
    pytest.param("sqlite://data/state.db", "plain file", id="two-slashes"),
    pytest.param("sqlite:///file:x?mode=ro", "plain file", id="query"),
]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _delete_and_fail(url: str) -> None:
    with closing(open_database(url)) as database, database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM asp_cursors")
        raise ZeroDivisionError


@pytest.mark.parametrize(("url", "words"), WRONG_URLS)
def test_wrong_url_is_refused(url: str, words: str) -> None:
    """A URL that leads to no shared state is refused with the right ones, without its password."""
    with pytest.raises(StateURLError, match=words) as refused:
        State.from_url(url)

    assert "sqlite:///relative/path" in str(refused.value)
    assert not [word for word in ("hidden", "hid@", "den@") if word in str(refused.value)]


def test_opening_touches_nothing(tmp_path: Path) -> None:
    """A state makes its file when it is first used, not when it is opened."""
    with State.from_url(f"sqlite:///{tmp_path / 'data' / 'state.db'}") as state:
        assert not state.is_there
        assert list(tmp_path.iterdir()) == []

        state.cursors.all()

        assert state.is_there


def test_file_is_for_its_owner_only(tmp_path: Path, beginning: datetime) -> None:
    """The file, those beside it and the folder that was made for it are closed to others."""
    with State.from_url(f"sqlite:///{tmp_path / 'new' / 'data' / 'state.db'}") as state:
        state.cursors.set("orders", beginning)

        made = list((tmp_path / "new" / "data").iterdir())
        assert {_mode(path) for path in made} == {0o600}
    assert _mode(tmp_path / "new" / "data") == 0o700


def test_existing_modes_are_kept(tmp_path: Path) -> None:
    """A folder and a file that were there keep the modes that their owner gave them."""
    file = tmp_path / "state.db"
    file.touch(mode=0o660)
    file.chmod(0o660)
    before = _mode(tmp_path)
    with State.from_url(f"sqlite:///{file}") as state:
        state.cursors.all()

    assert (_mode(file), _mode(tmp_path)) == (0o660, before)


def test_state_is_kept(url: str, beginning: datetime) -> None:
    """What one process stored another finds, and closing twice does no harm."""
    with State.from_url(url) as first:
        first.cursors.set("orders", beginning)
        first.close()
    with State.from_url(url) as second:
        assert [cursor.until for cursor in second.cursors.all()] == [beginning]


def test_closed_state_opens_again(state: State, beginning: datetime) -> None:
    """A state that was closed connects again when it is used."""
    state.cursors.set("orders", beginning)
    state.close()

    assert state.cursors.get("orders") is not None


def test_relative_path_is_named_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path is meant from where the process runs, and messages say where that is."""
    monkeypatch.chdir(tmp_path)

    assert State.from_url("sqlite:///data/state.db").name == f"sqlite:///{tmp_path}/data/state.db"


def test_name_hides_the_password() -> None:
    """A server's name tells host, port and database, neither user nor password nor query."""
    url = "postgresql://someone:hidden@db.example:5433/states?password=hidden&connect_timeout=3"

    assert State.from_url(url).name == "postgresql://db.example:5433/states"


def test_file_that_is_no_database(tmp_path: Path) -> None:
    """A file of something else is left alone, and named."""
    file = tmp_path / "state.db"
    file.write_text("something else, and long enough to be looked at as a header " * 20)

    with State.from_url(f"sqlite:///{file}") as state, pytest.raises(StateError) as refused:
        state.cursors.all()

    assert f"sqlite:///{file} cannot be used: file is not a database" in str(refused.value)


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A folder that cannot be made is named with the reason and the remedy."""
    (tmp_path / "data").touch()

    with (
        State.from_url(f"sqlite:///{tmp_path / 'data' / 'state.db'}") as state,
        pytest.raises(StateError, match=r"\(ASP_STATE\) cannot be made: .*Not a directory"),
    ):
        state.cursors.all()


def test_locked_file_is_waited_for_and_then_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that a program keeps locked is told after a while."""
    file = tmp_path / "state.db"
    monkeypatch.setattr("asp_dagster.state.databases._WAIT_SECONDS", 0.1)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            State.from_url(f"sqlite:///{file}") as state,
            pytest.raises(StateUnavailableError, match="locked by another program"),
        ):
            state.cursors.all()


def test_server_that_is_not_there() -> None:
    """A server that cannot be reached is named, without the password."""
    url = "postgresql://someone:hidden@127.0.0.1:9/states"

    with State.from_url(url) as state:
        assert state.is_there  # as far as can be told without asking it
        with pytest.raises(StateUnavailableError) as refused:
            state.cursors.all()

    assert "postgresql://127.0.0.1:9/states cannot be used" in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_server_that_ended_our_connection(new_postgres_url: str, beginning: datetime) -> None:
    """A connection that the server has ended meanwhile is opened again."""
    with State.from_url(new_postgres_url) as state:
        state.cursors.set("orders", beginning)
        with psycopg.connect(new_postgres_url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

        assert state.cursors.get("orders") is not None


def test_table_of_somebody_else(new_postgres_url: str) -> None:
    """A table of ours that has other columns is refused in one sentence."""
    with psycopg.connect(new_postgres_url, autocommit=True) as other:
        other.execute("CREATE TABLE asp_cursors (something INTEGER)")

    with State.from_url(new_postgres_url) as state, pytest.raises(StateError) as refused:
        state.cursors.all()

    assert "column asp_cursors.feed does not exist" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_failed_transaction_changes_nothing(url: str, beginning: datetime) -> None:
    """What a transaction did is undone when its block raises."""
    with State.from_url(url) as state:
        state.cursors.set("orders", beginning)
        with pytest.raises(ZeroDivisionError):
            _delete_and_fail(url)

        assert state.cursors.get("orders") is not None
