"""Dagster retries a run by itself only where waiting can cure what it failed of."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._daemon.auto_run_reexecution.auto_run_reexecution import (
    should_retry,  # what the daemon asks of a failed run; it has no public name
)

from asp_dagster.failures import clear_failures
from asp_dagster.simulator import Simulator
from asp_dagster.spapi import Credentials, RetryPolicy, SellingPartnerClient
from asp_dagster_tests.conftest import RunJob

DAY = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance that retries failed runs, three times."""
    settings = {"run_retries": {"enabled": True, "max_retries": 3}}
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides=settings) as kept:
        yield kept


def _is_retried(instance: dg.DagsterInstance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    assert run.status == dg.DagsterRunStatus.FAILURE
    return should_retry(run, instance)


def test_revoked_token_is_not_retried(
    simulator: Simulator, run_job: RunJob, instance: dg.DagsterInstance
) -> None:
    """A run that Login with Amazon refused is not retried, and says the cause and its remedy."""
    result = run_job(simulator, "orders_job", DAY, ASP_REFRESH_TOKEN="revoked")

    failure = result.failure_data_for_node("raw_orders")
    assert not _is_retried(instance, result.run_id)
    assert failure is not None
    assert failure.user_failure_data is not None
    assert failure.user_failure_data.metadata["cause"].value == "LoginError"


def test_503_storm_is_retried(simulator: Simulator, instance: dg.DagsterInstance) -> None:
    """A run that found Amazon down is retried."""
    result = _run(instance, _ask(simulator))

    assert _is_retried(instance, result.run_id)


def test_mistaken_partition_is_not_retried(
    simulator: Simulator, run_job: RunJob, instance: dg.DagsterInstance
) -> None:
    """A run that names no partition is not retried: the next would name none either."""
    result = run_job(simulator, "orders_job", None)

    assert not _is_retried(instance, result.run_id)


@pytest.mark.parametrize("first", ["curable", "incurable"])
def test_one_selling_partners_mistake_keeps_no_other_from_a_retry(
    first: str, simulator: Simulator, instance: dg.DagsterInstance
) -> None:
    """A run of two selling partners is retried if one's trouble passes, whichever failed first."""
    steps = [_ask(simulator), _ask(simulator, refresh_token="revoked")]

    result = _run(instance, *(steps if first == "curable" else reversed(steps)))

    assert _is_retried(instance, result.run_id)


def _ask(amazon: Simulator, refresh_token: str | None = None) -> dg.OpDefinition:
    """Return a step that asks for orders; Amazon is down for whom it lets in."""
    amazon.fault("searchOrders", status=503)
    credentials = Credentials(
        client_id=amazon.client_id,
        client_secret=amazon.client_secret,
        refresh_token=refresh_token or amazon.refresh_token,
    )

    @dg.op(name="revoked" if refresh_token else "storm")
    def ask() -> None:
        once = RetryPolicy(max_attempts=1)
        with (
            clear_failures(),
            SellingPartnerClient(
                credentials, amazon.url, lwa_url=amazon.lwa_url, retry=once
            ) as client,
        ):
            list(client.list("/orders/2026-01-01/orders", {"lastUpdatedAfter": f"{DAY}T00:00:00Z"}))

    return ask


def _run(instance: dg.DagsterInstance, *steps: dg.OpDefinition) -> dg.ExecuteInProcessResult:
    @dg.job
    def asking() -> None:
        for step in steps:
            step()

    return asking.execute_in_process(instance=instance, raise_on_error=False)
