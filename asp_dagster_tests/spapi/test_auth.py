"""Access tokens are fetched once, shared, renewed in time, and refused with a remedy."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from asp_dagster.spapi import (
    AMAZON_LWA_URL,
    AccessTokens,
    BrokenResponseError,
    Credentials,
    LoginError,
    ResponseError,
    UnavailableError,
)
from asp_dagster.spapi.transport import Transport


@pytest.fixture
def tokens(server: Any, clock: Any, credentials: Credentials) -> AccessTokens:
    """The access tokens of one set of credentials."""
    return AccessTokens(credentials, server.lwa_url, clock, Transport("test"))


def test_amazons_own_address() -> None:
    """Login with Amazon has one address for all regions."""
    assert AMAZON_LWA_URL == "https://api.amazon.com/auth/o2/token"


def test_credentials_hide_their_secrets(credentials: Credentials) -> None:
    """Printing credentials shows the client id alone."""
    assert repr(credentials) == "Credentials(client_id='amzn1.client')"


def test_logs_in_with_the_refresh_token(tokens: AccessTokens, server: Any) -> None:
    """A selling partner's token is asked for with its refresh token, and no scope."""
    token = tokens.get()

    assert token == "Atza|token-1"
    assert server.logins[0].form == {
        "grant_type": "refresh_token",
        "refresh_token": "Atzr|the-refresh-token",
        "client_id": "amzn1.client",
        "client_secret": "the-client-secret",
    }


def test_logs_in_with_a_scope(tokens: AccessTokens, server: Any) -> None:
    """A grantless token is asked for with its scope, and no refresh token."""
    tokens.get("sellingpartnerapi::notifications")

    assert server.logins[0].form == {
        "grant_type": "client_credentials",
        "scope": "sellingpartnerapi::notifications",
        "client_id": "amzn1.client",
        "client_secret": "the-client-secret",
    }


def test_keeps_one_token_per_scope(tokens: AccessTokens, server: Any) -> None:
    """Each scope has its token, and each is fetched once."""
    found = [tokens.get(), tokens.get("a"), tokens.get("b"), tokens.get(), tokens.get("a")]

    assert found == [f"Atza|token-{number}" for number in (1, 2, 3, 1, 2)]
    assert len(server.logins) == 3


@pytest.mark.parametrize(
    ("lifetime", "age", "logins"),
    [
        pytest.param(3600, 3539, 1, id="alive"),
        pytest.param(3600, 3540, 2, id="a minute before its end"),
        pytest.param(30, 14, 1, id="short-lived, alive"),
        pytest.param(30, 15, 2, id="short-lived, half its life"),
    ],
)
def test_renews_ahead_of_expiry(
    tokens: AccessTokens, server: Any, clock: Any, lifetime: int, age: int, logins: int
) -> None:
    """A token is replaced a minute before it ends; a very short one, at half its life."""
    server.login(server.token("Atza|first", lifetime))
    tokens.get()
    clock.sleep(age)

    tokens.get()

    assert len(server.logins) == logins


def test_forgets_a_refused_token(tokens: AccessTokens) -> None:
    """After a refusal the next token is new."""
    refused = tokens.get()

    tokens.invalidate(refused)

    assert tokens.get() != refused


def test_keeps_a_token_that_another_thread_renewed(tokens: AccessTokens, server: Any) -> None:
    """A late refusal of the old token does not cost the new one."""
    refused = tokens.get()
    tokens.invalidate(refused)
    renewed = tokens.get()

    tokens.invalidate(refused)

    assert tokens.get() == renewed
    assert len(server.logins) == 2


def test_one_thread_fetches_while_the_others_wait(tokens: AccessTokens, server: Any) -> None:
    """Threads that need a token at once cause one login."""
    together = threading.Barrier(5)

    def get() -> str:
        together.wait()
        return tokens.get()

    with ThreadPoolExecutor(5) as threads:
        found = {future.result() for future in [threads.submit(get) for _ in range(5)]}

    assert (found, len(server.logins)) == ({"Atza|token-1"}, 1)


@pytest.mark.parametrize(
    ("status", "code", "remedy"),
    [
        (400, "invalid_grant", "authorise the application again and set the new refresh token"),
        (401, "invalid_client", "renew it in the developer console"),
        (400, "invalid_scope", "ask for the grantless operation's role"),
        (400, "unauthorized_client", "belong together"),
        (403, "access_denied", "let the selling partner authorise it again"),
        (400, "unsupported_grant_type", "check client id, client secret, refresh token"),
        (404, "", "the URL of Login with Amazon"),
    ],
)
def test_a_refused_login_says_what_to_do(
    tokens: AccessTokens, server: Any, status: int, code: str, remedy: str
) -> None:
    """Each refusal of Login with Amazon ends at once, with its own remedy."""
    server.login({"error": code, "error_description": "Not allowed."}, status)

    with pytest.raises(LoginError, match=remedy) as caught:
        tokens.get()

    assert (caught.value.code, caught.value.message) == (code, "Not allowed.")
    assert (caught.value.is_curable_by_waiting, len(server.logins)) == (False, 1)


def test_a_refused_login_quotes_no_secret(tokens: AccessTokens, server: Any) -> None:
    """If Login with Amazon echoes what it was sent, we do not."""
    echo = "client_secret the-client-secret, refresh_token Atzr|the-refresh-token"
    server.login({"error": "invalid_request", "error_description": echo}, 400)

    with pytest.raises(LoginError) as caught:
        tokens.get()

    assert caught.value.message == "client_secret [secret], refresh_token [secret]"


@pytest.mark.parametrize("status", [500, 503, 429])
def test_trouble_of_the_login_can_be_waited_out(
    tokens: AccessTokens, server: Any, status: int
) -> None:
    """An outage is no refusal."""
    server.login({"error": "server_error"}, status)

    with pytest.raises(UnavailableError) as caught:
        tokens.get()

    assert caught.value.is_curable_by_waiting


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"access_token": "", "expires_in": 3600},
        {"access_token": "Atza|secret"},
        {"access_token": "Atza|secret", "expires_in": "soon"},
        {"access_token": "Atza|secret", "expires_in": 10**400},
    ],
    ids=["nothing", "empty", "without lifetime", "odd lifetime", "endless lifetime"],
)
def test_an_answer_that_is_no_token_can_be_asked_again(
    tokens: AccessTokens, server: Any, answer: dict[str, Any]
) -> None:
    """An incomplete answer is an error that shows nothing of it."""
    server.login(answer)

    with pytest.raises(BrokenResponseError, match="no access_token with expires_in") as caught:
        tokens.get()

    assert "secret" not in str(caught.value)


def test_a_redirected_login_is_refused(clock: Any, server: Any, credentials: Credentials) -> None:
    """Credentials are not sent on to another host."""
    server.answer(None, 307, Location="http://127.0.0.2:1/")
    tokens = AccessTokens(credentials, f"{server.url}/elsewhere", clock, Transport("test"))

    with pytest.raises(ResponseError, match=r"a redirect to 127\.0\.0\.2"):
        tokens.get()
