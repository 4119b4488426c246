"""The client sends one request well: authorised, paced, counted."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from asp_dagster.spapi import (
    AccessTokenRefusedError,
    ConfigurationError,
    Credentials,
    InProcessQuota,
    LoginError,
    RetryPolicy,
    SellingPartnerClient,
    SystemClock,
)

ORDERS = "/orders/v0/orders"


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


def test_identity_tells_selling_partners_apart(make_client: Any, credentials: Credentials) -> None:
    """Clients of one selling partner are one to those who remember, and nothing secret is shown."""
    other = replace(credentials, refresh_token="Atzr|another")
    one, same, different = make_client(), make_client(), make_client(credentials=other)

    assert one.identity == same.identity != different.identity
    assert "Atzr|" not in one.identity + different.identity


def test_logs_in_with_a_scope_for_grantless_operations(
    client: SellingPartnerClient, server: Any
) -> None:
    """A grantless operation's token is asked for with its scope, known or said."""
    server.answer()
    server.answer()

    client.request("GET", "/notifications/v1/destinations")
    client.request("GET", "/something/new", scope="sellingpartnerapi::something")

    assert [login.form["scope"] for login in server.logins] == [
        "sellingpartnerapi::notifications",
        "sellingpartnerapi::something",
    ]


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
