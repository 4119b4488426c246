"""Feeds that can hold personal data, one of each kind, as they are declared.

Here belong the declarations that several tests ask for, and the words by which people are told
from everything else; what becomes of them is the tests' business.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from asp_dagster.components import AmazonSPApi, AmazonSPReport

PERSONAL = ("Synthetic Buyer", "Synthetic Street", "synthetic-buyer", "555 0100")
"""By which the simulator's people are told from everything else."""

V0: Mapping[str, Any] = {
    "name": "old_orders",
    "path": "/orders/v0/orders",
    "params": {"MarketplaceIds": "{marketplace_ids}"},
    "updated_at_param": "LastUpdatedAfter",
    "partitions": "daily",
    "record_config": {"id_field": "AmazonOrderId", "last_modified_field": "LastUpdateDate"},
    "extend_resources": [
        {
            "new_field_name": "Lines",
            "path": "/orders/v0/orders/{}/orderItems",
            "path_variable_name": "AmazonOrderId",
        }
    ],
}
V2026: Mapping[str, Any] = {
    "name": "new_orders",
    "path": "/orders/2026-01-01/orders",
    "params": {"marketplaceIds": "{marketplace_ids}", "includedData": ["FULFILLMENT"]},
    "updated_at_param": "lastUpdatedAfter",
    "partitions": "daily",
    "record_config": {"id_field": "orderId", "last_modified_field": "lastUpdatedTime"},
}
TSV: Mapping[str, Any] = {
    "name": "to_ship",
    "report": "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING",
}
DECLARED: Mapping[str, Any] = {
    **TSV,
    "tables": [
        {
            "name": "to_ship",
            "other_columns": "text",
            "preview": ["sku"],
            "columns": {"sku": {"path": "sku"}, "buyer": {"path": "buyer-name"}},
        }
    ],
}
OUTBOUND: Mapping[str, Any] = {"feed": "outbound_orders"}
KINDS = [
    pytest.param(AmazonSPApi, V0, id="orders v0"),
    pytest.param(AmazonSPApi, V2026, id="orders v2026"),
    pytest.param(AmazonSPReport, TSV, id="report"),
    pytest.param(AmazonSPReport, DECLARED, id="declared report"),
    pytest.param(AmazonSPApi, OUTBOUND, id="ready feed"),
]
