"""PostgreSQL is stopped in mid-work: tables are old or new, and the next run heals."""

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg
import pytest

from asp_dagster.simulator import Simulator
from asp_dagster_tests.machine.conftest import UNTIL
from asp_dagster_tests.machine.processes import PATIENCE_SECONDS, Job, Worker, workers
from asp_dagster_tests.machine.truth import assert_truth, stored
from asp_dagster_tests.postgres import Server

LOCKS = {
    "waiting": "SELECT pg_advisory_lock(hashtextextended('asp_dagster warehouse amazon', 0))",
    "merging": "LOCK TABLE amazon.orders IN SHARE MODE",
}
"""What keeps a load at a moment of its course."""


def _wait_for(worker: Worker, reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert not worker.pipe.poll(), "ended before"
        assert time.monotonic() < deadline, "never got there"
        time.sleep(0.001)


@pytest.mark.parametrize("moment", LOCKS)
def test_warehouse_is_restarted_while_a_run_loads(
    moment: str, postgres: Server, amazon: Simulator, places: Mapping[str, str], day: str
) -> None:
    """A load that loses its server says so without a password, changes nothing, and is repeated."""
    url = postgres.new_database()
    job = Job("orders_job", day, {**places, "ASP_WAREHOUSE": url})
    with workers(1) as (worker,):
        assert worker.run(job).success
        before = stored(url, "orders", "order_id")
        amazon.partner.update(seed=1, at=UNTIL - timedelta(hours=1), fraction=0.3)
        with closing(psycopg.connect(url)) as holder:
            holder.execute(LOCKS[moment])
            worker.begin(job.run)
            _wait_for(worker, lambda: postgres.finds("SELECT 1 FROM pg_locks WHERE NOT granted"))
            postgres.restart()
        broken, asked = worker.ended(), amazon.count("searchOrders")
        after = stored(url, "orders", "order_id")

        healed = worker.run(Job("orders_job", day, assets=("orders", "order_items")))

    (said,) = broken.said
    name = urlsplit(url).path
    assert said.startswith(f"The connection to postgresql://postgres:***@{name} broke (")
    assert said.endswith("see that the server is running, then load again.")
    assert "amazon.orders" not in said
    assert after == before
    assert healed.success, healed.said
    assert amazon.count("searchOrders") == asked
    assert_truth(url, amazon.partner)


def test_state_is_restarted_while_a_run_lands(
    postgres: Server, amazon: Simulator, places: Mapping[str, str], day: str
) -> None:
    """A run that loses the state fails with a sentence or goes on; the next one asks the rest."""
    with workers(1) as (worker,):
        worker.begin(
            Job("orders_v0_job", day, {**places, "ASP_STATE": postgres.new_database()}).run
        )
        _wait_for(worker, lambda: amazon.count("getOrderItems") > 50)
        postgres.restart()
        broken = worker.ended()

        healed = worker.run(Job("orders_v0_job", day))

    assert [each for each in broken.said if "The shared state at postgresql://" not in each] == []
    assert healed.success, healed.said
    assert amazon.count("getOrderItems") < len(amazon.partner.order_rows()) + 100
    assert_truth(places["ASP_WAREHOUSE"], amazon.partner, "_v0")
