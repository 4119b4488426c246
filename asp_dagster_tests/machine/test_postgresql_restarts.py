"""PostgreSQL is stopped in mid-work: tables are old or new, and the next run heals."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest

from asp_dagster.simulator import Simulator
from asp_dagster_tests.machine.conftest import UNTIL
from asp_dagster_tests.machine.postgres import Server, running
from asp_dagster_tests.machine.processes import PATIENCE_SECONDS, Job, Worker, workers
from asp_dagster_tests.machine.truth import assert_truth, stored

LOCKS = {
    "waiting": "SELECT pg_advisory_lock(hashtextextended('asp_dagster warehouse amazon', 0))",
    "merging": "LOCK TABLE amazon.orders IN SHARE MODE",
}
"""What keeps a load at a moment of its course."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of this module's own."""
    with running() as server:
        yield server


def _wait_for(worker: Worker, reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert not worker.pipe.poll(), "ended before"
        assert time.monotonic() < deadline, "never got there"
        time.sleep(0.001)


@pytest.mark.parametrize("moment", LOCKS)
def test_warehouse_is_restarted_while_a_run_loads(
    moment: str, server: Server, amazon: Simulator, places: Mapping[str, str], day: str
) -> None:
    """A load that loses its server says so without a password, changes nothing, and is repeated."""
    job = Job("orders_job", day, {**places, "ASP_WAREHOUSE": server.url})
    with workers(1) as (worker,):
        assert worker.run(job).success
        before = stored(server.url, "orders", "order_id")
        amazon.partner.update(seed=1, at=UNTIL - timedelta(hours=1), fraction=0.3)
        with closing(psycopg.connect(server.url)) as holder:
            holder.execute(LOCKS[moment])
            worker.begin(job.run)
            _wait_for(worker, lambda: server.finds("SELECT 1 FROM pg_locks WHERE NOT granted"))
            server.restart()
        broken, asked = worker.ended(), amazon.count("searchOrders")
        after = stored(server.url, "orders", "order_id")

        healed = worker.run(Job("orders_job", day, assets=("orders", "order_items")))

    (said,) = broken.said
    assert said.startswith("The connection to postgresql://postgres:***@/postgres broke (")
    assert said.endswith("see that the server is running, then load again.")
    assert "amazon.orders" not in said
    assert after == before
    assert healed.success, healed.said
    assert amazon.count("searchOrders") == asked
    assert_truth(server.url, amazon.partner)


def test_state_is_restarted_while_a_run_lands(
    server: Server, amazon: Simulator, places: Mapping[str, str], day: str
) -> None:
    """A run that loses the state fails with a sentence or goes on; the next one asks the rest."""
    with workers(1) as (worker,):
        worker.begin(Job("orders_v0_job", day, {**places, "ASP_STATE": server.url}).run)
        _wait_for(worker, lambda: amazon.count("getOrderItems") > 50)
        server.restart()
        broken = worker.ended()

        healed = worker.run(Job("orders_v0_job", day))

    assert [each for each in broken.said if "The shared state at postgresql://" not in each] == []
    assert healed.success, healed.said
    assert amazon.count("getOrderItems") < len(amazon.partner.order_rows()) + 100
    assert_truth(places["ASP_WAREHOUSE"], amazon.partner, "_v0")
