"""The reports of a run are made side by side: the next are asked for before one is waited for."""

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.landing import DataWindow, Extraction, ReportExtraction, asked_ahead
from asp_dagster.simulator import Simulator
from asp_dagster.spapi import SellingPartnerClient
from asp_dagster.state import State
from asp_dagster_tests.landing.conftest import MARKETPLACES, UNTIL

SPEC = ReportSpec(report_type="GET_SALES_AND_TRAFFIC_REPORT")
FEED = Feed(
    name="raw_x", group="reports", source=SPEC, raw_format="json", one_marketplace_per_report=True
)
UNDER_WAY = 15

ReportsOf = Callable[..., Extraction]


@pytest.fixture
def reports_of(client: SellingPartnerClient, tmp_path: Path) -> Iterator[ReportsOf]:
    """Give what lands the reports of some windows, each time as a run of its own."""
    with State.from_url(f"sqlite:///{tmp_path / 'state.db'}") as state:

        def of(windows: Sequence[DataWindow], *marketplaces: str) -> Extraction:
            report = ReportExtraction(client, SPEC, FEED, marketplaces, state.reports)
            return asked_ahead(report, windows)

        yield of


def _days(count: int) -> Sequence[DataWindow]:
    starts = [UNTIL - timedelta(days=back) for back in range(count, 0, -1)]
    return [DataWindow(start, start + timedelta(days=1)) for start in starts]


def _land(reports: Extraction, windows: Sequence[DataWindow]) -> int:
    """Land all files of some windows; return how many there were."""
    files = 0
    for window in windows:
        for file in reports.files(window):
            file.landed(file.write(io.BytesIO()))
            files += 1
    return files


def _operations(simulator: Simulator) -> list[str]:
    return [call.operation for call in simulator.calls if "Report" in call.operation]


def test_marketplaces_of_a_window_are_made_side_by_side(
    reports_of: ReportsOf, simulator: Simulator
) -> None:
    """The reports of all marketplaces are asked for before the first is waited for, each once."""
    days = _days(1)

    assert _land(reports_of(days, *MARKETPLACES), days) == 2

    asked = _operations(simulator)
    assert asked[:3] == ["createReport", "createReport", "getReport"]
    assert asked.count("createReport") == 2


def test_windows_of_a_run_are_made_side_by_side(
    reports_of: ReportsOf, simulator: Simulator
) -> None:
    """As many are under way as createReport's bucket holds, and one more for each that landed."""
    days = _days(UNDER_WAY + 2)

    assert _land(reports_of(days, MARKETPLACES[0]), days) == len(days)

    asked = _operations(simulator)
    assert asked.index("getReport") == UNDER_WAY
    assert asked.index("getReportDocument") < asked.index("createReport", UNDER_WAY)
    assert asked.count("createReport") == len(days)


def test_one_report_is_asked_for_in_its_turn(reports_of: ReportsOf, simulator: Simulator) -> None:
    """A run of one report asks for it when its file is written."""
    days = _days(1)
    [file] = reports_of(days, MARKETPLACES[0]).files(days[0])
    before = _operations(simulator)
    file.write(io.BytesIO())

    assert (before, _operations(simulator)[0]) == ([], "createReport")


def test_reports_asked_for_ahead_are_gone_on_with(
    reports_of: ReportsOf, simulator: Simulator
) -> None:
    """A run that ends early leaves its reports to the next, which asks for none of them again."""
    days = _days(3)
    next(iter(reports_of(days, MARKETPLACES[0]).files(days[0])))

    assert _land(reports_of(days, MARKETPLACES[0]), days) == 3
    assert _operations(simulator).count("createReport") == 3
