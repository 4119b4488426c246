"""Report schedules are declared, made so by a command only, and their reports are loaded."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from asp_dagster.simulator import Simulator
from asp_dagster.simulator.schedule_requests import ScheduleRequest

US, MEXICO = "ATVPDKIKX0DER", "A1AM78C64UM0Y8"
RETURNS = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"
TRAFFIC = "GET_SALES_AND_TRAFFIC_REPORT"
WRITING = ("createReportSchedule", "cancelReportSchedule")

Run = Callable[..., tuple[int, str]]
Declare = Callable[..., None]


def _written(amazon: Simulator) -> int:
    return sum(amazon.count(operation) for operation in WRITING)


def _periods(amazon: Simulator) -> list[tuple[str, str]]:
    found = amazon.report_schedules.all(amazon.clock.now())
    return sorted((each.asked.report_type, each.asked.period) for each in found)


def test_nothing_declared_and_nothing_there(run: Run) -> None:
    """That is said, and is as it should be."""
    assert run("status") == (0, "Neither does a feed declare a schedule nor has Amazon one.\n")


def test_missing_schedule_is_made_once(amazon: Simulator, run: Run, declare: Declare) -> None:
    """Until `apply` it is missing; a second `apply` changes nothing at Amazon."""
    declare()
    before, shown = run("status")
    dry, planned = run("apply", "--dry-run")
    assert (before, dry, _written(amazon)) == (3, 3, 0)
    assert "missing at Amazon" in shown
    assert f"would be created: {RETURNS} each P1D for {US}" in planned

    applied, done = run("apply")
    again, nothing = run("apply")

    assert (applied, again, _written(amazon)) == (0, 0, 1)
    assert f"created: {RETURNS} each P1D for {US}, 7" in done
    assert nothing == "All is as declared; nothing to do.\n"
    code, shown = run("status")
    assert code == 0
    assert "as declared" in shown


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        pytest.param({"period": "P7D"}, "differs: period P1D, declared P7D", id="period"),
        pytest.param(
            {"period": "P1D", "reportOptions": {"any": "text"}},
            "differs: options none, declared any=text",
            id="options",
        ),
    ],
)
def test_changed_declaration_replaces(
    amazon: Simulator, run: Run, declare: Declare, changed: dict[str, Any], state: str
) -> None:
    """What differs is said, and replaced by one call."""
    declare()
    run("apply")
    declare(schedule=changed)

    code, shown = run("status")

    assert code == 3
    assert state in shown
    assert run("apply")[1].startswith(f"replaced: {RETURNS} each {changed['period']}")
    assert amazon.count("createReportSchedule") == 2
    assert _periods(amazon) == [(RETURNS, changed["period"])]


def test_time_of_the_first_report_is_kept(
    amazon: Simulator, run: Run, declare: Declare, clock: Any
) -> None:
    """A time that has passed is the hour of the next; it is no difference later on."""
    clock.behind = timedelta(0)
    declare(schedule={"period": "P1D", "nextReportCreationTime": "2024-01-01T04:30:00Z"})

    run("apply")

    [schedule] = amazon.report_schedules.all(amazon.clock.now())
    assert f"{schedule.next_at:%H:%M:%S}" == "04:30:00"
    clock.behind = timedelta(days=-3)
    assert run("status")[0] == 0


def test_type_of_one_marketplace_has_a_schedule_for_each(
    amazon: Simulator, run: Run, declare: Declare
) -> None:
    """A report that covers one marketplace is scheduled for each by itself."""
    spec = {"reportType": TRAFFIC, "marketplaceIds": [US, MEXICO]}
    declare("traffic", report_spec=spec, file_format="JSON")

    run("apply")

    assert _periods(amazon) == [(TRAFFIC, "P1D")] * 2


def test_others_stay_unless_they_are_to_go(amazon: Simulator, run: Run, declare: Declare) -> None:
    """A schedule of Seller Central is shown, and cancelled only on demand."""
    now = amazon.clock.now()
    amazon.report_schedules.add(ScheduleRequest(TRAFFIC, (US,), "P1M", {}), now)
    declare()
    run("apply")
    code, shown = run("status")
    assert code == 0
    assert "not declared" in shown
    assert _periods(amazon) == [(RETURNS, "P1D"), (TRAFFIC, "P1M")]

    code, done = run("apply", "--remove-others")

    assert code == 0
    assert done.startswith(f"cancelled: {TRAFFIC}")
    assert _periods(amazon) == [(RETURNS, "P1D")]


@pytest.mark.parametrize("by", ["id", "type"])
def test_schedule_is_removed(amazon: Simulator, run: Run, declare: Declare, by: str) -> None:
    """One is cancelled by its id, or all of a type, declared or not."""
    declare()
    run("apply")
    [schedule] = amazon.report_schedules.all(amazon.clock.now())
    name = schedule.schedule_id if by == "id" else RETURNS
    assert run("remove", name, "--dry-run")[0] == 3

    assert run("remove", name)[0] == 0
    assert _periods(amazon) == []
    code, printed = run("remove", name)
    assert code == 1
    assert f"Amazon has no schedule {name!r}; those that it has: none." in printed
