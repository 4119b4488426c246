"""The tutorial works as it stands there: its commands are run in order, by a shell."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
NOT_RUN = {"console": "installs, or serves until somebody stops it"}
"""The languages of blocks that are not run, with the reason."""

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "@@ block"


@dataclass(frozen=True)
class Step:
    """Commands of the tutorial, and what it shows of their output."""

    commands: str
    shown: str


def _steps() -> Iterator[Step]:
    """Yield the commands in order; a declaration is saved where its first line says."""
    blocks = [*_BLOCK.findall(PAGE), ("", "")]
    for (language, block), (following, output) in pairwise(blocks):
        if language == "sh":
            yield Step(block, output if following == "text" else "")
        elif language == "yaml":
            path = block.splitlines()[0].removeprefix("# ")
            yield Step(f"mkdir -p {Path(path).parent}\ncat > {path} <<'END'\n{block}END\n", "")
        else:
            assert language in {"text", *NOT_RUN}


STEPS = list(_steps())


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each step prints, run one after the other in a fresh clone."""
    clone = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "asp_dagster", clone / "asp_dagster")
    environment = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(clone),
        "HOME": str(clone),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
    }
    script = "".join(f"echo '{_MARK}'\n{step.commands}" for step in STEPS)
    done = subprocess.run(
        ["bash", "-c", f"set -eu\nexec 2>&1\ntrap 'kill 0' EXIT\n{script}echo '{_MARK}'\n"],  # noqa: S607 - any bash
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    return done.stdout.split(f"{_MARK}\n")[1:]


@pytest.mark.parametrize("number", range(len(STEPS)), ids=lambda number: f"step-{number + 1}")
def test_step_does_what_the_tutorial_shows(outputs: list[str], number: int) -> None:
    """The step is reached, does not fail, and prints what stands below it; `…` is anything."""
    assert len(outputs) > number + 1, outputs[-1]

    shown = "".join(map(_pattern, STEPS[number].shown.splitlines()))
    assert re.search(shown, outputs[number]), outputs[number]


def _pattern(line: str) -> str:
    return r"(?:.*\n)*" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"


def test_tutorial_leaves_nothing_behind() -> None:
    """What the first steps make, the last one removes."""
    made = set(re.findall(r"^# (asp_dagster/defs/\w+)/defs\.yaml$", PAGE, re.MULTILINE))

    assert STEPS[-1].commands.startswith("kill %1\n")
    assert {*made, "data/tutorial"} == set(STEPS[-1].commands.split("rm -r ")[1].split())
