"""A run that does not wait leaves its reports to a sensor, which starts one run for each partition.

Amazon is played by the simulator; a tick is evaluated as Dagster's daemon evaluates it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.waiting import REPORTS
from asp_dagster_tests.conftest import LeadTo
from asp_dagster_tests.waiting import BEFORE, CANADA, DAY, DECLARED, UNTIL, US, Location

LONGER_THAN_THE_TEST_SECONDS = 3600


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A selling partner whose reports are made when a test says so."""
    partner = Partner.generate(seed=11, orders=60, until=UNTIL, days=2, marketplaces=(US, CANADA))
    with Simulator(partner, speed=1e6, report_seconds=LONGER_THAN_THE_TEST_SECONDS) as running:
        yield running


@pytest.fixture(autouse=True)
def _settings(amazon: Simulator, lead_to: LeadTo) -> None:
    lead_to(amazon)


@pytest.fixture
def location(instance: dg.DagsterInstance, tmp_path: Path) -> Location:
    """The feed of a report for each day."""
    return Location.of(instance, tmp_path)


def _failure(result: dg.ExecuteInProcessResult) -> str:
    [event] = [event for event in result.all_events if event.is_step_failure]
    data = event.step_failure_data.user_failure_data
    assert data is not None
    return str(data.description)


def test_run_asks_and_goes(location: Location, amazon: Simulator) -> None:
    """The run is green, nothing is materialized or loaded, and the report id is shown."""
    result = location.run()

    assert result.success
    assert not result.get_asset_materialization_events()
    assert location.materialized() == set()
    assert location.landed() == []
    [observed] = result.get_asset_observation_events()
    assert observed.partition == DAY
    assert observed.asset_observation_data.asset_observation.metadata["reports_asked_for"].value
    assert amazon.count("createReport") == 1
    assert amazon.count("getReport") == 0


def test_sensor_starts_nothing_before_the_report_is_made(
    location: Location, amazon: Simulator
) -> None:
    """As long as Amazon makes the report, ticks say so and start nothing."""
    location.run()

    assert location.tick() == []

    assert "still making" in str(location.evaluated().skip_message)
    assert amazon.count("getReport") == 0


def test_sensor_starts_the_run_that_lands(location: Location, amazon: Simulator) -> None:
    """The run that the sensor starts lands and loads the report that was asked for, no other."""
    location.run()
    amazon.finish_reports()

    [result] = location.tick()

    assert result.success
    assert result.dagster_run.tags[REPORTS]
    assert location.landed() == [f"{DAY}.tsv"]
    assert location.materialized() == {DAY}
    assert amazon.count("createReport") == 1
    assert amazon.count("getReport") == 0
    assert location.tick() == []
    assert location.evaluated().skip_message == "No report is waited for."


def test_tick_that_is_repeated_starts_nothing_twice(location: Location, amazon: Simulator) -> None:
    """A tick that dies before Dagster hears of it is repeated with the same key."""
    location.run()
    amazon.finish_reports()

    [first] = location.evaluated().run_requests or []
    [again] = location.evaluated().run_requests or []

    assert again == first
    assert len(location.tick()) == 1
    assert location.tick() == []


def test_day_that_is_not_over_lands_what_was_asked_for(
    location: Location, amazon: Simulator
) -> None:
    """A window that ends now is the same for the run that asks and for the run that fetches."""
    day = datetime.now(UTC).date().isoformat()
    location.run(day)
    amazon.finish_reports()

    [result] = location.tick()

    assert result.success
    assert location.landed() == [f"{day}.tsv"]
    assert amazon.count("createReport") == 1


def test_partition_lands_when_all_its_reports_are_made(
    instance: dg.DagsterInstance, tmp_path: Path, amazon: Simulator
) -> None:
    """A partition of several marketplaces waits for the slowest of them, and lands once."""
    location = Location.of(
        instance, tmp_path, one_marketplace_per_report=True, marketplaces=[US, CANADA]
    )
    amazon.let_reports_take(0)
    location.run()
    amazon.let_reports_take(LONGER_THAN_THE_TEST_SECONDS)
    location.run(BEFORE)
    first = location.tick()
    amazon.finish_reports()
    second = location.tick()

    assert [len(first), len(second)] == [1, 1]
    assert location.landed() == sorted(
        f"{day}/{each}.tsv" for day in (DAY, BEFORE) for each in (US, CANADA)
    )
    assert amazon.count("createReport") == 4


def test_several_partitions_of_one_run_land_each_for_itself(
    location: Location, amazon: Simulator
) -> None:
    """What one run asked for over a range of days is landed day by day."""
    span = {
        "dagster/asset_partition_range_start": BEFORE,
        "dagster/asset_partition_range_end": DAY,
    }
    location.run(None, span)
    amazon.finish_reports()

    results = location.tick()

    assert [result.success for result in results] == [True, True]
    assert location.materialized() == {DAY, BEFORE}
    assert amazon.count("createReport") == 2


def test_snapshot_waits_too(
    instance: dg.DagsterInstance, tmp_path: Path, amazon: Simulator
) -> None:
    """A feed without partitions is left to its sensor as any other."""
    spec = {**DECLARED["report_spec"], "dataStartTime": UNTIL.isoformat()}
    location = Location.of(instance, tmp_path, partitions="none", report_spec=spec)
    location.run(None)
    amazon.finish_reports()

    [result] = location.tick()

    assert result.success
    assert location.landed() == ["latest.tsv"]


def test_fatal_report_is_told_by_the_run_that_the_sensor_starts(
    location: Location, amazon: Simulator
) -> None:
    """The run fails with Amazon's explanation, and no second report is asked for."""
    amazon.end_next_report("FATAL", '{"errorDetails": "Invalid report options."}')
    location.run()
    amazon.finish_reports()

    [result] = location.tick()

    assert not result.success
    assert "Invalid report options" in _failure(result)
    assert amazon.count("createReport") == 1
    assert location.tick() == []


def test_cancelled_report_is_told_by_the_run_that_the_sensor_starts(
    location: Location, amazon: Simulator
) -> None:
    """The run lands an empty file, and says that it is empty by Amazon's word."""
    amazon.end_next_report("CANCELLED")
    location.run()
    amazon.finish_reports()

    [result] = location.tick()

    assert result.success
    [landed] = result.asset_materializations_for_node("raw_lines")
    assert landed.metadata["empty_by_amazons_word"].value is True
    assert amazon.count("createReport") == 1


def test_run_by_hand_takes_over_what_waits(location: Location, amazon: Simulator) -> None:
    """Whoever runs the partition meanwhile gets the same report, and the sensor starts nothing."""
    location.run()
    amazon.finish_reports()

    assert location.run().success

    assert location.landed() == [f"{DAY}.tsv"]
    assert amazon.count("createReport") == 1
    assert location.tick() == []


def test_failed_run_is_not_started_again_by_the_sensor(
    location: Location, amazon: Simulator
) -> None:
    """What fails is for a person, or a retry; the report is still there then."""
    location.run()
    amazon.finish_reports()
    amazon.fault("getReportDocument", 9, status=403, body={"errors": []})

    [failed] = location.tick()

    assert not failed.success
    assert location.tick() == []
    assert amazon.count("createReport") == 1


def test_sensor_is_on_from_the_beginning(location: Location) -> None:
    """A report that is left to a sensor must not wait for somebody to turn it on."""
    sensor = location.defs.resolve_sensor_def("lines_reports_sensor")

    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert (sensor.minimum_interval_seconds or 0) >= 60
    assert sensor.job_name == "lines_job"
