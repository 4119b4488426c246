"""Personal data are fetched end to end, from a simulator that shows them to nobody else."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.operations import Operation, UsagePlan
from asp_dagster.simulator.wire import ok
from asp_dagster.spapi import (
    Credentials,
    ReportFatalError,
    ReportRequest,
    RestrictedDataError,
    SellingPartnerClient,
    UsagePlans,
    create_report,
    download_document,
    wait_for_report,
)

UNTIL = datetime(2026, 11, 20, tzinfo=UTC)
TOKENS = "createRestrictedDataToken"
REPORT_TYPE = "GET_SALES_AND_TRAFFIC_REPORT"
ROLE = "Tax Invoicing (Restricted)"
ADDRESS = "/orders/v0/orders/{orderId}/address"
VENDOR_ORDERS = "/vendor/directFulfillment/orders/2021-12-28/purchaseOrders"

Start = Callable[..., tuple[Simulator, SellingPartnerClient]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a simulator with a restricted report type and operation, and a client of it."""
    partner = Partner.generate(seed=5, orders=20, until=UNTIL, days=2)
    address = Operation(
        "getOrderAddress",
        "GET",
        ADDRESS,
        UsagePlan(0.5, 30),
        lambda request: ok({"payload": dict(request.path)}),
        is_restricted=True,
    )
    with ExitStack() as running:

        def started(**settings: Any) -> tuple[Simulator, SellingPartnerClient]:
            usual = {"speed": 1e5, "page_size_limit": 2, "report_seconds": 0}
            kinds = {"restricted_report_types": {REPORT_TYPE}, "operations": [address]}
            simulator = Simulator(partner, **(usual | kinds | settings))
            amazon = running.enter_context(simulator)
            names = (amazon.client_id, amazon.client_secret, amazon.refresh_token)
            client = SellingPartnerClient(
                Credentials(*names),
                amazon.url,
                lwa_url=amazon.lwa_url,
                usage_plans=UsagePlans.load().with_personal_data(),
            )
            return amazon, running.enter_context(client)

        yield started


def _document(simulator: Simulator, client: SellingPartnerClient) -> str:
    """Let a report be made, and return its document's id."""
    simulator.end_next_report("DONE", json.dumps({"buyer": "Synthetic Buyer"}))
    asked = ReportRequest(report_type=REPORT_TYPE, marketplace_ids=["ATVPDKIKX0DER"])
    return wait_for_report(client, create_report(client, asked)).report_document_id


@pytest.mark.parametrize(
    ("is_restricted", "asked"), [(True, 1), (False, 2)], ids=["known", "found out"]
)
def test_restricted_report_comes_home(start: Start, is_restricted: bool, asked: int) -> None:  # noqa: FBT001 - a table's column
    """A restricted document is downloaded, whether or not its type is known to be restricted."""
    simulator, client = start()
    sink = io.BytesIO()

    download_document(client, _document(simulator, client), sink, is_restricted=is_restricted)

    assert sink.getvalue() == b'{"buyer": "Synthetic Buyer"}'
    assert (simulator.count(TOKENS), simulator.count("getReportDocument")) == (1, asked)
    assert simulator.tokens_seen_at_documents == []


def test_other_reports_need_no_token(start: Start) -> None:
    """A type that is wrongly believed to be restricted is fetched with an access token."""
    simulator, client = start(restricted_report_types=())
    document_id = _document(simulator, client)

    download_document(client, document_id, io.BytesIO())
    assert simulator.count(TOKENS) == 0

    download_document(client, document_id, io.BytesIO(), is_restricted=True)
    assert simulator.count(TOKENS, 400) == 1


def test_an_expired_url_costs_no_second_token(start: Start) -> None:
    """When a presigned URL died on the way, the next is asked for with the same token."""
    simulator, client = start()
    document_id = _document(simulator, client)
    simulator.fault("downloadDocument", status=403)

    download_document(client, document_id, io.BytesIO(), is_restricted=True)

    assert (simulator.count(TOKENS), simulator.count("getReportDocument")) == (1, 2)


@pytest.mark.parametrize("is_restricted", [True, False], ids=["known", "found out"])
def test_a_missing_role_is_loud(start: Start, is_restricted: bool) -> None:  # noqa: FBT001 - a table's column
    """Without the role there is one attempt, and an error that names role and remedy."""
    simulator, client = start(has_restricted_roles=False)
    document_id, sink = _document(simulator, client), io.BytesIO()

    with pytest.raises(RestrictedDataError, match=r"Tax Invoicing \(Restricted\).*authorise"):
        download_document(client, document_id, sink, is_restricted=is_restricted, roles=(ROLE,))

    assert (simulator.count(TOKENS), sink.getvalue()) == (1, b"")


def test_why_a_restricted_report_failed_is_shown(start: Start) -> None:
    """Amazon's explanation holds no personal data, and is fetched as ever."""
    simulator, client = start()
    simulator.end_next_report("FATAL", "Dates must be aligned.")
    asked = ReportRequest(report_type=REPORT_TYPE, marketplace_ids=["ATVPDKIKX0DER"])

    with pytest.raises(ReportFatalError, match="Dates must be aligned"):
        wait_for_report(client, create_report(client, asked))

    assert simulator.count(TOKENS) == 0


def test_one_token_serves_all_pages_and_orders(start: Start) -> None:
    """Many pages cost one token, and many orders' addresses another."""
    simulator, client = start()
    window = {"createdAfter": UNTIL - timedelta(days=6), "createdBefore": UNTIL}

    orders = list(client.list(VENDOR_ORDERS, window))
    addresses = [
        client.request("GET", f"/orders/v0/orders/{number}/address").body["payload"]["orderId"]
        for number in range(5)
    ]

    assert (len(orders), addresses) == (18, ["0", "1", "2", "3", "4"])
    assert (simulator.count("getOrders"), simulator.count(TOKENS)) == (9, 2)
    assert {call.status for call in simulator.calls} == {200}


def test_renews_a_token_that_ended_early(start: Start) -> None:
    """When all tokens end at once, both kinds are renewed on the way."""
    simulator, client = start()
    client.request("GET", "/orders/v0/orders/1/address")
    simulator.expire_tokens()

    client.request("GET", "/orders/v0/orders/2/address")

    assert (simulator.count(TOKENS, 200), simulator.count("requestToken")) == (2, 2)


SINCE = {"MarketplaceIds": "ATVPDKIKX0DER", "LastUpdatedAfter": "2026-11-01T00:00:00Z"}
ORDERS = "/orders/v0/orders"


def test_all_orders_and_their_items_take_two_tokens(start: Start) -> None:
    """Every page is asked for with one token, and the items of every order with another."""
    simulator, client = start()

    orders = list(client.list(ORDERS, SINCE, results_key="Orders"))
    for each in orders:
        client.request("GET", f"{ORDERS}/{each['AmazonOrderId']}/orderItems")

    assert "Synthetic Street" in json.dumps(orders)
    assert simulator.count(TOKENS) == 2
    assert simulator.count("getOrders") == -(-len(orders) // 2)
    assert simulator.count("getOrderItems") == len(orders)


def test_orders_without_the_roles_are_refused_loudly(start: Start) -> None:
    """Orders are not silently taken without their buyers: the error names the roles."""
    _, client = start(has_restricted_roles=False)

    with pytest.raises(RestrictedDataError, match=r"Shipping .* together with Tax Invoicing"):
        list(client.list(ORDERS, SINCE, results_key="Orders"))


def test_unwanted_personal_data_is_not_asked_for(start: Start) -> None:
    """A restricted document that nobody declared as such ends in an error, and in no token."""
    simulator, client = start()

    with pytest.raises(RestrictedDataError, match="declare `pii: include`"):
        download_document(client, _document(simulator, client), io.BytesIO(), personal_data=False)
    assert simulator.count(TOKENS) == 0


def test_other_documents_come_without_a_token(start: Start) -> None:
    """A document without personal data is had where none is wanted."""
    simulator, client = start(restricted_report_types=())
    sink = io.BytesIO()

    download_document(client, _document(simulator, client), sink, personal_data=False)

    assert sink.getvalue()
