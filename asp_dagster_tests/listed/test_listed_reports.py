"""Settlements are found, landed once and loaded, by one run of one job and nothing else."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.simulator import Simulator
from asp_dagster.state import State
from asp_dagster_tests.clocks import LateClock
from asp_dagster_tests.listed.conftest import EUROPE, NOW, Settlements


def _truth(amazon: Simulator) -> dict[str, Decimal]:
    made = amazon.settlements.made(amazon.clock.now()).values()
    return {settlement.settlement_id: settlement.total for settlement in made}


def _metadata(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, Any]:
    [event] = [
        event.materialization
        for event in result.get_asset_materialization_events()
        if event.asset_key == dg.AssetKey(asset)
    ]
    return {name: entry.value for name, entry in event.metadata.items()}


def _checks(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    return {each.check_name: each for each in result.get_asset_check_evaluations()}


def _failure(result: dg.ExecuteInProcessResult) -> str:
    [event] = [event for event in result.all_events if event.is_step_failure]
    data = event.step_failure_data.user_failure_data
    assert data is not None
    return str(data.description)


@pytest.mark.parametrize("marketplaces", [EUROPE], ids=["europe"])
def test_one_run_does_everything(amazon: Simulator, settlements: Settlements) -> None:
    """All that Amazon still lists is found, landed and loaded, in every marketplace's manner."""
    result = settlements.run()

    assert result.success
    truth = _truth(amazon)
    assert settlements.totals() == truth
    assert len(settlements.landed()) == len(truth)
    [lines] = settlements.rows(
        "SELECT count(*) AS n, sum(amount) AS s FROM amazon.settlement_lines"
    )
    made = amazon.settlements.made(amazon.clock.now()).values()
    assert lines["n"] == sum(len(each.lines) + 1 for each in made)
    assert lines["s"] == sum(truth.values())
    assert all(each.passed for each in _checks(result).values())


def test_dates_and_origin_of_a_settlement(amazon: Simulator, settlements: Settlements) -> None:
    """Each row says when, in which currency, and by which report."""
    settlements.run()

    made = amazon.settlements.made(amazon.clock.now())
    rows = settlements.rows("SELECT * FROM amazon.settlements")
    for row in rows:
        truth = made[row["_partition"]]
        assert row["settlement_id"] == truth.settlement_id
        assert row["settlement_start_date"] == truth.start
        assert row["settlement_end_date"] == truth.end
        assert row["deposit_date"] == truth.deposited_at
        assert row["currency"] == truth.marketplace.currency


def test_materialization_tells_what_was_found(amazon: Simulator, settlements: Settlements) -> None:
    """The UI shows how many were found and landed, up to when, and how much time was left."""
    result = settlements.run()

    told, count = _metadata(result, "raw_settlements"), len(_truth(amazon))
    assert told["reports_found"] == told["reports_landed"] == len(told["report_ids"]) == count
    assert 0 <= told["days_left_of_oldest_new"] < 14
    assert NOW - timedelta(days=14) < datetime.fromtimestamp(told["newest_data_end"], UTC) < NOW
    assert told["rows"] == _metadata(result, "settlement_lines")["rows"]
    assert _metadata(result, "settlements")["rows"] == count


def test_second_run_finds_nothing_new(amazon: Simulator, settlements: Settlements) -> None:
    """What has landed is not fetched again, what is loaded is not loaded again."""
    settlements.run()
    fetched, before = amazon.count("getReportDocument"), settlements.totals()

    result = settlements.run()

    assert result.success
    assert amazon.count("getReportDocument") == fetched
    assert _metadata(result, "raw_settlements")["reports_landed"] == 0
    assert _metadata(result, "settlement_lines")["reports_loaded"] == 0
    assert settlements.totals() == before


def test_new_settlements_are_added(
    amazon: Simulator, settlements: Settlements, clock: LateClock
) -> None:
    """As time goes by the new ones come, and those that Amazon forgot stay."""
    clock.behind = timedelta(days=30)
    settlements.run()
    before = settlements.totals()
    assert before == _truth(amazon)
    clock.behind = timedelta(0)

    result = settlements.run()

    truth = _truth(amazon)
    new = _metadata(result, "raw_settlements")["reports_landed"]
    assert new == len(truth.keys() - before.keys()) >= 2
    assert settlements.totals() == truth


def test_settlement_made_again_is_one_settlement(
    amazon: Simulator, settlements: Settlements
) -> None:
    """A second report of a settlement lands too, changes nothing, and is loaded only once."""
    settlements.run()
    lines = settlements.rows("SELECT count(*) AS n FROM amazon.settlement_lines")
    amazon.settlements.make_again(min(settlements.landed()), amazon.clock.now())

    loaded = [_metadata(settlements.run(), "settlements")["reports_loaded"] for _ in range(3)]

    assert loaded == [1, 0, 0]
    assert settlements.totals() == _truth(amazon)
    assert settlements.rows("SELECT count(*) AS n FROM amazon.settlement_lines") == lines


def test_settlement_that_does_not_add_up_fails_its_check(
    amazon: Simulator, settlements: Settlements
) -> None:
    """The check names the settlement and the difference; the data are there all the same."""
    wrong = max(amazon.settlements.made(amazon.clock.now()))
    amazon.settlements.spoil(wrong, Decimal("-0.01"), amazon.clock.now())
    settlement_id = amazon.settlements.made(amazon.clock.now())[wrong].settlement_id

    result = settlements.run()

    check = _checks(result)["settlement_lines_amount_sums_to_total_amount"]
    assert result.success
    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.ERROR
    [difference] = check.metadata["differences"].value
    assert difference["settlement_id"] == settlement_id
    assert Decimal(difference["difference"]) == Decimal("-0.01")
    assert settlement_id in (check.description or "")


@pytest.mark.parametrize(
    ("days", "severity"),
    [
        pytest.param(20, None, id="20-days"),
        pytest.param(46, dg.AssetCheckSeverity.WARN, id="46-days"),
        pytest.param(76, dg.AssetCheckSeverity.ERROR, id="76-days"),
    ],
)
def test_settlements_that_do_not_come_are_told(
    settlements: Settlements, clock: LateClock, days: int, severity: dg.AssetCheckSeverity | None
) -> None:
    """After 45 days without a settlement a check warns, after 75 it fails."""
    clock.behind = timedelta(days=days)

    result = settlements.run()

    check = _checks(result)["reports_keep_coming"]
    assert check.passed == (severity is None)
    assert severity in {None, check.severity}
    assert check.metadata["days"].value >= days


def test_no_settlement_at_all_names_the_role(settlements: Settlements) -> None:
    """Where nothing is listed, the run succeeds, and the check says which role may be missing."""
    result = settlements.run(keys={"report_spec": {"marketplaceIds": ["A1RKKUPIHCS9HS"]}})

    check = _checks(result)["reports_keep_coming"]
    assert result.success
    assert check.severity is dg.AssetCheckSeverity.ERROR
    assert "Finance and Accounting" in (check.description or "")


def test_long_pause_is_told(settlements: Settlements, tmp_path: Path) -> None:
    """A run after more than ninety days says from when on settlements may be missing."""
    settlements.run()
    _look_back(tmp_path, timedelta(days=100))

    check = _checks(settlements.run())["looked_in_time"]

    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.ERROR
    assert f"{NOW - timedelta(days=100):%Y-%m-%d}" in (check.description or "")


def _look_back(folder: Path, by: timedelta) -> None:
    with State.from_url(f"sqlite:///{folder / 'state.db'}") as state:
        state.cursors.set("raw_settlements", NOW - by)


def test_columns_that_come_or_go_are_told(settlements: Settlements) -> None:
    """A settlement with a column renamed is loaded, and the check of the columns warns."""
    first = settlements.run()
    assert _checks(first)["columns_unchanged"].passed
    file = next(iter(settlements.landed().values()))
    content = file.read_bytes().replace(b"merchant-order-item-id", b"seller-order-item-id")
    file.with_stem("99999999999").write_bytes(content)

    result = settlements.run()

    assert result.success
    wrong = [each for each in result.get_asset_check_evaluations() if not each.passed]
    assert {each.check_name for each in wrong} == {"columns_unchanged"}
