"""Reports are left to a sensor and taken over; who looks after them keeps others from it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from asp_dagster.state import ReportLedger, State

THREADS = 8
ASKED = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA"}


@pytest.fixture
def ledger(state: State) -> ReportLedger:
    """The ledger of a new state, of each kind in turn."""
    return state.reports


def _asked(ledger: ReportLedger, key: str) -> int:
    record = ledger.requested(key, ASKED)
    assert record
    ledger.created(record.number, f"id of {key}")
    return record.number


def test_report_is_left_seen_and_taken(ledger: ReportLedger, now: datetime) -> None:
    """What is left says whose it is, for what, and whether it has ended; taken, it is gone."""
    first, second = _asked(ledger, "a"), _asked(ledger, "b")
    ledger.waiting.leave("me", "raw", {"d1": {first: False}, "d2": {second: False}}, asked_at=now)

    ledger.waiting.ended({first: "document", second: None})

    told = {each.partition_key: each for each in ledger.waiting.of_asset("raw")}
    assert [each.ended_at for each in told.values()] == [now, now]
    assert (told["d1"].report_id, told["d1"].asked_at) == ("id of a", now)
    assert told["d1"].report_type == ASKED["reportType"]
    done, judged_later = ledger.latest("a"), ledger.latest("b")
    assert done
    assert judged_later
    assert (done.status, done.document_id, judged_later.status) == ("DONE", "document", "OPEN")
    ledger.waiting.take("raw", ["d1"])
    assert [each.partition_key for each in ledger.waiting.of_asset("raw")] == ["d2"]


def test_left_again_counts_from_then(ledger: ReportLedger, now: datetime) -> None:
    """A report that is left a second time waits anew."""
    number, later = _asked(ledger, "a"), now + timedelta(hours=1)
    ledger.waiting.leave("me", "raw", {"d": {number: True}}, asked_at=now)
    ledger.waiting.leave("me", "raw", {"d": {number: False}}, asked_at=later)

    [left] = ledger.waiting.open("me")

    assert left.asked_at == later
    assert ledger.waiting.open("somebody else") == []


def test_one_looks_at_a_time(url: str, state: State) -> None:
    """Of many that want to look at the same moment one may; another place is noted for the next."""

    def look(_: int) -> str | None:
        with State.from_url(url) as own:
            return own.reports.waiting.begin_look("me", timedelta(hours=1))

    state.reports.waiting.end_look("me", timedelta(days=-1), "page 2")
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(look, range(THREADS)))

    assert sorted(found, key=str) == [*[None] * (THREADS - 1), "page 2"]


def test_one_asks_for_a_report_at_a_time(url: str, state: State) -> None:
    """Of many that found the same last report one may ask for another."""
    last = _asked(state.reports, "a")

    def ask(_: int) -> Any:
        with State.from_url(url) as own:
            return own.reports.requested("a", ASKED, after=last)

    with ThreadPoolExecutor(THREADS) as pool:
        asked = list(filter(None, pool.map(ask, range(THREADS))))

    assert len(asked) == 1
