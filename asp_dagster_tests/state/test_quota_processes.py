"""Any number of processes draw on one bucket: none early, none forgotten, whoever is killed."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asp_dagster.state
from asp_dagster_tests.processes import let_go_together

PROCESSES = 16
DRAWING = Path(__file__).with_name("drawing.py")
ROOT = str(Path(asp_dagster.state.__file__).parents[2])


@contextmanager
def _drawing(
    count: int, url: str, *arguments: object
) -> Iterator[Sequence["subprocess.Popen[str]"]]:
    """Start processes that draw on the bucket; all begin together."""
    command = [sys.executable, "-W", "error", str(DRAWING), url, *map(str, arguments)]
    with ExitStack() as started:
        processes = []
        for _ in range(count):
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            process = subprocess.Popen(command, env={"PYTHONPATH": ROOT}, text=True, **pipes)
            started.enter_context(process)
            started.callback(process.kill)
            processes.append(process)
        let_go_together(processes)
        yield processes


def _left(processes: Sequence["subprocess.Popen[str]"]) -> list[list[float]]:
    """Return when the requests of each process had leave."""
    printed = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return [json.loads(text) for text in printed]


def _assert_kept(moments: Sequence[float], rate: float, burst: int) -> None:
    """Assert that no stretch of time has more requests than burst and refill allow."""
    moments = sorted(moments)
    for first, start in enumerate(moments):
        for last, end in enumerate(moments[first:], start=first):
            # When a process was told differs a little from when the state let it go.
            assert last - first + 1 <= burst + (end - start + 0.25) * rate


def test_sixteen_processes_keep_one_quota(url: str) -> None:
    """Sixteen processes that make the state together never get more than one bucket holds."""
    with _drawing(PROCESSES, url, 6, 40.0, 10) as processes:
        left = _left(processes)

    _assert_kept([moment for each in left for moment in each], 40.0, 10)
    assert [len(each) for each in left] == [6] * PROCESSES


def test_no_process_starves(url: str) -> None:
    """Those who come together are served in turn: none is done before all are nearly done."""
    rate, requests = 20.0, 8
    with _drawing(4, url, requests, rate, 1) as processes:
        left = _left(processes)

    first_done = min(max(each) for each in left)
    by_then = [sum(moment <= first_done for moment in each) for each in left]
    assert min(by_then) >= requests - 4


def test_killed_processes_hold_nobody_up(url: str) -> None:
    """Who is killed with leave costs its token and no more: the others go on."""
    with _drawing(3, url, 1, 2.0, 6, "hold") as holding:
        for process in holding:
            assert process.stdout
            assert process.stdout.readline() == "holding\n"
            process.kill()
    with _drawing(1, url, 5, 2.0, 6) as processes:
        (left,) = _left(processes)

    # Three of the six tokens are gone; the other two requests wait for one each.
    assert left[2] - left[0] < left[4] - left[2]
    _assert_kept(left, 2.0, 3)
