"""What the simulator answers for the ready feeds satisfies Amazon's models."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from asp_dagster.spapi import SellingPartnerClient

MODELS = Path(os.environ["ASP_MODELS"])
NOW = datetime.now(UTC).replace(microsecond=0)
SHOP = "ATVPDKIKX0DER"

Json = Any


def _closed(schema: Json) -> Json:
    """Return the schema with unknown fields forbidden: a misspelt one shall not pass."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(each) for name, each in schema.items()}
    if isinstance(closed.get("properties"), dict) and "additionalProperties" not in closed:
        closed["additionalProperties"] = False
    return closed


@pytest.mark.parametrize(
    ("path", "params", "model", "definition"),
    [
        pytest.param(
            "/fba/inventory/v1/summaries",
            {
                "granularityType": "Marketplace",
                "granularityId": SHOP,
                "marketplaceIds": SHOP,
                "details": True,
            },
            "fba-inventory-api-model/fbaInventory.json",
            "GetInventorySummariesResponse",
            id="fba_inventory",
        ),
        pytest.param(
            "/fulfillment/outbound/2026-07-04/orders",
            {"updatedAfter": (NOW - timedelta(days=30)).isoformat()},
            "fulfillment-outbound-api-model/fulfillmentOutbound_2026-07-04.json",
            "ListOrdersResponse",
            id="outbound_orders",
        ),
        pytest.param(
            "/fba/outbound/2020-07-01/fulfillmentOrders",
            {},
            "fulfillment-outbound-api-model/fulfillmentOutbound_2020-07-01.json",
            "ListAllFulfillmentOrdersResponse",
            id="outbound_orders_v2020",
        ),
        pytest.param(
            "/vendor/directFulfillment/orders/2021-12-28/purchaseOrders",
            {
                "createdAfter": (NOW - timedelta(days=7)).isoformat(),
                "createdBefore": NOW.isoformat(),
            },
            "vendor-direct-fulfillment-orders-api-model"
            "/vendorDirectFulfillmentOrders_2021-12-28.json",
            "OrderList",
            id="vendor_direct_fulfillment_orders",
        ),
    ],
)
def test_answer_satisfies_amazons_definition(
    client: SellingPartnerClient, path: str, params: Mapping[str, Any], model: str, definition: str
) -> None:
    """A page of the simulator's has the fields of Amazon's model and no others."""
    definitions = json.loads((MODELS / model).read_text(encoding="utf-8"))["definitions"]

    answer = client.request("GET", path, params=params).body

    schema = {"$ref": f"#/definitions/{definition}", "definitions": definitions}
    jsonschema.Draft4Validator(_closed(schema)).validate(answer)
