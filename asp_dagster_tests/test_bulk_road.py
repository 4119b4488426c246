"""The bulk road to orders: a year in 13 requests, the same tables, and nothing downgraded."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

import asp_dagster.definitions
from asp_dagster.components import AmazonSPApi
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse

RunFeed = Callable[..., dg.ExecuteInProcessResult]
Query = Callable[..., list[dict[str, Any]]]
Land = Callable[..., dict[str, Any]]

YESTERDAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
UNTIL = YESTERDAY - timedelta(days=(YESTERDAY.weekday() + 1) % 7)
"""The last Sunday, when Dagster's weeks begin."""

US, CANADA = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"
DEFS = Path(asp_dagster.definitions.__file__).parent / "defs"

KNOWN_OF_ORDERS = (
    "order_id, seller_order_id, marketplace_id, sales_channel, fulfilled_by, service_level,"
    " is_business, currency, items_count, units_ordered,"
    # The report tells times to the second, and both kinds of pending by one word.
    " date_trunc('second', created_at) AS created,"
    " date_trunc('second', last_updated_at) AS updated,"
    " replace(status, '_AVAILABILITY', '') AS status"
)
KNOWN_OF_ITEMS = (
    "order_id, order_item_id, asin, sku, title, quantity_ordered, item_price, item_tax,"
    " shipping_price, shipping_tax, promotion_discount, currency,"
    " date_trunc('second', last_updated_at) AS updated"
)
UNKNOWN_OF_ORDERS = (
    *("is_prime", "is_premium", "replaced_order_id", "total_amount"),
    *("earliest_ship_at", "latest_ship_at", "earliest_delivery_at", "latest_delivery_at"),
)


def _partner(orders: int, days: int) -> Partner:
    """Return a selling partner in two marketplaces."""
    return Partner.generate(
        seed=3, orders=orders, until=UNTIL, days=days, marketplaces=(US, CANADA)
    )


@pytest.fixture
def amazon() -> Iterator[Simulator]:
    """Amazon with five weeks of orders; its quota never binds, its reports are made at once."""
    with Simulator(_partner(250, 35), speed=1e7, report_seconds=0) as running:
        yield running


@pytest.fixture
def query(tmp_path: Path) -> Query:
    """Ask one of the warehouses below the test's folder."""

    def run(sql: str, name: str = "report") -> list[dict[str, Any]]:
        warehouse = Warehouse.from_url(f"duckdb:///{tmp_path / name}.duckdb")
        return warehouse.query(sql).to_pylist()

    return run


@pytest.fixture
def land(run_feed: RunFeed, tmp_path: Path) -> Land:
    """Land and load days of a default feed, counted back from the end; tell of its raw files."""

    def run(
        amazon: Simulator,
        back: int,
        days: int | None = None,
        *,
        name: str = "report",
        feed: str = "orders",
        tags: Mapping[str, str] | None = None,
        **keys: Any,
    ) -> dict[str, Any]:
        attributes = yaml.safe_load((DEFS / feed / "defs.yaml").read_text())["attributes"]
        start = UNTIL - timedelta(days=back)
        last = start + timedelta(days=(days or back) - 1)
        result = run_feed(
            amazon,
            AmazonSPApi,
            {**attributes, **keys},
            tags=_range(start, last, keys.get("partitions", "daily")) | dict(tags or {}),
            ASP_MARKETPLACE_IDS=f"{US},{CANADA}",
            ASP_START_DATE=(UNTIL - timedelta(days=364)).date().isoformat(),
            ASP_RAW_PATH=str(tmp_path / name),
            ASP_WAREHOUSE=f"duckdb:///{tmp_path / name}.duckdb",
        )
        failures = [event for event in result.all_events if event.is_step_failure]
        assert not failures, failures[0].step_failure_data.user_failure_data
        (event, *_) = result.asset_materializations_for_node(attributes["name"])
        return {name: value.value for name, value in event.metadata.items()}

    return run


def _range(start: datetime, last: datetime, every: str) -> dict[str, str]:
    """Return the tags of a run over days, or over the weeks that they are in."""
    last -= timedelta(days=6 if every == "weekly" else 0)
    return {
        "dagster/asset_partition_range_start": start.date().isoformat(),
        "dagster/asset_partition_range_end": last.date().isoformat(),
    }


def test_a_year_by_both_roads(land: Land, query: Query) -> None:
    """Thirteen reports bring what a search brings, wherever both know a column, and no more."""
    with Simulator(_partner(3000, 364), speed=1e7, report_seconds=0) as amazon:
        by_report = land(amazon, 364, partitions="weekly")
        reports = amazon.count("createReport")
        searches = amazon.count("searchOrders")
        by_api = land(
            amazon, 364, name="api", partitions="weekly", tags={"asp_dagster/road": "api"}
        )

    assert (by_report["road"], by_report["reports_planned"], reports, searches) == (
        *("report", 13, 13),
        0,
    )
    assert by_api["road"] == "api"
    for columns, table in ((KNOWN_OF_ORDERS, "orders"), (KNOWN_OF_ITEMS, "order_items")):
        sql = f"SELECT {columns} FROM amazon.{table} ORDER BY ALL"
        assert query(sql) == query(sql, "api") != []
    unknown = ", ".join(f"count({name})" for name in UNKNOWN_OF_ORDERS)
    (counts,) = query(f"SELECT {unknown} FROM amazon.orders")
    assert not any(counts.values())
    assert query("SELECT count(quantity_fulfilled) AS n FROM amazon.order_items") == [{"n": 0}]


def test_api_enriches_what_the_report_brought(
    land: Land, query: Query, amazon: Simulator, tmp_path: Path
) -> None:
    """Recent partitions come again by the API: its rows stand, and its raw file alone is loaded."""
    land(amazon, 35)
    land(amazon, 2, tags={"asp_dagster/road": "api"})

    rows = query(
        "SELECT _source, count(*) AS n, count(earliest_ship_at) AS known"
        " FROM amazon.orders GROUP BY ALL ORDER BY ALL"
    )
    assert [row["_source"] for row in rows] == ["api", "report"]
    assert rows[0]["n"] == rows[0]["known"] > 0
    assert rows[1]["known"] == 0
    yesterday = (UNTIL - timedelta(days=1)).date().isoformat()
    part = tmp_path / "report" / "raw_orders" / f"{yesterday}.report.tsv"
    assert part.stat().st_size == 0


def test_report_downgrades_nothing(land: Land, query: Query, amazon: Simulator) -> None:
    """The same state by a report, or a part that is loaded again, changes no row of the API's."""
    both = (
        "SELECT * EXCLUDE (_loaded_at) FROM amazon.orders ORDER BY ALL",
        "SELECT * EXCLUDE (_loaded_at) FROM amazon.order_items ORDER BY ALL",
    )
    land(amazon, 5, tags={"asp_dagster/road": "api"})
    before = [query(sql) for sql in both]

    metadata = land(amazon, 5, tags={"asp_dagster/road": "report"})

    assert metadata["rows"] > 0
    assert [query(sql) for sql in both] == before


def test_newer_state_by_a_report_counts(land: Land, query: Query, amazon: Simulator) -> None:
    """An order that changed since comes by the report; what that cannot know stays as it was."""
    land(amazon, 5, 4, tags={"asp_dagster/road": "api"})
    amazon.partner.update(seed=1, at=UNTIL, fraction=1.0)

    land(amazon, 2, tags={"asp_dagster/road": "report"})

    truth = {row["order_id"]: row for row in amazon.partner.order_rows()}
    rows = query(
        "SELECT order_id, units_ordered, earliest_ship_at, is_prime FROM amazon.orders"
        " WHERE _source = 'report' AND earliest_ship_at IS NOT NULL"
    )
    assert rows
    for row in rows:
        assert row["units_ordered"] == truth[row["order_id"]]["units_ordered"]
        assert row["is_prime"] == truth[row["order_id"]]["is_prime"]


def test_orders_v0_by_report(land: Land, query: Query, amazon: Simulator) -> None:
    """The feed of the old version speaks its own words on both roads."""
    by_report = {"asp_dagster/road": "report"}
    land(amazon, 10, feed="orders_v0", backfill="report", tags=by_report)
    land(amazon, 10, feed="orders_v0", name="api")

    assert amazon.count("createReport") == 1
    for columns, table in ((KNOWN_OF_ORDERS, "orders_v0"), (KNOWN_OF_ITEMS, "order_items_v0")):
        sql = f"SELECT {columns} FROM amazon.{table} ORDER BY ALL"
        assert query(sql) == query(sql, "api")


def test_tables_are_rebuilt_from_raw_files(
    land: Land, query: Query, amazon: Simulator, tmp_path: Path, run_feed: RunFeed
) -> None:
    """Parts of reports load again without a call to Amazon."""
    land(amazon, 5, tags={"asp_dagster/road": "report"})
    sql = "SELECT * EXCLUDE (_loaded_at) FROM amazon.order_items ORDER BY ALL"
    before, calls = query(sql), len(amazon.calls)
    (tmp_path / "report.duckdb").unlink()

    attributes = yaml.safe_load((DEFS / "orders" / "defs.yaml").read_text())["attributes"]
    run_feed(
        amazon,
        AmazonSPApi,
        attributes,
        selection=["orders", "order_items"],
        tags=_range(UNTIL - timedelta(days=5), UNTIL - timedelta(days=1), "daily"),
        ASP_RAW_PATH=str(tmp_path / "report"),
        ASP_WAREHOUSE=f"duckdb:///{tmp_path / 'report.duckdb'}",
    )

    assert query(sql) == before
    assert len(amazon.calls) == calls
