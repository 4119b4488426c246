"""A day of a simulated partner's orders in both databases, to be checked healthy and spoilt."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import adbc_driver_duckdb.dbapi
import adbc_driver_postgresql.dbapi
import dagster as dg
import pytest
import yaml

import asp_dagster.defs
from asp_dagster.assets import raw_key, table_keys
from asp_dagster.catalog.feeds import Feed
from asp_dagster.checks.running import LoadedFeed
from asp_dagster.components import AmazonSPApi, AmazonSPReport
from asp_dagster.landing import DataWindow
from asp_dagster.simulator import Partner, all_orders, v0_orders, v2026_orders
from asp_dagster.warehouse import LoadResult, Origin, RawData, Warehouse

DAY = datetime(2026, 11, 2, tzinfo=UTC)
WINDOW = DataWindow(DAY, DAY + timedelta(days=1))
KEY = DAY.date().isoformat()
DEFS = Path(asp_dagster.defs.__path__[0])


def shipped(name: str) -> Feed:
    """A feed that comes with the package, as it is declared."""
    declared = yaml.safe_load((DEFS / name / "defs.yaml").read_text())
    component = {"AmazonSPApi": AmazonSPApi, "AmazonSPReport": AmazonSPReport}[
        declared["type"].rpartition(".")[2]
    ]
    return component.from_attributes_dict(attributes=declared["attributes"]).declared()


@dataclass
class Checked:
    """A warehouse with what was loaded of a feed last, and its checks.

    Attributes:
        url: The warehouse.
        folder: Where raw files go.
        instance: Where earlier runs are recorded.
        feed: The feed that was loaded last.
        results: What that brought.
        loaded_at: When.
    """

    url: str
    folder: Path
    instance: dg.DagsterInstance
    feed: Feed = field(init=False)
    results: Sequence[LoadResult] = ()
    loaded_at: datetime = DAY + timedelta(days=1, hours=1)

    def load(self, feed: Feed, content: str, partition: str = KEY) -> None:
        """Load a raw file into the tables of a feed."""
        file = self.folder / f"{feed.name}.{feed.raw_format}"
        file.write_text(content)
        self.feed = feed
        self.results = Warehouse.from_url(self.url).load(
            feed.tables,
            RawData([file], feed.raw_format),
            Origin(schema="amazon", partition=partition, loaded_at=self.loaded_at),
        )

    def execute(self, *statements: str) -> None:
        """Change the warehouse as somebody else may."""
        if self.url.startswith("duckdb"):
            connection = adbc_driver_duckdb.dbapi.connect(self.url.removeprefix("duckdb:///"))
        else:
            connection = adbc_driver_postgresql.dbapi.connect(self.url)
        with closing(connection), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    def verdicts(
        self, windows: Mapping[str, DataWindow | None] | None = None, **changes: Any
    ) -> Mapping[tuple[str, str], dg.AssetCheckResult]:
        """What the checks of the feed find, by table and name; changes are of the run."""
        known = {KEY: WINDOW} if windows is None else windows
        run: dict[str, Any] = {
            "feed": self.feed,
            "raw_key": raw_key(self.feed),
            "keys": table_keys(self.feed),
            "results": dict.fromkeys(known, self.results),
            "windows": known,
            "warehouse": Warehouse.from_url(self.url),
            "schema": "amazon",
            "instance": self.instance,
            "now": self.loaded_at,
        }
        found = LoadedFeed(**{**run, **changes}).check_results()
        return {
            (check.asset_key.path[-1], check.check_name): check
            for check in found
            if check.asset_key and check.check_name
        }


@pytest.fixture
def checked(warehouse_url: str, tmp_path: Path, instance: dg.DagsterInstance) -> Checked:
    """A new warehouse, of each kind in turn."""
    return Checked(warehouse_url, tmp_path, instance)


@pytest.fixture
def partner() -> Partner:
    """A partner whose orders all changed last on the day."""
    return Partner.generate(seed=42, orders=120, until=WINDOW.end, days=1)


@pytest.fixture
def orders(request: pytest.FixtureRequest, checked: Checked, partner: Partner) -> str:
    """The orders of the day, as a version of the API tells them; the table's name."""
    name = str(getattr(request, "param", "orders"))
    load_orders(checked, partner, name)
    return name


def load_orders(checked: Checked, partner: Partner, name: str) -> None:
    """Load a partner's orders as one version of the API tells them."""
    feed, found = shipped(name), partner.books.by_last_update.orders
    records = [
        {
            **v0_orders.render_order(order),
            "OrderItems": [v0_orders.render_item(order, item) for item in order.items],
        }
        if name == "orders_v0"
        else v2026_orders.render_order(order, ["PROCEEDS", "FULFILLMENT"])
        for order in found
    ]
    checked.load(feed, "".join(json.dumps(record) + "\n" for record in records))


def load_report(checked: Checked, partner: Partner) -> None:
    """Load the all-orders report of the day."""
    lines = partner.all_orders_lines(WINDOW.start, WINDOW.end, ["ATVPDKIKX0DER"])
    checked.load(shipped("all_orders"), all_orders.document(lines).decode())


@pytest.fixture
def recorded(instance: dg.DagsterInstance) -> Callable[..., None]:
    """Record materializations of partitions, as earlier runs did."""

    def record(key: dg.AssetKey, numbers: Mapping[str, float], name: str) -> None:
        for partition, number in numbers.items():
            instance.report_runless_asset_event(
                dg.AssetMaterialization(key, partition=partition, metadata={name: number})
            )

    return record
