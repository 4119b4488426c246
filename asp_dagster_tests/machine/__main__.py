"""Runs killed at random, over and over: `python -m asp_dagster_tests.machine --kills 60 --seed 1`.

Here belong: arguments, and what is printed. Ends with 1 if anything was lost, doubled or left over.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.machine.processes import Job, workers
from asp_dagster_tests.machine.truth import assert_truth, files
from asp_dagster_tests.variables import variables_of

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()
JOBS = ("orders_job", "orders_v0_job", "all_orders_job")
LONGEST_LIFE_SECONDS = 4.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill runs of each job in turn, let one of each end, and compare what is there."""
    parser = argparse.ArgumentParser(
        prog="python -m asp_dagster_tests.machine", description=__doc__
    )
    parser.add_argument("--kills", type=int, default=60, help="how many runs are killed (60)")
    parser.add_argument("--seed", type=int, default=1, help="what the moments follow from (1)")
    parser.add_argument("--orders", type=int, default=1500, help="of so many orders (1500)")
    asked = parser.parse_args(arguments)
    partner = Partner.generate(seed=asked.seed, orders=asked.orders, until=UNTIL, days=1)
    with TemporaryDirectory() as folder, Simulator(partner, speed=1e6, report_seconds=1) as amazon:
        places = variables_of(amazon, Path(folder))
        random = Random(asked.seed)  # noqa: S311 - repeatable, not secret
        killed = sum(
            _killed(Job(JOBS[number % len(JOBS)], DAY, places), random)
            for number in range(asked.kills)
        )
        with workers(1) as (worker,):
            unhealed = [name for name in JOBS if not worker.run(Job(name, DAY, places)).success]
        _compare(partner, places)
        reports = amazon.count("createReport")
        landed = files(Path(places["ASP_RAW_PATH"]))
    _say(f"{killed} of {asked.kills} runs killed at work, {reports} reports asked for, {unhealed=}")
    _say("\n".join(sorted(landed)))
    return 1 if unhealed or any(".partial" in name for name in landed) else 0


def _killed(job: Job, random: Random) -> bool:
    """Kill a run at a random moment; tell whether it was still at work."""
    with workers(1) as (worker,):
        worker.begin(job.run)
        has_ended = worker.pipe.poll(random.uniform(0, LONGEST_LIFE_SECONDS))
        worker.process.kill()
    return not has_ended


def _compare(partner: Partner, places: Mapping[str, str]) -> None:
    """Compare the tables with the truth.

    Raises:
        AssertionError: They differ.
    """
    for suffix in ("", "_v0"):
        assert_truth(places["ASP_WAREHOUSE"], partner, suffix)


def _say(text: str) -> None:
    print(text)  # noqa: T201 - what it is for


if __name__ == "__main__":
    sys.exit(main())
