"""The client and the simulator, which share no code, agree about Amazon.

The simulator keeps the quota in real time, sped up; so does the client, with the system's clock.
"""

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import (
    Credentials,
    ReportFatalError,
    ReportRequest,
    SellingPartnerClient,
    create_report,
    download_document,
    wait_for_report,
)

UNTIL = datetime(2026, 11, 20, tzinfo=UTC)
SINCE = UNTIL - timedelta(days=3)
US = "ATVPDKIKX0DER"
SALES = ReportRequest(
    report_type="GET_SALES_AND_TRAFFIC_REPORT",
    marketplace_ids=(US,),
    data_start_time=UNTIL - timedelta(days=2),
    data_end_time=UNTIL - timedelta(days=2),
    report_options={"dateGranularity": "DAY", "asinGranularity": "CHILD"},
)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A partner with many small pages; the quota comes back ten thousand times as fast."""
    partner = Partner.generate(seed=5, orders=60, until=UNTIL, days=2)
    with Simulator(partner, speed=10_000, page_size_limit=2, report_seconds=0) as running:
        yield running


@pytest.fixture
def client(simulator: Simulator) -> Iterator[SellingPartnerClient]:
    """The client of that partner, with nothing but its settings."""
    credentials = Credentials(simulator.client_id, simulator.client_secret, simulator.refresh_token)
    with SellingPartnerClient(credentials, simulator.url, lwa_url=simulator.lwa_url) as connected:
        yield connected


def test_reads_all_orders_without_a_single_429(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    """Thirty pages of searchOrders, far more than the burst, are read at the quota's own pace."""
    orders = list(client.list("/orders/2026-01-01/orders", {"lastUpdatedAfter": SINCE}))

    used = client.statistics.snapshot()
    truth = sorted(row["order_id"] for row in simulator.partner.order_rows())
    assert sorted(order["orderId"] for order in orders) == truth
    assert (used.calls, used.throttled) == (30, 0)
    assert used.wait_seconds > 0


def test_reads_all_orders_of_v0_with_their_items(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    """Orders v0 and their items, one call an order and more, come whole and without a 429."""
    params = {"MarketplaceIds": [US], "LastUpdatedAfter": SINCE}

    items = [
        (order["AmazonOrderId"], item["OrderItemId"])
        for order in client.list("/orders/v0/orders", params)
        for item in client.list(f"/orders/v0/orders/{quote(order['AmazonOrderId'])}/orderItems")
    ]

    truth = [(row["order_id"], row["order_item_id"]) for row in simulator.partner.order_item_rows()]
    assert sorted(items) == sorted(truth)
    assert client.statistics.snapshot().throttled == 0


def test_threads_share_the_quota_without_a_429(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    """Five threads in one line keep to the quota as one does."""
    params = {"lastUpdatedAfter": SINCE, "maxResultsPerPage": 1}

    def ask(_: int) -> int:
        return len(client.request("GET", "/orders/2026-01-01/orders", params=params).body["orders"])

    with ThreadPoolExecutor(5) as threads:
        found = list(threads.map(ask, range(40)))

    assert found == [1] * 40
    assert simulator.count("searchOrders", 429) == 0


def test_brings_a_report_home(client: SellingPartnerClient, simulator: Simulator) -> None:
    """A report is created, waited for and downloaded, and no token reaches its document."""
    report = wait_for_report(client, create_report(client, SALES), first_poll_seconds=0.02)
    sink = io.BytesIO()

    document = download_document(client, report.report_document_id, sink)

    content = json.loads(sink.getvalue())
    assert content["reportSpecification"]["reportType"] == SALES.report_type
    assert document.bytes_written == len(sink.getvalue())
    assert simulator.tokens_seen_at_documents == []


def test_asks_anew_for_an_expired_document(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    """A presigned URL that died on the way is replaced once."""
    report = wait_for_report(client, create_report(client, SALES), first_poll_seconds=0.02)
    simulator.fault("downloadDocument", status=403)

    download_document(client, report.report_document_id, io.BytesIO())

    assert simulator.count("getReportDocument") == 2


def test_shows_why_a_report_is_fatal(client: SellingPartnerClient, simulator: Simulator) -> None:
    """Amazon's explanation is fetched and shown."""
    simulator.end_next_report("FATAL", "Dates must be aligned.")
    report_id = create_report(client, SALES)

    with pytest.raises(ReportFatalError, match="Amazon's reason: Dates must be aligned"):
        wait_for_report(client, report_id, first_poll_seconds=0.02)


def test_renews_tokens_that_expire_on_the_way(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    """A walk goes on when its access token dies between two pages."""
    records = client.list("/orders/2026-01-01/orders", {"lastUpdatedAfter": SINCE})
    first = next(records)
    simulator.expire_tokens()

    rest = list(records)

    assert len([first, *rest]) == 60
    assert simulator.count("requestToken") == 2
