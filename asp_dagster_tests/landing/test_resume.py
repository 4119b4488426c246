"""A run that ended early is gone on with: nothing is asked twice that is kept."""

import gzip
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec, RecordConfig
from asp_dagster.landing import DataWindow, Landed, open_store
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import RetryPolicy, UnavailableError
from asp_dagster_tests.landing.interrupted import NAME, Landing

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
WINDOW = DataWindow(UNTIL - timedelta(days=1), UNTIL)
HALF = DataWindow(WINDOW.start, WINDOW.start + timedelta(hours=12))
ORDERS_MADE = 1500
WIDTH = 16
"""How many extension requests are under way at once."""

ITEMS = ExtensionSpec(
    new_field_name="OrderItems",
    path="/orders/v0/orders/{}/orderItems",
    path_variable_name="AmazonOrderId",
)
ORDERS_V0 = EndpointSpec(
    path="/orders/v0/orders",
    params={"MarketplaceIds": "{marketplace_ids}"},
    updated_at_param="LastUpdatedAfter",
    updated_before_param="LastUpdatedBefore",
    record_config=RecordConfig(id_field="AmazonOrderId", last_modified_field="LastUpdateDate"),
    extend_resources=(ITEMS,),
)
ORDERS = EndpointSpec(
    path="/orders/2026-01-01/orders",
    params={"marketplaceIds": "{marketplace_ids}"},
    updated_at_param="lastUpdatedAfter",
    updated_before_param="lastUpdatedBefore",
    record_config=RecordConfig(id_field="orderId", last_modified_field="lastUpdatedTime"),
)


class LaterClock:
    """The machine's clock, some time later."""

    def __init__(self, **later: float) -> None:
        self.later = timedelta(**later)

    def now(self) -> datetime:
        """Return the later time."""
        return datetime.now(UTC) + self.later

    def monotonic(self) -> float:
        """Return the later time in seconds."""
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        """Return at once."""


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A partner with a day of fifteen pages."""
    partner = Partner.generate(seed=3, orders=ORDERS_MADE, until=UNTIL, days=1)
    with Simulator(partner, speed=1e6) as running:
        yield running


@pytest.fixture
def paced() -> Iterator[Simulator]:
    """A partner whose order items come at a quota's pace, a hundred times Amazon's."""
    partner = Partner.generate(seed=3, orders=240, until=UNTIL, days=1)
    with Simulator(partner, speed=100, page_size_limit=20) as running:
        yield running


def _landing(amazon: Simulator, base_path: object, spec: EndpointSpec = ORDERS) -> Landing:
    return Landing.of(amazon, base_path, spec, window=WINDOW)


def _records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def test_killed_twice_it_goes_on_where_it_was(paced: Simulator, tmp_path: Path) -> None:
    """Killed runs cost a page each at most, and the extensions that were under way."""
    landing = _landing(paced, tmp_path, ORDERS_V0)

    landing.kill_when(lambda: paced.count("getOrderItems") > 70)
    landing.kill_when(lambda: paced.count("getOrderItems") > 140)
    landed = landing.land()

    assert landed.rows == len({each["AmazonOrderId"] for each in _records(tmp_path / NAME)})
    assert landed.rows == 240
    assert landed.resumed > 140 - 2 * 2 * WIDTH
    assert paced.count("getOrders") <= 12 + 2
    assert paced.count("getOrderItems") <= 240 + 2 * 2 * WIDTH
    assert [path for path in tmp_path.rglob("*.jsonl.gz*") if ".partial" in path.parts] == []


@pytest.mark.parametrize("spec", [ORDERS, ORDERS_V0], ids=["v2026", "v0"])
def test_a_run_that_failed_is_gone_on_with(
    amazon: Simulator, tmp_path: Path, spec: EndpointSpec
) -> None:
    """A run that Amazon ended at its ninth page costs no page and no extension again."""
    _landing(amazon, tmp_path / "undisturbed", spec).land()
    once = amazon.count("getOrderItems")
    landing = _landing(amazon, tmp_path / "disturbed", spec)

    landing.fail_at(page=9)
    landed = landing.land()

    assert landed.resumed >= 700
    assert amazon.count("getOrderItems") <= 2 * once + 2 * WIDTH
    assert _pages(amazon) == 2 * 15
    same = [(tmp_path / name / NAME).read_bytes() for name in ("undisturbed", "disturbed")]
    assert same[0] == same[1]


def test_nothing_is_visible_meanwhile_and_nothing_left_behind(
    amazon: Simulator, tmp_path: Path
) -> None:
    """What is kept is no raw file, and is gone when the file is whole."""
    landing = _landing(amazon, tmp_path)

    landing.fail_at(page=3)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    assert all(".partial" in path.parts for path in kept)
    assert not open_store(str(tmp_path)).names("raw_orders/")

    landing.land()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / NAME]


def test_it_goes_on_from_a_bucket(amazon: Simulator, bucket: str) -> None:
    """On S3 as in a folder: killed, gone on with, and nothing left but the file."""
    landing = _landing(amazon, f"s3://{bucket}/raw", ORDERS_V0)

    landing.kill_when(lambda: amazon.count("getOrderItems") > 500)
    landed = landing.land()

    assert landed.rows == ORDERS_MADE
    assert landed.resumed > 0
    assert _pages(amazon) <= 15 + 4  # pages come faster here than parts are uploaded
    objects = boto3.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert [each["Key"] for each in objects] == [f"raw/{NAME}"]


def test_a_dead_token_costs_no_landed_page_where_orders_come_in_order(
    amazon: Simulator, tmp_path: Path
) -> None:
    """A day later searchOrders goes on at the last landed change, without an order twice."""
    landing = _landing(amazon, tmp_path)
    landing.fail_at(page=9)

    landed = landing.land(LaterClock(hours=25))

    assert _pages(amazon) <= 15 + 1
    assert amazon.count("searchOrders", 400) == 0
    _assert_each_once(amazon, tmp_path, landed)


def test_a_refused_token_is_asked_for_once(amazon: Simulator, tmp_path: Path) -> None:
    """A token that Amazon refuses, for whatever reason, ends no run."""
    landing = _landing(amazon, tmp_path)
    landing.fail_at(page=9)
    amazon.fault("searchOrders", status=400)

    landed = landing.land()

    assert _pages(amazon) <= 15 + 2
    _assert_each_once(amazon, tmp_path, landed)


def test_an_outage_costs_nothing_that_is_kept(amazon: Simulator, tmp_path: Path) -> None:
    """A run that finds Amazon out of order fails, and the one after it goes on all the same."""
    landing = _landing(amazon, tmp_path)
    landing.fail_at(page=9)
    amazon.fault("searchOrders", times=2 * RetryPolicy().max_attempts)
    with pytest.raises(UnavailableError):
        landing.land(LaterClock())

    assert landing.land().resumed == 800
    assert amazon.count("searchOrders", 200) <= 15 + 1


def test_killed_again_after_a_dead_token(amazon: Simulator, tmp_path: Path) -> None:
    """A run that began a round again may itself end early, once more and once more."""
    landing = _landing(amazon, tmp_path)
    landing.fail_at(page=5)
    amazon.fault("searchOrders", status=400)
    landing.fail_at(page=5)
    amazon.fault("searchOrders", status=400)
    landing.fail_at(page=3)

    landed = landing.land()

    _assert_each_once(amazon, tmp_path, landed)


def test_without_an_order_the_round_is_asked_for_again(amazon: Simulator, tmp_path: Path) -> None:
    """Where it is not known that a list is in order, it is read again, but nothing lands twice."""
    created = {"updated_at_param": "createdAfter", "updated_before_param": "createdBefore"}
    landing = _landing(amazon, tmp_path, replace(ORDERS, **created))
    landing.fail_at(page=9)
    amazon.fault("searchOrders", status=400)
    landing.fail_at(page=4)

    landed = landing.land()

    assert landed.resumed == 800
    records = _records(tmp_path / NAME)
    assert len({record["orderId"] for record in records}) == len(records) == landed.rows


def test_without_last_changes_a_dead_token_begins_anew(amazon: Simulator, tmp_path: Path) -> None:
    """Where landed records cannot be told, the file is begun again."""
    landing = _landing(amazon, tmp_path, replace(ORDERS, record_config=None))
    landing.fail_at(page=9)
    amazon.fault("searchOrders", status=400)

    landed = landing.land()

    assert landed.resumed == 0
    _assert_each_once(amazon, tmp_path, landed)


def test_another_request_begins_anew(amazon: Simulator, tmp_path: Path) -> None:
    """What was kept counts for the very same request only."""
    landing = _landing(amazon, tmp_path)
    landing.fail_at(page=9)

    other = replace(
        landing, spec=replace(ORDERS, params={**ORDERS.params, "maxResultsPerPage": 50})
    )

    assert other.land().resumed == 0
    assert not _kept_in(tmp_path)


@pytest.mark.parametrize(
    "harm", [Path.unlink, lambda path: path.write_bytes(b"")], ids=["gone", "broken"]
)
@pytest.mark.parametrize("which", [0, 1, -1], ids=["first", "second", "last"])
def test_a_part_that_is_missing_begins_anew(
    amazon: Simulator, tmp_path: Path, harm: Callable[[Path], object], which: int
) -> None:
    """A checkpoint whose parts are not all there counts for nothing."""
    landing = _landing(amazon, tmp_path)
    landing.fail_at(page=4)
    landing.fail_at(page=4)
    parts = sorted(path for path in (tmp_path / ".partial").rglob("*") if path.is_file())
    harm(parts[which])

    landed = landing.land()

    _assert_each_once(amazon, tmp_path, landed)


def _kept_in(folder: Path) -> list[Path]:
    return [path for path in (folder / ".partial").rglob("*") if path.is_file()]


def test_abandoned_parts_are_swept(amazon: Simulator, tmp_path: Path) -> None:
    """What nobody went on with for a week is removed by whichever file of the feed lands next."""
    _landing(amazon, tmp_path).fail_at(page=9)
    next_day = replace(_landing(amazon, tmp_path), window=HALF, name="raw_orders/half.jsonl.gz")
    next_day = replace(next_day, window=DataWindow(HALF.end, WINDOW.end))

    next_day.land(LaterClock(days=6))
    assert _kept_in(tmp_path)
    next_day.land(LaterClock(days=8))

    assert not _kept_in(tmp_path)


def test_an_open_window_keeps_its_end_and_gets_the_rest(amazon: Simulator, tmp_path: Path) -> None:
    """The pages of an earlier end go on with it; what came since is asked for behind them."""
    whole = _landing(amazon, tmp_path)
    replace(whole, window=HALF, name=f"raw_orders/{HALF.name}.jsonl.gz").fail_at(page=3)
    pages = _pages(amazon)

    landed = whole.land()

    assert landed.resumed == 200
    assert _pages(amazon) - pages <= 14 + 1
    _assert_each_once(amazon, tmp_path, landed)


def test_two_runs_at_once_stay_correct(amazon: Simulator, tmp_path: Path) -> None:
    """Runs that go on from the same checkpoint at the same time each write the whole file."""
    landing = _landing(amazon, tmp_path, ORDERS_V0)
    landing.fail_at(page=9)

    with ThreadPoolExecutor(3) as threads:
        landed = [each.result() for each in [threads.submit(landing.land) for _ in range(3)]]

    assert {each.rows for each in landed} == {ORDERS_MADE}
    assert len(_records(tmp_path / NAME)) == ORDERS_MADE
    landing.land()
    assert not _kept_in(tmp_path)


@pytest.mark.parametrize("spec", [ORDERS, ORDERS_V0], ids=["v2026", "v0"])
def test_a_file_of_many_is_not_made_twice(
    amazon: Simulator, tmp_path: Path, spec: EndpointSpec
) -> None:
    """What a run of many files had finished is kept until it is over, or for some hours."""
    landing = _landing(amazon, tmp_path, spec)
    landing.land(leave=True)
    once = (tmp_path / NAME).read_bytes()
    calls = len(amazon.calls)

    assert landing.land(leave=True).resumed == ORDERS_MADE
    assert [call.operation for call in amazon.calls[calls:] if "order" in call.path] == []
    assert (tmp_path / NAME).read_bytes() == once
    assert landing.land(LaterClock(hours=7)).resumed == 0


def test_a_snapshot_is_gone_on_with_for_a_while(amazon: Simulator, tmp_path: Path) -> None:
    """A picture of one moment is not pieced together from two days."""
    since = {"lastUpdatedAfter": WINDOW.start.isoformat().replace("+00:00", "Z")}
    spec = replace(
        ORDERS, params={**ORDERS.params, **since}, updated_at_param=None, updated_before_param=None
    )
    landing = replace(_landing(amazon, tmp_path, spec), window=None)

    landing.fail_at(page=3)
    assert landing.land(LaterClock(hours=5)).resumed == 200
    landing.fail_at(page=3)
    assert landing.land(LaterClock(hours=7)).resumed == 0


def _pages(amazon: Simulator) -> int:
    return amazon.count("getOrders") + amazon.count("searchOrders")


def _assert_each_once(amazon: Simulator, folder: Path, landed: Landed) -> None:
    ids = [record["orderId"] for record in _records(folder / NAME)]
    assert sorted(ids) == sorted(row["order_id"] for row in amazon.partner.order_rows())
    assert landed.rows == len(ids)
