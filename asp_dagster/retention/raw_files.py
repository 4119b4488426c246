"""Erases a feed's raw files, reading each only if something in it may be due.

What was found in a file is noted in the shared state, by the file's version: a file that was read
is not read again before the earliest of its values is due, unless it is written anew. Here belongs
that; how a file is erased is said in `landing.erasing`.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from asp_dagster import state
from asp_dagster.landing import RawStore
from asp_dagster.landing.erasing.raw_files import FileChangedError, Finding, Form, RawEraser
from asp_dagster.retention.feed_files import FeedFile

if TYPE_CHECKING:  # only who opens the state pays for loading it
    from asp_dagster.state import Erasures, SearchedFile


@dataclass(frozen=True)
class FilesFound:
    """What was found in a feed's raw files, and done with them.

    Attributes:
        examined: How many were read.
        unread: How many were not, since nothing in them can be due.
        rewritten: How many were written anew.
        deleted: How many were deleted.
        records: How many records were read.
        erased: How many of them lost personal values.
        earliest: The earliest moment from which personal values count that are still there.
        problems: What could not be erased, and why.
        read: The files that were read, for whoever reads them again.
    """

    examined: int = 0
    unread: int = 0
    rewritten: int = 0
    deleted: int = 0
    records: int = 0
    erased: int = 0
    earliest: datetime | None = None
    problems: tuple[str, ...] = ()
    read: tuple[FeedFile, ...] = field(default=(), repr=False)

    def with_unread(self, earliest: datetime | None) -> "FilesFound":
        """Return the same with one more file that was not read."""
        return replace(self, unread=self.unread + 1, earliest=_earlier(self.earliest, earliest))

    def with_finding(self, each: FeedFile, finding: Finding) -> "FilesFound":
        """Return the same with one more file that was read."""
        problem = (f"{each.file.name}: {finding.problem}",) if finding.problem else ()
        return replace(
            self,
            examined=self.examined + 1,
            rewritten=self.rewritten + (finding.action == "rewritten"),
            deleted=self.deleted + (finding.action == "deleted"),
            records=self.records + finding.records,
            erased=self.erased + finding.erased,
            earliest=_earlier(self.earliest, finding.earliest),
            problems=(*self.problems, *problem),
            read=(*self.read, each),
        )

    def with_problem(self, problem: str) -> "FilesFound":
        """Return the same with one more file that could not be erased."""
        return replace(self, examined=self.examined + 1, problems=(*self.problems, problem))


@dataclass(frozen=True)
class FilesRetention:
    """Erases files.

    Attributes:
        store: Where they are.
        notes: What is known of them.
        before: Values that count from this moment, or one before it, are due.
        is_dry: Whether nothing is to be changed.
        reads_all: Whether files are read too in which nothing can be due.
    """

    store: RawStore
    notes: "Erasures"
    before: datetime
    is_dry: bool = False
    reads_all: bool = False

    def erase(self, files: Iterable[FeedFile]) -> FilesFound:
        """Erase what is due in files.

        Raises:
            RawStoreError: The store refuses.
            StateError: The state cannot be used.
        """
        known, found = self.notes.all(), FilesFound()
        for each in files:
            note = _of_version(each, known.get(each.file.name))
            if note and self._is_done(each, note):
                found = found.with_unread(note.earliest)
                continue
            written_at = note.written_at if note else each.file.written_at
            try:
                finding = self._eraser(each).erase(each.file, each.ends_at or written_at)
            except FileChangedError:
                found = found.with_problem(f"{each.file.name}: a run has written it meanwhile")
                continue
            if not self.is_dry:
                self._note(each, finding, written_at)
            found = found.with_finding(each, finding)
        return found

    def overdue(self, files: Iterable[FeedFile]) -> int:
        """Read files anew, and return how many records hold what is due."""
        known = self.notes.all()
        total = 0
        for each in self._as_they_are(files):
            note = _of_version(each, known.get(each.file.name))
            written_at = note.written_at if note else each.file.written_at
            eraser = replace(self._eraser(each), is_dry=True)
            finding = eraser.erase(each.file, each.ends_at or written_at)
            total += finding.erased + (finding.action == "deleted")
        return total

    def _as_they_are(self, files: Iterable[FeedFile]) -> Iterator[FeedFile]:
        for each in files:
            if file := self.store.state(each.file.name):
                yield replace(each, file=file)

    def _eraser(self, each: FeedFile) -> RawEraser:
        return RawEraser(self.store, each.form, self.before, self.is_dry)

    def _is_done(self, each: FeedFile, note: "SearchedFile") -> bool:
        """Tell whether nothing in a file can be due."""
        is_known = note.known == _known(each.form) and not self.reads_all
        return is_known and (note.earliest is None or note.earliest > self.before)

    def _note(self, each: FeedFile, finding: Finding, written_at: datetime) -> None:
        if finding.action == "deleted":
            self.notes.forget([each.file.name])
        for now in self._as_they_are([each]):
            known = _known(each.form)
            self.notes.note(
                each.file.name,
                state.SearchedFile(now.file.version, known, written_at, finding.earliest),
            )


def _of_version(each: FeedFile, note: "SearchedFile | None") -> "SearchedFile | None":
    """Return what is known of a file as it is now."""
    return note if note and note.version == each.file.version else None


def _known(form: Form) -> str:
    """Return a text that changes with what is personal in files of a form."""
    text = f"{form.raw_format} {form.known.fingerprint}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(filter(None, (one, other)), default=None)
