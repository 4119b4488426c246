"""Personal data is left out unless it is wanted, and then kept, hashed or dropped as declared."""

import gzip
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from asp_dagster.catalog.declarations import DeclarationWarning
from asp_dagster.components import (
    AmazonSPApi,
    AmazonSPListedReport,
    AmazonSPReport,
    AmazonSPReportFile,
    MittoJobs,
)
from asp_dagster.simulator import Partner, Simulator
from asp_dagster_tests.outcomes import failure_of, stored

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()
PERSONAL = ("Synthetic Buyer", "Synthetic Street", "synthetic-buyer", "555 0100")
"""By which the simulator's people are told from everything else."""

KEY = "a key of the tests"
TOKENS = "createRestrictedDataToken"

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

RunFeed = Callable[..., dg.ExecuteInProcessResult]
Component = type[dg.Component]
Attributes = Mapping[str, Any]


@pytest.fixture
def start() -> Iterator[Callable[..., Simulator]]:
    """Start a selling partner of a few orders, with settings of one's own."""
    started: list[Simulator] = []
    partner = Partner.generate(seed=11, orders=60, until=UNTIL, days=2)

    def start_one(**settings: Any) -> Simulator:
        running = Simulator(partner, speed=1e6, report_seconds=0, **settings).__enter__()
        started.append(running)
        return running

    yield start_one
    for each in started:
        each.__exit__(None, None, None)


@pytest.fixture
def amazon(start: Callable[..., Simulator]) -> Simulator:
    """A selling partner whose application has the restricted roles."""
    return start()


def _run(
    run_feed: RunFeed,
    amazon: Simulator,
    component: Component,
    attributes: Attributes,
    **settings: str,
) -> dg.ExecuteInProcessResult:
    partition = DAY if "partitions" in attributes else None
    return run_feed(amazon, component, attributes, partition, **settings)


def _warehouse(folder: Path) -> str:
    """Return all that stands in all tables, as text."""
    tables = stored(folder, "select table_schema, table_name from information_schema.tables")
    rows = [
        stored(folder, f'select * from "{each["table_schema"]}"."{each["table_name"]}"')
        for each in tables
    ]
    assert any(rows)
    return str(rows)


def _personal(text: str) -> set[str]:
    return {each for each in PERSONAL if each in text}


def _metadata(result: dg.ExecuteInProcessResult) -> str:
    events = result.get_asset_materialization_events()
    return str([event.asset_materialization for event in events])


def _load(component: Component, attributes: Attributes) -> dg.Definitions:
    declared: Any = component.from_attributes_dict(attributes=dict(attributes))
    definitions: dg.Definitions = declared.build_defs(dg.ComponentTree.for_test().load_context)
    return definitions


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
    run_feed: RunFeed,
    tmp_path: Path,
    component: Component,
    attributes: Attributes,
) -> None:
    """Without a word of `pii` the warehouse and the metadata hold nothing of a customer."""
    result = _run(run_feed, amazon, component, attributes)

    assert result.success
    assert _personal(_warehouse(tmp_path)) == set()
    assert _personal(_metadata(result)) == set()
    assert amazon.count(TOKENS) == 0


@pytest.mark.parametrize(("component", "attributes"), KINDS)
@pytest.mark.parametrize("treatment", [None, "keep", "hash", "drop"])
def test_personal_data_is_kept_hashed_or_dropped(
    amazon: Simulator,
    run_feed: RunFeed,
    tmp_path: Path,
    component: Component,
    attributes: Attributes,
    treatment: str | None,
) -> None:
    """With `pii: include` the tables hold it as declared; previews and logs never do."""
    wanted = {"pii": "include"} | ({"personal_columns": treatment} if treatment else {})

    result = _run(run_feed, amazon, component, {**attributes, **wanted}, ASP_HASH_KEY=KEY)

    assert result.success
    is_kept = treatment in {None, "keep"}
    assert bool(_personal(_warehouse(tmp_path))) is is_kept
    assert _personal(_metadata(result)) == set()
    is_hashed = re.search(r"'[0-9a-f]{64}'", _warehouse(tmp_path)) is not None
    assert is_hashed is (treatment == "hash")


def test_hash_is_keyed_and_equal_for_equal_values(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """A hashed name is the HMAC of it, so that two orders of one customer can be joined."""
    chosen = {"shipping_address__name": "hash", "shipping_address__phone": "drop"}
    attributes = {**V0, "pii": "include", "personal_columns": chosen}

    assert _run(run_feed, amazon, AmazonSPApi, attributes, ASP_HASH_KEY=KEY).success

    rows = stored(tmp_path, "select * from amazon.old_orders where buyer_info__buyer_name > ''")
    assert rows
    for row in rows:
        name = row["buyer_info__buyer_name"].encode()
        digest = hmac.new(KEY.encode(), name, hashlib.sha256).hexdigest()
        assert row["shipping_address__name"] == digest
        assert "shipping_address__phone" not in row


def test_items_of_an_order_hide_their_gift_messages(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """What becomes of personal data holds for the tables of nested lists too."""
    attributes = {**V0, "pii": "include", "personal_columns": {"lines__buyer_info": "drop"}}

    assert _run(run_feed, amazon, AmazonSPApi, attributes).success

    [columns, *_] = stored(tmp_path, "select * from amazon.old_orders__lines")
    assert not any("gift_message" in name for name in columns)
    assert "Synthetic Street" in _warehouse(tmp_path)


def test_hashing_without_a_key_loads_nothing(amazon: Simulator, run_feed: RunFeed) -> None:
    """Without ASP_HASH_KEY nothing is stored unhashed: the run fails and says what to set."""
    attributes = {**V0, "pii": "include", "personal_columns": "hash"}

    result = _run(run_feed, amazon, AmazonSPApi, attributes)

    assert "set ASP_HASH_KEY" in failure_of(result)


def test_orders_v0_take_one_token_and_their_items_another(
    amazon: Simulator, run_feed: RunFeed
) -> None:
    """Personal data costs two calls for tokens, and not one more of the operations."""
    assert _run(run_feed, amazon, AmazonSPApi, V0).success
    plain = {name: amazon.count(name) for name in ("getOrders", "getOrderItems")}

    again = {**V0, "name": "whole_orders", "pii": "include"}
    assert _run(run_feed, amazon, AmazonSPApi, again).success

    assert amazon.count(TOKENS) == 2
    assert {name: amazon.count(name) for name in plain} == {
        name: 2 * count for name, count in plain.items()
    }


def test_items_without_personal_data_are_not_reused(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """Once personal data is wanted, items that were landed without it are asked for again."""
    assert _run(run_feed, amazon, AmazonSPApi, V0).success
    before = amazon.count("getOrderItems")

    assert _run(run_feed, amazon, AmazonSPApi, {**V0, "pii": "include"}).success

    assert amazon.count("getOrderItems") == 2 * before
    assert "Congratulations from" in _warehouse(tmp_path)


def test_orders_v2026_ask_for_buyer_and_recipient(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """`pii: include` adds the two parts to what is asked for, and takes no token."""
    assert _run(run_feed, amazon, AmazonSPApi, {**V2026, "pii": "include"}).success

    row = stored(tmp_path, "select * from amazon.new_orders")[0]
    assert row["buyer__buyer_name"].startswith("Synthetic Buyer")
    assert "Synthetic Street" in row["recipient__delivery_address__address_line1"]
    assert row["fulfillment__fulfilled_by"]
    assert amazon.count(TOKENS) == 0


@pytest.mark.parametrize(("component", "attributes"), [KINDS[0], KINDS[2]])
def test_missing_role_fails_the_run(
    start: Callable[..., Simulator],
    run_feed: RunFeed,
    component: Component,
    attributes: Attributes,
) -> None:
    """Where a token is refused, the run fails and names the role, instead of landing less."""
    amazon = start(has_restricted_roles=False)

    result = _run(run_feed, amazon, component, {**attributes, "pii": "include"})

    assert "Direct to Consumer Shipping (Restricted)" in failure_of(result)


@pytest.mark.parametrize("has_role", [True, False], ids=["with the role", "without it"])
def test_missing_role_of_v2026_is_warned_of(
    start: Callable[..., Simulator],
    run_feed: RunFeed,
    caplog: pytest.LogCaptureFixture,
    *,
    has_role: bool,
) -> None:
    """Where nothing is refused, log and metadata tell that no personal data came."""
    amazon = start(has_restricted_roles=has_role)

    result = _run(run_feed, amazon, AmazonSPApi, {**V2026, "pii": "include"})

    [raw, *_] = result.get_asset_materialization_events()
    assert raw.materialization.metadata["personal_data_missing"].value is not has_role
    assert ("none came with any of" in caplog.text) is not has_role


def test_raw_file_holds_what_amazon_sent(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """Only tables are without personal data: the raw file of an order keeps its recipient."""
    assert _run(run_feed, amazon, AmazonSPApi, OUTBOUND).success

    [file] = (tmp_path / "raw").rglob("*.jsonl.gz")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        orders = [json.loads(line) for line in lines]
    assert any("name" in order["destination"]["deliveryAddress"] for order in orders)


def test_schedule_of_orders_for_taxes_is_listed_with_a_token(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
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

    assert run_feed(amazon, AmazonSPListedReport, attributes, ASP_HASH_KEY=KEY).success

    rows = stored(tmp_path, "select * from amazon.tax_orders")
    assert rows
    for row in rows:
        assert re.fullmatch("[0-9a-f]{64}", row["billing_data__buyer_name"])
        assert "fulfillment_data__address__name" not in row
        assert "fulfillment_data__address__city" in row
    assert amazon.count(TOKENS) == 1


INCLUDED = {**V2026["params"], "includedData": "PROCEEDS, BUYER"}
ADDRESS = {
    "new_field_name": "Address",
    "path": "/orders/v0/orders/{}/address",
    "path_variable_name": "AmazonOrderId",
    "results_key": "",
}
TABLE = {"name": "old_orders", "key": ["id"], "columns": {"id": {"path": "AmazonOrderId"}}}


def _table(*, rows: str | None = None, preview: list[str] | None = None, **columns: Any) -> Any:
    table = {**TABLE, "columns": {**TABLE["columns"], **columns}, "preview": preview or ["id"]}
    if rows:
        lines = {**table["columns"], "id": {"path": "^.AmazonOrderId"}}
        return [TABLE, {**table, "name": "lines", "rows": rows, "columns": lines}]
    return [table]


NAME = {"path": "ShippingAddress.Name"}


@pytest.mark.parametrize(
    ("component", "attributes", "words"),
    [
        pytest.param(
            AmazonSPApi,
            {**V2026, "params": INCLUDED},
            ["params.includedData: BUYER is personal data; say `pii: include`"],
            id="included data",
        ),
        pytest.param(
            AmazonSPApi,
            {**V2026, "params": {**INCLUDED, "includedData": ["TAX"]}},
            ["params.includedData: TAX is personal data"],
            id="taxes",
        ),
        pytest.param(
            AmazonSPApi,
            {**V0, "extend_resources": [ADDRESS]},
            ["extend_resources.0.path: GET /orders/v0/orders/{}/address answers personal data"],
            id="extension",
        ),
        pytest.param(
            AmazonSPApi,
            {"feed": "vendor_direct_fulfillment_orders"},
            ["path: GET /vendor/directFulfillment", "say `pii: include`"],
            id="ready feed",
        ),
        pytest.param(
            AmazonSPApi,
            {**V0, "params": {**V0["params"], "dataElements": "buyerInfo"}},
            ["params.dataElements: name personal data"],
            id="data elements",
        ),
        pytest.param(
            AmazonSPReport,
            TSV,
            ["GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING holds personal data"],
            id="report",
        ),
        pytest.param(
            AmazonSPReport,
            {"report": "END_USER_DATA_REPORT"},
            ["END_USER_DATA_REPORT holds personal data"],
            id="report without a token",
        ),
        pytest.param(
            AmazonSPReportFile,
            {"report": "GET_EASYSHIP_DOCUMENTS", "output": "labels.pdf"},
            ["GET_EASYSHIP_DOCUMENTS holds personal data"],
            id="file",
        ),
        pytest.param(
            AmazonSPListedReport,
            {
                "name": "taxes",
                "report_spec": {"reportType": "GET_ORDER_REPORT_DATA_TAX"},
                "file_format": "XML",
            },
            ["GET_ORDER_REPORT_DATA_TAX holds personal data"],
            id="listed report",
        ),
        pytest.param(
            AmazonSPApi,
            {**V0, "tables": _table(name=NAME)},
            ["tables.old_orders.columns.name: is personal data"],
            id="column",
        ),
        pytest.param(
            AmazonSPApi,
            {**V0, "tables": _table(town={"path": "ShippingAddress", "type": "json"})},
            ["tables.old_orders.columns.town: is personal data"],
            id="column around it",
        ),
        pytest.param(
            AmazonSPApi,
            {**V0, "tables": _table(rows="Lines", phone={"path": "^.ShippingAddress.Phone"})},
            ["tables.lines.columns.phone: is personal data"],
            id="column from outside of a row",
        ),
        pytest.param(
            AmazonSPApi,
            {**V0, "tables": _table(rows="Lines", note={"path": "BuyerInfo.GiftMessageText"})},
            ["tables.lines.columns.note: is personal data"],
            id="column of an extension",
        ),
        pytest.param(
            AmazonSPApi,
            {**V0, "columns": {"shipping_address__name": "hash"}},
            ["columns.shipping_address__name: is personal data, which a hash is of too"],
            id="hash",
        ),
        pytest.param(
            AmazonSPApi,
            {**V0, "personal_columns": "hash"},
            ["personal_columns: needs `pii: include`"],
            id="nothing to treat",
        ),
        pytest.param(
            AmazonSPApi,
            {**V0, "pii": "include", "personal_columns": {"order_status": "hash"}},
            ["personal_columns.order_status: is no column of personal data"],
            id="not personal",
        ),
        pytest.param(
            AmazonSPApi,
            {**V0, "pii": "include", "tables": _table(name=NAME, preview=["id", "name"])},
            ["tables.old_orders.preview: name is personal data, which is never shown"],
            id="preview",
        ),
        pytest.param(
            AmazonSPReport,
            {
                **TSV,
                "pii": "include",
                "tables": [{**DECLARED["tables"][0], "preview": ["buyer_email"]}],
            },
            ["tables.to_ship.preview: buyer_email is personal data"],
            id="preview of an undeclared column",
        ),
        pytest.param(
            AmazonSPApi,
            {**V0, "pii": "include", "tables": [{**_table(name=NAME)[0], "key": ["name"]}]},
            ["tables.old_orders.key: name is personal data"],
            id="key",
        ),
        pytest.param(
            AmazonSPApi,
            {**V0, "pii": "include", "record_config": {"id_field": "BuyerInfo.BuyerEmail"}},
            ["record_config: BuyerInfo.BuyerEmail is personal data"],
            id="id",
        ),
        pytest.param(
            AmazonSPApi,
            {
                **V0,
                "pii": "include",
                "extend_resources": [
                    {**V0["extend_resources"][0], "path_variable_name": "BuyerInfo.BuyerEmail"}
                ],
            },
            ["extend_resources: BuyerInfo.BuyerEmail is personal data"],
            id="path variable",
        ),
        pytest.param(
            AmazonSPApi,
            {
                **V0,
                "pii": "include",
                "personal_columns": "hash",
                "tables": _table(name={**NAME, "type": "date"}),
            },
            ["tables.old_orders.columns.name: is to be hashed, so it needs `type: text`"],
            id="hashed date",
        ),
        pytest.param(
            AmazonSPApi,
            {
                **V0,
                "pii": "include",
                "personal_columns": "drop",
                "tables": _table(town={"path": "ShippingAddress", "type": "json"}),
            },
            ["tables.old_orders.columns.town: holds personal data among other"],
            id="mixed",
        ),
        pytest.param(
            AmazonSPApi,
            {**V0, "pii": "perhaps"},
            ["pii"],
            id="word",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore::asp_dagster.catalog.declarations.DeclarationWarning")
def test_wrong_declaration_is_refused_at_load(
    component: Component, attributes: Attributes, words: list[str]
) -> None:
    """What asks for a customer without saying so, or would show one, never runs."""
    with pytest.raises(Exception) as refused:  # noqa: PT011 - Dagster refuses the word itself
        _load(component, attributes)

    assert all(each in str(refused.value) for each in words)


def test_counting_what_is_personal_tells_nothing(
    amazon: Simulator, run_feed: RunFeed, tmp_path: Path
) -> None:
    """A column that only counts may stand where personal data does."""
    count = {"path": "Lines", "measure": "count", "type": "integer"}
    attributes = {**V0, "tables": _table(lines=count)}

    assert _run(run_feed, amazon, AmazonSPApi, attributes).success
    assert stored(tmp_path, "select sum(lines) as found from amazon.old_orders")[0]["found"] > 0


def _mitto(folder: Path, **keys: Any) -> dg.Definitions:
    job = {"input": {"use": "amazon_selling_partner_api.io#AmazonSPApiReportInput", **keys}}
    (folder / "orders.json").write_text(json.dumps({"conf": job}))
    return _load(MittoJobs, {"folder": str(folder)})


def test_mitto_job_of_a_restricted_report_is_accepted(tmp_path: Path) -> None:
    """It keeps what it took in Mitto, and one warning says how to hash or drop it."""
    kind = "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING"

    with pytest.warns(DeclarationWarning) as told:
        _mitto(tmp_path, report_spec={"reportType": kind}, file_format="TSV")

    [warning] = [str(each.message) for each in told]
    assert str(tmp_path / "orders.json") in warning
    assert "personal_columns: hash" in warning


def test_mitto_job_keeps_the_buyers(amazon: Simulator, run_feed: RunFeed, tmp_path: Path) -> None:
    """A job that asks for buyers lands and loads them, as in Mitto."""
    (tmp_path / "jobs").mkdir()
    job = {
        "use": "amazon_selling_partner_api.io#AmazonSPApiInput",
        "path": V2026["path"],
        "params": {"marketplaceIds": "ATVPDKIKX0DER", "includedData": "BUYER"}
        | {"lastUpdatedAfter": "2024-12-01T00:00:00Z"},
        "results_key": "orders",
        "updated_at_param": "lastUpdatedAfter",
        "record_config": V2026["record_config"],
    }
    (tmp_path / "jobs" / "buyers.json").write_text(json.dumps({"conf": {"input": job}}))

    with pytest.warns(DeclarationWarning, match="asks for personal data, which is kept"):
        result = run_feed(amazon, MittoJobs, {"folder": str(tmp_path / "jobs")})

    assert result.success
    assert "Synthetic Buyer" in _warehouse(tmp_path)


def test_mitto_job_without_personal_data_is_not_warned_of(tmp_path: Path) -> None:
    """Other jobs load without a word."""
    kind = "GET_MERCHANT_LISTINGS_ALL_DATA"

    definitions = _mitto(tmp_path, report_spec={"reportType": kind}, file_format="TSV")

    assert definitions.assets
