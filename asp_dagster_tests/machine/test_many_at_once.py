"""Any number of runs at once, of one partition or of several: equal tables, and nobody for ever."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.machine.conftest import UNTIL
from asp_dagster_tests.machine.processes import Job, Outcome, workers
from asp_dagster_tests.machine.truth import assert_truth, files, rows

PROCESSES = 16
DAYS = [UNTIL - timedelta(days=number) for number in range(5, 0, -1)]


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A selling partner with orders of several days."""
    partner = Partner.generate(seed=3, orders=150, until=UNTIL, days=len(DAYS))
    with Simulator(partner, speed=1e6, report_seconds=0.5) as running:
        yield running


def _run_together(jobs: list[list[Job]]) -> list[Outcome]:
    """Run lists of jobs, each list in a process of its own; return how all ended."""
    with workers(len(jobs)) as found:
        for worker, own in zip(found, jobs, strict=True):
            for job in own:
                worker.begin(job.run)
        return [worker.ended() for worker, own in zip(found, jobs, strict=True) for _ in own]


def _assert_good(outcomes: list[Outcome]) -> None:
    assert [each.said for each in outcomes if not each.success] == []


def _key(day: datetime) -> str:
    return day.date().isoformat()


def test_sixteen_processes_load_one_warehouse(
    warehouse_url: str, amazon: Simulator, places: Mapping[str, str], tmp_path: Path
) -> None:
    """Sixteen runs of five partitions, several of each, end well, and the tables are right."""
    places = {**places, "ASP_WAREHOUSE": warehouse_url}
    if warehouse_url.startswith("postgresql"):
        places["ASP_STATE"] = warehouse_url
    jobs = [Job("orders_job", _key(DAYS[number % 5]), places) for number in range(PROCESSES)]

    outcomes = _run_together([[job] for job in jobs])

    _assert_good(outcomes)
    assert_truth(warehouse_url, amazon.partner)
    assert files(tmp_path / "raw") == {f"raw_orders/{_key(day)}.jsonl.gz" for day in DAYS}
    waits = [line for each in outcomes for line in each.logged if line.startswith("Waiting for")]
    # Who has ended its turn before one looks has no process id any more.
    assert [line for line in waits if "with process id" in line or "process with id" in line]


def test_runs_of_one_partition_land_one_file(places: Mapping[str, str], tmp_path: Path) -> None:
    """Runs that extend the same records at the same time write the same file, and no other."""
    job = Job("orders_v0_job", _key(DAYS[-1]), places)

    outcomes = _run_together([[job]] * 4)

    _assert_good(outcomes)
    name = f"raw_orders_v0/{_key(DAYS[-1])}.jsonl.gz"
    assert files(tmp_path / "raw") == {name}
    landed = (tmp_path / "raw" / name).read_bytes()
    with workers(1) as (worker,):
        assert worker.run(job).success
    assert (tmp_path / "raw" / name).read_bytes() == landed


def test_backfill_beside_the_schedule(amazon: Simulator, places: Mapping[str, str]) -> None:
    """A backfill of five partitions and the schedule's run of one share a report and a table."""
    backfill = [Job("all_orders_job", _key(day), places) for day in DAYS]
    first, *others = reversed(backfill)

    outcomes = _run_together([[first, *others], [backfill[-1]]])

    _assert_good(outcomes)
    lines = amazon.partner.all_orders_lines(DAYS[0], UNTIL, ["ATVPDKIKX0DER"])
    found = rows(places["ASP_WAREHOUSE"], "SELECT amazon_order_id FROM amazon.all_orders")
    assert found == sorted((line["amazon-order-id"],) for line in lines)
    assert len(DAYS) <= amazon.count("createReport") <= len(DAYS) + 1
