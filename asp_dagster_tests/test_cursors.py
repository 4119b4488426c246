"""The command line: `asp cursor`."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from asp_dagster.cursors import command
from asp_dagster.state import State

DAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=9)

WRITTEN = [
    pytest.param(f"{DAY:%Y-%m-%d}", DAY, id="date"),
    pytest.param(f"{DAY:%Y-%m-%d}T01:30:00.250Z", DAY + timedelta(hours=1.5, seconds=0.25), id="z"),
    pytest.param(f"{DAY:%Y-%m-%d}T01:30", DAY + timedelta(hours=1.5), id="no-zone"),
    pytest.param(f"{DAY:%Y-%m-%d}T01:30+01:00", DAY + timedelta(hours=0.5), id="zone"),
]


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a state with two cursors, where the environment says."""
    url = f"sqlite:///{tmp_path / 'state.db'}"
    monkeypatch.setenv("ASP_STATE", url)
    with State.from_url(url) as state:
        window = {"start": DAY, "end": DAY + timedelta(days=1, milliseconds=5)}
        state.cursors.advance("acme/raw_orders", **window, beginning=DAY, run_id="run-7")
        state.cursors.reset("raw_returns")
    return url


@pytest.fixture
def run() -> Callable[..., tuple[int, str]]:
    """Run the command; returns the exit code and all that it printed."""

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(command, arguments)
        return done.exit_code, done.output

    return run


def _until(url: str, feed: str) -> datetime | None:
    with State.from_url(url) as state:
        cursor = state.cursors.get(feed)
    assert cursor is not None
    return cursor.until


def test_show_prints_a_table(url: str, run: Callable[..., tuple[int, str]]) -> None:
    """All cursors are shown with up to when, by whom, when, and by which run."""
    assert url
    code, printed = run("show")

    heading, *lines = printed.splitlines()
    assert code == 0
    assert heading.split("  ")[0] == "feed"
    next_day = f"{DAY + timedelta(days=1):%Y-%m-%d}T00:00:00.005Z"
    assert lines[0].split() == ["acme/raw_orders", next_day, "run", lines[0].split()[3], "run-7"]
    assert lines[1].split()[:4] == ["raw_returns", "the", "beginning", "hand"]


@pytest.mark.parametrize(("text", "moment"), WRITTEN)
def test_set_moves_a_cursor(
    url: str, run: Callable[..., tuple[int, str]], text: str, moment: datetime
) -> None:
    """A cursor is moved to a date or time, in UTC where no zone is given."""
    code, printed = run("set", "acme/raw_orders", text)

    assert (code, _until(url, "acme/raw_orders")) == (0, moment)
    assert printed.startswith(f"acme/raw_orders: from {DAY + timedelta(days=1):%Y-%m-%d}T00")


def test_programs_read_what_was_moved(url: str, run: Callable[..., tuple[int, str]]) -> None:
    """As JSON, a cursor that was moved tells where it stands and where it stood."""
    assert url
    _, moved = run("set", "acme/raw_orders", f"{DAY:%Y-%m-%d}", "--json")
    _, back = run("reset", "acme/raw_orders", "--json")
    _, new = run("set", "--new", "raw_new", f"{DAY:%Y-%m-%d}", "--json")

    first = json.loads(moved)
    assert (first["feed"], first["until"], first["set_by"]) == (
        "acme/raw_orders",
        DAY.isoformat(),
        "hand",
    )
    assert first["before"]["run_id"] == "run-7"
    assert (json.loads(back)["until"], json.loads(new)["before"]) == (None, None)


@pytest.mark.parametrize("place", ["environment", "option"])
def test_feeds_that_have_a_cursor_are_completed(
    url: str, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """A shell completes the feeds of the state that is meant, and none where there is no state."""
    if place == "option":
        monkeypatch.setenv("ASP_STATE", "sqlite:////no/such/state.db")
    words = ["set"] if place == "environment" else ["--state", url, "set"]
    found = ShellComplete(command, {}, "asp", "_ASP_COMPLETE")

    assert [each.value for each in found.get_completions(words, "raw")] == ["raw_returns"]
    monkeypatch.setenv("ASP_STATE", "nonsense")
    assert found.get_completions(["set"], "") == []


def test_programs_read_the_cursors(url: str, run: Callable[..., tuple[int, str]]) -> None:
    """As JSON, cursors have the same names and whole times; the beginning is null."""
    assert url
    code, printed = run("show", "--json")

    first, second = json.loads(printed)
    assert (code, first["feed"], first["set_by"], first["run_id"]) == (
        0,
        "acme/raw_orders",
        "run",
        "run-7",
    )
    assert datetime.fromisoformat(first["until"]) == DAY + timedelta(days=1, milliseconds=5)
    assert second["until"] is None


def test_reset_sends_a_feed_back(url: str, run: Callable[..., tuple[int, str]]) -> None:
    """A feed that is reset begins again at its beginning."""
    code, printed = run("reset", "acme/raw_orders")

    assert (code, _until(url, "acme/raw_orders")) == (0, None)
    assert printed.endswith("to the beginning.\n")


def test_new_feed_is_set_when_asked(url: str, run: Callable[..., tuple[int, str]]) -> None:
    """A feed that has no cursor yet gets one only if that is said to be meant."""
    day = f"{DAY:%Y-%m-%d}"

    assert run("set", "raw_new", day)[0] == 1
    assert run("set", "raw_new", day, "--new") == (0, f"raw_new: to {day}T00:00:00Z.\n")
    assert run("set", "raw_new", day, "--new")[1].startswith("raw_new: from ")
    assert _until(url, "raw_new") == DAY


def test_new_feed_may_be_the_first_of_all(
    tmp_path: Path, run: Callable[..., tuple[int, str]]
) -> None:
    """A cursor can be set before any run has made the state."""
    url = f"sqlite:///{tmp_path / 'data' / 'state.db'}"

    assert run("--state", url, "set", "--new", "raw_new", f"{DAY:%Y-%m-%d}")[0] == 0
    assert _until(url, "raw_new") == DAY


@pytest.mark.parametrize("command", [["reset"], ["set"]])
def test_unknown_feed_lists_those_there_are(
    url: str, run: Callable[..., tuple[int, str]], command: list[str]
) -> None:
    """A feed that has no cursor is refused with those that have one; nothing changes."""
    assert url
    time = [f"{DAY:%Y-%m-%d}"] if command == ["set"] else []
    code, printed = run(*command, "raw_order", *time)

    assert code == 1
    assert "No feed 'raw_order' has a cursor" in printed
    assert "those that have one: acme/raw_orders, raw_returns." in printed
    assert "raw_order " not in run("show")[1]


def test_time_to_come_is_refused(url: str, run: Callable[..., tuple[int, str]]) -> None:
    """A cursor ahead of the time would leave out what happens until then, so it is refused."""
    before = _until(url, "acme/raw_orders")
    code, printed = run("set", "acme/raw_orders", f"{DAY + timedelta(days=30):%Y-%m-%d}")

    assert (code, _until(url, "acme/raw_orders")) == (1, before)
    assert "has not come yet" in printed


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01", "0001-01-01T00:00+14:00"])
def test_wrong_time_is_refused(url: str, time: str, run: Callable[..., tuple[int, str]]) -> None:
    """What is no time is refused with how one is written."""
    assert url
    code, printed = run("set", "acme/raw_orders", time)

    assert code == 2
    assert "is no time: write 2026-11-01, or" in printed


@pytest.mark.parametrize("place", ["before", "behind", "environment"])
def test_state_may_be_named(
    url: str, run: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """The state is named before the command, behind it, or by the environment."""
    if place != "environment":
        monkeypatch.setenv("ASP_STATE", "sqlite:///nowhere.db")
    arguments = {"before": ["--state", url, "show"], "behind": ["show", "--state", url]}

    code, printed = run(*arguments.get(place, ["show"]))

    assert (code, "raw_returns" in printed) == (0, True)


def test_state_is_by_default_where_runs_keep_it(
    run: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without any setting the state is below the folder; where there is none, none is made."""
    monkeypatch.delenv("ASP_STATE", raising=False)
    monkeypatch.chdir(tmp_path)
    code, printed = run("show")

    assert code == 1
    assert f"There is no shared state at sqlite:///{tmp_path}/data/state.db" in printed
    assert list(tmp_path.iterdir()) == []


def test_empty_state_is_told(run: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    """A state without cursors is told as such."""
    file = tmp_path / "state.db"
    file.touch()

    assert run("show", "--state", f"sqlite:///{file}") == (
        0,
        f"No cursor is stored at sqlite:///{file} yet.\n",
    )


@pytest.mark.parametrize(
    "url", ["mysql://me:hidden@host/db", "postgresql://me:hidden@127.0.0.1:9/x"]
)
def test_wrong_state_is_told_without_its_password(
    run: Callable[..., tuple[int, str]], url: str
) -> None:
    """A state that cannot be used ends the command with one sentence and no password."""
    code, printed = run("show", "--state", url)

    assert code == 1
    assert printed.count("\n") == 1
    assert "hidden" not in printed


def test_help_explains_what_a_cursor_is(run: Callable[..., tuple[int, str]]) -> None:
    """The help says what moving a cursor does, and shows how."""
    text = " ".join(run("--help")[1].split())

    assert "up to when a feed's records are loaded" in text
    assert "asp cursor set raw_orders 2026-11-01" in text


def test_command_does_without_dagster(url: str) -> None:
    """The command answers at once: it runs as a module and does not wait for Dagster's import."""
    program = "import runpy, sys; sys.argv = ['cursors', 'show']\n"
    program += "try: runpy.run_module('asp_dagster.cursors', run_name='__main__')\n"
    program += "finally: print({'dagster', 'pandas', 'duckdb'} & set(sys.modules))"
    environment = {**os.environ, "ASP_STATE": url, "PYTHONPATH": os.pathsep.join(sys.path)}

    printed = subprocess.check_output(
        [sys.executable, "-W", "error", "-c", program], env=environment, text=True
    )

    assert "raw_returns" in printed
    assert printed.splitlines()[-1] == "set()"
