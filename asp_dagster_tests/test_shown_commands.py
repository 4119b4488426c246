"""Every command that the documentation shows works, or is one that there is.

What is cheap is run against the simulator. What runs jobs, which other tests do, is parsed as its
program parses it. What one machine cannot have stands in a table, with the reason.
"""

import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from dagster._cli import cli as dagster_cli

from asp_dagster.cli import asp
from asp_dagster.definitions import defs
from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.conftest import UNTIL, LeadTo
from asp_dagster_tests.shown import BLOCKS, ROOT, SPANS, Block
from asp_dagster_tests.test_deploy import SETTINGS

APART = {
    "docs/tutorial.md": "test_tutorial.py runs it whole, in a shell",
    "docs/cli.md": "is written from the commands themselves",
}
"""Pages whose commands are tested elsewhere."""

NOT_HERE = {
    "pip": "installs from a package index",
    "useradd": "needs a machine's root",
    "install": "needs a machine's root",
    "systemctl": "needs systemd",
    "systemd-run": "needs systemd",
    "sudo": "needs a machine's root",
    "cd": "goes to a folder",
    "docker": "needs Docker's daemon",
    "aws": "asks AWS",
    "helm": "needs a cluster",
    "kubectl": "needs a cluster",
    ".": "reads what an installation has made",
    "mkdir": "makes a folder",
    "eval": "completes words in a shell",
}
"""Programs that are not run, with the reason."""

RUN = ("doctor", "run", "plan", "feeds", "reports", "schedules status", "schedules apply")
"""The commands of `asp` that are run; others serve, or need what is not in the simulator."""

RUN_OF_DAGSTER = ("job execute", "instance concurrency")
"""The commands of `dagster` that are run, of jobs those that come with the package."""

LONG = re.compile(r"--from (\S+) (?!--to \1)|--from \S+$|partition_range")
"""Runs of many days: they take minutes, and other tests run as many in one process."""

VARIABLES = {*SETTINGS, "DAGSTER_HOME", "ASP_MODELS"}
Words = Sequence[str]


@dataclass(frozen=True)
class Shown:
    """A command and where it is shown."""

    page: str
    text: str

    @property
    def words(self) -> Words:
        """Its words, without those that only set variables."""
        return [
            word
            for word in shlex.split(self.text, comments=True)
            if not re.match(r"[A-Z_]+=", word)
        ]

    @property
    def program(self) -> str:
        """Its first word without folders; nothing where it only sets variables."""
        words = (word for word in self.text.split() if not re.match(r"[A-Z_]+=", word))
        return next((Path(word).name or word for word in words), "")


def _is_commands(block: Block) -> bool:
    """Tell whether a block says so, or says nothing and begins with a program that is known."""
    first = Shown(block.page, block.begins).program
    is_known = first in {*PROGRAMS, *NOT_HERE}
    return block.language in {"sh", "console"} or (not block.language and is_known)


def _commands(block: str) -> Iterator[str]:
    """Yield a block's commands, those that go over several lines as one."""
    waiting = ""
    for line in block.splitlines():
        waiting += f"{line}\n"
        if line.endswith("\\") or not _is_whole(waiting):
            continue
        for part in re.split(r" && ", waiting.replace("\\\n", " ")):
            if shlex.split(part, comments=True):
                yield part.strip()
        waiting = ""


def _is_whole(text: str) -> bool:
    try:
        shlex.split(text, comments=True)
    except ValueError:  # a quotation that goes on in the next line
        return False
    return True


def _parsed(command: click.Command, arguments: Words) -> click.Context:
    """Parse as click does, down to the last command, and run nothing."""
    name = ""
    while isinstance(command, click.Group):
        name, *arguments = arguments
        found = command.get_command(click.Context(command), name)
        assert found is not None, f"there is no {name}"
        command = found
    return command.make_context(name, list(arguments))


def _check_asp(shown: Shown) -> None:
    arguments = shown.words[1:]
    is_run = " ".join(arguments).startswith(RUN) and not _is_long(shown)
    if "--help" not in arguments and not is_run:
        _parsed(asp, arguments)
        return
    if "--load-only" in arguments:
        _run(asp, [word for word in arguments if word != "--load-only"])
    _run(asp, arguments)


def _is_long(shown: Shown) -> bool:
    """Tell whether a command runs many days; a plan of them takes a second."""
    return bool(LONG.search(shown.text)) and "plan" not in shown.words


def _run(command: click.Command, arguments: Words) -> None:
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.output


def _check_dagster(shown: Shown) -> None:
    arguments = shown.words[1:]
    told = _parsed(dagster_cli, arguments).params
    job = told.get("job_name")
    if job and not any(each.name == job for each in defs.jobs or ()):
        assert f"`{job}`" in (ROOT / shown.page).read_text("utf-8")
        assert not told["tags"] or json.loads(told["tags"])
    elif " ".join(arguments).startswith(RUN_OF_DAGSTER) and not _is_long(shown):
        _run(dagster_cli, arguments)


def _check_named(command: click.Command, words: Words) -> None:
    """Check that commands and options exist; values that a sentence leaves out are not missed."""
    for word in words:
        if word.startswith("-"):
            known = {name for each in command.params for name in each.opts}
            assert word in {*known, "--help"}, f"{command.name} has no {word}"
        elif isinstance(command, click.Group):
            found = command.get_command(click.Context(command), word)
            assert found is not None, f"there is no {word}"
            command = found


def _check_make(shown: Shown) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(shown.words[1:]) <= set(targets)


def _check_python(shown: Shown) -> None:
    _, first, *rest = shown.words
    assert find_spec(rest[0]) if first == "-m" else (ROOT / first).exists()


def _check_export(shown: Shown) -> None:
    named = re.findall(r"\b([A-Z_]{4,})=", shown.text)
    assert named
    assert set(named) <= VARIABLES


PROGRAMS: Mapping[str, Callable[[Shown], None]] = {
    "asp": _check_asp,
    "dagster": _check_dagster,
    "make": _check_make,
    "python": _check_python,
    "python3": _check_python,
    "export": _check_export,
}
GROUPS: Mapping[str, click.Command] = {"asp": asp, "dagster": dagster_cli}
COMMANDS = [block for block in BLOCKS if _is_commands(block)]
SHOWN = [
    Shown(block.page, command)
    for block in COMMANDS
    if block.page not in APART
    for command in _commands(block.text)
]
NAMED = [
    Shown(page, text.partition(" > ")[0])
    for page, text in SPANS
    if page != "CHANGELOG.md" and Shown(page, text).program in PROGRAMS and " " in text
]
"""Commands within sentences, of which some leave out what the reader knows."""


@pytest.fixture(scope="module")
def amazon() -> Iterator[Simulator]:
    """One selling partner for all commands."""
    partner = Partner.generate(seed=11, orders=30, until=UNTIL, days=2)
    with Simulator(partner, speed=1e6, report_seconds=0) as running:
        yield running


@pytest.fixture
def _settings(
    amazon: Simulator, lead_to: LeadTo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lead the commands to the simulator, and to the example's code location."""
    arn = "arn:aws:sqs:us-east-1:111122223333:orders"
    lead_to(amazon, ASP_NOTIFICATIONS_QUEUE=arn, DAGSTER_HOME=str(tmp_path))
    (tmp_path / "dagster.yaml").touch()
    monkeypatch.syspath_prepend(str(ROOT / "examples" / "shop"))
    # A code location takes the settings when it is loaded.
    monkeypatch.delitem(sys.modules, "asp_dagster.definitions", raising=False)


@pytest.mark.usefixtures("_settings")
@pytest.mark.filterwarnings(
    "ignore:Function .* is superseded"
)  # Dagster's own command is to be dg's
@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: f"{shown.page}: {shown.text}"[:90])
def test_shown_command_works(shown: Shown) -> None:
    """A command that is shown is run, or parsed as its program does, or cannot be had here."""
    assert shown.program in {*PROGRAMS, *NOT_HERE}, f"{shown.program}: say how it is tested"

    if shown.program in PROGRAMS:
        PROGRAMS[shown.program](shown)


@pytest.mark.parametrize("named", NAMED, ids=lambda named: f"{named.page}: {named.text}"[:90])
def test_named_command_exists(named: Shown) -> None:
    """A command that stands in a sentence is one that there is, with the options it has."""
    if (group := GROUPS.get(named.program)) is None:
        PROGRAMS[named.program](named)
    elif named.words[1:] != ["COMMAND", "--help"]:
        _check_named(group, named.words[1:])


def test_commands_are_found() -> None:
    """The pages that show how to begin are among those looked through."""
    assert {"README.md", "CONTRIBUTING.md", "docs/connect.md"} <= {each.page for each in SHOWN}
    assert {each.program for each in SHOWN} >= {"asp", "dagster", "make", "export"}
    assert {each.page for each in SHOWN if "run" in each.words and not _is_long(each)} >= {
        "docs/connect.md",
        "docs/operating.md",
    }
    assert all((ROOT / page).exists() for page in APART)
