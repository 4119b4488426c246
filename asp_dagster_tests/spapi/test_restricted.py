"""Restricted data tokens are got where they are needed, shared, renewed, and refused by role."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from asp_dagster.spapi import (
    AccessTokenRefusedError,
    BrokenResponseError,
    NotRestrictedError,
    RequestError,
    RestrictedDataError,
    RestrictedResource,
    RestrictedTokens,
    SellingPartnerClient,
    ThrottledError,
)
from asp_dagster.spapi.restricted import TOKEN_PATH

TEMPLATE = "/orders/v0/orders/{orderId}/address"
ADDRESS = "/orders/v0/orders/902-1/address"
ROLE = "Direct to Consumer Shipping (Restricted)"
ORDERS = RestrictedResource("GET", "/orders/v0/orders", ("buyerInfo", "shippingAddress"))
NO_ACCESS = "Application do not have access to some or all requested resource"


def _granted(text: str = "Atz.sprdt|one", expires_in: float = 3600) -> dict[str, Any]:
    return {"restrictedDataToken": text, "expiresIn": expires_in}


def _tokens(server: Any) -> list[str]:
    """Return the tokens that calls for data came with."""
    return [seen.headers["x-amz-access-token"] for seen in server.calls if seen.path != TOKEN_PATH]


def _asked(server: Any) -> list[Any]:
    """Return what tokens were asked for."""
    return [seen.json["restrictedResources"] for seen in server.calls if seen.path == TOKEN_PATH]


@pytest.fixture
def granting(server: Any) -> Any:
    """A server that hands out numbered tokens, and answers everything else with an object."""

    def rule(seen: Any) -> dict[str, Any] | None:
        if seen.path == TOKEN_PATH:
            return _granted(f"Atz.sprdt|{len(_asked(server))}")
        return {"path": seen.path} if seen in server.calls else None

    server.by_rule = rule
    return server


def test_asks_for_a_token_of_the_template(client: SellingPartnerClient, granting: Any) -> None:
    """An operation that is always restricted gets one token for all orders, and sends it."""
    for number in (1, 2, 3):
        client.request("GET", f"/orders/v0/orders/902-{number}/address")

    assert _asked(granting) == [[{"method": "GET", "path": TEMPLATE}]]
    assert _tokens(granting) == ["Atz.sprdt|1"] * 3
    assert granting.calls[0].headers["x-amz-access-token"] == "Atza|token-1"
    assert client.statistics.snapshot().by_operation == {
        "createRestrictedDataToken": 1,
        "getOrderAddress": 3,
    }


def test_unrestricted_operations_get_none(client: SellingPartnerClient, granting: Any) -> None:
    """Orders, which answer without personal data too, are asked for with an access token."""
    client.request("GET", "/orders/v0/orders")

    assert (_asked(granting), _tokens(granting)) == ([], ["Atza|token-1"])


def test_data_elements_are_asked_for(client: SellingPartnerClient, granting: Any) -> None:
    """Personal data within an order are named when a caller wants them."""
    client.request("GET", "/orders/v0/orders", restricted=ORDERS)

    elements = {"dataElements": ["buyerInfo", "shippingAddress"]}
    assert _asked(granting) == [[{"method": "GET", "path": "/orders/v0/orders", **elements}]]
    assert _tokens(granting) == ["Atz.sprdt|1"]


def test_each_resource_has_its_token(client: SellingPartnerClient, granting: Any) -> None:
    """Another path, or other data elements, need another token."""
    address = RestrictedResource("GET", "/orders/v0/orders", ("shippingAddress",))
    for resource in (ORDERS, address, ORDERS):
        client.request("GET", "/orders/v0/orders", restricted=resource)
    client.request("GET", ADDRESS)

    assert _tokens(granting) == [f"Atz.sprdt|{number}" for number in (1, 2, 1, 3)]


@pytest.mark.parametrize("answer", [_granted(), {"payload": _granted()}], ids=["bare", "payload"])
def test_takes_both_shapes_of_the_answer(
    client: SellingPartnerClient, server: Any, answer: dict[str, Any]
) -> None:
    """The token stands where the model has it, or where an old guide has it."""
    server.answer(answer).answer()

    client.request("GET", ADDRESS)

    assert _tokens(server) == ["Atz.sprdt|one"]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"payload": {}},
        {"restrictedDataToken": "", "expiresIn": 3600},
        {"restrictedDataToken": "Atz.sprdt|secret"},
        {"restrictedDataToken": "Atz.sprdt|secret", "expiresIn": "soon"},
    ],
    ids=["nothing", "empty payload", "empty", "without lifetime", "odd lifetime"],
)
def test_an_answer_without_a_token_is_asked_again(
    client: SellingPartnerClient, server: Any, answer: dict[str, Any]
) -> None:
    """An incomplete answer is an error that shows nothing of it, and is asked for again."""
    server.answer(answer).answer(answer).answer(answer)

    with pytest.raises(BrokenResponseError, match="no restrictedDataToken with exp") as caught:
        client.request("GET", ADDRESS)

    assert "secret" not in str(caught.value)
    assert (len(_asked(server)), _tokens(server)) == (3, [])


@pytest.mark.parametrize(
    ("age", "tokens"),
    [pytest.param(3539, 1, id="alive"), pytest.param(3540, 2, id="a minute before its end")],
)
def test_renews_ahead_of_expiry(
    client: SellingPartnerClient, granting: Any, clock: Any, age: int, tokens: int
) -> None:
    """A token is replaced a minute before it ends."""
    client.request("GET", ADDRESS)
    clock.sleep(age)

    client.request("GET", ADDRESS)

    assert len(_asked(granting)) == tokens


def test_one_thread_asks_while_the_others_wait(client: SellingPartnerClient, granting: Any) -> None:
    """Threads that need a token at once cause one request for it."""
    together = threading.Barrier(5)

    def ask(_: int) -> None:
        together.wait()
        client.request("GET", ADDRESS)

    with ThreadPoolExecutor(5) as threads:
        list(threads.map(ask, range(5)))

    assert (len(_asked(granting)), _tokens(granting)) == (1, ["Atz.sprdt|1"] * 5)


def test_renews_a_refused_token_once(client: SellingPartnerClient, server: Any) -> None:
    """A token that ended early is replaced, and the access token is left alone."""
    server.answer(_granted()).refuse(403, "Unauthorized", "The access token has expired.")
    server.answer(_granted("Atz.sprdt|two")).answer({"payload": {}})

    client.request("GET", ADDRESS)

    assert _tokens(server) == ["Atz.sprdt|one", "Atz.sprdt|two"]
    assert len(server.logins) == 1


def test_tokens_show_nothing_of_themselves(clock: Any, client: SellingPartnerClient) -> None:
    """Neither the tokens nor their cache print what they keep."""
    tokens = RestrictedTokens(lambda _: pytest.fail("nothing is asked"), clock)

    assert "sprdt" not in repr(tokens) + repr(vars(tokens)) + repr(client)


REFUSALS: list[Any] = [
    pytest.param(
        lambda s: s.refuse(400, "InvalidInput", NO_ACCESS), RestrictedDataError, 1, id="no role"
    ),
    pytest.param(
        lambda s: s.refuse(
            400, "InvalidInput", "Application does not have access to one or more data elements"
        ),
        RestrictedDataError,
        1,
        id="no data element",
    ),
    pytest.param(
        lambda s: s.refuse(403, "Unauthorized", "Access to requested resource is denied."),
        RestrictedDataError,
        1,
        id="no token",
    ),
    pytest.param(
        lambda s: s.refuse(401, "x", "token").refuse(401, "x", "token"),
        RestrictedDataError,
        2,
        id="access token refused twice",
    ),
    pytest.param(
        lambda s: s.answer(_granted()).refuse(403, "Unauthorized", "Access is denied."),
        RestrictedDataError,
        2,
        id="denied in spite of a token",
    ),
    pytest.param(
        lambda s: (
            s.answer(_granted())
            .refuse(403, "x", "token")
            .answer(_granted())
            .refuse(403, "x", "token")
        ),
        RestrictedDataError,
        4,
        id="token refused twice",
    ),
    pytest.param(
        lambda s: s.refuse(400, "InvalidInput", "Invalid or unsupported document ID found"),
        NotRestrictedError,
        1,
        id="no such document",
    ),
    pytest.param(
        lambda s: s.refuse(400, "InvalidRequest", "Resource not provided."),
        RequestError,
        1,
        id="bad request",
    ),
    pytest.param(
        lambda s: s.refuse(429, "x").refuse(429, "x").refuse(429, "x"),
        ThrottledError,
        3,
        id="throttled",
    ),
]


@pytest.mark.parametrize(("script", "error", "calls"), REFUSALS)
def test_refusals(
    client: SellingPartnerClient,
    server: Any,
    script: Callable[[Any], Any],
    error: type[Exception],
    calls: int,
) -> None:
    """A refusal costs few requests, and becomes the error that says what can be done."""
    script(server)

    with pytest.raises(error) as caught:
        client.request("GET", ADDRESS)

    assert (type(caught.value), len(server.calls)) == (error, calls)


def test_a_refusal_names_role_and_remedy(client: SellingPartnerClient, server: Any) -> None:
    """Who lacks a role learns which, and that it needs a new authorisation."""
    server.refuse(400, "InvalidInput", NO_ACCESS)

    with pytest.raises(RestrictedDataError) as caught:
        client.request("GET", ADDRESS)

    assert str(caught.value) == (
        f"createRestrictedDataToken: Amazon answered 400 InvalidInput, {NO_ACCESS};"
        f" GET {TEMPLATE} answers personal data, for which the application needs the role {ROLE}:"
        " request it in the developer profile, add it to the application, then let the selling"
        " partner authorise the application again, since an authorisation does not include roles"
        " that came after it, and set the new refresh token."
    )
    assert not caught.value.is_curable_by_waiting


def test_a_refusal_without_a_known_role(client: SellingPartnerClient, server: Any) -> None:
    """Where the role is not known, the remedy is the same."""
    server.refuse(400, "InvalidInput", NO_ACCESS)

    with pytest.raises(RestrictedDataError, match="needs a restricted role: request it in the"):
        client.request("GET", "/orders/v0/orders", restricted=ORDERS)


def test_other_operations_refuse_as_ever(client: SellingPartnerClient, server: Any) -> None:
    """A refused access token of an operation without personal data is no matter of roles."""
    server.refuse(403, "x", "token").refuse(403, "x", "token")

    with pytest.raises(AccessTokenRefusedError) as caught:
        client.request("GET", "/orders/v0/orders")

    assert type(caught.value) is AccessTokenRefusedError
