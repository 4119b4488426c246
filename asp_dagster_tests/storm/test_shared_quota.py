"""Several processes in one storm, with one quota in a database: none is throttled, nothing lost."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.storms import KINDS
from asp_dagster_tests.machine.processes import Job, workers
from asp_dagster_tests.machine.truth import assert_truth

PROCESSES = 4
SPEED = 60.0
UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAYS = [(UNTIL - timedelta(days=number)).date().isoformat() for number in (1, 2)]
WITHOUT_429 = [kind for kind in KINDS if kind not in {"throttled", "row moved", "items gone"}]


def test_processes_in_a_storm_share_one_quota(
    settings: Callable[[Simulator], Mapping[str, str]], tmp_path: Path
) -> None:
    """Four processes that run two feeds in a storm keep one quota, and their tables are right."""
    partner = Partner.generate(seed=1, orders=70, until=UNTIL, days=len(DAYS))
    with Simulator(partner, speed=SPEED, page_size_limit=9, report_seconds=0) as amazon:
        storm = amazon.storms.begin(seed=1, share=0.08, kinds=WITHOUT_429)
        jobs = [
            Job(name, day, settings(amazon))
            for name in ("orders_v0_job", "orders_job")
            for day in DAYS
        ]
        with workers(PROCESSES) as found:
            for worker, job in zip(found, jobs, strict=True):
                worker.begin(job.run)
            first = [worker.ended() for worker in found]
            amazon.storms.end()
            failed = [job for job, each in zip(jobs, first, strict=True) if not each.success]
            healed = [found[0].run(job) for job in failed]
        statuses = {call.status for call in amazon.calls}

    assert [each.said for each in healed if not each.success] == []
    assert 429 not in statuses
    assert storm.counts.total() > 3
    url = f"duckdb:///{tmp_path / 'warehouse.duckdb'}"
    assert_truth(url, partner)
    assert_truth(url, partner, "_v0")
