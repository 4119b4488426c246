"""Other processes: a free port for one, and waits for what they do, with a bound."""

import socket
import subprocess
import time
from collections.abc import Callable, Sequence

import requests


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def wait_until(is_so: Callable[[], bool], what: str, *, seconds: float) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: It is not so for too long.
    """
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s.")
        time.sleep(0.2)


def wait_for_server(url: str, process: "subprocess.Popen[bytes]", *, seconds: float) -> None:
    """Wait until a process, which must not end, answers at a URL."""

    def answers() -> bool:
        assert process.poll() is None, "it has ended"
        try:
            requests.get(url, timeout=5).raise_for_status()
        except requests.ConnectionError:
            return False
        return True

    wait_until(answers, f"{url} answers", seconds=seconds)


def let_go_together(processes: Sequence["subprocess.Popen[str]"]) -> None:
    """Wait until each process says that it is ready, and let all begin at once."""
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
