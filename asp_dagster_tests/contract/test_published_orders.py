"""The orders feeds on input that nobody here made: Amazon's published sandbox cases."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

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


@pytest.fixture
def run(run_job: Callable[..., dg.ExecuteInProcessResult]) -> Callable[[str, str], None]:
    """Run a job against the simulator that serves the published cases."""

    def execute(job: str, marketplace_id: str) -> None:
        partner = Partner.generate(seed=1, orders=1, until=UNTIL, days=1)
        with Simulator(partner, speed=1e6, models=MODELS) as amazon:
            assert run_job(amazon, job, DAY, ASP_MARKETPLACE_IDS=marketplace_id).success

    return execute


@pytest.mark.parametrize(
    ("number", "marketplace_id"),
    [(0, "A1VC38T7YXB528"), (2, "A2Q3Y263D00KWC")],
    ids=["japan", "brazil"],
)
def test_orders_of_2026_are_amazons_samples(
    number: int,
    marketplace_id: str,
    run: Callable[[str, str], None],
    warehouse: Warehouse,
) -> None:
    """Amazon's sample orders land and load: ids, status, money, times and items are theirs."""
    samples = _published("orders_2026-01-01.json", "/orders/2026-01-01/orders", number)["orders"]

    run("orders_job", marketplace_id)

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
    run: Callable[[str, str], None],
    warehouse: Warehouse,
) -> None:
    """Amazon's sample orders of v0 land and load, each with the items Amazon answers for it."""
    samples = _published("ordersV0.json", "/orders/v0/orders", 0)["payload"]["Orders"]
    sample_items = _published("ordersV0.json", "/orders/v0/orders/{orderId}/orderItems", 0)

    run("orders_v0_job", "ATVPDKIKX0DER")

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
