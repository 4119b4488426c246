"""A report is asked for once: whoever dies on the way is continued, whatever it had come to."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.landing import (
    DataWindow,
    Landed,
    ReportExtraction,
    ReportTooSoonError,
    UnexpectedDocumentError,
)
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import (
    Clock,
    Credentials,
    NotFoundError,
    ReportCancelledError,
    ReportFatalError,
    SellingPartnerClient,
    SystemClock,
)
from asp_dagster.state import ReportLedger, State

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = DataWindow(UNTIL - timedelta(days=1), UNTIL)
BEFORE = DataWindow(UNTIL - timedelta(days=2), DAY.start)
SPEC = ReportSpec(report_type="GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL")
FEED = Feed(name="raw_all_orders", group="reports", source=SPEC, raw_format="tsv")
US = "ATVPDKIKX0DER"


class KilledError(BaseException):
    """What stands for the end of a process."""


class Dying:
    """A ledger that lets its process die before or after it is told something."""

    def __init__(self, ledger: ReportLedger, moment: str) -> None:
        self._ledger = ledger
        self._when, self._what = moment.split()

    def __getattr__(self, name: str) -> Any:
        tell = getattr(self._ledger, name)
        if name != self._what:
            return tell

        def told(*arguments: Any, **named: Any) -> Any:
            if self._when == "after":
                tell(*arguments, **named)
            raise KilledError

        return told


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A small selling partner whose reports are made at once."""
    partner = Partner.generate(seed=11, orders=60, until=UNTIL, days=2)
    with Simulator(partner, speed=1e6, report_seconds=0.0) as running:
        yield running


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[ReportLedger]:
    """The ledger that all runs share."""
    with State.from_url(f"sqlite:///{tmp_path / 'state.db'}") as state:
        yield state.reports


Land = Callable[..., Landed]


@pytest.fixture
def land(amazon: Simulator, ledger: ReportLedger) -> Land:
    """Land the report of a day, as a run of its own."""
    credentials = Credentials(amazon.client_id, amazon.client_secret, amazon.refresh_token)

    def run(
        memory: Any = None,
        window: DataWindow = DAY,
        clock: Clock | None = None,
        **settings: Any,
    ) -> Landed:
        client = SellingPartnerClient(credentials, amazon.url, lwa_url=amazon.lwa_url, clock=clock)
        with client:
            extraction = ReportExtraction(client, SPEC, FEED, [US], memory or ledger, **settings)
            [file] = extraction.files(window)
            landed = file.write(io.BytesIO())
            file.landed(landed)
        return landed

    return run


@pytest.mark.parametrize(
    "moment",
    [
        "before requested",
        "after requested",
        "before created",
        "after created",
        "before ended",
        "after ended",
        "before landed",
    ],
)
def test_run_that_dies_is_continued(
    land: Land, amazon: Simulator, ledger: ReportLedger, moment: str
) -> None:
    """Wherever a run dies, the next one lands the same report: none is asked for twice."""
    with pytest.raises(KilledError):
        land(Dying(ledger, moment))

    landed = land()

    lines = amazon.partner.all_orders_lines(DAY.start, DAY.end, [US])
    assert landed.rows == len(lines) > 0
    assert amazon.count("createReport") == 1


def test_landed_report_is_asked_for_anew(land: Land, amazon: Simulator) -> None:
    """Materializing again means that one wants what Amazon has now."""
    land()
    land()

    assert amazon.count("createReport") == 2


def test_landed_report_is_fetched_again_within_the_cool_down(land: Land, amazon: Simulator) -> None:
    """As long as Amazon makes no newer one, the document that is there is fetched again."""
    rows = [land(cool_down=timedelta(hours=1)).rows for _ in range(2)]

    assert rows[0] == rows[1] > 0
    assert amazon.count("createReport") == 1


def test_reports_of_different_windows_are_different(land: Land, amazon: Simulator) -> None:
    """Another window is another report, whatever is remembered."""
    land(cool_down=timedelta(hours=1))
    land(window=BEFORE, cool_down=timedelta(hours=1))

    assert amazon.count("createReport") == 2


def test_cancelled_report_without_another_is_empty(land: Land, amazon: Simulator) -> None:
    """Where nothing explains why Amazon cancelled it, there are no data."""
    amazon.end_next_report("CANCELLED")

    landed = land()

    assert landed.is_empty
    assert landed.rows == 0


def test_cancelled_report_that_had_rows_is_not_empty(land: Land, amazon: Simulator) -> None:
    """Where an earlier report had rows, a cancelled one does not mean that there are none."""
    land()
    amazon.end_next_report("CANCELLED")

    with pytest.raises(ReportCancelledError):
        land()


def test_cancelled_report_takes_the_one_of_somebody_else(
    land: Land, amazon: Simulator, tmp_path: Path
) -> None:
    """Cancelled because somebody else had just had the same made: that one is fetched."""
    with State.from_url(f"sqlite:///{tmp_path / 'of-somebody-else.db'}") as other:
        theirs = land(other.reports)
    amazon.end_next_report("CANCELLED")

    ours = land(cool_down=timedelta(hours=1), reuse_age=timedelta(0))

    assert ours.rows == theirs.rows > 0
    assert not ours.is_empty


def test_report_asked_for_too_soon_says_when_to_come_back(land: Land, amazon: Simulator) -> None:
    """Where Amazon makes none for longer than a run is patient, the run says until when."""
    land(window=BEFORE)
    amazon.end_next_report("CANCELLED")

    with pytest.raises(ReportTooSoonError, match=r"again after .* UTC"):
        land(cool_down=timedelta(hours=24))


def test_report_asked_for_too_soon_is_asked_for_again(land: Land, amazon: Simulator) -> None:
    """Where the cool-down ends within a run's patience, the report is asked for once more."""
    land(window=BEFORE)
    amazon.end_next_report("CANCELLED")

    landed = land(cool_down=timedelta(seconds=2))

    assert landed.rows > 0
    assert amazon.count("createReport") == 3


def test_fatal_report_is_asked_for_anew_by_the_next_run(land: Land, amazon: Simulator) -> None:
    """A report that cannot be made as it is asked for fails at once, with Amazon's explanation."""
    amazon.end_next_report("FATAL", '{"errorDetails": "Invalid report options."}')
    with pytest.raises(ReportFatalError, match="Invalid report options"):
        land()
    assert amazon.count("createReport") == 1

    assert land().rows > 0


@pytest.mark.parametrize(
    "document", [None, '{"errorDetails": "Internal error, please try again."}']
)
def test_fatal_report_without_a_lasting_reason_is_asked_for_once_more(
    land: Land, amazon: Simulator, document: str | None
) -> None:
    """What may be passing trouble is tried again, once."""
    amazon.end_next_report("FATAL", document)
    assert land().rows > 0
    assert amazon.count("createReport") == 2

    amazon.end_next_report("FATAL", document)
    amazon.end_next_report("FATAL", document)
    with pytest.raises(ReportFatalError):
        land()
    assert amazon.count("createReport") == 4


class ImpatientClock(SystemClock):
    """A clock that lets the run be cancelled as soon as it waits."""

    def sleep(self, seconds: float) -> None:  # noqa: ARG002 - as every clock
        """Interrupt, as Dagster does."""
        raise KeyboardInterrupt


def test_cancelled_run_takes_its_report_out_of_the_queue(land: Land, amazon: Simulator) -> None:
    """A run that somebody cancels leaves nothing in Amazon's queue; the next asks anew."""
    amazon.let_reports_take(60)
    with pytest.raises(KeyboardInterrupt):
        land(clock=ImpatientClock())
    assert amazon.count("cancelReport") == 1

    amazon.let_reports_take(0)
    assert land().rows > 0
    assert amazon.count("createReport") == 2


@pytest.mark.parametrize("fault", [{"truncate": True}, {"status": 503}], ids=["lost", "refused"])
def test_report_whose_answer_is_lost_is_looked_for(
    land: Land, amazon: Simulator, fault: dict[str, Any]
) -> None:
    """Before a request without an answer is sent again, Amazon's reports are looked through."""
    amazon.fault("createReport", **fault)

    assert land().rows > 0
    assert amazon.count("getReports") == 1
    with_id = [each for each in amazon.requested_report_types if each == SPEC.report_type]
    assert len(with_id) == 1


class Meanwhile(SystemClock):
    """A clock whose first wait is used for something else."""

    def __init__(self, what: Callable[[], None]) -> None:
        super().__init__()
        self._what: Callable[[], None] | None = what

    def sleep(self, seconds: float) -> None:  # noqa: ARG002 - as every clock
        """Let the other thing happen, once."""
        what, self._what = self._what, None
        if what:
            what()


def test_report_that_another_run_withdrew_is_not_empty(land: Land, amazon: Simulator) -> None:
    """A run whose report is cancelled with another run asks anew: it does not take it for empty."""
    amazon.let_reports_take(60)

    def cancel_the_other() -> None:
        with pytest.raises(KeyboardInterrupt):
            land(clock=ImpatientClock())
        amazon.let_reports_take(0)

    landed = land(clock=Meanwhile(cancel_the_other))

    assert landed.rows > 0
    assert not landed.is_empty
    assert amazon.count("createReport") == 2


@pytest.mark.parametrize("document", ["", "<html>Sorry</html>"], ids=["empty", "page"])
def test_document_that_is_none_is_not_fetched_again(
    land: Land, amazon: Simulator, document: str
) -> None:
    """What is wrong with a document stays wrong with it: the next run asks for another report."""
    amazon.end_next_report("DONE", document)
    with pytest.raises(UnexpectedDocumentError):
        land()

    assert land().rows > 0
    assert amazon.count("createReport") == 2


def test_document_that_amazon_forgot_is_made_anew(land: Land, amazon: Simulator) -> None:
    """A document that is gone fails the run; the next one asks for another report."""
    amazon.fault("getReportDocument", status=404)
    with pytest.raises(NotFoundError):
        land()

    assert land().rows > 0
    assert amazon.count("createReport") == 2
