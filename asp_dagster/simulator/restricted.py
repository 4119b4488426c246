"""Tokens API 2021-03-01, and what needs its tokens: personal data is shown to nobody else.

Here belong: createRestrictedDataToken, whom a restricted data token lets in, and which operations
and report types are restricted.

https://developer-docs.amazon.com/sp-api/docs/tokens-api
"""

import json
import re
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from asp_dagster.simulator.lwa import LoginWithAmazon
from asp_dagster.simulator.operations import Operation, OperationRequest, UsagePlan
from asp_dagster.simulator.report_ledger import ReportLedger
from asp_dagster.simulator.wire import Answer, Refusal, invalid_input, ok, unauthorized

PATH = "/tokens/2021-03-01/restrictedDataToken"
MOST_RESOURCES = 50

RESTRICTED_REPORT_TYPES = frozenset(
    {
        "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_INVOICING",
        "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_TAX",
        "GET_EASYSHIP_DOCUMENTS",
        "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING",
        "GET_FLAT_FILE_ORDER_REPORT_DATA_INVOICING",
        "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING",
        "GET_FLAT_FILE_ORDER_REPORT_DATA_TAX",
        "GET_GST_MTR_B2B_CUSTOM",
        "GET_ORDER_REPORT_DATA_INVOICING",
        "GET_ORDER_REPORT_DATA_SHIPPING",
        "GET_ORDER_REPORT_DATA_TAX",
        "GET_VAT_TRANSACTION_DATA",
        "SC_VAT_TAX_REPORT",
    }
)
"""Amazon's own; `Simulator` takes others in their place."""

_NO_ACCESS = "Application do not have access to some or all requested resource"
_NO_DOCUMENT = "Invalid or unsupported document ID found"
_DOCUMENTS = "/reports/2021-06-30/documents/"
_ORDERS = "/orders/v0/orders"
_VENDOR = "/vendor/directFulfillment"

_METHODS = ("GET", "PUT", "POST", "DELETE")
_DATA_ELEMENTS = ("buyerInfo", "shippingAddress", "buyerTaxInformation")
_WITH_DATA_ELEMENTS = (_ORDERS, f"{_ORDERS}/{{id}}", f"{_ORDERS}/{{id}}/orderItems")
_RESTRICTED: Mapping[str, tuple[str, ...]] = {
    "GET": (
        *_WITH_DATA_ELEMENTS,
        f"{_ORDERS}/{{id}}/address",
        f"{_ORDERS}/{{id}}/buyerInfo",
        f"{_ORDERS}/{{id}}/orderItems/buyerInfo",
        f"{_ORDERS}/{{id}}/regulatedInfo",
        "/mfn/v0/shipments/{id}",
        "/shipping/v1/shipments/{id}",
        "/fba/outbound/brazil/v0/shipments/{id}",
        *(
            f"{_VENDOR}/{resource}{one}"
            for resource in (
                *("orders/v1/purchaseOrders", "orders/2021-12-28/purchaseOrders"),
                *("shipping/v1/shippingLabels", "shipping/2021-12-28/shippingLabels"),
                *("shipping/v1/packingSlips", "shipping/2021-12-28/packingSlips"),
                *("shipping/v1/customerInvoices", "shipping/2021-12-28/customerInvoices"),
            )
            for one in ("", "/{id}")
        ),
    ),
    "POST": (
        "/mfn/v0/shipments",
        "/easyShip/2022-03-23/packages/bulk",
        f"{_VENDOR}/shipping/2021-12-28/shippingLabels/{{id}}",
    ),
    "DELETE": ("/mfn/v0/shipments/{id}",),
    "PUT": (),
}
"""The paths for which there are tokens, by method."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that a restricted data token opens.

    Attributes:
        method: The HTTP method.
        path: The path, or path template.
        data_elements: What of the personal data there.
    """

    method: str
    path: str
    data_elements: frozenset[str]


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who calls, and what of personal data is shown to them.

    Attributes:
        caller: Whose quota it is.
        data_elements: The data elements of the token.
    """

    caller: str
    data_elements: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RestrictedGrant:
    """What a restricted data token stands for.

    Attributes:
        resources: What it opens.
        expires_at: From when on it is refused.
    """

    resources: tuple[Resource, ...]
    expires_at: datetime

    def opened(self, method: str, path: str) -> Resource | None:
        """Return what it opens under this path, or none."""
        fitting = (each for each in self.resources if method == each.method)
        return next((each for each in fitting if _fits(path, each.path)), None)


@dataclass
class RestrictedData:
    """Hands out restricted data tokens, and lets nobody to personal data without one.

    Attributes:
        login: Whose access tokens everything else takes.
        reports: The reports, some of which are restricted.
        report_types: The restricted types.
        has_role: Whether the application has the restricted roles.
        token_seconds: How long a token lives.
    """

    login: LoginWithAmazon
    reports: ReportLedger
    report_types: Collection[str] = RESTRICTED_REPORT_TYPES
    has_role: bool = True
    token_seconds: float = 3600
    _grants: dict[str, RestrictedGrant] = field(default_factory=dict, repr=False)

    def operations(self) -> Iterator[Operation]:
        """Yield the operation."""
        plan = UsagePlan(1, 10)
        yield Operation("createRestrictedDataToken", "POST", PATH, plan, self.create_token)

    def create_token(self, request: OperationRequest) -> Answer:
        """Hand out a token for some resources."""
        resources = tuple(_resources(request.body))
        for each in resources:
            self._check_access(each.method, each.path, request.now)
        token = f"Atz.sprdt|{secrets.token_urlsafe(96)}"
        expires_at = request.now + timedelta(seconds=self.token_seconds)
        self._grants[token] = RestrictedGrant(resources, expires_at)
        return ok({"restrictedDataToken": token, "expiresIn": int(self.token_seconds)})

    def authorize(
        self, token: str | None, operation: Operation, path: str, now: datetime
    ) -> Admitted:
        """Return who calls and may see what, or refuse.

        Raises:
            Refusal: With status 403 and Amazon's words.
        """
        grant = self._grants.get(token or "")
        if grant is None:
            caller = self.login.authorize(token, operation.name, now)
            if operation.is_restricted or self._is_restricted_document(path, now):
                raise unauthorized()
            return Admitted(caller)
        if now >= grant.expires_at:
            raise unauthorized("The access token you provided has expired.")
        opened = grant.opened(operation.method, path)
        if opened is None:
            raise unauthorized()
        return Admitted(self.login.caller, opened.data_elements)

    def expire_tokens(self) -> None:
        """Let every token handed out so far be expired."""
        long_ago = datetime.min.replace(tzinfo=UTC)
        for token, grant in list(self._grants.items()):
            self._grants[token] = replace(grant, expires_at=long_ago)

    def _check_access(self, method: str, path: str, now: datetime) -> None:
        """Refuse what is not restricted, or not for this application; a document by its own id."""
        if path.startswith("/reports/") and not self._is_restricted_document(path, now):
            raise invalid_input(_NO_DOCUMENT)
        is_known = path.startswith(_DOCUMENTS) or any(
            _fits(path, template) for template in _RESTRICTED[method]
        )
        if not is_known or not self.has_role:
            raise invalid_input(_NO_ACCESS)

    def _is_restricted_document(self, path: str, now: datetime) -> bool:
        """Tell whether the path is a document with personal data; a failure's has none."""
        document_id = unquote(path.removeprefix(_DOCUMENTS))
        return path.startswith(_DOCUMENTS) and any(
            report.document_id == document_id
            and report.request.report_type in self.report_types
            and report.status(now) == "DONE"
            for report in self.reports.newest_first()
        )


def _fits(path: str, template: str) -> bool:
    """Tell whether the path, concrete or a template itself, is one of the template."""
    parts = re.split(r"\{[^}]+\}", template)
    return re.fullmatch("[^/]+".join(map(re.escape, parts)), path) is not None


def _resources(body: bytes) -> Iterator[Resource]:
    """Read what a token is asked for.

    Raises:
        Refusal: With status 400, naming what is missing or wrong.
    """
    asked = _json(body)
    if not isinstance(asked, dict) or set(asked) - {"restrictedResources", "targetApplication"}:
        raise _invalid("The body is an object of restrictedResources and targetApplication.")
    if not isinstance(asked.get("targetApplication", ""), str):
        raise _invalid("targetApplication is not an application id.")
    resources = asked.get("restrictedResources")
    if not isinstance(resources, list) or not 1 <= len(resources) <= MOST_RESOURCES:
        raise _invalid(f"restrictedResources must list 1 to {MOST_RESOURCES} resources.")
    return map(_resource, resources)


def _resource(asked: Any) -> Resource:
    if not isinstance(asked, dict) or set(asked) - {"method", "path", "dataElements"}:
        raise _invalid("A resource is an object of method, path and dataElements.")
    method, path = asked.get("method"), asked.get("path")
    if method not in _METHODS or not isinstance(path, str):
        raise _invalid(f"A resource needs a path, and a method out of: {', '.join(_METHODS)}.")
    elements = asked.get("dataElements", [])
    _check_data_elements(method, path, elements)
    return Resource(method, path, frozenset(elements))


def _check_data_elements(method: str, path: str, elements: Any) -> None:
    """Refuse data elements that are unknown, out of place, or missing."""
    if not isinstance(elements, list) or not set(elements) <= set(_DATA_ELEMENTS):
        raise _invalid(f"dataElements must list some of: {', '.join(_DATA_ELEMENTS)}.")
    has_elements = method == "GET" and any(_fits(path, each) for each in _WITH_DATA_ELEMENTS)
    if elements and not has_elements:
        raise _invalid(f"dataElements cannot be given for {method} {path}.")
    if has_elements and not elements:
        raise invalid_input(_NO_ACCESS)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _invalid(details: str) -> Refusal:
    return Refusal(400, "InvalidRequest", "Request is missing or has invalid parameters", details)
