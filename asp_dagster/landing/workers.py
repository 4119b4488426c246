"""Threads that send requests beside the one that writes, and that stop together.

Here belong: starting them, handing them jobs, and ending them. What a job does is up to who hands
it in; the pace is the quota's.

Each operation has a lane of its own, so that jobs which wait for one quota never keep back those
of another. Threads are daemons, and their waits end when they are stopped: a run that is over, in
whatever way, is not kept alive by them.
"""

import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

from asp_dagster.spapi import StoppedError, stopped_by
from asp_dagster.spapi.clock import check_not_stopped

Result = TypeVar("Result")

_Job = Callable[[], None]

# At the end, requests under way get so long to be answered; none is sent any more.
_LAST_ANSWERS_SECONDS = 2.0


@contextmanager
def workers() -> Iterator["Workers"]:
    """Lend workers for a block; when it ends, in whatever way, they stop.

    The block's own thread is stopped with them when a job fails: its waits and requests end too.

    Raises:
        BaseException: The first failure of a job, as itself.
    """
    crew = Workers()
    try:
        with stopped_by(crew.stop):
            yield crew
    except StoppedError as stopped:
        raise crew.failure or stopped from None
    finally:
        crew.close()


class Workers:
    """Lanes of threads; jobs of a lane are begun in the order they came.

    Attributes:
        stop: Set when a job has failed, or the workers are no longer wanted.
        failure: What the first failed job raised.
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.failure: BaseException | None = None
        self._lanes: dict[Hashable, _Lane] = {}
        self._lock = threading.Lock()

    def submit(self, lane: Hashable, width: int, job: Callable[[], Result]) -> Future[Result]:
        """Hand in a job, from any thread.

        Args:
            lane: Where it stands in line.
            width: How many jobs of the lane are done at once.
            job: What to do.

        Raises:
            StoppedError: When the workers have been stopped.
        """
        future: Future[Result] = Future()
        with self._lock:
            if self.stop.is_set():
                raise StoppedError
            chosen = self._lanes.setdefault(lane, _Lane())
            if len(chosen.threads) < width:
                chosen.start(partial(self._work, chosen.jobs))
            chosen.jobs.put(lambda: self._do(job, future))
        return future

    def close(self) -> None:
        """Stop all threads; what has not begun is not done."""
        self.stop.set()
        with self._lock:
            threads = [thread for lane in self._lanes.values() for thread in lane.dismissed()]
        for thread in threads:
            thread.join(_LAST_ANSWERS_SECONDS / len(threads))

    def _work(self, jobs: "SimpleQueue[_Job | None]") -> None:
        with stopped_by(self.stop):
            while (job := jobs.get()) is not None:
                job()

    def _do(self, job: Callable[[], Result], future: Future[Result]) -> None:
        try:
            check_not_stopped()
            future.set_result(job())
        except BaseException as error:  # noqa: BLE001 - raised where the result is wanted
            self._failed(error)
            future.set_exception(error)

    def _failed(self, error: BaseException) -> None:
        with self._lock:
            if self.failure is None and not isinstance(error, StoppedError):
                self.failure = error
        self.stop.set()


class _Lane:
    """One line of jobs, and the threads that do them."""

    def __init__(self) -> None:
        self.jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self.threads: list[threading.Thread] = []

    def start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name="extension requests", daemon=True)
        self.threads.append(thread)
        thread.start()

    def dismissed(self) -> list[threading.Thread]:
        """Let each thread end after the jobs before; return the threads."""
        for _ in self.threads:
            self.jobs.put(None)
        return self.threads
