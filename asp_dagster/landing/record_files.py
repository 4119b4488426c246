"""Writes the raw file of a window of records: from its start, or from where a run before was.

Here belong: what a run begins with, and what it leaves. How a record becomes a line is said in
`record_lines`, what is kept meanwhile in `parts`.
"""

import gzip
import json
import logging
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain
from typing import BinaryIO

from asp_dagster.landing.checkpoints import (
    Checkpoint,
    CheckpointLostError,
    find_checkpoint,
    windows_from,
)
from asp_dagster.landing.earlier_files import earlier_records
from asp_dagster.landing.extensions import Extender, Record
from asp_dagster.landing.extraction import PREVIEW_ROWS, FileToLand, Landed, Place
from asp_dagster.landing.journal import Journal
from asp_dagster.landing.parts import Part, Parts, remove_abandoned
from asp_dagster.landing.personal_watch import PersonalWatch
from asp_dagster.landing.positions import ListedPage, Position, Walk
from asp_dagster.landing.record_index import RecordIndex
from asp_dagster.landing.record_lines import RecordLines, preview_of
from asp_dagster.landing.record_requests import RecordRequest
from asp_dagster.landing.windows import DataWindow
from asp_dagster.landing.workers import workers
from asp_dagster.spapi import RequestError, ResponseError, ThrottledError, UnavailableError

_log = logging.getLogger(__name__)

_PROGRESS_SECONDS = 30.0


@dataclass(frozen=True)
class RecordFile:
    """The one file of a window.

    Attributes:
        request: What is asked for.
        window: The window; none for a snapshot.
        place: Where the file goes. There lies what an earlier run has done, and is kept what this
            one does; without it nothing is.
    """

    request: RecordRequest
    window: DataWindow | None
    place: Place | None = None

    def to_land(self) -> FileToLand:
        """Return the file as one that has not been written yet."""
        return FileToLand(
            None,
            self.write,
            placed=lambda place: replace(self, place=place).to_land(),
            over=self.over,
        )

    def write(self, sink: BinaryIO) -> Landed:
        """Ask for the records and write them to an empty, seekable file."""
        if self.place is None:
            return _Writing(self.request, [self.window]).write(sink)
        remove_abandoned(self.place.store, self.place.folder, self.request.client.clock.now())
        with ExitStack() as stack:
            earlier = earlier_records(self.place, self.request)
            if earlier is not None:
                stack.enter_context(earlier)
            return self._write_kept(sink, self._parts(self.place, self.request.name), earlier)

    def over(self) -> None:
        """Remove what was kept: the run, which may be of many files, will not be repeated."""
        if self.place is not None:
            self._parts(self.place).remove()

    def _write_kept(self, sink: BinaryIO, parts: Parts, earlier: RecordIndex | None) -> Landed:
        """Write the file, keeping what is done, and going on from what is kept."""
        anew = _Writing(self.request, [self.window], parts, earlier)
        found = self._checkpoint(parts)
        windows = found and windows_from(found, self.window, may_be_cut=self.request.may_be_cut)
        if found is None or windows is None:
            return anew.write(sink)
        try:
            return replace(anew, windows=windows or [None], checkpoint=found).write(sink)
        except CheckpointLostError as error:
            _log.warning("%s: begins anew: %s.", self.request.spec.path, error)
            sink.seek(0)
            sink.truncate()
            return anew.write(sink)

    def _checkpoint(self, parts: Parts) -> Checkpoint | None:
        """Return what to go on from, if anything.

        A file that had been whole is to be made anew, but for a run of many that is repeated soon.
        """
        now = self.request.client.clock.now()
        found = find_checkpoint(parts, self.window, now)
        if found is None or not found.is_old(now):
            return found
        rounds = self.request.rounds(found.windows or [None])
        return None if found.is_whole(len(rounds)) else found

    def _parts(self, place: Place, *request: str) -> Parts:
        start = self.window.name.partition("--")[0] if self.window else "latest"
        return Parts.of(place.store, place.folder, start, *request)


@dataclass(frozen=True)
class _Writing:
    """One attempt to write a file.

    Attributes:
        request: What is asked for.
        windows: The windows it is asked for in.
        parts: Where what is done is kept.
        earlier: The records of an earlier file, whose extensions are reused.
        checkpoint: What it goes on from.
    """

    request: RecordRequest
    windows: Sequence[DataWindow | None]
    parts: Parts | None = None
    earlier: RecordIndex | None = None
    checkpoint: Checkpoint | None = None

    def write(self, sink: BinaryIO) -> Landed:
        """Write the file.

        Raises:
            CheckpointLostError: When the checkpoint turns out to be of no use.
        """
        request = self.request
        walk = Walk(request.client, request.spec, request.rounds(self.windows))
        # mtime 0: the same records give the same bytes. The name tells how they were extended.
        with (
            gzip.GzipFile(request.extensions_name, "wb", 6, sink, mtime=0) as file,
            workers() as crew,
            ExitStack() as stack,
        ):
            start, pages = self._beginning(walk)
            lines = RecordLines(Extender(request.client, crew), earlier=self.earlier)
            if start.is_repeated and request.spec.record_config is not None:
                lines.landed = stack.enter_context(RecordIndex(request.spec.record_config))
            if self.parts is not None:
                lines.journal = stack.enter_context(self._journal(self.parts, start))
            done = lines.of_earlier_run(self.checkpoint) if self.checkpoint else ()
            watch = PersonalWatch(request.spec)
            all_lines = watch.of(chain(done, lines.of_pages(pages, walk.rounds)))
            rows, preview = self._write_lines(file, all_lines)
        lines.extender.not_found.warn(request.spec.path)
        watch.warn()
        return Landed(
            rows,
            preview,
            lines.missing,
            resumed=lines.resumed,
            extensions_reused=lines.reused,
            lacks_personal_data=watch.is_missing,
        )

    def _write_lines(
        self, file: gzip.GzipFile, lines: Iterable[bytes]
    ) -> tuple[int, Sequence[Record]]:
        """Write the lines; return their number and a preview of the first ones."""
        rows, preview = 0, []
        for rows, line in enumerate(self._watched(lines), start=1):
            file.write(line)
            if rows <= PREVIEW_ROWS:
                preview.append(preview_of(json.loads(line), self.request.spec.record_config))
        return rows, preview

    def _watched(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Pass the lines on, and tell every now and then how many there were."""
        clock = self.request.client.clock
        told = clock.monotonic()
        for number, line in enumerate(lines, start=1):
            if clock.monotonic() - told >= _PROGRESS_SECONDS:
                told = clock.monotonic()
                _log.info("%s: %d records so far", self.request.spec.path, number)
            yield line

    def _beginning(self, walk: Walk) -> tuple[Position, Iterator[ListedPage]]:
        """Return where to begin, and the pages from there.

        A page is asked for before anything is written: only Amazon knows whether a token still
        holds. If Amazon is out of order altogether, it will refuse the page that is asked for then,
        and what is kept stays.
        """
        start = self.checkpoint.position if self.checkpoint else Position()
        if self.checkpoint is not None:
            _log.info("%s: goes on where an earlier run ended", self.request.spec.path)
        if start.token is None:
            return start, walk.pages(start)
        if not walk.is_expired(start):
            pages = walk.pages(start)
            try:
                return start, chain([next(pages)], pages)
            except ThrottledError:
                raise
            except (RequestError, ResponseError, UnavailableError) as error:
                _log.warning("%s: the page token of the earlier run: %s", walk.spec.path, error)
        return self._begun_again(walk, start)

    def _begun_again(self, walk: Walk, start: Position) -> tuple[Position, Iterator[ListedPage]]:
        """Begin a round again, at its last safe point, leaving out what has landed."""
        config = self.request.spec.record_config
        if config is None or config.last_modified_field is None:
            raise CheckpointLostError(
                "its page token has expired, and no record_config tells which records have landed"
            )
        again = start.begun_again()
        where = again.since or "its beginning"
        _log.info("%s: the page token has expired; asks again from %s", walk.spec.path, where)
        return again, walk.pages(again)

    def _journal(self, parts: Parts, start: Position) -> Journal:
        checkpoint = self.checkpoint
        begun = {
            "windows": [window.name for window in self.windows if window],
            "after": checkpoint and [checkpoint.run, checkpoint.run_parts],
        }
        first = Part(start, [], [], begun=begun)
        if checkpoint:
            first = replace(first, missing=checkpoint.last.missing, waiting=checkpoint.last.waiting)
        return Journal(parts, secrets.token_hex(4), first, self.request.client.clock)
