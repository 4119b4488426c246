"""The command `asp`: what it lists, what it waits for, and how it ends."""

import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from asp_dagster.cli import COMMANDS, asp

HEAVY = {"dagster", "duckdb", "pandas", "pyarrow", "requests", "sqlalchemy", "starlette", "boto3"}
PROGRAM = """
import sys
from asp_dagster.cli import main
try: main()
finally: print("loaded:", *{name.partition(".")[0] for name in sys.modules})
"""


def _printed(*arguments: str, **environment: str) -> str:
    """What a process of its own prints that runs the command and then tells what it loaded."""
    return subprocess.check_output(
        [sys.executable, "-W", "error", "-c", PROGRAM, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        text=True,
    )


def _loaded(printed: str) -> set[str]:
    return set(printed.rpartition("loaded:")[2].split())


def test_help_lists_the_commands_and_waits_for_none() -> None:
    """The help names each command with what it does, and imports no part of them."""
    printed = _printed("--help")

    assert [name for name in COMMANDS if f"\n  {name} " not in printed] == []
    assert not _loaded(printed) & HEAVY


def test_a_word_is_completed_without_waiting() -> None:
    """Completing a command imports none; completing a feed's name reads names alone."""
    words = {"COMP_WORDS": "asp fe", "COMP_CWORD": "1", "_ASP_COMPLETE": "bash_complete"}
    feeds = {**words, "COMP_WORDS": "asp feeds fba_inv", "COMP_CWORD": "2"}

    command, feed = _printed(**words), _printed(**feeds)

    assert command.splitlines()[0] == "plain,feeds"
    assert feed.splitlines()[0] == "plain,fba_inventory"
    assert not (_loaded(command) | _loaded(feed)) & HEAVY


@pytest.mark.parametrize("name", COMMANDS)
def test_line_of_the_help_is_the_commands_own(name: str) -> None:
    """What the list says of a command is the first line of the command's own help."""
    command = asp.get_command(click.Context(asp), name)

    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(limit=100) == COMMANDS[name][1]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name: str) -> None:
    """Every command has a help, and refuses an option that it has not with exit code 2."""
    runner = CliRunner()

    assert runner.invoke(asp, [name, "--help"]).exit_code == 0
    assert runner.invoke(asp, [name, "--nonsense"]).exit_code == 2


def test_unknown_command_is_refused() -> None:
    """A command that there is not ends with exit code 2 and is named."""
    done = CliRunner().invoke(asp, ["weather"])

    assert done.exit_code == 2
    assert "No such command 'weather'" in done.output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(shell: str) -> None:
    """The script is for `asp`, in the words of the shell."""
    done = CliRunner().invoke(asp, ["completion", shell])

    assert done.exit_code == 0
    assert f"_ASP_COMPLETE={shell}_complete" in done.output
