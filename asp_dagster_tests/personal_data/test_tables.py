"""Tables hold no personal data unless it is wanted, and then keep, hash or drop it as declared."""

import gzip
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.components import (
    AmazonSPApi,
    AmazonSPListedReport,
    AmazonSPReport,
)
from asp_dagster.simulator import Simulator
from asp_dagster_tests.outcomes import failure_of, stored
from asp_dagster_tests.personal_data.conftest import Run
from asp_dagster_tests.personal_data.feeds import DECLARED, KINDS, OUTBOUND, V0
from asp_dagster_tests.personal_data.looking import TOKENS, metadata_text, personal, warehouse_text

KEY = "a key of the tests"

Component = type[dg.Component]
Attributes = Mapping[str, Any]


@pytest.mark.parametrize(
    ("component", "attributes"),
    [
        *(each for each in KINDS if each.id not in {"report", "declared report"}),
        pytest.param(
            AmazonSPReport,
            {"report": "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL", "partitions": "daily"},
            id="report",
        ),
        pytest.param(
            AmazonSPReport,
            {"report": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"}
            | {"partitions": "daily", "tables": [{**DECLARED["tables"][0]}]}
            | {"tables": [{"name": "all_orders", "other_columns": "text", "columns": {}}]},
            id="undeclared columns",
        ),
    ],
)
def test_no_customer_is_in_any_table_by_default(
    amazon: Simulator,
    run: Run,
    tmp_path: Path,
    component: Component,
    attributes: Attributes,
) -> None:
    """Without a word of `pii` the warehouse and the metadata hold nothing of a customer."""
    result = run(amazon, component, attributes)

    assert result.success
    assert personal(warehouse_text(tmp_path)) == set()
    assert personal(metadata_text(result)) == set()
    assert amazon.count(TOKENS) == 0


@pytest.mark.parametrize(("component", "attributes"), KINDS)
@pytest.mark.parametrize("treatment", [None, "keep", "hash", "drop"])
def test_personal_data_is_kept_hashed_or_dropped(
    amazon: Simulator,
    run: Run,
    tmp_path: Path,
    component: Component,
    attributes: Attributes,
    treatment: str | None,
) -> None:
    """With `pii: include` the tables hold it as declared; previews and logs never do."""
    wanted = {"pii": "include"} | ({"personal_columns": treatment} if treatment else {})

    result = run(amazon, component, {**attributes, **wanted}, ASP_HASH_KEY=KEY)

    assert result.success
    is_kept = treatment in {None, "keep"}
    assert bool(personal(warehouse_text(tmp_path))) is is_kept
    assert personal(metadata_text(result)) == set()
    is_hashed = re.search(r"'[0-9a-f]{64}'", warehouse_text(tmp_path)) is not None
    assert is_hashed is (treatment == "hash")


def test_hash_is_keyed_and_equal_for_equal_values(
    amazon: Simulator, run: Run, tmp_path: Path
) -> None:
    """A hashed name is the HMAC of it, so that two orders of one customer can be joined."""
    chosen = {"shipping_address__name": "hash", "shipping_address__phone": "drop"}
    attributes = {**V0, "pii": "include", "personal_columns": chosen}

    assert run(amazon, AmazonSPApi, attributes, ASP_HASH_KEY=KEY).success

    rows = stored(tmp_path, "select * from amazon.old_orders where buyer_info__buyer_name > ''")
    assert rows
    for row in rows:
        name = row["buyer_info__buyer_name"].encode()
        digest = hmac.new(KEY.encode(), name, hashlib.sha256).hexdigest()
        assert row["shipping_address__name"] == digest
        assert "shipping_address__phone" not in row


def test_items_of_an_order_hide_their_gift_messages(
    amazon: Simulator, run: Run, tmp_path: Path
) -> None:
    """What becomes of personal data holds for the tables of nested lists too."""
    attributes = {**V0, "pii": "include", "personal_columns": {"lines__buyer_info": "drop"}}

    assert run(amazon, AmazonSPApi, attributes).success

    [columns, *_] = stored(tmp_path, "select * from amazon.old_orders__lines")
    assert not any("gift_message" in name for name in columns)
    assert "Synthetic Street" in warehouse_text(tmp_path)


def test_hashing_without_a_key_loads_nothing(amazon: Simulator, run: Run) -> None:
    """Without ASP_HASH_KEY nothing is stored unhashed: the run fails and says what to set."""
    attributes = {**V0, "pii": "include", "personal_columns": "hash"}

    result = run(amazon, AmazonSPApi, attributes)

    assert "set ASP_HASH_KEY" in failure_of(result)


def test_raw_file_holds_what_amazon_sent(amazon: Simulator, run: Run, tmp_path: Path) -> None:
    """Only tables are without personal data: the raw file of an order keeps its recipient."""
    assert run(amazon, AmazonSPApi, OUTBOUND).success

    [file] = (tmp_path / "raw").rglob("*.jsonl.gz")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        orders = [json.loads(line) for line in lines]
    assert any("name" in order["destination"]["deliveryAddress"] for order in orders)


def test_schedule_of_orders_for_taxes_is_listed_with_a_token(
    amazon: Simulator, run: Run, tmp_path: Path
) -> None:
    """A restricted XML report that a schedule makes is listed, loaded, and hashed as declared."""
    amazon.make_report("GET_ORDER_REPORT_DATA_TAX", ["ATVPDKIKX0DER"])
    attributes = {
        "name": "tax_orders",
        "report_spec": {"reportType": "GET_ORDER_REPORT_DATA_TAX"},
        "file_format": "XML",
        "rows": "Message.OrderReport",
        "pii": "include",
        "personal_columns": {"billing_data": "hash", "fulfillment_data": "drop"},
    }

    assert run(amazon, AmazonSPListedReport, attributes, ASP_HASH_KEY=KEY).success

    rows = stored(tmp_path, "select * from amazon.tax_orders")
    assert rows
    for row in rows:
        assert re.fullmatch("[0-9a-f]{64}", row["billing_data__buyer_name"])
        assert "fulfillment_data__address__name" not in row
        assert "fulfillment_data__address__city" in row
    assert amazon.count(TOKENS) == 1


def test_counting_what_is_personal_tells_nothing(
    amazon: Simulator, run: Run, tmp_path: Path
) -> None:
    """A column that only counts may stand where personal data does."""
    count = {"path": "Lines", "measure": "count", "type": "integer"}
    columns = {"id": {"path": "AmazonOrderId"}, "lines": count}
    table = {"name": "old_orders", "key": ["id"], "columns": columns, "preview": ["id"]}
    attributes = {**V0, "tables": [table]}

    assert run(amazon, AmazonSPApi, attributes).success
    assert stored(tmp_path, "select sum(lines) as found from amazon.old_orders")[0]["found"] > 0
