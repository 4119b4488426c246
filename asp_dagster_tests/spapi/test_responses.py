"""An answer becomes data, or the error that says what Amazon said and what to do."""

from typing import Any

import pytest

from asp_dagster.spapi import (
    AccessDeniedError,
    RequestError,
    ResponseError,
    SellingPartnerClient,
)

ORDERS = "/orders/v0/orders"


def test_returns_body_and_headers(client: SellingPartnerClient, server: Any) -> None:
    """An answer becomes its JSON body and the headers that mean something, parsed."""
    headers = {"x_amzn_RequestId": "r-1", "x_amzn_RateLimit_Limit": "0.5", "Retry_After": "3"}
    server.answer({"payload": {"Orders": []}}, **headers)

    response = client.request("GET", ORDERS)

    assert response.body == {"payload": {"Orders": []}}
    assert (response.operation, response.status, response.request_id) == ("getOrders", 200, "r-1")
    assert (response.rate_limit, response.retry_after) == (0.5, 3.0)


@pytest.mark.parametrize("text", ["fast", "nan", "inf", "0", "-1", "1e-300", "0.00001"])
def test_ignores_a_rate_that_is_none(client: SellingPartnerClient, server: Any, text: str) -> None:
    """An unusable rate header changes nothing."""
    server.answer(x_amzn_RateLimit_Limit=text)

    response = client.request("GET", ORDERS)

    assert response.rate_limit is None


def test_error_says_everything_amazon_said(client: SellingPartnerClient, server: Any) -> None:
    """An error carries and prints operation, status, code, message, details and request id."""
    server.refuse(
        400,
        "InvalidInput",
        "Bad date.",
        details="CreatedBefore is too new.",
        x_amzn_RequestId="r-9",
    )

    with pytest.raises(RequestError) as caught:
        client.request("GET", ORDERS)

    error = caught.value
    found = (error.operation, error.status, error.code, error.message, error.details)
    assert found == ("getOrders", 400, "InvalidInput", "Bad date.", "CreatedBefore is too new.")
    assert str(error) == (
        "getOrders: Amazon answered 400 InvalidInput, Bad date (details: CreatedBefore is too new,"
        " request id r-9); correct the request; the same one would be refused again."
    )


def test_error_joins_several_errors(client: SellingPartnerClient, server: Any) -> None:
    """All messages and details of an answer reach the error, each once."""
    errors = [
        {"code": "A", "message": "one", "details": "d1"},
        {"code": "B", "message": "two", "details": "d1"},
        "odd",
    ]
    server.answer({"errors": errors}, 400)

    with pytest.raises(RequestError) as caught:
        client.request("GET", ORDERS)

    assert (caught.value.message, caught.value.details) == ("one / two", "d1")


@pytest.mark.parametrize("errors", [7, "text", {"code": "A"}], ids=["number", "text", "mapping"])
def test_error_survives_an_odd_form(client: SellingPartnerClient, server: Any, errors: Any) -> None:
    """Errors in no known form are still an error of the right class."""
    server.answer({"errors": errors}, 400)

    with pytest.raises(RequestError, match="getOrders: Amazon answered 400; correct"):
        client.request("GET", ORDERS)


def test_error_quotes_an_html_page_as_text(client: SellingPartnerClient, server: Any) -> None:
    """Some 400s are HTML; their words are kept, their tags are not."""
    server.answer_bytes(b"<html><h1>Bad\n Request</h1></html>", 400)

    with pytest.raises(RequestError) as caught:
        client.request("GET", ORDERS)

    assert caught.value.message == "Bad Request"


def test_error_keeps_what_the_gateway_said(client: SellingPartnerClient, server: Any) -> None:
    """The gateway before the API has a form of its own."""
    server.answer({"message": "Forbidden"}, 403)

    with pytest.raises(AccessDeniedError, match="Forbidden"):
        client.request("GET", ORDERS)


def test_list_beside_errors_is_asked_for_again(client: SellingPartnerClient, server: Any) -> None:
    """Records that came with errors may not be all: the answer without errors is taken."""
    errors = [{"code": "InternalFailure", "message": "some"}]
    server.answer({"payload": {"Orders": [{"a": 1}]}, "errors": errors})
    server.answer({"payload": {"Orders": [{"a": 1}, {"a": 2}]}})

    response = client.request("GET", ORDERS)

    assert len(response.body["payload"]["Orders"]) == 2


def test_data_of_a_batch_beside_errors_is_data(
    client: SellingPartnerClient, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A batch that failed in part is data, and its errors are logged."""
    server.answer({"payload": {"a": 1}, "errors": [{"code": "Partial", "message": "some"}]})

    response = client.request("POST", ORDERS, body={})

    assert response.body["payload"] == {"a": 1}
    assert "Partial" in caplog.text


def test_an_array_stands_under_payload(client: SellingPartnerClient, server: Any) -> None:
    """The one operation that answers an array gives a mapping like all others."""
    server.answer_bytes(b'[{"a": 1}]')

    response = client.request("POST", "/products/fees/v0/feesEstimate", body={})

    assert response.body == {"payload": [{"a": 1}]}


def test_no_body_is_data_of_what_is_no_get(client: SellingPartnerClient, server: Any) -> None:
    """Cancelling a report answers nothing, and that is right."""
    server.answer_bytes(b"")

    response = client.request("DELETE", "/reports/2021-06-30/reports/1")

    assert response.body == {}


@pytest.mark.parametrize("place", ["http://127.0.0.2:1/x", "/elsewhere"], ids=["host", "path"])
def test_refuses_a_redirect(client: SellingPartnerClient, server: Any, place: str) -> None:
    """A redirect is an error: it would carry the access token to another host."""
    server.answer(None, 307, Location=place)

    with pytest.raises(ResponseError, match="a redirect to"):
        client.request("GET", ORDERS)

    assert len(server.calls) == 1
