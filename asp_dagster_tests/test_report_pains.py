"""What users of other extractors suffer from when they ask for reports, and do not have here."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from asp_dagster.components import AmazonSPReport
from asp_dagster.simulator import Simulator
from asp_dagster.spapi import ReportFatalError, ReportNotReadyError
from asp_dagster.state import State
from asp_dagster_tests.conftest import RunFeed, RunJob, ScriptedClock
from asp_dagster_tests.report_landing import DAY, US, Runs, small_seller

LONGER_THAN_A_RUN_SECONDS = 86400
_HOUR, _NONE = timedelta(hours=1), timedelta(0)


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A small selling partner whose reports are made at once."""
    with small_seller() as running:
        yield running


@pytest.fixture
def runs(amazon: Simulator, tmp_path: Path) -> Iterator[Runs]:
    """Runs that share a ledger."""
    with State.from_url(f"sqlite:///{tmp_path / 'ledger.db'}") as state:
        yield Runs(amazon, state.reports)


def _rows(amazon: Simulator) -> int:
    return len(amazon.partner.all_orders_lines(DAY.start, DAY.end, [US]))


def test_late_report_is_no_success_with_no_rows(
    runs: Runs, amazon: Simulator, clock: ScriptedClock
) -> None:
    """A report that does not come in time fails the run; the next one has all its rows."""
    amazon.let_reports_take(LONGER_THAN_A_RUN_SECONDS)
    with pytest.raises(ReportNotReadyError):
        runs.land(clock=clock)
    amazon.finish_reports()

    assert runs.land().rows == _rows(amazon) > 0


def test_throttled_report_is_no_success_with_no_rows(runs: Runs, amazon: Simulator) -> None:
    """A request that Amazon throttles is sent again until it is answered."""
    amazon.fault("createReport", 2, status=429)
    amazon.fault("getReport", 2, status=429)
    amazon.fault("getReportDocument", 2, status=429)

    assert runs.land(clock=ScriptedClock()).rows == _rows(amazon) > 0


def test_success_with_no_rows_is_told_and_warned_of_where_there_are_orders(
    amazon: Simulator, run_job: RunJob
) -> None:
    """An empty report says that it is empty by Amazon's word, and a check doubts it."""
    day = DAY.start.date().isoformat()
    assert run_job(amazon, "orders_job", day).success
    amazon.end_next_report("CANCELLED")

    result = run_job(amazon, "all_orders_job", day)

    assert result.success
    [landed] = result.asset_materializations_for_node("raw_all_orders")
    [check] = [
        each
        for each in result.get_asset_check_evaluations()
        if each.check_name == "no_orders_where_the_report_is_empty"
    ]
    assert landed.metadata["empty_by_amazons_word"].value is True
    assert not check.passed


def test_cancelled_because_of_no_data_and_because_of_cool_down_are_told_apart(
    runs: Runs, amazon: Simulator
) -> None:
    """With a report of the type within the cool-down it is too soon; without one it is empty."""
    amazon.end_next_report("CANCELLED")
    assert runs.land(cool_down=_HOUR, reuse_age=_NONE).is_empty

    runs.land(cool_down=_HOUR, reuse_age=_NONE)
    amazon.end_next_report("CANCELLED")
    again = runs.land(cool_down=_HOUR, reuse_age=_NONE)

    assert not again.is_empty
    assert again.rows == _rows(amazon)


def test_fatal_without_a_reason_is_explained_by_its_document(runs: Runs, amazon: Simulator) -> None:
    """The status says nothing, the document attached to it does: it is in the error."""
    amazon.end_next_report("FATAL", '{"errorDetails": "The date range is too long."}')

    with pytest.raises(ReportFatalError, match="The date range is too long"):
        runs.land()


def test_poll_that_times_out_does_not_create_the_report_again(
    runs: Runs, amazon: Simulator, clock: ScriptedClock
) -> None:
    """Run after run that loses patience goes on with the same report: quota is spent once."""
    amazon.let_reports_take(LONGER_THAN_A_RUN_SECONDS)
    for _ in range(3):
        with pytest.raises(ReportNotReadyError):
            runs.land(clock=clock)
    amazon.finish_reports()

    assert runs.land().rows > 0
    assert amazon.count("createReport") == 1


def test_presigned_url_that_has_expired_is_asked_for_anew(runs: Runs, amazon: Simulator) -> None:
    """A download that is refused gets a new URL, and the report is not made again."""
    amazon.fault("downloadDocument", status=403)

    assert runs.land().rows > 0
    assert amazon.count("getReportDocument") == 2
    assert amazon.count("createReport") == 1


def test_restricted_report_is_fetched_with_a_restricted_token_at_once(
    amazon: Simulator, run_feed: RunFeed
) -> None:
    """What is known to hold personal data is not first asked for without the token it needs."""
    declared = {"report": "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_INVOICING"}

    result = run_feed(amazon, AmazonSPReport, declared, DAY.start.date().isoformat())

    assert result.success
    assert amazon.count("createRestrictedDataToken") == 1
    assert amazon.count("getReportDocument", 200) == amazon.count("getReportDocument")
