"""The asset: from tables to files, its figures those of the simulated selling partner."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import dagster as dg
import pytest

from asp_dagster.definitions import build_definitions
from asp_dagster.overview.figures import Figures, Overview
from asp_dagster.overview.queries import read_overview
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
ZONES = {"A1PA6795UKMFR9": "Europe/Berlin", "A1F83G8C2ARO7P": "Europe/London"}
NAMES = {"Amazon.de": "A1PA6795UKMFR9", "Amazon.co.uk": "A1F83G8C2ARO7P"}
COUNT = 2
NUMBERS = ("orders", "units", "sales_eur", "sales_gbp")

RunJob = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def partner() -> Partner:
    """A selling partner of six days, in two marketplaces of different currency and zone."""
    return Partner.generate(seed=5, orders=150, until=UNTIL, days=6, marketplaces=list(ZONES))


@pytest.fixture
def load_orders(run_job: RunJob, partner: Partner) -> Iterator[Callable[[str], None]]:
    """Load all orders of the partner into a warehouse."""
    days = [(UNTIL - timedelta(days=number)).date().isoformat() for number in (6, 1)]
    tags = {
        "asp_dagster/road": "api",
        "dagster/asset_partition_range_start": days[0],
        "dagster/asset_partition_range_end": days[1],
    }
    with Simulator(partner, speed=1e6) as amazon:

        def load(warehouse: str) -> None:
            changes = {"ASP_WAREHOUSE": warehouse, "ASP_MARKETPLACE_IDS": ",".join(ZONES)}
            assert run_job(amazon, "orders_job", None, tags=tags, **changes).success

        yield load


def _truth(partner: Partner) -> dict[tuple[str, str], dict[date, Figures]]:
    """What was sold, by marketplace and currency and by the marketplace's day."""
    items: dict[str, list[Mapping[str, Any]]] = {}
    for row in partner.order_item_rows():
        items.setdefault(row["order_id"], []).append(row)
    found: dict[tuple[str, str], dict[date, Figures]] = {}
    for order in partner.order_rows():
        if order["status"] != "CANCELLED":
            shop, own = order["marketplace_id"], items[order["order_id"]]
            days = found.setdefault((shop, "GBP" if "London" in ZONES[shop] else "EUR"), {})
            day = order["created_at"].astimezone(ZoneInfo(ZONES[shop])).date()
            figures = Figures(
                orders=1,
                units=sum(row["quantity_ordered"] for row in own),
                sales=sum((row["item_price"] or Decimal(0) for row in own), Decimal(0)),
            )
            days[day] = Figures.total([days.get(day, Figures()), figures])
    return found


def _read(url: str, **changes: Any) -> Overview:
    wanted = {"schema": "amazon", "now": UNTIL + timedelta(hours=12), "count": COUNT, **changes}
    return read_overview(Warehouse.from_url(url), **wanted)


def test_figures_are_the_partners(
    warehouse_url: str, load_orders: Callable[[str], None], partner: Partner
) -> None:
    """Each day of each marketplace, by its own midnight, has the orders, units and sales it had."""
    load_orders(warehouse_url)

    overview = _read(warehouse_url)

    truth = _truth(partner)
    assert {(NAMES[each.marketplace], each.currency) for each in overview.sales} == set(truth)
    for sales in overview.sales:
        days = truth[NAMES[sales.marketplace], sales.currency]
        assert list(sales.recent) == [days.get(day, Figures()) for day in sales.days.recent]
        assert list(sales.before) == [days.get(day, Figures()) for day in sales.days.before]
        assert Figures.total(sales.recent).orders > 0


def test_best_products_are_the_partners(
    warehouse_url: str, load_orders: Callable[[str], None], partner: Partner
) -> None:
    """The products of the last days stand in the order of their sales, and of their units."""
    load_orders(warehouse_url)

    (germany,) = (each for each in _read(warehouse_url).sales if each.currency == "EUR")

    zone, sold = ZoneInfo("Europe/Berlin"), dict[str, tuple[int, Decimal]]()
    orders = {row["order_id"]: row for row in partner.order_rows()}
    for item in partner.order_item_rows():
        order = orders[item["order_id"]]
        is_recent = order["created_at"].astimezone(zone).date() in germany.days.recent
        if is_recent and order["sales_channel"] == "Amazon.de" and item["quantity_ordered"]:
            units, sales = sold.get(item["sku"], (0, Decimal(0)))
            price = item["item_price"] or Decimal(0)
            sold[item["sku"]] = (units + item["quantity_ordered"], sales + price)
    by_sales = sorted(sold, key=lambda sku: (-sold[sku][1], -sold[sku][0], sku))
    by_units = sorted(sold, key=lambda sku: (-sold[sku][0], -sold[sku][1], sku))
    assert [each.sku for each in germany.best_selling] == by_sales[:10]
    assert [each.sku for each in germany.most_sold] == by_units[:10]
    assert all(sold[each.sku] == (each.units, each.sales) for each in germany.most_sold)


def test_last_day_is_over_where_the_marketplace_is(
    tmp_path: Path, load_orders: Callable[[str], None]
) -> None:
    """Half an hour before London's midnight it is the next day in Berlin already."""
    url = f"duckdb:///{tmp_path / 'w.duckdb'}"
    load_orders(url)
    now = datetime.combine(UNTIL.date(), datetime.min.time(), ZoneInfo("Europe/London"))

    found = {
        each.currency: each.days.last for each in _read(url, now=now - timedelta(hours=0.5)).sales
    }

    assert found["EUR"] - found["GBP"] == timedelta(days=1)


def test_last_day_can_be_chosen(tmp_path: Path, load_orders: Callable[[str], None]) -> None:
    """The days end where they are told to."""
    url = f"duckdb:///{tmp_path / 'w.duckdb'}"
    load_orders(url)
    last = UNTIL.date() - timedelta(days=3)

    assert {each.days.last for each in _read(url, last=last).sales} == {last}


def test_warehouse_without_tables_is_empty(warehouse_url: str) -> None:
    """Before anything is loaded there is nothing to see, and no error."""
    assert _read(warehouse_url).is_empty


@pytest.fixture
def run_overview(
    tmp_path: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dg.ExecuteInProcessResult]:
    """Run `sales_overview_job`."""
    monkeypatch.setenv("ASP_WAREHOUSE", f"duckdb:///{tmp_path / 'w.duckdb'}")

    def run(path: str, **config: Any) -> dg.ExecuteInProcessResult:
        monkeypatch.setenv("ASP_OVERVIEW_PATH", path)
        job = build_definitions().resolve_job_def("sales_overview_job")
        return job.execute_in_process(
            run_config={"ops": {"sales_overview": {"config": config}}} if config else None,
            instance=instance,
            raise_on_error=False,
        )

    return run


def _metadata(result: dg.ExecuteInProcessResult) -> Mapping[str, Any]:
    (materialization,) = result.asset_materializations_for_node("sales_overview")
    return {name: each.value for name, each in materialization.metadata.items()}


def test_asset_writes_picture_and_page(
    anywhere: str,
    load_orders: Callable[[str], None],
    run_overview: Callable[..., dg.ExecuteInProcessResult],
    tmp_path: Path,
) -> None:
    """PNG, SVG and page lie where they are wanted, on disk or on S3; numbers are numbers."""
    load_orders(f"duckdb:///{tmp_path / 'w.duckdb'}")

    metadata = _metadata(run_overview(anywhere, days=3))

    assert str(metadata["page"]) == f"{anywhere}/sales_overview.html"
    assert "](data:image/png;base64," in str(metadata["picture"])
    numbers = {name: value for name, value in metadata.items() if name not in {"page", "picture"}}
    assert set(numbers) == {
        "marketplaces",
        *(f"{name}{when}" for name in NUMBERS for when in ("", "_before")),
    }
    assert all(isinstance(value, int | float) for value in numbers.values())
    assert _written(anywhere) == {
        "sales_overview.html": b"<!DOCTYPE html>",
        "sales_overview.png": b"\x89PNG",
        "sales_overview.svg": b"<?xml",
    }


def _written(path: str) -> Mapping[str, bytes]:
    """The files and what they begin with."""
    if path.startswith("s3://"):
        bucket, _, prefix = path.removeprefix("s3://").partition("/")
        s3 = boto3.client("s3")
        keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]]
        bodies = {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
        found = {key.removeprefix(f"{prefix}/"): body for key, body in bodies.items()}
    else:
        found = {each.name: each.read_bytes() for each in Path(path).iterdir()}
    lengths = {"html": 15, "png": 4, "svg": 5}
    return {name: body[: lengths[name.rpartition(".")[2]]] for name, body in found.items()}


def test_asset_of_an_empty_warehouse_says_so(
    run_overview: Callable[..., dg.ExecuteInProcessResult], tmp_path: Path
) -> None:
    """Without orders the asset is materialized all the same, with a sentence for a picture."""
    metadata = _metadata(run_overview(str(tmp_path / "overview")))

    assert metadata["picture"] == "No orders of the last 60 days are in the warehouse."
    assert (metadata["orders"], metadata["marketplaces"]) == (0, 0)


def test_day_that_is_none_is_refused(
    run_overview: Callable[..., dg.ExecuteInProcessResult], tmp_path: Path
) -> None:
    """A last day that is no date ends the run with a sentence."""
    result = run_overview(str(tmp_path / "overview"), last_day="30.11.2026")

    (failure,) = (each for each in result.all_events if each.is_step_failure)
    assert "last_day is '30.11.2026', which is no date; write it as 2026-11-30." in str(
        failure.step_failure_data.error
    )
