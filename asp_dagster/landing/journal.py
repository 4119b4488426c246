"""Writes down what a run has done, part by part, while the run goes on.

Here belongs: when a part is written. A thread of its own writes all that has come meanwhile as one
part. A run at Amazon's pace so keeps each answer at once; a fast one, or one whose store is slow,
keeps many together: the thread rests as long as it wrote, and longer the more parts there are, for
whoever goes on must fetch them all.
"""

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from asp_dagster.landing.errors import RawStoreError
from asp_dagster.landing.parts import Kind, Part, Parts, Stretch
from asp_dagster.landing.positions import ListedPage
from asp_dagster.spapi import Clock

_log = logging.getLogger(__name__)

_PARTS_A_SECOND_OF_REST = 1000
_WRITTEN_AT_ONCE_BYTES = 4 * 1024**2
_HELD_BYTES = 16 * 1024**2


class Journal:
    """What one run has done. As a context manager: when it ends, all is written."""

    def __init__(self, parts: Parts, run: str, first: Part, clock: Clock) -> None:
        """Prepare a journal; nothing is written yet.

        Args:
            parts: Where the parts go.
            run: A name for the run that no other has.
            first: What the first part tells before anything is done: what the run asks for, and
                where it begins.
            clock: What tells the time.
        """
        self._parts, self._run, self._clock = parts, run, clock
        self._next = first
        self._written = 0
        self._lines: list[bytes] = []
        self._stretches: list[Stretch] = []
        self._bytes = 0
        self._changed = threading.Condition()
        self._is_over = False
        self._thread = threading.Thread(target=self._work, name="checkpoints", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify_all()
        self._thread.join()

    def page(self, kind: Kind, lines: Sequence[bytes], page: ListedPage) -> None:
        """Note a page of records, and what is asked for after it."""
        with self._changed:
            waiting = self._next.waiting + (len(lines) if kind == "listed" else 0)
            self._next = replace(self._next, position=page.following, waiting=waiting)
            self._add(Stretch(kind, len(lines), page.number), lines)

    def extended(self, line: bytes, missing: int) -> None:
        """Note that the earliest of the records that were to be extended is.

        Args:
            line: The record with its extensions.
            missing: How many requests of this run have been answered 404.
        """
        with self._changed:
            self._next = replace(self._next, missing=missing, waiting=self._next.waiting - 1)
            self._add(Stretch("extended", 1), [line])

    def _add(self, stretch: Stretch, lines: Sequence[bytes]) -> None:
        self._changed.wait_for(lambda: self._bytes < _HELD_BYTES or self._is_over)
        if self._is_over:
            return
        self._lines.extend(lines)
        self._bytes += sum(map(len, lines))
        if (
            stretch.kind == "extended"
            and self._stretches
            and self._stretches[-1].kind == "extended"
        ):
            stretch = Stretch("extended", stretch.lines + self._stretches.pop().lines)
        self._stretches.append(stretch)
        self._changed.notify_all()

    def _taken(self) -> Part:
        """Return what is to be written, and begin anew."""
        part = replace(self._next, stretches=self._stretches, lines=self._lines)
        self._lines, self._stretches, self._bytes = [], [], 0
        self._changed.notify_all()
        return part

    def _work(self) -> None:
        try:
            while self._write_next():
                pass
        except (OSError, RawStoreError) as error:
            _log.warning(
                "%s: what is done cannot be kept (%s): the run goes on, but if it ends early the"
                " next one begins at the last part.",
                self._parts.place,
                error,
            )
            with self._changed:
                self._is_over = True
                self._taken()

    def _write_next(self) -> bool:
        """Write the next part; tell whether there may be more."""
        with self._changed:
            self._changed.wait_for(lambda: self._stretches or self._is_over)
            if not self._stretches:
                return False
            part = self._taken()
        began = self._clock.monotonic()
        self._parts.write(self._run, self._written + 1, self._clock.now(), part)
        self._written += 1
        took = self._clock.monotonic() - began
        with self._changed:
            self._next = replace(self._next, begun=None)
            self._changed.wait_for(
                lambda: self._is_over or self._bytes > _WRITTEN_AT_ONCE_BYTES,
                timeout=max(took, self._written / _PARTS_A_SECOND_OF_REST),
            )
        return True
