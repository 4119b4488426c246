"""The simulator against Amazon's models: its answers satisfy them, their published cases come back.

The directory of the models (Swagger 2.0 and report schemas) is named by the variable `ASP_MODELS`.
"""

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
import requests
from jsonschema.validators import validator_for

from asp_dagster.simulator import Partner, Simulator

MODELS = Path(os.environ["ASP_MODELS"])
UNTIL = datetime(2026, 11, 22, tzinfo=UTC)
STARTED = "2026-11-01T00:00:00Z"
ALL_DATA = (
    "BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT,"
    "FULFILLMENT_ORDERS"
)

NOTIFICATIONS = "sellingpartnerapi::notifications"
GRANTLESS = {
    "createDestination": NOTIFICATIONS,
    "getDestination": NOTIFICATIONS,
    "getDestinations": NOTIFICATIONS,
    "deleteDestination": NOTIFICATIONS,
    "getSubscriptionById": NOTIFICATIONS,
    "deleteSubscriptionById": NOTIFICATIONS,
    "rotateApplicationClientSecret": "sellingpartnerapi::client_credential:rotation",
    "getShipmentTracking": "sellingpartnerapi::shipments:track",
}
"""The operations that want a scope, and which."""

Json = Any


def _model(*parts: str) -> Json:
    return json.loads(MODELS.joinpath(*parts).read_text(encoding="utf-8"))


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


def _check(answer: Json, model: Json, definition: str) -> None:
    """Hold an answer against a definition of an OpenAPI model."""
    schema = {"$ref": f"#/definitions/{definition}", "definitions": model["definitions"]}
    jsonschema.Draft4Validator(_closed(schema)).validate(answer)


@pytest.fixture(
    params=["ATVPDKIKX0DER", "A1PA6795UKMFR9", "A1VC38T7YXB528"], ids=["US", "DE", "JP"]
)
def simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """A partner in one marketplace, changed once, behind real HTTP."""
    ids = (request.param,)
    partner = Partner.generate(seed=4, orders=400, until=UNTIL, days=2, marketplaces=ids)
    partner.update(seed=1, fraction=0.3, at=UNTIL + timedelta(hours=6))
    with Simulator(partner, speed=1e6, report_seconds=0) as running:
        yield running


@pytest.fixture
def published() -> Iterator[Simulator]:
    """A simulator that answers with Amazon's published cases."""
    partner = Partner.generate(seed=1, orders=1, until=UNTIL, days=1)
    with Simulator(partner, speed=1e6, models=MODELS) as running:
        yield running


@pytest.fixture
def sessions() -> Iterator[ExitStack]:
    """Closes the sessions of a test."""
    with ExitStack() as opened:
        yield opened


def _connect(simulator: Simulator, sessions: ExitStack, **grant: str) -> requests.Session:
    form = {"client_id": simulator.client_id, "client_secret": simulator.client_secret}
    grant = grant or {"grant_type": "refresh_token", "refresh_token": simulator.refresh_token}
    session = sessions.enter_context(requests.Session())
    answer = requests.post(simulator.lwa_url, {**form, **grant}, timeout=20)
    session.headers["x-amz-access-token"] = answer.json()["access_token"]
    return session


def _shop(simulator: Simulator) -> str:
    return simulator.partner.marketplaces[0].marketplace_id


def test_v2026_orders(simulator: Simulator, sessions: ExitStack) -> None:
    """Every page of searchOrders with all data, and getOrder, satisfy Amazon's definitions."""
    api, model = _connect(simulator, sessions), _model("orders-api-model", "orders_2026-01-01.json")
    url = f"{simulator.url}/orders/2026-01-01/orders"
    params = {"lastUpdatedAfter": STARTED, "includedData": ALL_DATA}
    page = api.get(url, params=params).json()
    _check(page, model, "SearchOrdersResponse")
    while "pagination" in page:
        token = page["pagination"]["nextToken"]
        page = api.get(url, params={**params, "paginationToken": token}).json()
        _check(page, model, "SearchOrdersResponse")
    one = api.get(f"{url}/{page['orders'][0]['orderId']}", params={"includedData": ALL_DATA})

    _check(one.json(), model, "GetOrderResponse")


def test_v0_orders_and_items(simulator: Simulator, sessions: ExitStack) -> None:
    """Pages of getOrders, getOrder and getOrderItems satisfy Amazon's definitions."""
    api, model = _connect(simulator, sessions), _model("orders-api-model", "ordersV0.json")
    url = f"{simulator.url}/orders/v0/orders"
    params = {"LastUpdatedAfter": STARTED, "MarketplaceIds": _shop(simulator)}
    page = api.get(url, params=params).json()
    _check(page, model, "GetOrdersResponse")

    for order in page["payload"]["Orders"]:
        items = api.get(f"{url}/{order['AmazonOrderId']}/orderItems").json()
        _check(items, model, "GetOrderItemsResponse")
    _check(api.get(f"{url}/{order['AmazonOrderId']}").json(), model, "GetOrderResponse")


def test_errors(simulator: Simulator, sessions: ExitStack) -> None:
    """Refusals satisfy Amazon's list of errors."""
    api, model = _connect(simulator, sessions), _model("orders-api-model", "orders_2026-01-01.json")
    answers = [
        api.get(f"{simulator.url}/orders/2026-01-01/orders"),
        api.get(f"{simulator.url}/orders/2026-01-01/orders/x"),
        requests.get(f"{simulator.url}/orders/2026-01-01/orders", timeout=20),
    ]

    assert [answer.status_code for answer in answers] == [400, 404, 403]
    for answer in answers:
        _check(answer.json(), model, "ErrorList")


def test_participations(simulator: Simulator, sessions: ExitStack) -> None:
    """The partner's marketplaces satisfy Amazon's definition."""
    api, model = _connect(simulator, sessions), _model("sellers-api-model", "sellers.json")
    answer = api.get(f"{simulator.url}/sellers/v1/marketplaceParticipations").json()

    _check(answer, model, "GetMarketplaceParticipationsResponse")


@pytest.mark.parametrize("dates", ["DAY", "WEEK", "MONTH"])
@pytest.mark.parametrize("asins", ["PARENT", "CHILD", "SKU"])
def test_sales_and_traffic(
    simulator: Simulator, sessions: ExitStack, dates: str, asins: str
) -> None:
    """The report's answers satisfy the Reports API, its document the report's own schema."""
    api, model = (
        _connect(simulator, sessions),
        _model("reports-api-model", "reports_2021-06-30.json"),
    )
    url = f"{simulator.url}/reports/2021-06-30"
    body = {
        "reportType": "GET_SALES_AND_TRAFFIC_REPORT",
        "marketplaceIds": [_shop(simulator)],
        "reportOptions": {"dateGranularity": dates, "asinGranularity": asins},
        "dataStartTime": "2026-11-20T00:00:00Z",
        "dataEndTime": "2026-11-21T00:00:00Z",
    }
    created = api.post(f"{url}/reports", json=body).json()
    report = api.get(f"{url}/reports/{created['reportId']}").json()
    document = api.get(f"{url}/documents/{report['reportDocumentId']}").json()
    listed = api.get(f"{url}/reports?reportTypes=GET_SALES_AND_TRAFFIC_REPORT").json()
    content = gzip.decompress(requests.get(document["url"], timeout=20).content)

    _check(created, model, "CreateReportResponse")
    _check(report, model, "Report")
    _check(document, model, "ReportDocument")
    _check(listed, model, "GetReportsResponse")
    schema = _closed(_model("schemas", "reports", "sellerSalesAndTrafficReport.json"))
    validator_for(schema)(schema).validate(json.loads(content))


@dataclass(frozen=True)
class PublishedCase:
    """A request that Amazon published, and its answer."""

    operation: str
    method: str
    path: str
    parameters: Json
    status: int
    response: Json


def _published_cases() -> Iterator[PublishedCase]:
    for file in sorted(MODELS.rglob("*.json")):
        model = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(model, dict):
            yield from _cases_of(model)


def _cases_of(model: Json) -> Iterator[PublishedCase]:
    for path, methods in model.get("paths", {}).items():
        for method, operation in methods.items():
            responses = operation.get("responses", {}) if isinstance(operation, dict) else {}
            for status, response in responses.items():
                for case in response.get("x-amzn-api-sandbox", {}).get("static", ()):
                    yield PublishedCase(
                        operation["operationId"],
                        method,
                        path,
                        case.get("request", {}).get("parameters", {}),
                        int(status),
                        case.get("response"),
                    )


def _send(session: requests.Session, url: str, case: PublishedCase) -> requests.Response:
    """Send a case's request: path, query and body as the case spells them."""
    values = {name: each.get("value", each) for name, each in case.parameters.items()}
    body, path = values.pop("body", None), case.path
    for name in [name for name in values if f"{{{name}}}" in path]:
        path = path.replace(f"{{{name}}}", quote(_as_text(values.pop(name)), safe=""))
    params = {name: _as_text(value) for name, value in values.items()}
    return session.request(case.method, url + path, params=params, json=body, timeout=20)


def _is_answered(answer: requests.Response, case: PublishedCase) -> bool:
    """Tell whether the answer is the published one; HTTP allows no body with 204."""
    expected = None if case.status == 204 else case.response
    return answer.status_code == case.status and expected == (
        answer.json() if answer.content else None
    )


def _as_text(value: Json) -> str:
    if isinstance(value, list):
        return ",".join(map(_as_text, value))
    return value if isinstance(value, str) else json.dumps(value)


def test_published_successes_come_back(published: Simulator, sessions: ExitStack) -> None:
    """Amazon's own request gets Amazon's own answer, for every success it has published.

    Only restricted data tokens are the simulator's own: a published one would open nothing.
    """
    sessions_by_scope = {None: _connect(published, sessions)} | {
        scope: _connect(published, sessions, grant_type="client_credentials", scope=scope)
        for scope in GRANTLESS.values()
    }
    successes = [
        case
        for case in _published_cases()
        if 200 <= case.status < 300 and case.operation != "createRestrictedDataToken"
    ]
    unanswered = [
        case
        for case in successes
        if not _is_answered(
            _send(sessions_by_scope[GRANTLESS.get(case.operation)], published.url, case), case
        )
    ]

    assert len(successes) > 300
    assert unanswered == []


def test_pages_of_published_v2026_orders_end(published: Simulator, sessions: ExitStack) -> None:
    """A reader of v2026-01-01, asking as it always asks, gets to the end of Amazon's orders."""
    api, url = _connect(published, sessions), f"{published.url}/orders/2026-01-01/orders"
    params = {"lastUpdatedAfter": STARTED}
    first = api.get(url, params=params).json()
    token = first["pagination"]["nextToken"]
    last = api.get(url, params={**params, "paginationToken": token}).json()

    assert first["orders"]
    assert last["orders"] == []
    assert "nextToken" not in last["pagination"]


def test_pages_of_published_v0_orders_end(published: Simulator, sessions: ExitStack) -> None:
    """A reader of v0, asking as it always asks, gets to the end of Amazon's orders."""
    api, url = _connect(published, sessions), f"{published.url}/orders/v0/orders"
    params = {"LastUpdatedAfter": STARTED, "MarketplaceIds": "ATVPDKIKX0DER"}
    page = api.get(url, params=params).json()["payload"]

    assert page["Orders"]
    assert "NextToken" not in page
