"""However a period is cut, and in whatever order its parts are run: the rows are the same.

Real landing, real loading: no Dagster between them, so that hypothesis can try many cuttings.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import asp_dagster.defs
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed
from asp_dagster.components import AmazonSPApi
from asp_dagster.landing import DataWindow, EndpointExtraction
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import Credentials, InProcessQuota, SellingPartnerClient
from asp_dagster.warehouse import Origin, RawData, Warehouse
from asp_dagster_tests.storm.clock import LeapingClock
from asp_dagster_tests.storm.tally import Tally

US = "ATVPDKIKX0DER"
START = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=5)
GENERATED = START + timedelta(days=2)
END = START + timedelta(days=3)

Step = int
"""A part to run, by its number from 0; -1: let orders change."""


def _feed(name: str) -> Feed:
    declared = Path(asp_dagster.defs.__path__[0]) / name / "defs.yaml"
    attributes = yaml.safe_load(declared.read_text())["attributes"]
    return AmazonSPApi.from_attributes_dict(attributes=attributes).declared(name)


@dataclass
class Period:
    """A partner's period, and a way to run parts of it into a warehouse."""

    feed: Feed
    client: SellingPartnerClient
    folder: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def run(self, window: DataWindow, warehouse: Warehouse) -> None:
        """Land and load one window."""
        assert isinstance(self.feed.source, EndpointSpec)
        raw = self.folder / f"{next(self.numbers)}.jsonl.gz"
        for file in EndpointExtraction(self.client, self.feed.source, [US]).files(window):
            with raw.open("wb") as sink:
                file.write(sink)
        warehouse.load(
            self.feed.tables,
            RawData([raw], self.feed.raw_format),
            Origin(schema="amazon", partition=window.name, loaded_at=datetime.now(UTC)),
        )

    def warehouse(self) -> Warehouse:
        """Return a warehouse with nothing in it."""
        return Warehouse.from_url(f"duckdb:///{self.folder / f'{next(self.numbers)}.duckdb'}")


def _rows(warehouse: Warehouse, table: str, truth: Sequence[Any]) -> list[Any]:
    sql = f"select {', '.join(truth[0])} from amazon.{table}"
    rows: list[Any] = warehouse.query(sql).to_pylist()
    return rows


def _windows(cuts: Sequence[int]) -> list[DataWindow]:
    """Cut the period at these milliseconds, or not at all."""
    bounds = [START, *(START + timedelta(milliseconds=each) for each in sorted(cuts)), END]
    return [DataWindow(*pair) for pair in itertools.pairwise(bounds)]


def _run_in_any_order(
    period: Period, partner: Partner, windows: Sequence[DataWindow], steps: Sequence[Step]
) -> Warehouse:
    """Take the steps; then run each part that was not run since the last change before its end."""
    warehouse = period.warehouse()
    behind = set(range(len(windows)))
    hours = (GENERATED + timedelta(hours=number) for number in itertools.count(1))
    for step in steps:
        if step < 0:
            changed = next(hours)
            partner.update(seed=changed.hour, at=changed, fraction=0.3)
            behind |= {
                n for n, each in enumerate(windows) if each.end > changed - timedelta(hours=1)
            }
        else:
            period.run(windows[step % len(windows)], warehouse)
            behind.discard(step % len(windows))
    for number in sorted(behind, reverse=True):
        period.run(windows[number], warehouse)
    return warehouse


@pytest.mark.parametrize("name", ["orders", "orders_v0"])
@settings(max_examples=6, deadline=None)
@given(
    seed=st.integers(0, 999),
    cuts=st.lists(st.integers(1, 3 * 86_400_000 - 1), max_size=4, unique=True),
    steps=st.lists(st.integers(-1, 4), max_size=7),
)
def test_any_cutting_equals_the_whole(
    name: str, seed: int, cuts: list[int], steps: list[Step]
) -> None:
    """Parts in any order, any number of times, with changes in between, equal one run of all."""
    partner = Partner.generate(seed=seed, orders=25, until=GENERATED, days=2)
    clock = LeapingClock()
    with (
        TemporaryDirectory() as folder,
        Simulator(partner, speed=0, page_size_limit=7, clock=clock) as amazon,
        SellingPartnerClient(
            Credentials(amazon.client_id, amazon.client_secret, amazon.refresh_token),
            amazon.url,
            lwa_url=amazon.lwa_url,
            clock=clock,
            quota=InProcessQuota(clock),
        ) as client,
    ):
        period = Period(_feed(name), client, Path(folder))
        parts = _run_in_any_order(period, partner, _windows(cuts), steps)
        whole = period.warehouse()
        period.run(DataWindow(START, END), whole)

        tally, suffix = Tally(), name.removeprefix("orders")
        for table, truth in (
            ("orders", partner.order_rows()),
            ("order_items", partner.order_item_rows()),
        ):
            for warehouse in (parts, whole):
                tally.add(table, truth, _rows(warehouse, table + suffix, truth))

    assert (tally.lost, tally.surplus) == ([], [])
