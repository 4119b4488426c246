"""The orders feeds on input that nobody here made: Amazon's published sandbox cases."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.definitions import build_definitions
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.warehouse import Warehouse

MODELS = Path(os.environ["ASP_MODELS"])
UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()

Json = Mapping[str, Any]


def _published(file: str, path: str, number: int) -> Json:
    """One of Amazon's published responses to a search, by its place among the successful ones."""
    model = json.loads((MODELS / "orders-api-model" / file).read_text())
    cases = model["paths"][path]["get"]["responses"]["200"]["x-amzn-api-sandbox"]["static"]
    response: Json = cases[number]["response"]
    return response


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """The warehouse that the job loads into."""
    return Warehouse.from_url(f"duckdb:///{tmp_path / 'warehouse.duckdb'}")


def _run(
    job: str,
    marketplace_id: str,
    tmp_path: Path,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    partner = Partner.generate(seed=1, orders=1, until=UNTIL, days=1)
    with Simulator(partner, speed=1e6, models=MODELS) as amazon:
        settings = {
            "ASP_ENDPOINT": amazon.url,
            "ASP_LWA_URL": amazon.lwa_url,
            "ASP_CLIENT_ID": amazon.client_id,
            "ASP_CLIENT_SECRET": amazon.client_secret,
            "ASP_REFRESH_TOKEN": amazon.refresh_token,
            "ASP_MARKETPLACE_IDS": marketplace_id,
            "ASP_RAW_PATH": str(tmp_path / "raw"),
            "ASP_WAREHOUSE": f"duckdb:///{tmp_path / 'warehouse.duckdb'}",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        definition = build_definitions().resolve_job_def(job)
        assert definition.execute_in_process(partition_key=DAY, instance=instance).success


@pytest.mark.parametrize(
    ("number", "marketplace_id"),
    [(0, "A1VC38T7YXB528"), (2, "A2Q3Y263D00KWC")],
    ids=["japan", "brazil"],
)
def test_orders_of_2026_are_amazons_samples(
    number: int,
    marketplace_id: str,
    tmp_path: Path,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    warehouse: Warehouse,
) -> None:
    """Amazon's sample orders land and load: ids, status, money, times and items are theirs."""
    samples = _published("orders_2026-01-01.json", "/orders/2026-01-01/orders", number)["orders"]

    _run("orders_job", marketplace_id, tmp_path, instance, monkeypatch)

    stored = warehouse.query(
        "select order_id, marketplace_id, status, fulfilled_by, total_amount, currency,"
        " last_updated_at, items_count from amazon.orders order by order_id"
    ).to_pylist()
    assert stored == sorted(
        (
            {
                "order_id": order["orderId"],
                "marketplace_id": order["salesChannel"]["marketplaceId"],
                "status": order["fulfillment"]["fulfillmentStatus"],
                "fulfilled_by": order["fulfillment"]["fulfilledBy"],
                "total_amount": Decimal(order["proceeds"]["grandTotal"]["amount"]),
                "currency": order["proceeds"]["grandTotal"]["currencyCode"],
                "last_updated_at": datetime.fromisoformat(order["lastUpdatedTime"]),
                "items_count": len(order["orderItems"]),
            }
            for order in samples
        ),
        key=lambda row: row["order_id"],
    )
    items = warehouse.query(
        "select order_id, order_item_id, asin, sku, title from amazon.order_items"
    )
    assert {tuple(row.values()) for row in items.to_pylist()} == {
        (
            order["orderId"],
            item["orderItemId"],
            item["product"]["asin"],
            item["product"]["sellerSku"],
            item["product"]["title"],
        )
        for order in samples
        for item in order["orderItems"]
    }


def test_orders_of_v0_are_amazons_samples(
    tmp_path: Path,
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    warehouse: Warehouse,
) -> None:
    """Amazon's sample orders of v0 land and load, each with the items Amazon answers for it."""
    samples = _published("ordersV0.json", "/orders/v0/orders", 0)["payload"]["Orders"]
    sample_items = _published("ordersV0.json", "/orders/v0/orders/{orderId}/orderItems", 0)

    _run("orders_v0_job", "ATVPDKIKX0DER", tmp_path, instance, monkeypatch)

    stored = warehouse.query(
        "select order_id, total_amount, status, fulfilled_by from amazon.orders_v0"
    ).to_pylist()
    assert {tuple(row.values()) for row in stored} == {
        (order["AmazonOrderId"], Decimal(order["OrderTotal"]["Amount"]), "UNSHIPPED", "MERCHANT")
        for order in samples
    }
    items = warehouse.query(
        "select order_id, order_item_id, sku, item_price, item_tax from amazon.order_items_v0"
    ).to_pylist()
    assert {tuple(row.values()) for row in items} == {
        (
            order["AmazonOrderId"],
            item["OrderItemId"],
            item["SellerSKU"],
            Decimal(item["ItemPrice"]["Amount"]),
            Decimal(item["ItemTax"]["Amount"]),
        )
        for order in samples
        for item in sample_items["payload"]["OrderItems"]
    }
