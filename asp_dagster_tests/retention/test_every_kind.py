"""Of every kind of feed nothing is left of a customer, byte by byte, once all of it is due."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from asp_dagster.components import AmazonSPApi, AmazonSPReport, AmazonSPReportFile
from asp_dagster.simulator import Simulator
from asp_dagster_tests.retention.looking import UNTIL, Erase, ScriptedNow, whole_content

DAY = (UNTIL - timedelta(days=1)).date().isoformat()
PERSONAL = (b"Synthetic Buyer", b"Synthetic Street", b"synthetic-buyer", b"555 0100")
"""By which the simulator's people are told from everything else."""

ITEMS = {
    "new_field_name": "Lines",
    "path": "/orders/v0/orders/{}/orderItems",
    "path_variable_name": "AmazonOrderId",
}
V0: Mapping[str, Any] = {
    "name": "raw_old_orders",
    "path": "/orders/v0/orders",
    "params": {"MarketplaceIds": "{marketplace_ids}"},
    "updated_at_param": "LastUpdatedAfter",
    "partitions": "daily",
    "record_config": {"id_field": "AmazonOrderId", "last_modified_field": "LastUpdateDate"},
    "extend_resources": [ITEMS],
}
V2026: Mapping[str, Any] = {
    "name": "raw_new_orders",
    "path": "/orders/2026-01-01/orders",
    "params": {"marketplaceIds": "{marketplace_ids}", "includedData": ["FULFILLMENT"]},
    "updated_at_param": "lastUpdatedAfter",
    "partitions": "daily",
    "record_config": {"id_field": "orderId", "last_modified_field": "lastUpdatedTime"},
}
TSV: Mapping[str, Any] = {
    "name": "raw_to_ship",
    "report": "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING",
}
COLUMNS = {"sku": {"path": "sku"}, "buyer": {"path": "buyer-name"}}
DECLARED = {"name": "to_ship", "other_columns": "text", "preview": ["sku"], "columns": COLUMNS}
KINDS = [
    pytest.param(AmazonSPApi, V0, id="orders v0"),
    pytest.param(AmazonSPApi, {**V0, "personal_columns": "hash"}, id="hashed"),
    pytest.param(AmazonSPApi, V2026, id="orders v2026"),
    pytest.param(AmazonSPApi, {"feed": "outbound_orders", "name": "raw_outbound"}, id="ready feed"),
    pytest.param(AmazonSPReport, TSV, id="report"),
    pytest.param(AmazonSPReport, {**TSV, "tables": [DECLARED]}, id="declared report"),
    pytest.param(
        AmazonSPReportFile,
        {**TSV, "output": "ship/{partition}.txt", "partitions": "none"},
        id="file",
    ),
]


Declare = Callable[[type[dg.Component], Mapping[str, Any]], None]


@pytest.fixture
def declare(
    run_feed: Callable[..., dg.ExecuteInProcessResult], amazon: Simulator, feeds_folder: Path
) -> Declare:
    """Declare a feed that asks for personal data, and land and load it."""

    def run(component: type[dg.Component], attributes: Mapping[str, Any]) -> None:
        declared = {**attributes, "pii": "include"}
        (feeds_folder / "one").mkdir()
        text = yaml.safe_dump({"type": f"asp_dagster.{component.__name__}", "attributes": declared})
        (feeds_folder / "one" / "defs.yaml").write_text(text)
        day = DAY if attributes.get("partitions") == "daily" else None
        result = run_feed(amazon, component, declared, day, ASP_HASH_KEY="a key of the tests")
        assert result.success

    return run


@pytest.mark.parametrize(("component", "attributes"), KINDS)
def test_nothing_is_left(
    declare: Declare,
    erase: Erase,
    now: ScriptedNow,
    tmp_path: Path,
    component: type[dg.Component],
    attributes: Mapping[str, Any],
) -> None:
    """What stood in raw files and tables of a customer is in no file of either any more."""
    declare(component, attributes)
    assert _found(tmp_path)
    now.moment = UNTIL + timedelta(days=400)

    result = erase()

    (check,) = result.get_asset_check_evaluations()
    assert check.passed
    assert _found(tmp_path) == set()


def _found(folder: Path) -> set[bytes]:
    """Return what tells of people in raw files, warehouse and state."""
    content = whole_content(folder / "raw")
    content += b"".join(path.read_bytes() for path in folder.glob("*.d*b*"))
    return {each for each in PERSONAL if each in content}
