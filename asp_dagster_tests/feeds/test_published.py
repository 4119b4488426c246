"""Ready feeds on input that nobody here made: Amazon's published examples, landed and loaded.

A feed sends parameters of its own, so the simulator answers with the published case that is nearest
to them; which one does not matter: what lands must be the records of one of them.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.tables import TableSpec
from asp_dagster.components import AmazonSPApi
from asp_dagster.feeds import ready_feed_names
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.operations import Operation
from asp_dagster.simulator.sandbox import SANDBOX_PLAN
from asp_dagster.simulator.wire import ok
from asp_dagster.spapi.paging_rules import PagingRules
from asp_dagster.spapi.path_templates import PathTemplates
from asp_dagster.spapi.records import value_at
from asp_dagster.warehouse.inferring.naming import nested_name

MODELS = Path(os.environ["ASP_MODELS"])
UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
DAY = (UNTIL - timedelta(days=1)).date().isoformat()

NOT_PUBLISHED = {
    "fba_inventory",
    "outbound_orders",
    "outbound_orders_v2020",
    "vendor_direct_fulfillment_orders",
}
"""Feeds whose API has a dynamic sandbox only: `test_simulated` shows them."""

PLAN = "/inbound/fba/2024-03-20/inboundPlans/{inboundPlanId}"
SHIPMENTS = [
    {"shipmentId": "sh1234abcd-1234-abcd-5678-1234abcd5678", "status": "WORKING"},
    {"shipmentId": "shotherbcd-1234-abcd-5678-1234abcd5678", "status": "SHIPPED"},
]
"""What Amazon published of shipments, but not as shipments of a plan."""

NOT_LOADED = {
    "financial_transactions": "the record has no value at transactionId",
}
"""Feeds whose example lacks what tells its records apart, and what the load says to that."""

Feeds = Any
Json = Any
Record = Mapping[str, Any]


def _declared(name: str) -> Feed:
    return AmazonSPApi.from_attributes_dict(attributes={"feed": name}).declared()


def _source(name: str) -> EndpointSpec:
    source = _declared(name).source
    assert isinstance(source, EndpointSpec)
    return source


def _published() -> Iterator[tuple[str, str, Sequence[Json]]]:
    """Yield method, path and the successful cases of every operation."""
    for file in sorted(MODELS.rglob("*.json")):
        model = json.loads(file.read_text(encoding="utf-8"))
        for path, methods in model.get("paths", {}).items() if isinstance(model, dict) else ():
            success = methods.get("get", {}).get("responses", {}).get("200", {})
            yield "GET", path, success.get("x-amzn-api-sandbox", {}).get("static", ())


@cache
def _templates() -> PathTemplates[Sequence[Json]]:
    return PathTemplates(_published())


def _cases(name: str) -> Sequence[Json]:
    """Return the cases that Amazon published for a feed's list."""
    return _templates().find("GET", _source(name).path) or ()


def _answering(name: str, path: str, field: str, value: Json = None) -> Operation:
    """Return an operation that answers one field as published, or with a value of ours.

    Amazon published some cases as second pages only, and a first page has no token to send.
    """
    [case, *_] = _templates().find("GET", path) or ()
    published = case["response"]
    answer = {field: published[field]} if value is None else {**published, field: value}
    return Operation(name, "GET", path, SANDBOX_PLAN, lambda _request: ok(answer))


def _parameters(case: Json) -> Mapping[str, Json]:
    parameters: Mapping[str, Json] = case.get("request", {}).get("parameters", {})
    return parameters


def _examples(name: str) -> list[list[Record]]:
    """Return the records of each published answer to a feed's list."""
    source = _source(name)
    place = source.results_key or PagingRules.load().rule("GET", source.path).results_key
    found = [value_at(case["response"], place) for case in _cases(name)]
    return [each if isinstance(each, list) else [each] for each in found]


def _first_token(name: str) -> Mapping[str, str]:
    """Return the page token without which Amazon published no case at all, if that is so."""
    token = PagingRules.load().rule("GET", _source(name).path).token_param
    sent = [_parameters(case).get(token) for case in _cases(name)]
    return {token: sent[0]["value"]} if all(sent) else {}


def _is_made_of(landed: Sequence[Record], examples: Sequence[Sequence[Record]]) -> bool:
    """Tell whether records are those of published answers, one after the other."""
    if not landed:
        return True
    begins = [each for each in examples if each and landed[: len(each)] == each]
    return any(_is_made_of(landed[len(each) :], examples) for each in begins)


PUBLISHED = [name for name in ready_feed_names() if _cases(name)]


@pytest.fixture(scope="module")
def amazon() -> Iterator[Simulator]:
    """A partner without interest, and Amazon's published examples."""
    partner = Partner.generate(seed=1, orders=1, until=UNTIL, days=1)
    operations = [
        _answering("listInboundPlanItems", f"{PLAN}/items", "items"),
        _answering("listShipmentItems", f"{PLAN}/shipments/{{shipmentId}}/items", "items"),
        _answering("getInboundPlan", PLAN, "shipments", SHIPMENTS),
    ]
    with Simulator(partner, speed=1e6, models=MODELS, operations=operations) as running:
        yield running


@pytest.fixture(autouse=True)
def _asins_of_orders(tmp_path: Path) -> None:
    """Have the table that catalogue items are asked for from."""
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        warehouse.execute("create schema amazon")
        warehouse.execute("create table amazon.order_items as select 'B07N4M94X4' as asin")


def _run(feeds: Feeds, amazon: Simulator, name: str) -> list[Record]:
    """Run a feed; return its records as Amazon sent them, without those of empty pages."""
    day = DAY if _declared(name).partitions else None
    result = feeds.run(amazon, name, day, params=_first_token(name), check=name not in NOT_LOADED)
    assert result.success != (name in NOT_LOADED)
    ours = {"_marketplace_id", *(each.new_field_name for each in _source(name).extend_resources)}
    landed = [
        {field: value for field, value in record.items() if field not in ours}
        for record in feeds.landed(name)
    ]
    return [record for record in landed if any(record.values())]


def test_every_feed_is_shown_here_or_on_the_simulator() -> None:
    """No feed goes without a test that lands and loads it."""
    assert {*ready_feed_names()} - {*PUBLISHED} == NOT_PUBLISHED


@pytest.mark.filterwarnings("ignore::asp_dagster.catalog.declarations.DeclarationWarning")
@pytest.mark.parametrize("name", PUBLISHED)
def test_landed_and_loaded_records_are_amazons_example(
    feeds: Feeds, amazon: Simulator, name: str
) -> None:
    """A ready feed lands Amazon's example one to one, and each record is a row by its key."""
    landed = _run(feeds, amazon, name)

    assert landed
    assert _is_made_of(landed, _examples(name))
    if name not in NOT_LOADED:
        _assert_loaded(feeds, name)


def _assert_loaded(feeds: Feeds, name: str) -> None:
    """Each of the records that differ in their key is a row."""
    feed, records = _declared(name), feeds.landed(name)
    table, config = feed.tables[0], _source(name).record_config
    places = config.ids if config else ()
    columns = [nested_name(place.split(".")) for place in places]
    if isinstance(table, TableSpec):
        columns = [*table.key]
    rows = feeds.query(f"select {', '.join(columns) or '_record'} from amazon.{name}")
    keys = {tuple(str(value_at(record, place)) for place in places) for record in records}
    assert len(rows) == (len(keys) if places else len(records))
    assert not places or {tuple(row.values()) for row in rows} == keys


def test_what_does_not_load_says_why(feeds: Feeds, amazon: Simulator) -> None:
    """An example whose records nothing tells apart is refused, in the words that are listed."""
    for name, words in NOT_LOADED.items():
        day = DAY if _declared(name).partitions else None
        result = feeds.run(amazon, name, day, params=_first_token(name), check=False)

        assert any(words in str(event.event_specific_data) for event in result.all_events)


@pytest.mark.filterwarnings("ignore::asp_dagster.catalog.declarations.DeclarationWarning")
def test_financial_events_are_rows_by_kind(feeds: Feeds, amazon: Simulator) -> None:
    """Each kind of financial event has a table, with a row for each event of the day."""
    [record] = _run(feeds, amazon, "financial_events_v0")

    stem = "financial_events_v0"
    counts = {
        kind: feeds.query(f'select count(*) as n from amazon."{nested_name([stem, kind])}"')[0]["n"]
        for kind, events in record.items()
        if events
    }
    assert counts == {kind: len(events) for kind, events in record.items() if events}
    assert len(counts) > 1


def test_inbound_plans_bring_their_shipments_with_items(feeds: Feeds, amazon: Simulator) -> None:
    """A plan's items, shipments and shipments' items are tables that lead back to the plan."""
    plans = _run(feeds, amazon, "inbound_plans")

    ids = {plan["inboundPlanId"] for plan in plans}
    rows = {
        child: feeds.query(f"select * from amazon.{child}")
        for child in ("inbound_plan_items", "inbound_shipments", "inbound_shipment_items")
    }
    assert all({row["inbound_plan_id"] for row in found} == ids for found in rows.values())
    assert [len(found) for found in rows.values()] == [len(ids), 2 * len(ids), 2 * len(ids)]
    shipped = {row["shipment_id"] for row in rows["inbound_shipments"]}
    assert {row["shipment_id"] for row in rows["inbound_shipment_items"]} == shipped
