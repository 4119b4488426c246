"""The parts of a raw file that is not whole yet, kept beside the raw files for whoever goes on.

    .partial/raw_orders/20261101T000000.000Z/8c1d0e5f3a7b9d24/5e0c7a91/000001-20261129T140000.125000Z
             folder     start of the window  what is asked    the run  number and time

Here belong: their names, their content, and removing them. A part appears whole or not at all, and
says by itself how far the run had come with it: what is done and where the run was cannot differ.
They are where the raw files are, a folder or a bucket, so any machine that writes there can go on.
"""

import gzip
import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

from asp_dagster.landing.errors import RawStoreError
from asp_dagster.landing.positions import Position
from asp_dagster.landing.raw_store import RawStore

_log = logging.getLogger(__name__)

Kind = Literal["landed", "listed", "extended"]
"""What a stretch of lines is: records that are whole as they came; records that are still to be
extended; and the earliest of those, extended."""

_HIDDEN = ".partial"
_NAME = re.compile(r"(\d{6})-(\d{8}T\d{6}\.\d{6}Z)")
_MOMENT = "%Y%m%dT%H%M%S.%fZ"
_ABANDONED_AFTER = timedelta(days=7)


class Stretch(NamedTuple):
    """Some lines of one kind.

    Attributes:
        kind: The kind.
        lines: How many there are.
        round: Of what is still to be extended, the number of its round.
    """

    kind: Kind
    lines: int
    round: int = 0


@dataclass(frozen=True)
class Part:
    """What a run has done since the part before.

    Attributes:
        position: Where the run was at the end of it.
        stretches: What its lines are, in turn.
        lines: The lines.
        missing: How many requests of the run were answered 404 by then.
        waiting: How many records were still to be extended by then.
        begun: Of a run's first part: what the run asks for, and the run it goes on from.
    """

    position: Position
    stretches: Sequence[Stretch]
    lines: Sequence[bytes] = field(repr=False)
    missing: int = 0
    waiting: int = 0
    begun: Mapping[str, Any] | None = None

    @classmethod
    def parse(cls, content: bytes) -> "Part":
        """Read a part.

        Raises:
            ValueError, KeyError, TypeError, EOFError, OSError: When it is none of ours.
        """
        first, *lines = gzip.decompress(content).splitlines(keepends=True)
        head = json.loads(first)
        return cls(
            Position.parse(head["position"]),
            [Stretch(*each) for each in head["stretches"]],
            lines,
            head["missing"],
            head["waiting"],
            head["begun"],
        )

    def content(self) -> bytes:
        """Return the part as it is kept."""
        head = {
            "position": self.position.written(),
            "missing": self.missing,
            "waiting": self.waiting,
            "stretches": self.stretches,
            "begun": self.begun,
        }
        return gzip.compress(b"".join([json.dumps(head).encode(), b"\n", *self.lines]), 1)

    def each_stretch(self) -> Iterator[tuple[Stretch, Sequence[bytes]]]:
        """Yield the stretches in turn, each with its lines."""
        first = 0
        for stretch in self.stretches:
            yield stretch, self.lines[first : first + stretch.lines]
            first += stretch.lines


@dataclass(frozen=True)
class Parts:
    """The parts of one raw file, by all runs that have worked on it.

    Attributes:
        store: Where they are kept.
        place: What all their names begin with.
    """

    store: RawStore
    place: str

    @classmethod
    def of(cls, store: RawStore, folder: str, *what: str) -> "Parts":
        """Return the parts of one file of a folder of raw files."""
        return cls(store, "/".join([_HIDDEN, folder, *what]))

    def runs(self) -> Mapping[str, list[str]]:
        """Return the names of the parts of each run, in order; the run that worked last is last."""
        runs = _by_run(self.store, self.place)
        latest = sorted(runs, key=lambda run: _moment(runs[run][-1]))
        return {run.rpartition("/")[2]: runs[run] for run in latest}

    def read(self, name: str) -> Part:
        """Read a part.

        Raises:
            RawStoreError: When the store refuses.
            ValueError, KeyError, TypeError, EOFError, OSError: When it is not there, or broken.
        """
        return Part.parse(self.store.read(name))

    def write(self, run: str, number: int, now: datetime, part: Part) -> None:
        """Keep a part; it is safe on disk, or in the bucket, when this returns."""
        moment = now.astimezone(UTC).strftime(_MOMENT)
        with self.store.writing(f"{self.place}/{run}/{number:06d}-{moment}") as sink:
            sink.write(part.content())

    def remove(self) -> None:
        """Remove all parts, first ones first: without them the others count for nothing.

        Where nothing may be removed the first ones are emptied.
        """
        try:
            self.store.remove(f"{self.place}/")
        except RawStoreError as error:
            _log.warning("%s: the parts of a file that is whole stay: %s", self.place, error)
            for names in _by_run(self.store, self.place).values():
                with self.store.writing(names[0]):
                    pass


def last_moment(names: Sequence[str]) -> datetime:
    """Return when the last of a run's parts was written."""
    return _moment(names[-1])


def are_complete(names: Sequence[str]) -> bool:
    """Tell whether no part of a run is missing before its last."""
    numbers = [int(name.rpartition("/")[2].partition("-")[0]) for name in names]
    return numbers == list(range(1, len(numbers) + 1))


def remove_abandoned(store: RawStore, folder: str, now: datetime) -> None:
    """Remove the parts of a folder's files that no run has gone on with for a week."""
    _remove_before(store, f"{_HIDDEN}/{folder}", now - _ABANDONED_AFTER)


def remove_all_abandoned(store: RawStore, before: datetime) -> int:
    """Remove the parts of all files that no run has gone on with since; return of how many runs."""
    return _remove_before(store, _HIDDEN, before)


def is_part(name: str) -> bool:
    """Return whether a file's name is that of a part."""
    return name.startswith(f"{_HIDDEN}/")


def _remove_before(store: RawStore, place: str, before: datetime) -> int:
    runs = [run for run, names in _by_run(store, place).items() if _moment(names[-1]) < before]
    for run in runs:
        Parts(store, run).remove()
    return len(runs)


def _by_run(store: RawStore, place: str) -> dict[str, list[str]]:
    runs: dict[str, list[str]] = {}
    for name in store.names(f"{place}/"):
        run, _, part = name.rpartition("/")
        if _NAME.fullmatch(part):
            runs.setdefault(run, []).append(name)
    return runs


def _moment(name: str) -> datetime:
    return datetime.strptime(name.rpartition("-")[2], _MOMENT).replace(tzinfo=UTC)
