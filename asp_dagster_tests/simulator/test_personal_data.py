"""Who is shown a customer: in v0 the right token, in v2026-01-01 the right application."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Simulator
from asp_dagster.simulator.restricted import PATH

Json = Any
Start = Callable[..., Simulator]
Connect = Callable[[Simulator], requests.Session]

V0 = "/orders/v0/orders"
V2026 = "/orders/2026-01-01/orders"
SINCE = {"MarketplaceIds": "ATVPDKIKX0DER", "LastUpdatedAfter": "2026-11-01T00:00:00Z"}
PERSONAL = ("Synthetic Buyer", "Synthetic Street", "synthetic-buyer", "555 0100")


def _with_token(api: requests.Session, path: str, *elements: str) -> requests.Session:
    resource = {"method": "GET", "path": path, "dataElements": list(elements)}
    answer = api.post(PATH, json={"restrictedResources": [resource]}).json()
    api.headers["x-amz-access-token"] = answer["restrictedDataToken"]
    return api


def _personal(text: str) -> set[str]:
    return {each for each in PERSONAL if each in text}


def test_access_token_shows_no_customer(api: requests.Session) -> None:
    """Without a restricted data token Orders v0 tells nothing personal."""
    assert _personal(api.get(V0, params=SINCE).text) == set()


@pytest.mark.parametrize(
    ("elements", "shown"),
    [
        (("buyerInfo",), {"Synthetic Buyer", "synthetic-buyer"}),
        (("shippingAddress",), {"Synthetic Buyer", "Synthetic Street", "555 0100"}),
        (("buyerInfo", "shippingAddress"), set(PERSONAL)),
        (("buyerTaxInformation",), set()),
    ],
    ids=lambda value: " ".join(sorted(value)),
)
def test_token_shows_what_its_data_elements_name(
    api: requests.Session, elements: tuple[str, ...], shown: set[str]
) -> None:
    """A restricted data token shows of each order what it was asked for, and no more."""
    found = _with_token(api, V0, *elements).get(V0, params=SINCE).text

    assert _personal(found) == shown


def test_one_template_opens_the_items_of_all_orders(api: requests.Session) -> None:
    """A token for a path template shows the gift messages of every order."""
    listed = api.get(V0, params=SINCE).json()["payload"]["Orders"]
    plain = [api.get(f"{V0}/{each['AmazonOrderId']}/orderItems").text for each in listed]
    _with_token(api, f"{V0}/{{orderId}}/orderItems", "buyerInfo")
    opened = [api.get(f"{V0}/{each['AmazonOrderId']}/orderItems").text for each in listed]

    assert "GiftMessageText" not in "".join(plain)
    assert "GiftMessageText" in "".join(opened)


@pytest.mark.parametrize("has_roles", [True, False], ids=["with the roles", "without them"])
def test_application_without_the_roles_is_shown_no_customer(
    start: Start, connect: Connect, *, has_roles: bool
) -> None:
    """Orders v2026-01-01 refuses nothing: without the restricted roles the fields are missing."""
    api = connect(start(has_restricted_roles=has_roles))
    params = {
        "lastUpdatedAfter": "2026-11-01T00:00:00Z",
        "includedData": "BUYER,RECIPIENT,FULFILLMENT",
    }
    found = api.get(V2026, params=params)
    order = found.json()["orders"][0]
    one = api.get(f"{V2026}/{order['orderId']}", params={"includedData": "RECIPIENT"})

    assert _personal(found.text) == (set(PERSONAL) if has_roles else set())
    assert bool(_personal(one.text)) is has_roles
    assert "city" in order["recipient"]["deliveryAddress"]
