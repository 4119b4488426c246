"""The progress of `asp run`: rows, calls of those expected, and the time the quota still needs.

Here belong the line of words, and its two forms: a bar in a terminal, plain lines elsewhere. The
time left follows from the rate at which Amazon gives calls, not from how fast it went so far.
"""

import io
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from asp_dagster.plans import Plan, PlannedCalls
from asp_dagster.spapi import CallStatistics

_LOOK_SECONDS = 0.5
_LINE_SECONDS = 30.0


@dataclass(frozen=True)
class Standing:
    """How far the runs have come.

    Attributes:
        done: How many windows are over.
        windows: How many there are.
        rows: Rows landed.
        made: What the calls have cost up to now.
        before: What they had cost when `plan` was made.
        plan: What was then still to be asked for.
    """

    done: int
    windows: int
    rows: int
    made: CallStatistics
    before: CallStatistics
    plan: Plan

    @property
    def expected(self) -> int:
        """How many calls are expected in all, those that were made among them."""
        left = sum(max(self._left(each), 0) for each in self.plan.calls)
        return self.made.calls + left

    @property
    def seconds_left(self) -> float:
        """How long Amazon's buckets need at least for the calls that are left."""
        return max(map(self._seconds_left, self.plan.calls), default=0.0)

    def __str__(self) -> str:
        """Say it in one line."""
        least = "at least " if self.plan.is_least else ""
        parts = [
            f"{self.done} of {self.windows} windows",
            f"{self.rows} rows",
            f"{self.made.calls} of {least}{self.expected} calls",
            f"{least}{timedelta(seconds=round(self.seconds_left))} left at Amazon's pace",
        ]
        return ", ".join(parts + [f"{self.made.throttled} throttled"] * bool(self.made.throttled))

    @property
    def beside_bar(self) -> str:
        """Say it in a few words, beside a bar."""
        least = "at least " if self.plan.is_least else ""
        left = timedelta(seconds=round(self.seconds_left))
        parts = [f"{self.made.calls}/{self.expected} calls", f"{self.rows} rows"]
        parts += [f"{self.made.throttled} throttled"] * bool(self.made.throttled)
        return ", ".join([*parts, f"{least}{left} left"])

    def _left(self, planned: PlannedCalls) -> int:
        made = (self.made - self.before).by_operation.get(planned.operation.name, 0)
        return (planned.calls or 0) - made

    def _seconds_left(self, planned: PlannedCalls) -> float:
        operation = planned.operation
        turn = self.made.turns.get(operation.name)
        if turn is None:
            held, rate = float(operation.burst), operation.rate
        else:
            gained = turn.waited_seconds * turn.rate
            held, rate = turn.tokens + gained - (turn.sent - turn.sent_before), turn.rate
        return max(self._left(planned) - max(held, 0.0), 0.0) / rate


@contextmanager
def own_console() -> Iterator[Console]:
    """Lend a console on the error output as it is now: Dagster sends that of steps to its logs."""
    try:
        number = os.dup(sys.stderr.fileno())
    except io.UnsupportedOperation:  # whoever took its place has nothing to send elsewhere
        yield Console(stderr=True)
        return
    with os.fdopen(number, "w", encoding="utf-8") as stream:
        yield Console(file=stream)


def warn(console: Console, sentence: str) -> None:
    """Tell of a warning, above a bar or between the lines."""
    console.print(f"Warning: {sentence}", highlight=False, markup=False, soft_wrap=True)


@contextmanager
def shown(title: str, look: Callable[[], Standing], console: Console) -> Iterator[None]:
    """Show how far it has come for as long as the block runs."""
    is_over = threading.Event()
    show = _bar if console.is_terminal else _lines
    thread = threading.Thread(target=show, args=(title, look, console, is_over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _bar(
    title: str, look: Callable[[], Standing], console: Console, is_over: threading.Event
) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(20), TextColumn("{task.fields[says]}"))
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=None, says="")
        goes_on = True
        while goes_on:
            goes_on = not is_over.wait(_LOOK_SECONDS)
            now = look()
            progress.update(
                task, completed=now.made.calls, total=now.expected or None, says=now.beside_bar
            )


def _lines(
    title: str, look: Callable[[], Standing], console: Console, is_over: threading.Event
) -> None:
    goes_on = True
    while goes_on:
        goes_on = not is_over.wait(_LINE_SECONDS)
        console.print(f"{title}: {look()}", highlight=False, soft_wrap=True)
