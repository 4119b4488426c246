"""Looking after many open reports costs pages of getReports, and no question about a single one."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.landing import OpenReports
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import (
    Credentials,
    ReportRequest,
    RequestError,
    SellingPartnerClient,
    create_report,
)
from asp_dagster.state import ReportLedger, State
from asp_dagster_tests.conftest import ScriptedClock

NOW = datetime.now(UTC)
US = "ATVPDKIKX0DER"
PAUSE = timedelta(seconds=1 / 0.0222)
LONGER_THAN_THE_TEST_SECONDS = 3600
TYPES = [
    each.name
    for each in ReportTypes.load().all
    if each.requestable == "yes"
    and each.audience == "seller"
    and each.dates in {"none", "optional"}
    if each.formats == ("TSV",) and not each.options and not each.countries
][:12]


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A selling partner whose reports are made when a test says so."""
    partner = Partner.generate(seed=2, orders=3, until=NOW, days=1)
    with Simulator(partner, speed=1e6, report_seconds=LONGER_THAN_THE_TEST_SECONDS) as running:
        yield running


@pytest.fixture
def clock() -> ScriptedClock:
    """The clock of the state."""
    return ScriptedClock(NOW)


@pytest.fixture
def ledger(tmp_path: Path, clock: ScriptedClock) -> Iterator[ReportLedger]:
    """The ledger that all runs share."""
    with State.from_url(f"sqlite:///{tmp_path / 'state.db'}", clock=clock) as state:
        yield state.reports


@pytest.fixture
def client(amazon: Simulator) -> Iterator[SellingPartnerClient]:
    """The client of the selling partner."""
    credentials = Credentials(amazon.client_id, amazon.client_secret, amazon.refresh_token)
    with SellingPartnerClient(credentials, amazon.url, lwa_url=amazon.lwa_url) as connected:
        yield connected


Leave = Callable[[Sequence[str]], None]


@pytest.fixture
def leave(client: SellingPartnerClient, ledger: ReportLedger) -> Leave:
    """Ask for a report of each type, and leave them to a sensor."""
    keys = count()

    def ask(report_types: Sequence[str]) -> None:
        numbers = {}
        for report_type in report_types:
            request = ReportRequest(report_type=report_type, marketplace_ids=[US])
            record = ledger.requested(f"key {next(keys)}", request.body)
            assert record
            ledger.created(record.number, create_report(client, request))
            numbers[record.number] = False
        ledger.waiting.leave(client.identity, "raw_lines", {"": numbers}, asked_at=NOW)

    return ask


def test_thousand_open_reports_cost_pages_only(
    amazon: Simulator,
    client: SellingPartnerClient,
    ledger: ReportLedger,
    clock: ScriptedClock,
    leave: Leave,
) -> None:
    """1,000 reports of twelve types: six pages for those that have ended, over two looks."""
    for _ in range(41):
        leave(TYPES)
    leave(TYPES[:8])
    amazon.finish_reports()
    done = len(ledger.waiting.open(client.identity))
    for _ in range(42):
        leave(TYPES)
    reports = OpenReports(client, ledger.waiting)

    ended = [reports.look()]
    clock.sleep(5 * PAUSE.total_seconds())
    ended.append(reports.look())

    assert len(TYPES) == 12
    assert sum(ended) == done == 500
    assert len(ledger.waiting.open(client.identity)) == 504
    assert amazon.count("getReports") == 6
    assert amazon.count("getReport") == 0


def test_look_is_paid_back_before_the_next(
    amazon: Simulator,
    client: SellingPartnerClient,
    ledger: ReportLedger,
    clock: ScriptedClock,
    leave: Leave,
) -> None:
    """However many sensors tick, Amazon is asked again when its quota has come back."""
    leave(TYPES[:1])
    reports = OpenReports(client, ledger.waiting)

    for _ in range(9):
        reports.look()
    clock.sleep(PAUSE.total_seconds() - 1)
    reports.look()
    assert amazon.count("getReports") == 1

    clock.sleep(1)
    reports.look()
    assert amazon.count("getReports") == 2


def test_refused_page_begins_the_look_anew(
    amazon: Simulator,
    client: SellingPartnerClient,
    ledger: ReportLedger,
    clock: ScriptedClock,
    leave: Leave,
) -> None:
    """A token that Amazon does not take any more costs one look, not the reports."""
    leave(TYPES[:1])
    amazon.finish_reports()
    reports = OpenReports(client, ledger.waiting)
    ledger.waiting.end_look(
        client.identity, timedelta(0), f'{{"types": ["{TYPES[0]}"], "token": "spent"}}'
    )

    with pytest.raises(RequestError):
        reports.look()
    clock.sleep(PAUSE.total_seconds())

    assert reports.look() == 1


def test_report_that_never_ends_is_given_up(
    amazon: Simulator,
    client: SellingPartnerClient,
    ledger: ReportLedger,
    clock: ScriptedClock,
    leave: Leave,
) -> None:
    """After three days a report counts as ended, so that a run can ask for another."""
    clock.sleep(-timedelta(days=4).total_seconds())
    leave(TYPES[:1])
    clock.sleep(timedelta(days=4).total_seconds())

    OpenReports(client, ledger.waiting).look()

    assert not ledger.waiting.open(client.identity)
    assert [bool(each.ended_at) for each in ledger.waiting.of_asset("raw_lines")] == [True]
    assert amazon.count("getReports") == 0
