"""Restricted data tokens: what they may be asked for, what they open, and what needs them."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Simulator
from asp_dagster.simulator.operations import Operation, UsagePlan
from asp_dagster.simulator.restricted import PATH, RESTRICTED_REPORT_TYPES
from asp_dagster.simulator.wire import ok

Json = Any
Start = Callable[..., Simulator]
Connect = Callable[[Simulator], requests.Session]

ADDRESS = "/orders/v0/orders/{orderId}/address"
VENDOR_ORDERS = "/vendor/directFulfillment/orders/2021-12-28/purchaseOrders"
WEEK = "?createdAfter=2026-11-15T00:00:00Z&createdBefore=2026-11-22T00:00:00Z"
REPORTS = "/reports/2021-06-30/reports"
DOCUMENTS = "/reports/2021-06-30/documents"
SALES = "GET_SALES_AND_TRAFFIC_REPORT"
NO_ACCESS = "Application do not have access to some or all requested resource"
NO_DOCUMENT = "Invalid or unsupported document ID found"
DENIED = "Access to requested resource is denied."


def _addresses(is_restricted: bool = True) -> Sequence[Operation]:  # noqa: FBT001, FBT002 - one flag
    plan = UsagePlan(1, 10)
    return [
        Operation("getAddress", "GET", ADDRESS, plan, lambda _: ok({}), is_restricted=is_restricted)
    ]


def _resource(path: str = VENDOR_ORDERS, method: str = "GET", *elements: str) -> Json:
    return {"method": method, "path": path, "dataElements": list(elements)}


def _ask(api: requests.Session, *resources: Json) -> requests.Response:
    return api.post(PATH, json={"restrictedResources": resources})


def _with_token(api: requests.Session, *resources: Json) -> requests.Session:
    """Let the session send a token for the resources from now on."""
    api.headers["x-amz-access-token"] = _ask(api, *resources).json()["restrictedDataToken"]
    return api


def _said(answer: requests.Response) -> tuple[int, str, str]:
    """Return status, code and the words of an error."""
    [error] = answer.json()["errors"]
    return answer.status_code, error["code"], error["message"]


def _document(api: requests.Session, simulator: Simulator, status: Any = "DONE") -> str:
    """Let a report end, and return its document's path."""
    simulator.end_next_report(status, "text")
    body = {"reportType": SALES, "marketplaceIds": ["ATVPDKIKX0DER"]}
    report_id = api.post(REPORTS, json=body).json()["reportId"]
    document_id = api.get(f"{REPORTS}/{report_id}").json()["reportDocumentId"]
    return f"{DOCUMENTS}/{document_id}"


@pytest.fixture
def restricted(start: Start) -> Simulator:
    """A simulator with a report type and an operation that are restricted."""
    return start(restricted_report_types={SALES}, operations=_addresses())


@pytest.fixture
def user(restricted: Simulator, connect: Connect) -> requests.Session:
    """A session with it."""
    return connect(restricted)


def test_knows_amazons_restricted_types(simulator: Simulator) -> None:
    """Thirteen current report types are restricted by Amazon's documentation."""
    assert simulator.restricted_report_types is RESTRICTED_REPORT_TYPES
    assert len(RESTRICTED_REPORT_TYPES) == 13


def test_hands_out_tokens(user: requests.Session) -> None:
    """A token comes with its life, and each is another."""
    first, second = (_ask(user, _resource()).json() for _ in range(2))

    assert first.pop("restrictedDataToken").startswith("Atz.sprdt|")
    assert (first, second["expiresIn"]) == ({"expiresIn": 3600}, 3600)


@pytest.mark.parametrize(
    "resource",
    [
        pytest.param(_resource(), id="list"),
        pytest.param(_resource(f"{VENDOR_ORDERS}/PO1"), id="one"),
        pytest.param(_resource(f"{VENDOR_ORDERS}/{{purchaseOrderNumber}}"), id="any"),
        pytest.param(_resource("/mfn/v0/shipments/{shipmentId}", "DELETE"), id="delete"),
        pytest.param(_resource("/orders/v0/orders", "GET", "buyerInfo"), id="data element"),
        pytest.param(
            _resource("/orders/v0/orders/902-1/orderItems", "GET", "buyerInfo"), id="items"
        ),
    ],
)
def test_accepts_restricted_resources(user: requests.Session, resource: Json) -> None:
    """A restricted operation may be named by its path or by its template."""
    assert _ask(user, resource).status_code == 200


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        pytest.param(_resource("/orders/2026-01-01/orders"), NO_ACCESS, id="not restricted"),
        pytest.param(_resource(VENDOR_ORDERS, "POST"), NO_ACCESS, id="other method"),
        pytest.param(_resource(VENDOR_ORDERS, "PUT"), NO_ACCESS, id="method without any"),
        pytest.param(_resource("/orders/v0/orders"), NO_ACCESS, id="no data element"),
        pytest.param(_resource(f"{DOCUMENTS}/{{reportDocumentId}}"), NO_DOCUMENT, id="documents"),
        pytest.param(_resource(f"{DOCUMENTS}/unknown"), NO_DOCUMENT, id="no such document"),
        pytest.param(_resource(REPORTS), NO_DOCUMENT, id="reports"),
    ],
)
def test_refuses_other_resources(user: requests.Session, resource: Json, message: str) -> None:
    """What is not restricted, or not named as Amazon wants it, gets no token."""
    assert _said(_ask(user, resource)) == (400, "InvalidInput", message)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="no JSON"),
        pytest.param(b"[]", id="no object"),
        pytest.param(b"{}", id="no resources"),
        pytest.param(b'{"restrictedResources": []}', id="none"),
        pytest.param(b'{"restrictedResources": [1]}', id="number"),
        pytest.param(b'{"restrictedResources": [{"x": 1}]}', id="unknown field"),
        pytest.param(b'{"restrictedResources": [{"path": "/"}]}', id="no method"),
        pytest.param(b'{"restrictedResources": [{"method": "PATCH", "path": "/"}]}', id="PATCH"),
        pytest.param(b'{"restrictedResources": [{"method": "GET"}]}', id="no path"),
        pytest.param(b'{"restrictedResources": [], "x": 1}', id="unknown"),
        pytest.param(b'{"restrictedResources": [], "targetApplication": null}', id="null"),
    ],
)
def test_refuses_broken_bodies(user: requests.Session, body: bytes) -> None:
    """A body that is not as the model has it is refused."""
    assert _said(user.post(PATH, data=body))[:2] == (400, "InvalidRequest")


@pytest.mark.parametrize(
    "resources",
    [
        pytest.param([_resource()] * 51, id="too many"),
        pytest.param([_resource(VENDOR_ORDERS, "GET", "buyerInfo")], id="element out of place"),
        pytest.param([_resource("/orders/v0/orders", "GET", "phone")], id="unknown element"),
        pytest.param([{**_resource(), "dataElements": "buyerInfo"}], id="element, no list"),
    ],
)
def test_refuses_what_breaks_a_rule(user: requests.Session, resources: list[Json]) -> None:
    """Fifty resources at most, and data elements only where they mean something."""
    assert _said(_ask(user, *resources))[:2] == (400, "InvalidRequest")


@pytest.mark.parametrize("path", [VENDOR_ORDERS + WEEK, "/orders/v0/orders/1/address"])
def test_restricted_operations_need_a_token(user: requests.Session, path: str) -> None:
    """An access token alone opens no personal data."""
    assert _said(user.get(path)) == (403, "Unauthorized", DENIED)


def test_a_template_opens_every_path(user: requests.Session) -> None:
    """One token serves many orders."""
    api = _with_token(user, _resource(ADDRESS), _resource())
    paths = ["/orders/v0/orders/1/address", "/orders/v0/orders/2/address", VENDOR_ORDERS + WEEK]

    assert [api.get(path).status_code for path in paths] == [200, 200, 200]


def test_a_path_opens_itself_alone(user: requests.Session) -> None:
    """A token for one order opens no other, and nothing else at all."""
    api = _with_token(user, _resource("/orders/v0/orders/1/address"))
    paths = ["/orders/v0/orders/1/address", "/orders/v0/orders/2/address", "/orders/v0/orders/1"]

    assert [api.get(path).status_code for path in paths] == [200, 403, 403]
    assert _ask(api, _resource()).status_code == 403


def test_tokens_expire(user: requests.Session, go_on: Callable[[float], None]) -> None:
    """A token lives an hour, and Amazon says when it is over."""
    api = _with_token(user, _resource(ADDRESS))
    go_on(3599)
    before = api.get("/orders/v0/orders/1/address").status_code
    go_on(1)
    answer = api.get("/orders/v0/orders/1/address")

    assert (before, answer.status_code) == (200, 403)
    assert "expired" in answer.json()["errors"][0]["details"]


def test_tokens_can_be_expired(restricted: Simulator, user: requests.Session) -> None:
    """A test can end all tokens at once."""
    api = _with_token(user, _resource(ADDRESS))
    restricted.expire_tokens()

    assert api.get("/orders/v0/orders/1/address").status_code == 403


def test_restricted_documents_need_a_token(restricted: Simulator, user: requests.Session) -> None:
    """The document of a restricted type is found with a token of its own, and not without."""
    path = _document(user, restricted)
    plain = _said(user.get(path))

    assert plain == (403, "Unauthorized", DENIED)
    assert _with_token(user, _resource(path)).get(path).json()["url"]


def test_other_documents_need_none(
    simulator: Simulator, restricted: Simulator, api: requests.Session, user: requests.Session
) -> None:
    """Documents of other types, and why a restricted report failed, are open."""
    paths = _document(api, simulator), _document(user, restricted, "FATAL")

    assert [api.get(paths[0]).status_code, user.get(paths[1]).status_code] == [200, 200]
    assert _said(_ask(user, _resource(paths[1])))[2] == NO_DOCUMENT


def test_without_the_role_there_is_no_token(start: Start, connect: Connect) -> None:
    """An application without restricted roles is refused, in Amazon's own grammar."""
    simulator = start(has_restricted_roles=False, restricted_report_types={SALES})
    api = connect(simulator)
    document = _document(api, simulator)

    answers = [_said(_ask(api, _resource(path))) for path in (ADDRESS, document)]
    assert answers == [(400, "InvalidInput", NO_ACCESS)] * 2


def test_the_quota_is_the_partners(start: Start, connect: Connect) -> None:
    """A restricted data token spends the same bucket as an access token."""
    api = connect(start(speed=1, operations=_addresses(is_restricted=False)))
    path = "/orders/v0/orders/1/address"
    plain = [api.get(path).status_code for _ in range(9)]
    _with_token(api, _resource(ADDRESS))

    assert plain == [200] * 9
    assert [api.get(path).status_code for _ in range(2)] == [200, 429]
