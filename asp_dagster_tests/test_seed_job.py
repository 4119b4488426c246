"""The job this project was asked for: orders v0 with their items, every key of Mitto's."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.components import AmazonSPApi, MittoJobs
from asp_dagster.landing.windows import SETTLING_TIME
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import SystemClock
from asp_dagster.state import State
from asp_dagster_tests.outcomes import stored

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAYS = [(UNTIL - timedelta(days=number)).date().isoformat() for number in (3, 2, 1)]
EXAMPLES = Path(__file__).parent.parent / "examples" / "mitto"
SCHEMA = "amazon_selling_partner"

RunFeed = Callable[..., dg.ExecuteInProcessResult]
Row = Mapping[str, Any]


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A selling partner with enough orders for several pages."""
    partner = Partner.generate(seed=42, orders=300, until=UNTIL, days=len(DAYS))
    with Simulator(partner, speed=1e6) as running:
        yield running


def _seed(amazon: Simulator) -> Mapping[str, Any]:
    """Every key of the plugin's endpoint job."""
    return {
        "credentials": {
            "region": "us-east-1",
            "client_id": amazon.client_id,
            "client_secret": amazon.client_secret,
            "refresh_token": amazon.refresh_token,
        },
        "endpoint": amazon.url,
        "path": "/orders/v0/orders",
        "params": {
            "LastUpdatedAfter": "2022-02-22",
            "MarketplaceIds": "ATVPDKIKX0DER",
            "MaxResultsPerPage": "100",
        },
        "results_key": "Orders",
        "updated_at_param": "LastUpdatedAfter",
        "record_config": {"id_field": "AmazonOrderId", "last_modified_field": "LastUpdateDate"},
        "extend_resources": [
            {
                "new_field_name": "OrderItems",
                "path": "/orders/v0/orders/{}/orderItems",
                "path_variable_name": "AmazonOrderId",
                "results_key": "OrderItems",
            }
        ],
    }


def _orders_only(folder: Path) -> str:
    """Return a folder with nothing but the example of the orders job."""
    jobs = folder / "jobs"
    jobs.mkdir()
    shutil.copy(EXAMPLES / "orders.json", jobs)
    return str(jobs)


def _named_credentials(amazon: Simulator) -> Mapping[str, str]:
    return {
        f"ASP_CREDENTIALS_MY_SELLER_{name.upper()}": getattr(amazon, name)
        for name in ("client_id", "client_secret", "refresh_token")
    }


@pytest.fixture(params=["yaml", "mitto"])
def run_seed(
    request: pytest.FixtureRequest, amazon: Simulator, tmp_path: Path, run_feed: RunFeed
) -> Callable[..., dg.ExecuteInProcessResult]:
    """Run the job as YAML, or as a job file of Mitto's; beside its own keys only ours."""
    if request.param == "mitto":
        ours = {"folder": _orders_only(tmp_path), "endpoint": amazon.url}
        settings = _named_credentials(amazon)
        return lambda day=None, **keys: run_feed(
            amazon, MittoJobs, {**ours, **keys}, day, **settings
        )
    named = {"name": "orders_with_items", "table": f"{SCHEMA}.orders"}
    return lambda day=None, **keys: run_feed(
        amazon, AmazonSPApi, {**_seed(amazon), **named, **keys}, day
    )


def _assert_equals_truth(folder: Path, partner: Partner) -> None:
    """Orders and items, as far as the books and what Amazon sends have the same words."""
    orders = stored(
        folder,
        f"select amazon_order_id as order_id, marketplace_id, last_update_date as last_updated_at,"
        f" cast(order_total__amount as decimal(18, 4)) as total_amount from {SCHEMA}.orders",
    )
    items = stored(
        folder,
        "select amazon_order_id as order_id, order_item_id, asin, seller_sku as sku,"
        f" quantity_ordered from {SCHEMA}.orders__order_items",
    )
    assert _sorted(orders) == _sorted(_reduced(partner.order_rows(), orders))
    assert _sorted(items) == _sorted(_reduced(partner.order_item_rows(), items))


def _reduced(truth: Sequence[Row], like: Sequence[Row]) -> list[Row]:
    return [{name: row[name] for name in like[0]} for row in truth]


def _sorted(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


def _cursor(folder: Path) -> datetime:
    cursor = State.from_url(f"sqlite:///{folder / 'state.db'}").cursors.get("raw_orders_with_items")
    assert cursor
    assert cursor.until
    return cursor.until


@pytest.mark.filterwarnings("ignore::asp_dagster.catalog.declarations.DeclarationWarning")
def test_unpartitioned_job_goes_on_where_it_ended(
    run_seed: Callable[..., dg.ExecuteInProcessResult],
    amazon: Simulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first run takes all, the second only what changed since; both times the truth."""
    with monkeypatch.context() as earlier:
        ticks, first = count(), UNTIL + SETTLING_TIME
        tick = lambda _clock: first + timedelta(milliseconds=next(ticks))  # noqa: E731 - as a method
        earlier.setattr(SystemClock, "now", tick)
        assert run_seed().success
    _assert_equals_truth(tmp_path, amazon.partner)
    first_calls = amazon.count("getOrderItems")
    assert _cursor(tmp_path) == UNTIL

    amazon.partner.update(seed=5, fraction=0.2, at=UNTIL + timedelta(hours=12))
    assert run_seed().success

    _assert_equals_truth(tmp_path, amazon.partner)
    assert _cursor(tmp_path) > UNTIL + timedelta(hours=12)
    assert amazon.count("getOrderItems") - first_calls < first_calls / 2


@pytest.mark.filterwarnings("ignore::asp_dagster.catalog.declarations.DeclarationWarning")
def test_partitioned_job_takes_each_day(
    run_seed: Callable[..., dg.ExecuteInProcessResult], amazon: Simulator, tmp_path: Path
) -> None:
    """With daily partitions each takes its window, in any order, also after changes."""
    assert all(run_seed(day, partitions="daily").success for day in DAYS)
    _assert_equals_truth(tmp_path, amazon.partner)

    amazon.partner.update(seed=5, fraction=0.2, at=UNTIL + timedelta(hours=12))
    again = [UNTIL.date().isoformat(), *reversed(DAYS)]
    assert all(run_seed(day, partitions="daily").success for day in again)

    _assert_equals_truth(tmp_path, amazon.partner)
