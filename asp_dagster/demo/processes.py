"""The processes of the demonstration: the simulator, and Dagster's commands.

Here belong: starting, waiting and stopping. What is run, and in which order, is `__main__`'s story.
"""

import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_STARTS_WITHIN_SECONDS = 60


@dataclass(frozen=True)
class DemoFailedError(Exception):
    """A part of the demonstration ended badly; `log` holds what it printed."""

    what: str
    log: Path

    def __str__(self) -> str:
        tail = "\n".join(self.log.read_text().splitlines()[-25:])
        return f"{self.what} failed. The last lines of {self.log}:\n{tail}"


def call(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    """Run a Python module to its end, its output kept in a file.

    Raises:
        DemoFailedError: When it ends with an error.
    """
    with log.open("w") as output:
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise DemoFailedError(f"`{' '.join(arguments)}`", log)


@contextmanager
def simulator(options: Mapping[str, str], log: Path) -> Iterator[Mapping[str, str]]:
    """Run the simulator during the block; gives the variables that lead to it.

    Raises:
        DemoFailedError: When it does not start.
    """
    with tempfile.TemporaryDirectory() as scratch, log.open("w") as output:
        ready = Path(scratch) / "ready"
        words = [word for option in options.items() for word in option]
        process = subprocess.Popen(
            [sys.executable, "-m", "asp_dagster.simulator", *words, "--ready-file", str(ready)],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield _variables(_wait_for(ready, process, log))
        finally:
            process.terminate()
            process.wait()


def _wait_for(ready: Path, process: "subprocess.Popen[bytes]", log: Path) -> str:
    for _ in range(_STARTS_WITHIN_SECONDS * 10):
        if ready.exists():
            return ready.read_text()
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise DemoFailedError("The simulator's start", log)


def _variables(lines: str) -> dict[str, str]:
    """Read `export NAME=value` lines."""
    return dict(word.split("=", 1) for word in shlex.split(lines) if word != "export")
