"""The simulator proved by something not ours: Amazon's official SDK reads from it.

The SDK is pointed here by its own two settings for that, `endpoint` and `oauth_endpoint`; nothing
of it is replaced.
"""

import gzip
import logging
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the SDK's own source warns when it is first compiled
    from spapi import ApiException, SPAPIClient, SPAPIConfig
    from spapi.api.orders_v0.orders_v0_api import OrdersV0Api
    from spapi.api.orders_v2026_01_01.get_order_api import GetOrderApi
    from spapi.api.orders_v2026_01_01.search_orders_api import SearchOrdersApi
    from spapi.api.reports_v2021_06_30.reports_api import ReportsApi
    from spapi.api.sellers_v1.sellers_api import SellersApi
    from spapi.models.reports_v2021_06_30 import CreateReportSpecification

STARTED = datetime(2026, 11, 19, tzinfo=UTC)
SHOP = "ATVPDKIKX0DER"
INCLUDED = ["PROCEEDS", "FULFILLMENT", "PROMOTION", "CANCELLATION", "PACKAGES", "TAX", "PAYMENT"]


@pytest.fixture
def api_client(simulator: Simulator) -> Iterator[Any]:
    """Amazon's client, logged in at the simulator."""
    # The SDK silences urllib3 for the whole process, whose log other tests read.
    urllib3_log = logging.getLogger("urllib3")
    level = urllib3_log.level
    config = SPAPIConfig(
        client_id=simulator.client_id,
        client_secret=simulator.client_secret,
        refresh_token=simulator.refresh_token,
    )
    client = SPAPIClient(config, oauth_endpoint=simulator.lwa_url, endpoint=simulator.url)
    yield client.api_client
    client.api_client.rest_client.pool_manager.clear()
    urllib3_log.setLevel(level)


def test_search_orders(api_client: Any, partner: Partner) -> None:
    """All pages of searchOrders, with items and totals, are the partner's orders."""
    api, found = SearchOrdersApi(api_client), []
    query = {
        "last_updated_after": STARTED,
        "marketplace_ids": [SHOP],
        "included_data": INCLUDED,
        "max_results_per_page": 50,
    }
    page = api.search_orders(**query)
    while page.pagination is not None:
        found += page.orders
        page = api.search_orders(**query, pagination_token=page.pagination.next_token)
    found += page.orders

    rows = partner.order_rows()
    assert [order.order_id for order in found] == [row["order_id"] for row in rows]
    assert [order.last_updated_time for order in found] == [row["last_updated_at"] for row in rows]
    assert [order.proceeds and order.proceeds.grand_total.amount for order in found] == [
        row["total_amount"] and str(row["total_amount"]) for row in rows
    ]
    assert sum(len(order.order_items) for order in found) == len(partner.order_item_rows())


def test_get_order(api_client: Any, partner: Partner) -> None:
    """One order of v2026-01-01 is read alone."""
    row = partner.order_rows()[0]
    order = GetOrderApi(api_client).get_order(row["order_id"], included_data=INCLUDED).order

    assert order.fulfillment.fulfillment_status == row["status"]


def test_orders_and_items_of_v0(api_client: Any, partner: Partner) -> None:
    """All pages of getOrders, and of an order's many items, are the partner's."""
    api, found, query = OrdersV0Api(api_client), [], {"last_updated_after": STARTED.isoformat()}
    page = api.get_orders([SHOP], **query).payload
    while page.next_token:
        found += page.orders
        page = api.get_orders([SHOP], **query, next_token=page.next_token).payload
    found += page.orders
    many = next(row["order_id"] for row in partner.order_rows() if row["items_count"] == 23)
    item_page, items = api.get_order_items(many).payload, []
    while item_page.next_token:
        items += item_page.order_items
        item_page = api.get_order_items(many, next_token=item_page.next_token).payload
    items += item_page.order_items

    rows = [row for row in partner.order_item_rows() if row["order_id"] == many]
    assert {order.amazon_order_id for order in found} == {
        row["order_id"] for row in partner.order_rows()
    }
    assert [item.order_item_id for item in items] == [row["order_item_id"] for row in rows]
    assert api.get_order(many).payload.order_status == "Shipped"


def test_report_and_download(api_client: Any, partner: Partner, simulator: Simulator) -> None:
    """A report is asked for, awaited and downloaded; its lines are the partner's."""
    api, end = ReportsApi(api_client), STARTED + timedelta(days=1)
    specification = CreateReportSpecification(
        report_type="GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL",
        marketplace_ids=[SHOP],
        data_start_time=STARTED,
        data_end_time=end - timedelta(milliseconds=1),
    )
    report = api.get_report(api.create_report(specification).report_id)
    document = api.get_report_document(report.report_document_id)
    content = requests.get(document.url, timeout=20).content
    text = gzip.decompress(content) if document.compression_algorithm == "GZIP" else content

    listed = api.get_reports(report_types=[specification.report_type]).reports
    assert report.processing_status == "DONE"
    assert [each.report_id for each in listed] == [report.report_id]
    assert text.count(b"\r\n") - 1 == len(partner.all_orders_lines(STARTED, end, [SHOP]))
    assert simulator.tokens_seen_at_documents == []


def test_cancelling_a_report(api_client: Any) -> None:
    """The SDK's refusal of what is too late to cancel is an ApiException with Amazon's body."""
    api = ReportsApi(api_client)
    report_id = api.create_report(
        {"reportType": "GET_SALES_AND_TRAFFIC_REPORT", "marketplaceIds": [SHOP]}
    ).report_id

    with pytest.raises(ApiException) as refused:
        api.cancel_report(report_id)
    assert refused.value.status == 400
    assert "InvalidInput" in refused.value.body


def test_marketplace_participations(api_client: Any) -> None:
    """The partner's marketplace is named."""
    (participation,) = SellersApi(api_client).get_marketplace_participations().payload

    assert participation.marketplace.id == SHOP
