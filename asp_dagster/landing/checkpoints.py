"""Finds how far an earlier run has come with the very same request, and what it left.

Here belong: which of the runs to go on from, and reading its parts in order. A run goes on where
an earlier one was only if nothing but the window's end differs; see `docs/resume.md`.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from asp_dagster.landing.errors import RawStoreError
from asp_dagster.landing.parts import Part, Parts, Stretch, are_complete, last_moment
from asp_dagster.landing.positions import Position
from asp_dagster.landing.windows import DataWindow

# A snapshot is one moment's picture: what an earlier run saw counts for this long. And so long what
# a run of many files had finished is not asked for again.
_SOON = timedelta(hours=6)

_UNREADABLE = (RawStoreError, OSError, EOFError, ValueError, KeyError, TypeError, zlib.error)


class CheckpointLostError(Exception):
    """A checkpoint that cannot be gone on from: its parts are gone, or nothing of it holds."""


@dataclass(frozen=True)
class Checkpoint:
    """How far an earlier run has come.

    Attributes:
        parts: Where its parts are.
        names: Their names, in order, those of the runs before it included.
        run: The run that wrote the last of them.
        run_parts: How many are the run's own.
        windows: What has been asked for, one behind the other; none for a snapshot.
        last: The last part, for where the run was.
    """

    parts: Parts
    names: Sequence[str]
    run: str
    run_parts: int
    windows: Sequence[DataWindow]
    last: Part

    @property
    def position(self) -> Position:
        """What is to be asked for next."""
        return self.last.position

    def is_old(self, now: datetime) -> bool:
        """Tell whether the run ended some time ago."""
        return now - last_moment(self.names) > _SOON

    def is_whole(self, rounds: int) -> bool:
        """Tell whether nothing of so many rounds is left to be done."""
        return self.position.round >= rounds and not self.last.waiting

    def stretches(self) -> Iterator[tuple[Stretch, Sequence[bytes]]]:
        """Yield all that is done, in order.

        Raises:
            CheckpointLostError: When a part is gone or broken.
        """
        for name in self.names:
            yield from _read(self.parts, name).each_stretch()


def find_checkpoint(parts: Parts, window: DataWindow | None, now: datetime) -> Checkpoint | None:
    """Return the checkpoint of the run that worked last, if any can be gone on from."""
    runs = parts.runs()
    for run in reversed(list(runs)):
        if window is None and now - last_moment(runs[run]) > _SOON:
            continue
        try:
            return _checkpoint(parts, runs, run)
        except CheckpointLostError:
            continue
    return None


def _checkpoint(parts: Parts, runs: Mapping[str, list[str]], run: str) -> Checkpoint:
    own = runs[run]
    if not are_complete(own):
        raise CheckpointLostError(f"parts of run {run} are missing")
    begun = _read(parts, own[0]).begun or {}
    earlier = list(chain(*reversed(list(_earlier(parts, runs, begun)))))
    windows = [DataWindow.parse(name) for name in begun["windows"]]
    return Checkpoint(parts, [*earlier, *own], run, len(own), windows, _read(parts, own[-1]))


def _earlier(
    parts: Parts, runs: Mapping[str, list[str]], begun: Mapping[str, Any]
) -> Iterator[list[str]]:
    """Yield the parts that a run went on from, those of the latest run first."""
    while begun["after"]:
        run, number = begun["after"]
        names = runs.get(run, [])[:number]
        if len(names) < number or not are_complete(names):
            raise CheckpointLostError(f"parts of run {run} are missing")
        yield names
        begun = _read(parts, names[0]).begun or {}


def _read(parts: Parts, name: str) -> Part:
    try:
        return parts.read(name)
    except _UNREADABLE as error:
        raise CheckpointLostError(f"{name} cannot be read: {error}") from error


def windows_from(
    checkpoint: Checkpoint, asked: DataWindow | None, *, may_be_cut: bool
) -> Sequence[DataWindow] | None:
    """Return the windows that make up what is asked for now; None if they cannot.

    A window that ended with the hour of the earlier run keeps its end, which its page tokens are
    bound to, and what has come since is asked for as a window of its own.

    Args:
        checkpoint: How far an earlier run has come, with a window of the same start.
        asked: What is asked for now.
        may_be_cut: Whether two windows bring the same as one: not if Amazon sums them up.
    """
    if asked is None:
        return ()
    end = checkpoint.windows[-1].end
    if end == asked.end:
        return checkpoint.windows
    if end < asked.end and may_be_cut:
        return [*checkpoint.windows, DataWindow(end, asked.end)]
    return None
