"""The extensions of records that have not changed are taken from the earlier raw file."""

import gzip
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec, RecordConfig
from asp_dagster.landing import DataWindow
from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.landing.interrupted import NAME, Landing

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
WINDOW = DataWindow(UNTIL - timedelta(days=1), UNTIL)
ORDERS = EndpointSpec(
    path="/orders/v0/orders",
    params={"MarketplaceIds": "{marketplace_ids}"},
    updated_at_param="LastUpdatedAfter",
    updated_before_param="LastUpdatedBefore",
    record_config=RecordConfig(id_field="AmazonOrderId", last_modified_field="LastUpdateDate"),
    extend_resources=(
        ExtensionSpec(
            new_field_name="OrderItems",
            path="/orders/v0/orders/{}/orderItems",
            path_variable_name="AmazonOrderId",
        ),
    ),
)
NEW_ORDERS = ExtensionSpec(
    new_field_name="NewOrder",
    path="/orders/2026-01-01/orders/{}",
    path_variable_name="AmazonOrderId",
    results_key="order",
)


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """A partner of few orders."""
    partner = Partner.generate(seed=11, orders=60, until=UNTIL, days=1)
    with Simulator(partner, speed=1e6) as running:
        yield running


@pytest.fixture
def landing(amazon: Simulator, tmp_path: Path) -> Landing:
    """The partner's orders, which have landed once."""
    first = Landing.of(amazon, tmp_path, ORDERS, window=WINDOW)
    first.land()
    return first


def _asked_again(amazon: Simulator, landing: Landing) -> int:
    before = amazon.count("getOrderItems")
    landing.land()
    return amazon.count("getOrderItems") - before


def test_landed_again_it_costs_the_list_only(
    amazon: Simulator, landing: Landing, tmp_path: Path
) -> None:
    """Items of unchanged orders are not asked for; the file is the same."""
    before = (tmp_path / NAME).read_bytes()

    assert landing.land().extensions_reused == 60
    assert amazon.count("getOrderItems") <= 60 + 5
    assert (tmp_path / NAME).read_bytes() == before


def test_items_of_a_changed_order_are_asked_for(landing: Landing, tmp_path: Path) -> None:
    """Another last change, or no items before: asked for."""
    with gzip.open(tmp_path / NAME) as landed:
        lines = list(map(json.loads, landed))
    lines[0]["LastUpdateDate"] = "2020-01-01T00:00:00Z"
    lines[1]["OrderItems"] = None
    del lines[2]["LastUpdateDate"]
    _rewrite(tmp_path / NAME, lines)

    assert landing.land().extensions_reused == 57


@pytest.mark.parametrize(
    "change",
    [
        {"reuse_extensions": False},
        {"extend_resources": (replace(ORDERS.extend_resources[0], params={"NextToken": None}),)},
        {"record_config": RecordConfig(id_field="AmazonOrderId")},
        {"record_config": None},
    ],
    ids=["switched-off", "another-request", "no-last-change", "no-id"],
)
def test_otherwise_all_are_asked_for(
    amazon: Simulator, landing: Landing, change: dict[str, object]
) -> None:
    """Nothing is reused that may be different, or is not to be."""
    assert _asked_again(amazon, replace(landing, spec=replace(ORDERS, **change))) >= 60


@pytest.mark.parametrize(
    ("reuse", "asked"), [(None, 60), (True, 0)], ids=["by-default", "when-declared"]
)
def test_which_extensions_are_reused(
    amazon: Simulator, tmp_path: Path, *, reuse: bool | None, asked: int
) -> None:
    """By default only order items are; where it is declared, all of the feed are."""
    spec = replace(
        ORDERS, extend_resources=(*ORDERS.extend_resources, NEW_ORDERS), reuse_extensions=reuse
    )
    landing = Landing.of(amazon, tmp_path, spec, window=WINDOW)
    landing.land()
    before = amazon.count("getOrder")

    assert _asked_again(amazon, landing) == 0
    assert amazon.count("getOrder") - before == asked


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-200]),
        lambda path: path.write_bytes(b"\x1f\x8b"),
        lambda path: path.write_bytes(gzip.compress(b"{}\n")),
    ],
    ids=["cut", "empty", "unnamed"],
)
def test_a_file_that_cannot_be_used_ends_no_run(
    landing: Landing, tmp_path: Path, harm: Callable[[Path], object]
) -> None:
    """Whatever the earlier file is, the new one is whole."""
    whole = (tmp_path / NAME).read_bytes()
    harm(tmp_path / NAME)

    landing.land()

    assert (tmp_path / NAME).read_bytes() == whole


def test_a_broken_file_is_told(
    landing: Landing, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that breaks off is warned of."""
    (tmp_path / NAME).write_bytes((tmp_path / NAME).read_bytes()[:-200])

    with caplog.at_level(logging.WARNING):
        landing.land()

    assert "cannot be read: nothing more of it is reused" in caplog.text


def test_windows_overlap_the_one_before(amazon: Simulator, tmp_path: Path) -> None:
    """Of files named by their windows, the one that reaches furthest is looked into."""
    early = DataWindow(WINDOW.start, WINDOW.start + timedelta(hours=18))
    late = DataWindow(WINDOW.start + timedelta(hours=12), WINDOW.end)
    for window in (replace(early, end=early.start + timedelta(hours=1)), early):
        _of(amazon, tmp_path, window).land()

    landed = _of(amazon, tmp_path, late).land()

    assert 0 < landed.extensions_reused < landed.rows


def _of(amazon: Simulator, folder: Path, window: DataWindow) -> Landing:
    name = f"raw_orders/{window.name}.jsonl.gz"
    return Landing.of(amazon, folder, ORDERS, window=window, name=name)


def _rewrite(path: Path, records: list[dict[str, object]]) -> None:
    """Change the records of a raw file, its header kept."""
    with path.open("rb") as file:
        name = file.read(200)[10:].partition(b"\0")[0].decode()
    with path.open("wb") as sink, gzip.GzipFile(name, "wb", fileobj=sink) as lines:
        lines.writelines(json.dumps(record).encode() + b"\n" for record in records)
