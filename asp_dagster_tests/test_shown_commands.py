"""Every command that the documentation shows works, or is one that there is.

What is cheap is run against the simulator. What runs jobs, which other tests do, is parsed as its
program parses it. What one machine cannot have stands in a table, with the reason.
"""

import json
import re
import shlex
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
from asp_dagster_tests.conftest import UNTIL
from asp_dagster_tests.test_deploy import SETTINGS

ROOT = Path(__file__).parent.parent
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
    "helm": "needs a cluster",
    "kubectl": "needs a cluster",
    ".": "reads what an installation has made",
    "mkdir": "makes a folder",
    "eval": "completes words in a shell",
}
"""Programs that are not run, with the reason."""

RUN = ("doctor", "plan", "feeds", "reports", "schedules status", "schedules apply")
"""The commands of `asp` that take a second; others serve, run jobs or need what a run has left."""

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
        return next((Path(word).name or word for word in self.words), "")


def _pages() -> Iterator[Path]:
    yield from sorted(ROOT.glob("*.md"))
    yield from sorted((ROOT / "docs").rglob("*.md"))
    yield from sorted((ROOT / "examples").rglob("*.md"))


def _blocks(text: str) -> Iterator[str]:
    """Yield what is fenced as commands, and what is indented and begins with a known program."""
    yield from re.findall(r"^```(?:sh|console)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    bare = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for block in re.findall(r"(?:(?<=\n\n)|^)((?:    .*\n)+)", bare):
        commands = re.sub(r"^    ", "", block, flags=re.MULTILINE)
        if Shown("", commands.split()[0]).program in {*PROGRAMS, *NOT_HERE}:
            yield commands


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
    if "--help" not in arguments and not " ".join(arguments).startswith(RUN):
        _parsed(asp, arguments)
        return
    done = CliRunner().invoke(asp, arguments)
    assert done.exit_code == 0, done.output


def _check_dagster(shown: Shown) -> None:
    told = _parsed(dagster_cli, shown.words[1:]).params
    if told.get("tags"):
        assert json.loads(told["tags"])
    if told.get("job_name") and set(told["module_name"] or ()) == {"asp_dagster.definitions"}:
        declared = f"`{told['job_name']}`" in (ROOT / shown.page).read_text("utf-8")
        assert declared or defs.has_job_def(told["job_name"])


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
SHOWN = [
    Shown(page, command)
    for page, text in ((str(path.relative_to(ROOT)), path.read_text("utf-8")) for path in _pages())
    if page not in APART
    for block in _blocks(text)
    for command in _commands(block)
]


@pytest.fixture(scope="module")
def amazon() -> Iterator[Simulator]:
    """One selling partner for all commands."""
    partner = Partner.generate(seed=11, orders=30, until=UNTIL, days=2)
    with Simulator(partner, speed=1e6, report_seconds=0) as running:
        yield running


@pytest.fixture
def _settings(amazon: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead the commands to the simulator, and to the example's code location."""
    places = {
        "ASP_ENDPOINT": amazon.url,
        "ASP_LWA_URL": amazon.lwa_url,
        "ASP_CLIENT_ID": amazon.client_id,
        "ASP_CLIENT_SECRET": amazon.client_secret,
        "ASP_REFRESH_TOKEN": amazon.refresh_token,
        "ASP_RAW_PATH": str(tmp_path / "raw"),
        "ASP_WAREHOUSE": f"duckdb:///{tmp_path / 'warehouse.duckdb'}",
        "ASP_STATE": f"sqlite:///{tmp_path / 'state.db'}",
        "DAGSTER_HOME": str(tmp_path),
    }
    for name, value in places.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "dagster.yaml").touch()
    monkeypatch.syspath_prepend(str(ROOT / "examples" / "shop"))


@pytest.mark.usefixtures("_settings")
@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: f"{shown.page}: {shown.text}"[:90])
def test_shown_command_works(shown: Shown) -> None:
    """A command that is shown is run, or parsed as its program does, or cannot be had here."""
    assert shown.program in {*PROGRAMS, *NOT_HERE}, f"{shown.program}: say how it is tested"

    if shown.program in PROGRAMS:
        PROGRAMS[shown.program](shown)


def test_commands_are_found() -> None:
    """The pages that show how to begin are among those looked through."""
    assert {"README.md", "CONTRIBUTING.md", "docs/connect.md"} <= {each.page for each in SHOWN}
    assert {each.program for each in SHOWN} >= {"asp", "dagster", "make", "export"}
    assert all((ROOT / page).exists() for page in APART)
