"""Records land as lines, each extended as declared, whatever they hold."""

import gzip
import io
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec, RecordConfig
from asp_dagster.landing import DataWindow, EndpointExtraction
from asp_dagster.landing.record_lines import record_line as _line
from asp_dagster.simulator import Simulator
from asp_dagster.spapi import Credentials, SellingPartnerClient

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
WINDOW = DataWindow(UNTIL - timedelta(days=2), UNTIL)
MARKETPLACES = ("ATVPDKIKX0DER",)
STATUSES = {"SHIPPED", "PENDING"}
ITEMS = ExtensionSpec(
    new_field_name="OrderItems",
    path="/orders/v0/orders/{}/orderItems",
    path_variable_name="AmazonOrderId",
    results_key="OrderItems",
)
ORDERS = EndpointSpec(
    path="/orders/v0/orders",
    results_key="Orders",
    params={"MarketplaceIds": "{marketplace_ids}", "OrderStatuses": ["Shipped", "Pending"]},
    updated_at_param="LastUpdatedAfter",
    updated_before_param="LastUpdatedBefore",
    record_config=RecordConfig(
        id_field="AmazonOrderId", last_modified_field="BuyerInfo.PurchaseOrderNumber"
    ),
    extend_resources=(ITEMS,),
)


class TickingClock:
    """A clock by which every look takes ten seconds, and no sleep takes any time."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def now(self) -> datetime:
        """Return the real time: the simulator compares it."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return ten seconds more than before."""
        self._seconds += 10
        return self._seconds

    def sleep(self, seconds: float) -> None:
        """Return at once."""


def _landed(client: SellingPartnerClient, spec: EndpointSpec) -> list[Mapping[str, Any]]:
    sink = io.BytesIO()
    (file,) = EndpointExtraction(client, spec, MARKETPLACES).files(WINDOW)
    landed = file.write(sink)
    records = [json.loads(line) for line in gzip.decompress(sink.getvalue()).splitlines()]
    assert landed.rows == len(records)
    return records


def test_each_record_brings_its_extension(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    """Every order lands once, with all pages of its items under the declared name."""
    records = _landed(client, ORDERS)

    items = {row["order_item_id"]: row["order_id"] for row in simulator.partner.order_item_rows()}
    landed = {item["OrderItemId"]: r["AmazonOrderId"] for r in records for item in r["OrderItems"]}
    wanted = {
        row["order_id"] for row in simulator.partner.order_rows() if row["status"] in STATUSES
    }
    assert {record["AmazonOrderId"] for record in records} == wanted
    assert landed == {item: order for item, order in items.items() if order in wanted}


def test_same_records_give_the_same_bytes(client: SellingPartnerClient) -> None:
    """Landing the same records twice gives the same file, byte for byte."""
    first, second = io.BytesIO(), io.BytesIO()
    for sink in (first, second):
        (file,) = EndpointExtraction(client, ORDERS, MARKETPLACES).files(WINDOW)
        file.write(sink)

    assert first.getvalue() == second.getvalue()


def test_preview_shows_ids_and_what_is_missing_as_nothing(client: SellingPartnerClient) -> None:
    """The preview holds the first records' id and last change, and nothing else of them."""
    (file,) = EndpointExtraction(client, ORDERS, MARKETPLACES).files(WINDOW)

    landed = file.write(io.BytesIO())

    assert len(landed.preview) == 5
    for row in landed.preview:
        assert set(row) == {"AmazonOrderId", "BuyerInfo.PurchaseOrderNumber"}
        assert row["BuyerInfo.PurchaseOrderNumber"] is None


def test_long_work_tells_how_far_it_is(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """While records come in, their number is logged every half minute."""
    caplog.set_level(logging.INFO)
    credentials = Credentials(
        client_id=simulator.client_id,
        client_secret=simulator.client_secret,
        refresh_token=simulator.refresh_token,
    )
    with SellingPartnerClient(
        credentials, simulator.url, lwa_url=simulator.lwa_url, clock=TickingClock()
    ) as client:
        _landed(client, replace(ORDERS, extend_resources=()))

    assert "/orders/v0/orders: 10 records so far" in caplog.text


@pytest.mark.parametrize(
    ("record", "line"),
    [
        pytest.param({"title": 'Smörgåsbord 27"'}, '{"title":"Smörgåsbord 27\\""}', id="letters"),
        pytest.param({"title": "\ud83d"}, '{"title":"\\ud83d"}', id="lone-surrogate"),
        pytest.param({"title": "a\nb"}, '{"title":"a\\nb"}', id="line-end"),
    ],
)
def test_record_is_one_line_of_utf8(record: Mapping[str, str], line: str) -> None:
    """A record is one line of UTF-8, also where UTF-8 cannot hold a character."""
    assert _line(record).decode() == f"{line}\n"
