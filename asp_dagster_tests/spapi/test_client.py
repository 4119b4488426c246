"""The client sends one request well: authorised, paced, tried again when that can help."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from asp_dagster.spapi import (
    AccessDeniedError,
    AccessTokenRefusedError,
    BrokenResponseError,
    ConfigurationError,
    Credentials,
    InProcessQuota,
    LoginError,
    NotFoundError,
    RequestError,
    ResponseError,
    RetryPolicy,
    SellingPartnerClient,
    SellingPartnerError,
    SystemClock,
    ThrottledError,
    UnavailableError,
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


def test_sends_access_token_date_and_user_agent(client: SellingPartnerClient, server: Any) -> None:
    """Every request carries an access token, Amazon's date and who we are."""
    server.answer()

    client.request("GET", ORDERS)

    sent = server.calls[0].headers
    assert sent["x-amz-access-token"] == "Atza|token-1"
    assert sent["x-amz-date"] == "20261123T120000Z"
    assert sent["User-Agent"].startswith("asp_dagster/")


def test_writes_params_as_amazon_wants_them(client: SellingPartnerClient, server: Any) -> None:
    """Lists are joined by commas, booleans lower-case, times in UTC; None is left out."""
    server.answer()
    params = {
        "MarketplaceIds": ["A", "B"],
        "details": True,
        "CreatedAfter": datetime(2026, 1, 2, tzinfo=UTC),
        "MaxResultsPerPage": 50,
        "NextToken": None,
    }

    client.request("GET", ORDERS, params=params)

    assert server.calls[0].query == {
        "MarketplaceIds": "A,B",
        "details": "true",
        "CreatedAfter": "2026-01-02T00:00:00Z",
        "MaxResultsPerPage": "50",
    }


def test_sends_a_body_as_json(client: SellingPartnerClient, server: Any) -> None:
    """A body goes out as JSON, times in UTC."""
    server.answer({"reportId": "1"}, 202)

    body = {"reportType": "GET_X", "dataStartTime": datetime(2026, 1, 2, tzinfo=UTC)}
    client.request("POST", "/reports/2021-06-30/reports", body=body)

    sent = server.calls[0]
    assert sent.json == {"reportType": "GET_X", "dataStartTime": "2026-01-02T00:00:00Z"}
    assert sent.headers["Content-Type"] == "application/json"


def test_uses_the_access_token_it_is_given(client: SellingPartnerClient, server: Any) -> None:
    """A restricted data token is sent instead of our own, without any login."""
    server.answer()

    client.request("GET", ORDERS, access_token="Atz.sprdt|restricted")

    assert server.calls[0].headers["x-amz-access-token"] == "Atz.sprdt|restricted"
    assert server.logins == []


def test_does_not_renew_a_token_it_was_given(client: SellingPartnerClient, server: Any) -> None:
    """A restricted data token that is refused is the caller's to renew."""
    server.refuse(403, "Unauthorized", "The access token you provided has expired.")

    with pytest.raises(AccessTokenRefusedError):
        client.request("GET", ORDERS, access_token="Atz.sprdt|restricted")

    assert len(server.calls) == 1


def test_logs_in_with_a_scope_for_grantless_operations(
    client: SellingPartnerClient, server: Any
) -> None:
    """A grantless operation's token is asked for with its scope."""
    server.answer()

    client.request(
        "GET", "/notifications/v1/destinations", scope="sellingpartnerapi::notifications"
    )

    assert server.logins[0].form["scope"] == "sellingpartnerapi::notifications"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        pytest.param(401, "Unauthorized", id="401"),
        pytest.param(403, "Access token is missing in the request header.", id="missing"),
        pytest.param(403, "The access token you provided has expired.", id="expired"),
        pytest.param(
            403, "The access token you provided is revoked, malformed or invalid.", id="bad"
        ),
    ],
)
def test_renews_a_refused_token_once(
    client: SellingPartnerClient, server: Any, status: int, message: str
) -> None:
    """A request whose access token is refused is sent once more with a new one."""
    server.refuse(status, "Unauthorized", message).answer({"payload": []})

    client.request("GET", ORDERS)

    tokens = [seen.headers["x-amz-access-token"] for seen in server.calls]
    assert tokens == ["Atza|token-1", "Atza|token-2"]


def test_gives_up_when_the_renewed_token_is_refused(
    client: SellingPartnerClient, server: Any
) -> None:
    """A second refusal of the token is final."""
    server.refuse(401, "Unauthorized").refuse(401, "Unauthorized")

    with pytest.raises(AccessTokenRefusedError):
        client.request("GET", ORDERS)

    assert len(server.calls) == 2


@pytest.mark.parametrize(
    ("status", "error"),
    [
        pytest.param(400, RequestError, id="400"),
        pytest.param(403, AccessDeniedError, id="403"),
        pytest.param(404, NotFoundError, id="404"),
        pytest.param(409, RequestError, id="409"),
        pytest.param(413, RequestError, id="413"),
        pytest.param(415, RequestError, id="415"),
        pytest.param(422, RequestError, id="422"),
        pytest.param(304, ResponseError, id="304"),
    ],
)
def test_does_not_repeat_what_waiting_cannot_cure(
    client: SellingPartnerClient, server: Any, status: int, error: type[SellingPartnerError]
) -> None:
    """A refused request ends at once, as the class that says what to do."""
    server.refuse(status, "Refused")

    with pytest.raises(error) as caught:
        client.request("GET", ORDERS)

    assert (len(server.calls), caught.value.is_curable_by_waiting) == (1, False)


@pytest.mark.parametrize(
    "fail",
    [
        pytest.param(lambda server: server.refuse(408), id="408"),
        pytest.param(lambda server: server.refuse(429, "QuotaExceeded"), id="429"),
        pytest.param(lambda server: server.refuse(500, "InternalFailure"), id="500"),
        pytest.param(lambda server: server.refuse(503, "ServiceUnavailable"), id="503"),
        pytest.param(lambda server: server.refuse(504), id="504"),
        pytest.param(lambda server: server.drop(), id="dropped connection"),
        pytest.param(lambda server: server.truncate(b'{"payload": '), id="truncated body"),
        pytest.param(lambda server: server.answer_bytes(b"<html>oops</html>"), id="no JSON"),
        pytest.param(lambda server: server.answer_bytes(b""), id="empty body"),
        pytest.param(lambda server: server.answer_bytes(b'"text"'), id="no object"),
        pytest.param(lambda server: server.refuse(200, "InternalFailure"), id="only errors"),
        pytest.param(
            lambda server: server.answer({"payload": None, "errors": [{"code": "x"}]}),
            id="only errors beside null",
        ),
        pytest.param(
            lambda server: server.answer_bytes(b"not gzip", Content_Encoding="gzip"), id="no gzip"
        ),
    ],
)
def test_repeats_what_waiting_can_cure(
    client: SellingPartnerClient, server: Any, fail: Callable[[Any], None]
) -> None:
    """Trouble on Amazon's side or on the way is waited out."""
    fail(server)
    server.answer({"payload": [1]})

    response = client.request("GET", ORDERS)

    assert response.body == {"payload": [1]}
    assert client.statistics.snapshot().retries == 1


@pytest.mark.parametrize(
    ("fail", "error"),
    [
        pytest.param(lambda s: s.refuse(429, "QuotaExceeded"), ThrottledError, id="throttled"),
        pytest.param(lambda s: s.refuse(503), UnavailableError, id="unavailable"),
        pytest.param(lambda s: s.drop(), UnavailableError, id="dropped"),
        pytest.param(lambda s: s.answer_bytes(b"<html>"), BrokenResponseError, id="no JSON"),
    ],
)
def test_raises_the_last_error_as_itself(
    client: SellingPartnerClient, server: Any, fail: Callable[[Any], None], error: type[Exception]
) -> None:
    """When the attempts are used up, the last one's error comes through."""
    for _ in range(3):
        fail(server)

    with pytest.raises(error) as caught:
        client.request("GET", ORDERS)

    assert type(caught.value) is error
    assert len(server.calls) == 3


def test_pauses_double(make_client: Any, server: Any, clock: Any) -> None:
    """Pauses between attempts grow."""
    client = make_client(retry=RetryPolicy(max_attempts=4, jitter=lambda: 1.0))
    server.refuse(500).refuse(500).refuse(500).answer()

    client.request("GET", "/sellers/v1/account")

    assert clock.sleeps == [1.0, 2.0, 4.0]


def test_waits_as_long_as_amazon_asks(
    client: SellingPartnerClient, server: Any, clock: Any
) -> None:
    """Retry-After is honoured when it is longer than our own pause."""
    server.refuse(503, Retry_After="42").answer()

    client.request("GET", ORDERS)

    assert clock.sleeps == [42.0]


def test_waits_until_the_date_amazon_names(
    client: SellingPartnerClient, server: Any, clock: Any
) -> None:
    """Retry-After may be a date."""
    server.refuse(503, Retry_After="Mon, 23 Nov 2026 12:00:30 GMT").answer()

    client.request("GET", ORDERS)

    assert clock.sleeps == [30.0]


@pytest.mark.parametrize("text", ["soon", "Mon, 23 Nov 2026 12:00:30"], ids=["word", "no zone"])
def test_ignores_a_retry_after_it_cannot_read(
    client: SellingPartnerClient, server: Any, clock: Any, text: str
) -> None:
    """An unreadable Retry-After is no reason to fail."""
    server.refuse(503, Retry_After=text).answer()

    client.request("GET", ORDERS)

    assert clock.sleeps == [1.0]


@pytest.mark.parametrize("text", ["fast", "nan", "inf", "0", "-1"])
def test_ignores_a_rate_that_is_none(client: SellingPartnerClient, server: Any, text: str) -> None:
    """An unusable rate header changes nothing."""
    server.answer(x_amzn_RateLimit_Limit=text)

    response = client.request("GET", ORDERS)

    assert response.rate_limit is None


def test_gives_up_in_time(make_client: Any, server: Any) -> None:
    """No attempt starts after the policy's total time, however many are left."""
    client = make_client(retry=RetryPolicy(max_elapsed_seconds=10))
    server.refuse(503, Retry_After="3600")

    with pytest.raises(UnavailableError):
        client.request("GET", ORDERS)

    assert len(server.calls) == 1


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


def test_data_beside_errors_is_data(
    client: SellingPartnerClient, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Errors beside data are logged, and the data is returned."""
    server.answer({"payload": {"a": 1}, "errors": [{"code": "Partial", "message": "some"}]})

    response = client.request("GET", ORDERS)

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


@pytest.mark.parametrize("path", ["orders", "//evil.example/x", "@evil.example", "/x?a=1", "/x#a"])
def test_refuses_a_path_that_is_none(client: SellingPartnerClient, server: Any, path: str) -> None:
    """What is no path of the endpoint is not sent, so that no token can go elsewhere."""
    with pytest.raises(ConfigurationError, match="is no path"):
        client.request("GET", path)

    assert server.everything == []


def test_refuses_an_endpoint_that_is_none(credentials: Credentials) -> None:
    """A client is not made for an endpoint that secrets must not go to."""
    with pytest.raises(ConfigurationError, match="is no URL"):
        SellingPartnerClient(credentials, "sellingpartnerapi-na.amazon.com")


def test_learns_its_rate_from_the_header(
    client: SellingPartnerClient, server: Any, clock: Any
) -> None:
    """The rate header sets the pace once the burst is spent."""
    for _ in range(16):
        server.answer(x_amzn_RateLimit_Limit="4.0")

    for _ in range(16):
        client.request("GET", "/sellers/v1/marketplaceParticipations")

    assert sum(clock.sleeps) == pytest.approx(0.25)


def test_a_429_empties_the_bucket(make_client: Any, server: Any, clock: Any) -> None:
    """After a 429 the next request waits for a whole token, whatever we thought was left."""
    client = make_client(retry=RetryPolicy(jitter=lambda: 1.0))
    server.refuse(429, "QuotaExceeded").answer()

    client.request("GET", "/orders/2026-01-01/orders")

    assert clock.monotonic() == pytest.approx(1 / 0.0056)
    assert client.statistics.snapshot().wait_seconds == pytest.approx(1 / 0.0056)


def test_outlives_the_slowest_refill(make_client: Any, server: Any) -> None:
    """The default policy waits out a quota that returns one token in 178 seconds."""
    client = make_client(retry=RetryPolicy())
    for _ in range(5):
        server.refuse(429, "QuotaExceeded")
    server.answer({"orders": []})

    response = client.request("GET", "/orders/2026-01-01/orders")

    assert response.body == {"orders": []}
    assert client.statistics.snapshot().throttled == 5


def test_counts_what_it_does(client: SellingPartnerClient, server: Any) -> None:
    """The statistics tell requests by operation; a difference tells what happened in between."""
    server.answer().refuse(429).answer().answer()
    client.request("GET", ORDERS)
    before = client.statistics.snapshot()

    client.request("GET", ORDERS)
    client.request("GET", f"{ORDERS}/1/orderItems")

    used = client.statistics.snapshot() - before
    assert (used.calls, used.throttled, used.retries) == (3, 1, 1)
    assert used.by_operation == {"getOrders": 2, "getOrderItems": 1}


def test_a_refused_login_costs_no_quota(client: SellingPartnerClient, server: Any) -> None:
    """Wrong credentials end the call before it waits in line or counts."""
    server.login({"error": "invalid_client"}, 401)

    with pytest.raises(LoginError):
        client.request("GET", ORDERS)

    assert (client.statistics.snapshot().calls, server.calls) == (0, [])


def test_an_outage_of_the_login_is_waited_out(client: SellingPartnerClient, server: Any) -> None:
    """Trouble of Login with Amazon is tried again like trouble of the API."""
    server.login_drop().login({"error": "server_error"}, 500).answer()

    client.request("GET", ORDERS)

    assert len(server.logins) == 3


def test_lists_the_records_of_all_pages(client: SellingPartnerClient, server: Any) -> None:
    """`list` yields records and hides pages."""
    server.answer({"payload": {"Orders": [{"a": 1}], "NextToken": "t"}})
    server.answer({"payload": {"Orders": [{"a": 2}]}})

    records = list(client.list(ORDERS, {"MarketplaceIds": ["A"]}))

    assert records == [{"a": 1}, {"a": 2}]


def test_works_with_nothing_but_credentials_and_endpoint(
    credentials: Credentials, server: Any
) -> None:
    """Every other part has a default, and the client closes behind itself."""
    server.answer({"payload": []})

    with SellingPartnerClient(credentials, server.url, lwa_url=server.lwa_url) as client:
        response = client.request("GET", "/sellers/v1/marketplaceParticipations")

    assert response.body == {"payload": []}
    assert isinstance(client.clock, SystemClock)


def test_five_threads_two_partners_no_mix_up(make_client: Any, server: Any, clock: Any) -> None:
    """Tokens of two selling partners never meet, though threads and quota are shared."""
    server.by_rule = lambda seen: _echo_token(server, seen)
    quota = InProcessQuota(clock)
    owners = [Credentials("app", "s", f"Atzr|{name}") for name in ("one", "two")]
    clients = [make_client(credentials=owner, quota=quota) for owner in owners]

    def call(number: int) -> tuple[str, str]:
        response = clients[number % 2].request("GET", f"{ORDERS}/{number}/orderItems")
        return owners[number % 2].refresh_token, response.body["token"]

    with ThreadPoolExecutor(5) as threads:
        results = list(threads.map(call, range(40)))

    assert all(token == f"Atza|of {partner}" for partner, token in results)
    assert len(server.logins) == 2


def _echo_token(server: Any, seen: Any) -> dict[str, Any]:
    """Give each refresh token an access token of its own; answer a call with the token it used."""
    if seen.path.endswith("/token"):
        return server.token(f"Atza|of {seen.form['refresh_token']}")
    return {"token": seen.headers["x-amz-access-token"]}
