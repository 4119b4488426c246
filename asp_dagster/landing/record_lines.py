"""The lines of a raw file of records, from where its writing begins to the last.

Here belongs: the way of a record from its page to its line, extended as declared, in Amazon's
order. Where a run begins, and what it reuses, is decided in `record_files`.
"""

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asp_dagster.catalog.endpoints import RecordConfig
from asp_dagster.landing.checkpoints import Checkpoint
from asp_dagster.landing.extensions import Extender, PendingRecord, Record
from asp_dagster.landing.journal import Journal
from asp_dagster.landing.positions import ListedPage
from asp_dagster.landing.record_index import RecordIndex
from asp_dagster.landing.rounds import Round
from asp_dagster.spapi.records import value_at

# The next page is asked for while so many records still wait for their extensions. They keep the
# workers busy through a minute's wait for the next page, and bound what is held in memory.
_RECORDS_AHEAD = 100


@dataclass
class RecordLines:
    """The lines of a file.

    Attributes:
        extender: Asks for the extensions.
        journal: Where what is done is noted; none where nobody could go on from it.
        earlier: The records of an earlier file, whose extensions are reused.
        landed: The records that are in the file already, where they may come once more.
        resumed: How many of the lines an earlier run had written.
        reused: How many extensions were taken from the earlier file.
        missing: How many requests were answered 404, those of earlier runs included.
    """

    extender: Extender
    journal: Journal | None = None
    earlier: RecordIndex | None = None
    landed: RecordIndex | None = None
    resumed: int = 0
    reused: int = 0
    missing: int = 0
    _waiting: deque[tuple[int, bytes]] = field(default_factory=deque)
    _pending: deque[PendingRecord] = field(default_factory=deque)

    def of_earlier_run(self, checkpoint: Checkpoint) -> Iterator[bytes]:
        """Yield what an earlier run has done, and hold what it had listed only.

        Raises:
            CheckpointLostError: When a part is gone or broken.
        """
        self.missing = checkpoint.last.missing
        for stretch, lines in checkpoint.stretches():
            if stretch.kind == "listed":
                self._waiting.extend((stretch.round, line) for line in lines)
            else:
                self.resumed += len(lines)
                yield from lines
            if stretch.kind == "extended":
                for _ in lines:
                    self._waiting.popleft()
            elif self.landed is not None:
                self.landed.add_all(map(json.loads, lines))

    def of_pages(self, pages: Iterator[ListedPage], rounds: Sequence[Round]) -> Iterator[bytes]:
        """Yield the lines of pages as they come, after those of what was held.

        Extensions are asked for many at a time, and the next page meanwhile.
        """
        held = [(rounds[number], json.loads(line)) for number, line in self._waiting]
        self._pending.extend(self._begun(each, record) for each, record in held)
        try:
            for page in self._ahead(pages):
                if page is None:
                    yield self._next_extended()
                else:
                    yield from self._of_page(page)
            while self._pending:
                yield self._next_extended()
        except Exception:
            self._keep_answered()
            raise

    def _ahead(self, pages: Iterator[ListedPage]) -> Iterator[ListedPage | None]:
        """Yield the pages, and None for each record to be finished before the next."""
        while True:
            while len(self._pending) > _RECORDS_AHEAD:
                yield None
            coming = self.extender.workers.submit("pages", 1, lambda: next(pages, None))
            while self._pending and not coming.done():
                yield None
            page = coming.result()
            if page is None:
                return
            yield page

    def _of_page(self, page: ListedPage) -> Iterator[bytes]:
        """Yield the lines of a page, or ask for the extensions of its records."""
        records = [record for record in page.records if not self._is_landed(page, record)]
        lines = [record_line(record) for record in records]
        is_whole = not page.round.extensions
        if self.journal is not None:
            self.journal.page("landed" if is_whole else "listed", lines, page)
        if is_whole:
            yield from lines
        else:
            self._pending.extend(self._begun(page.round, record) for record in records)

    def _is_landed(self, page: ListedPage, record: Record) -> bool:
        known = self.landed if page.is_repeated else None
        return known is not None and known.find(record) is not None

    def _begun(self, each: Round, record: Record) -> PendingRecord:
        """Ask for a record's extensions, but for those that are known."""
        known: Mapping[str, Any] = (self.earlier and self.earlier.find(record)) or {}
        self.reused += len(known)
        return self.extender.begin(each.extensions, record, known=known)

    def _keep_answered(self) -> None:
        """Note the next records whose answers are all there: nobody need ask for them again."""
        while self._pending and self._pending[0].is_answered:
            self._next_extended()

    def _next_extended(self) -> bytes:
        not_found = self.extender.not_found
        before = not_found.total
        line = record_line(self.extender.finish(self._pending[0]))
        self._pending.popleft()  # not before: the one that failed stays the next to be extended
        self.missing += not_found.total - before
        if self.journal is not None:
            self.journal.extended(line, self.missing)
        return line


def record_line(record: Record) -> bytes:
    """Write a record as one line; a lone surrogate, which UTF-8 cannot hold, stays escaped."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def preview_of(record: Record, config: RecordConfig | None) -> Record:
    """Return a record's id and last change, which may be shown; nothing where none are declared."""
    return {place: value_at(record, place) for place in (config.fields if config else ())}
