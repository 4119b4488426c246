"""A real Redis for engines, and processes that end with the test."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from asp_dagster_tests.processes import free_port, wait_until

HOUSE = Path(__file__).parents[2]

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start processes, each with a log, and end them with all that they started."""
    with ExitStack() as stack:

        def run(
            name: str, arguments: Sequence[str], environment: Mapping[str, str] | None = None
        ) -> "subprocess.Popen[bytes]":
            log = stack.enter_context((tmp_path / f"{name}.log").open("wb"))
            process = subprocess.Popen(
                arguments,
                env=dict(environment or os.environ),
                cwd=HOUSE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            stack.callback(_end, process)
            return process

        yield run


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and its children; a worker's wrapper would leave them behind."""
    group = os.getpgid(process.pid) if process.poll() is None else process.pid
    for sent in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(group, sent)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


@pytest.fixture
def redis_url(start: Start, tmp_path: Path) -> str:
    """The URL of an empty Redis."""
    port = free_port()
    start(
        "redis",
        [
            *("redis-server", "--bind", "127.0.0.1", "--port", str(port)),
            *("--save", "", "--appendonly", "no", "--dir", str(tmp_path)),
        ],
    )
    wait_until(lambda: _listens(port), "Redis listens", seconds=20)
    return f"redis://127.0.0.1:{port}/0"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
