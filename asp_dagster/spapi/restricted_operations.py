"""Which operations are restricted: they answer personal data, and only to a token made for it.

Here belong: Amazon's list of those that always are, those that answer personal data to such a token
only, and what it opens. Getting one is the work of `restricted`.

Not in it is getReportDocument, which is restricted by the type of its report: see `document_urls`.
Orders 2026-01-01 needs no token.

https://developer-docs.amazon.com/sp-api/docs/tokens-api
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SHIPPING_ROLE = "Direct to Consumer Shipping (Restricted)"
INVOICING_ROLE = "Tax Invoicing (Restricted)"
REMITTANCE_ROLE = "Tax Remittance (Restricted)"

_SHIPPING = (SHIPPING_ROLE,)
_TAXES = (INVOICING_ROLE, REMITTANCE_ROLE)

_ORDER = "/orders/v0/orders/{orderId}"
_MERCHANT = "/mfn/v0/shipments"
_VENDOR = "/vendor/directFulfillment"
_DOCUMENTS = ("shippingLabels", "packingSlips", "customerInvoices")
_VERSIONS = ("v1", "2021-12-28")

RESTRICTED_OPERATIONS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("GET", f"{_ORDER}/address"): _SHIPPING,
    ("GET", f"{_ORDER}/buyerInfo"): _TAXES,
    ("GET", f"{_ORDER}/orderItems/buyerInfo"): _TAXES,
    ("GET", f"{_ORDER}/regulatedInfo"): _SHIPPING,
    ("GET", f"{_MERCHANT}/{{shipmentId}}"): _SHIPPING,
    ("DELETE", f"{_MERCHANT}/{{shipmentId}}"): _SHIPPING,
    ("POST", _MERCHANT): _SHIPPING,
    ("GET", "/shipping/v1/shipments/{shipmentId}"): _SHIPPING,
    ("GET", "/fba/outbound/brazil/v0/shipments/{shipmentId}"): (INVOICING_ROLE,),
    ("POST", "/easyShip/2022-03-23/packages/bulk"): _SHIPPING,
    **{
        ("GET", f"{_VENDOR}/orders/{version}/purchaseOrders{one}"): _SHIPPING
        for version in _VERSIONS
        for one in ("", "/{purchaseOrderNumber}")
    },
    **{
        ("GET", f"{_VENDOR}/shipping/{version}/{document}{one}"): _SHIPPING
        for version in _VERSIONS
        for document in _DOCUMENTS
        for one in ("", "/{purchaseOrderNumber}")
    },
    (
        "POST",
        f"{_VENDOR}/shipping/2021-12-28/shippingLabels/{{purchaseOrderNumber}}",
    ): _SHIPPING,
}
"""The roles of which the application needs one, by method and path template."""

_BOTH = tuple(f"{SHIPPING_ROLE} together with {role}" for role in _TAXES)

DATA_ELEMENTS: Mapping[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]] = {
    ("GET", "/orders/v0/orders"): (("buyerInfo", "shippingAddress"), _BOTH),
    ("GET", _ORDER): (("buyerInfo", "shippingAddress"), _BOTH),
    ("GET", f"{_ORDER}/orderItems"): (("buyerInfo",), _TAXES),
}
"""What a token is asked for where one without it brings all but personal data, and the roles.

`buyerTaxInformation` is for invoices in Turkey alone: an application without the role for it would
be refused everything."""


@dataclass(frozen=True)
class RestrictedResource:
    """What a restricted data token opens: one method and path.

    Attributes:
        method: HTTP method.
        path: A path template, which opens every path that fits: one token serves many orders; for
            a report document the concrete path, as Amazon demands.
        data_elements: `buyerInfo`, `shippingAddress`, `buyerTaxInformation`: only for getOrders,
            getOrder and getOrderItems of Orders v0.
        roles: The roles of which the application needs one, if known; only errors speak of them.
    """

    method: str
    path: str
    data_elements: tuple[str, ...] = ()
    roles: tuple[str, ...] = field(default=(), compare=False)

    @property
    def body(self) -> Mapping[str, Any]:
        """The body of createRestrictedDataToken."""
        elements = {"dataElements": list(self.data_elements)} if self.data_elements else {}
        return {"restrictedResources": [{"method": self.method, "path": self.path, **elements}]}
