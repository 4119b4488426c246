"""A selling partner whose customers are people, and running what is declared of them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.conftest import RunFeed

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()

Run = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def start() -> Iterator[Callable[..., Simulator]]:
    """Start a selling partner of a few orders, with settings of one's own."""
    partner = Partner.generate(seed=11, orders=60, until=UNTIL, days=2)
    with ExitStack() as started:

        def start_one(**settings: Any) -> Simulator:
            return started.enter_context(
                Simulator(partner, speed=1e6, report_seconds=0, **settings)
            )

        yield start_one


@pytest.fixture
def amazon(start: Callable[..., Simulator]) -> Simulator:
    """A selling partner whose application has the restricted roles."""
    return start()


@pytest.fixture
def run(run_feed: RunFeed) -> Run:
    """Run a feed for its last day, if it has days."""

    def run(
        amazon: Simulator,
        component: type[dg.Component],
        attributes: Mapping[str, Any],
        **settings: str,
    ) -> dg.ExecuteInProcessResult:
        partition = DAY if "partitions" in attributes else None
        return run_feed(amazon, component, attributes, partition, **settings)

    return run
