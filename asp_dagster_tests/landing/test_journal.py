"""What a run does is kept while it goes on, whatever becomes of the run or of the store."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import boto3
import pytest

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.landing import LocalRawStore, RawStoreError, S3RawStore
from asp_dagster.landing.checkpoints import find_checkpoint
from asp_dagster.landing.journal import Journal
from asp_dagster.landing.parts import Part, Parts
from asp_dagster.landing.placeholders import Placeholders
from asp_dagster.landing.positions import ListedPage, Order, Position
from asp_dagster.landing.rounds import rounds_of
from asp_dagster.spapi import SystemClock

CLOCK = SystemClock()
BEGUN = {"windows": [], "after": None}
[ROUND] = rounds_of(EndpointSpec(path="/things"), Placeholders(None, ()))


@dataclass(frozen=True)
class HeldStore(LocalRawStore):
    """A folder in which nothing is written before the gate opens, and nothing if it is full."""

    gate: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)
    is_full: bool = False

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """Write a file, if there is room."""
        self.asked.set()
        self.gate.wait(10)
        if self.is_full:
            raise OSError("No space left on device")
        with super().writing(name) as sink:
            yield sink


def _parts(store: LocalRawStore | S3RawStore) -> Parts:
    return Parts.of(store, "raw_things", "latest", "request")


def _journal(parts: Parts, run: str = "run") -> Journal:
    return Journal(parts, run, Part(Position(), [], [], begun=BEGUN), CLOCK)


def _page(token: str) -> ListedPage:
    return ListedPage(ROUND, [], 0, False, Position(token=token))


def _kept(parts: Parts) -> tuple[list[bytes], Position | None]:
    found = find_checkpoint(parts, None, CLOCK.now())
    if found is None:
        return [], None
    return [line for _, lines in found.stretches() for line in lines], found.position


def _fail(journal: Journal, *pages: tuple[str, Sequence[bytes]]) -> None:
    """Note some pages, then fail."""

    def fail() -> None:
        with journal:
            for token, lines in pages:
                journal.page("landed", lines, _page(token))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()


def test_what_a_failed_run_noted_is_kept(tmp_path: Path) -> None:
    """Lines and position are those of the last page noted."""
    parts = _parts(LocalRawStore(tmp_path))

    _fail(_journal(parts), ("t1", [b"1\n", b"2\n"]), ("t2", []), ("t3", [b"3\n"]))

    lines, position = _kept(parts)
    assert lines == [b"1\n", b"2\n", b"3\n"]
    assert position
    assert position.token == "t3"


def test_what_a_run_noted_that_ended_well_is_kept(tmp_path: Path) -> None:
    """When the journal is closed, all is written."""
    store = HeldStore(tmp_path)
    parts = _parts(store)
    with _journal(parts) as journal:
        journal.page("landed", [b"1\n"], _page("t1"))
        store.asked.wait(10)
        journal.page("landed", [b"2\n"], _page("t2"))
        store.gate.set()

    assert _kept(parts)[0] == [b"1\n", b"2\n"]


def test_a_full_disk_ends_no_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """If nothing can be kept, the run is told so once, and goes on."""
    store = HeldStore(tmp_path, is_full=True)
    store.gate.set()
    with caplog.at_level(logging.WARNING):
        _fail(
            _journal(_parts(store)),
            *((f"t{number}", [b"x" * 1024**2]) for number in range(40)),
        )

    assert caplog.text.count("what is done cannot be kept") == 1


def test_memory_is_bounded_where_the_store_is_slow(tmp_path: Path) -> None:
    """Who notes more than is held waits until it is written."""
    store = HeldStore(tmp_path)
    parts = _parts(store)
    noted = []

    def note() -> None:
        with _journal(parts) as journal:
            for number in range(40):
                journal.page("landed", [b"x" * 1024**2], _page(f"t{number}"))
                noted.append(number)

    thread = threading.Thread(target=note)
    thread.start()
    thread.join(0.5)
    assert len(noted) < 35

    store.gate.set()
    thread.join()
    assert len(noted) == 40


def test_the_run_that_worked_last_is_gone_on_with(tmp_path: Path) -> None:
    """Of several runs' parts, those of the one that wrote last count."""
    parts = _parts(LocalRawStore(tmp_path))
    _fail(_journal(parts, "b"), ("t1", [b"1\n"]))
    for path in (tmp_path / parts.place / "b").iterdir():
        path.rename(path.with_name("000001-20200101T000000.000000Z"))

    _fail(_journal(parts, "a"), ("t2", [b"2\n"]))

    assert _kept(parts)[0] == [b"2\n"]


def test_parts_that_may_not_be_removed_count_no_more(
    bucket: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the bucket lets nobody delete, the first part is emptied, and that is told."""

    def client() -> Any:
        made = boto3.client("s3")
        made.meta.events.register("before-call.s3.DeleteObjects", lambda **_: _denied())
        return made

    parts = _parts(S3RawStore(bucket, "raw", client))
    _fail(_journal(parts), ("t1", [b"1\n"]))
    assert _kept(parts)[0] == [b"1\n"]

    with caplog.at_level(logging.WARNING):
        parts.remove()

    assert _kept(parts) == ([], None)
    assert "the parts of a file that is whole stay" in caplog.text


def _denied() -> None:
    raise RawStoreError("denied")


@pytest.mark.parametrize(
    ("times", "safe"),
    [
        ([f"2026-11-01T00:{minute:02}:00Z" for minute in range(20)], "2026-11-01T00:19:00Z"),
        (["2026-11-01T00:00:00Z"] * 19, None),
        ([*["2026-11-01T00:01:00Z"] * 20, "2026-11-01T00:00:59.999Z"], None),
        ([*["2026-11-01T00:00:00Z"] * 20, "2026-11-01T00:00:00.001Z"], "2026-11-01T00:00:00.001Z"),
        ([*["2026-11-01T00:01:00Z"] * 20, None], None),
        ([*["2026-11-01T00:01:00Z"] * 20, "2026-11-01T00:02:00"], None),
        ([*["2026-11-01T00:01:00Z"] * 20, "soon"], None),
        ([], None),
    ],
    ids=["in-order", "too-few", "out-of-order", "finer", "none", "no-zone", "no-time", "nothing"],
)
def test_the_safe_point_is_what_all_records_bear_out(
    times: Sequence[str | None], safe: str | None
) -> None:
    """Nothing is missing before the last change only if all came in order, and enough did."""
    order = Order()
    for time in times:
        order = order.after([{"changed": time}], "changed")

    assert order.safe_point == safe
    assert order.after([], "changed") == order
