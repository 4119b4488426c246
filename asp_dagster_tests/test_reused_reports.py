"""A report that is there is not made again: by an earlier run, another run, or anybody else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from asp_dagster.catalog.report_records import ReportRecord
from asp_dagster.simulator import Simulator
from asp_dagster.spapi import ReportRequest, create_report
from asp_dagster.state import ReportLedger, State
from asp_dagster_tests.report_landing import BEFORE, DAY, REPORT_TYPE, US, Runs, small_seller

HOUR = timedelta(hours=1)


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A small selling partner whose reports are made at once."""
    with small_seller() as running:
        yield running


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[ReportLedger]:
    """The ledger that all runs share."""
    with State.from_url(f"sqlite:///{tmp_path / 'state.db'}") as state:
        yield state.reports


@pytest.fixture
def runs(amazon: Simulator, ledger: ReportLedger) -> Runs:
    """Runs that share the ledger."""
    return Runs(amazon, ledger)


def _made_in_seller_central(runs: Runs, **changes: Any) -> None:
    """Have a report made that no memory of ours knows."""
    request = {
        "report_type": REPORT_TYPE,
        "marketplace_ids": [US],
        "data_start_time": DAY.start,
        "data_end_time": DAY.last_instant,
    }
    with runs.client() as client:
        create_report(client, ReportRequest(**{**request, **changes}))


def test_report_of_seller_central_is_fetched(runs: Runs, amazon: Simulator) -> None:
    """One that somebody else has had made, younger than `reuse_age`, is not asked for again."""
    _made_in_seller_central(runs)

    landed = runs.land(reuse_age=HOUR)

    assert landed.rows == len(amazon.partner.all_orders_lines(DAY.start, DAY.end, [US])) > 0
    assert amazon.count("createReport") == 1


def test_fetched_report_is_fetched_again_until_it_is_too_old(runs: Runs, amazon: Simulator) -> None:
    """One that was found is remembered: it is not looked for again, nor used when it is old."""
    _made_in_seller_central(runs)
    runs.land(reuse_age=HOUR)
    runs.land(reuse_age=HOUR)
    assert (amazon.count("createReport"), amazon.count("getReports")) == (1, 1)

    runs.land(reuse_age=timedelta(microseconds=1))

    assert amazon.count("createReport") == 2


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"data_start_time": BEFORE.start}, id="another-window"),
        pytest.param({"data_start_time": None, "data_end_time": None}, id="no-window"),
        pytest.param({"marketplace_ids": ["A2EUQ1WTGCTBG2"]}, id="another-marketplace"),
    ],
)
def test_report_of_something_else_is_not_fetched(
    runs: Runs, amazon: Simulator, changes: dict[str, Any]
) -> None:
    """Only what would be asked for counts as the same."""
    _made_in_seller_central(runs, **changes)

    runs.land(reuse_age=HOUR)

    assert amazon.count("createReport") == 2


def test_report_with_options_is_asked_for(runs: Runs, amazon: Simulator) -> None:
    """Amazon does not tell the options of a report, so none is looked for."""
    _made_in_seller_central(runs)

    runs.land(reuse_age=HOUR, options={"custom": "true"})

    assert amazon.count("createReport") == 2
    assert amazon.count("getReports") == 0


def test_report_of_ours_with_options_is_not_taken_for_one_without(
    runs: Runs, amazon: Simulator
) -> None:
    """What another feed of ours asked for with options is known to be something else."""
    runs.land(options={"custom": "true"})

    runs.land(reuse_age=HOUR)

    assert amazon.count("createReport") == 2


@pytest.mark.parametrize(
    ("settings", "looks"),
    [
        pytest.param({}, 0, id="no-cool-down"),
        pytest.param({"cool_down": HOUR}, 1, id="cool-down"),
        pytest.param({"cool_down": HOUR, "reuse_age": timedelta(0)}, 0, id="none-is-wanted"),
    ],
)
def test_amazons_reports_are_looked_at_only_where_one_may_be_used(
    runs: Runs, amazon: Simulator, settings: dict[str, Any], looks: int
) -> None:
    """A look costs quota: without an age to use there is none."""
    runs.land(**settings)

    assert amazon.count("getReports") == looks


class Together:
    """A ledger that lets two runs find the same before either goes on."""

    def __init__(self, ledger: ReportLedger, barrier: Barrier) -> None:
        self._ledger, self._barrier = ledger, barrier
        self._has_met = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def latest(self, key: str) -> ReportRecord | None:
        """Return the last report, as both see it."""
        found = self._ledger.latest(key)
        if not self._has_met:
            self._has_met = True
            self._barrier.wait()
        return found


def test_two_runs_at_once_ask_for_one_report(amazon: Simulator, tmp_path: Path) -> None:
    """Two runs of one partition that find nothing at the same moment land the same report."""
    barrier = Barrier(2)

    def land(number: int) -> int:
        with State.from_url(f"sqlite:///{tmp_path / 'state.db'}") as state:
            return Runs(amazon, Together(state.reports, barrier)).land(run_id=f"run {number}").rows

    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(land, range(2)))

    assert rows[0] == rows[1] > 0
    assert amazon.count("createReport") == 1
