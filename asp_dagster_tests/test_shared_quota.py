"""Runs share Amazon's quota, tell how well they used it, and leave a long wait to Dagster."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

import asp_dagster.state
from asp_dagster.resources import AmazonSPResource
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import Credentials
from asp_dagster_tests.processes import let_go_together
from asp_dagster_tests.shown import shown_on

PROCESSES = 4
ORDERS = 60
SPEED = 40.0
UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()

Settings = Callable[[Simulator], Mapping[str, str]]
RunJob = Callable[..., dg.ExecuteInProcessResult]

ASKING = """
import json, sys
from asp_dagster.spapi import Credentials, SellingPartnerClient
from asp_dagster.state import State

state, endpoint, lwa_url, *credentials = json.loads(sys.argv[1])
with State.from_url(state) as opened:
    quota = opened.quota()
    client = SellingPartnerClient(
        Credentials(*credentials), endpoint, lwa_url=lwa_url, quota=quota
    )
    print("ready", flush=True)
    sys.stdin.readline()
    for order_id in sys.argv[2:]:
        client.request("GET", f"/orders/v0/orders/{order_id}/orderItems")
    client.close()
print(client.statistics.snapshot().throttled)
"""


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A selling partner whose quota comes back faster than Amazon's, and binds."""
    partner = Partner.generate(seed=11, orders=ORDERS, until=UNTIL, days=1)
    with Simulator(partner, speed=SPEED, report_seconds=0) as running:
        yield running


def test_four_processes_together_are_never_throttled(amazon: Simulator, tmp_path: Path) -> None:
    """Four processes call one operation as fast as they may: no 429, and nothing left unused."""
    settings = [f"sqlite:///{tmp_path / 'state.db'}", amazon.url, amazon.lwa_url]
    settings += [amazon.client_id, amazon.client_secret, amazon.refresh_token]
    environment = {"PYTHONPATH": str(Path(asp_dagster.state.__file__).parents[2])}
    ids = list(amazon.partner.books.by_id)
    with ExitStack() as started:
        processes = []
        for number in range(PROCESSES):
            own = ids[number::PROCESSES]
            process = subprocess.Popen(
                [sys.executable, "-c", ASKING, json.dumps(settings), *own],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **environment},
                text=True,
            )
            processes.append(started.enter_context(process))
            started.callback(process.kill)
        let_go_together(processes)
        printed = [process.communicate()[0] for process in processes]

    assert printed == ["0\n"] * PROCESSES
    calls = [call for call in amazon.calls if call.operation == "getOrderItems"]
    assert [call.status for call in calls] == [200] * ORDERS
    # The bound of the token bucket: 30 at once, then 0.5 a second, at the simulator's speed.
    bound = (ORDERS - 30) / (0.5 * SPEED)
    assert (calls[-1].at - calls[0].at).total_seconds() >= bound - 0.05


def test_shown_program_draws_on_the_buckets_of_all(amazon: Simulator, tmp_path: Path) -> None:
    """The lines by which a program of one's own shares the quota leave their mark in the state."""
    [program] = shown_on("docs/quota.md", "python")
    state = tmp_path / "state.db"
    program = program.replace("sqlite:///data/state.db", f"sqlite:///{state}")
    program = program.replace("endpoint,", f"endpoint, lwa_url={amazon.lwa_url!r},")
    program = program.replace("2026-11-20T00:00:00Z", f"{UNTIL - timedelta(days=2):%FT%TZ}")
    names = ("client_id", "client_secret", "refresh_token")
    credentials = Credentials(**{name: getattr(amazon, name) for name in names})
    shown: dict[str, Any] = {"credentials": credentials, "endpoint": amazon.url}

    exec(compile(program, "quota.md", "exec"), shown)  # noqa: S102 - our own page
    shown["client"].close()

    assert len(shown["orders"]) == ORDERS
    with closing(sqlite3.connect(state)) as opened:
        sent = opened.execute("select operation, sent from asp_quota_buckets").fetchall()
    assert sent == [("GET /orders/2026-01-01/orders", 1)]


def test_materialization_tells_how_the_quota_was_used(amazon: Simulator, run_job: RunJob) -> None:
    """A run that the quota held up tells how near it came to Amazon's limit."""
    result = run_job(amazon, "orders_v0_job", DAY, asset_selection=[dg.AssetKey("raw_orders_v0")])

    (event,) = result.asset_materializations_for_node("raw_orders_v0")
    assert event.metadata["calls_throttled"].value == 0
    assert 0.3 < float(str(event.metadata["quota_efficiency"].value)) <= 1
    assert float(str(event.metadata["quota_wait_seconds"].value)) > 0


def test_step_that_would_wait_too_long_is_tried_again(
    run_job: RunJob, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a longest wait a step stops instead of waiting, and Dagster comes back by itself."""
    partner = Partner.generate(seed=11, orders=ORDERS, until=UNTIL, days=1)
    monkeypatch.setattr(
        "asp_dagster.resources.amazon.duration", lambda _: timedelta(milliseconds=1)
    )
    with Simulator(partner, speed=1000, page_size_limit=ORDERS // 15) as amazon:
        _use_up(amazon, settings(amazon)["ASP_STATE"])
        result = run_job(
            amazon,
            "orders_job",
            DAY,
            asset_selection=[dg.AssetKey("raw_orders")],
            ASP_MAX_WAIT="no time at all",
        )

    assert result.success
    (retry,) = [event for event in result.all_events if event.is_step_up_for_retry]
    error = retry.step_retry_data.error
    assert error is not None
    assert error.cause is not None
    assert "searchOrders would have to wait" in error.cause.message


def _use_up(amazon: Simulator, state: str) -> None:
    """Let another process have taken the burst just now."""
    names = ("lwa_url", "client_id", "client_secret", "refresh_token")
    given = {name: getattr(amazon, name) for name in names}
    resource = AmazonSPResource(endpoint=amazon.url, state=state, **given)
    client = resource.get_client()
    since = {"lastUpdatedAfter": (UNTIL - timedelta(days=1)).isoformat()}
    for _ in range(20):
        client.request("GET", "/orders/2026-01-01/orders", params=since)
    resource.close()
