"""Any number of processes may use the state at once, from its very first use on."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import asp_dagster.state
from asp_dagster.state import State

PROCESSES = 8
THREADS = 16


def _run_together(url: str, beginning: datetime) -> list[tuple[int, int]]:
    """Return the windows that moved the cursor while many processes advanced it."""
    command = [sys.executable, "-W", "error", Path(__file__).with_name("advancing.py"), url]
    environment = {"PYTHONPATH": str(Path(asp_dagster.state.__file__).parents[2])}
    with ExitStack() as started:
        processes = [
            started.enter_context(
                subprocess.Popen(
                    [*command, str(number), beginning.isoformat()],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=environment,
                    text=True,
                )
            )
            for number in range(PROCESSES)
        ]
        for process in processes:
            started.callback(process.kill)
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        with ThreadPoolExecutor(PROCESSES) as pool:
            printed = list(pool.map(lambda process: process.communicate("go\n")[0], processes))
    assert [process.returncode for process in processes] == [0] * PROCESSES
    return [(start, end) for text in printed for start, end in json.loads(text)]


def test_processes_advance_without_a_gap(url: str, state: State, beginning: datetime) -> None:
    """Eight processes make the state together and advance one cursor: no step leaves a gap."""
    moved = _run_together(url, beginning)

    position = 0
    for start, end in sorted(moved, key=lambda window: window[1]):
        assert start <= position < end
        position = end
    cursor = state.cursors.get("orders")
    assert cursor is not None
    assert cursor.until == beginning + timedelta(hours=position)
    assert len({start for start, _ in moved}) > 1


def test_new_state_is_made_once(url: str) -> None:
    """Sixteen that find no tables at the same moment make them together, and none fails."""
    barrier = Barrier(THREADS)

    def use() -> int:
        with State.from_url(url) as state:
            barrier.wait()
            return len(state.cursors.all())

    with ThreadPoolExecutor(THREADS) as pool:
        found = [used.result() for used in [pool.submit(use) for _ in range(THREADS)]]

    assert found == [0] * THREADS


def test_threads_share_a_state(state: State, beginning: datetime) -> None:
    """Threads may share one state: of the same window, advanced by all, one alone moves it."""
    window = {"start": beginning, "end": beginning + timedelta(hours=1)}

    def advance(number: int) -> bool:
        return state.cursors.advance("orders", **window, beginning=beginning, run_id=str(number))

    with ThreadPoolExecutor(THREADS) as pool:
        moved = list(pool.map(advance, range(THREADS)))

    assert sum(moved) == 1
