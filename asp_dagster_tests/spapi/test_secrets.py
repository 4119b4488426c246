"""No secret reaches a log, an exception, a traceback or a `repr`, whatever fails."""

import io
import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from asp_dagster.spapi import (
    Credentials,
    ReportRequest,
    RestrictedResource,
    RetryPolicy,
    SellingPartnerClient,
    SellingPartnerError,
    create_report,
    download_document,
    wait_for_report,
)

SECRETS = (
    *("the-client-secret", "the-refresh-token", "Atza|", "token-1", "SIGNATURE", "X-Amz-"),
    *("sprdt|", "restricted-1"),
)
ECHO = (
    "You sent Atza|token-1 or Atz.sprdt|restricted-1 for Atzr|the-refresh-token with"
    " the-client-secret."
)
PRESIGNED = "/bucket/doc?X-Amz-Credential=SIGNATURE&X-Amz-Signature=SIGNATURE"


def _order(client: SellingPartnerClient) -> None:
    client.request("GET", "/orders/v0/orders/1", params={"a": "b"})


def _document(client: SellingPartnerClient) -> None:
    download_document(client, "doc-1", io.BytesIO())


def _report(client: SellingPartnerClient) -> None:
    create_report(client, ReportRequest(report_type="GET_X", marketplace_ids=["A"]))
    wait_for_report(client, "77")


def _address(client: SellingPartnerClient) -> None:
    client.request("GET", "/orders/v0/orders/1/address")


def _restricted_document(client: SellingPartnerClient) -> None:
    download_document(client, "doc-1", io.BytesIO(), is_restricted=True)


def _granted(server: Any, **more: Any) -> Any:
    token = {"restrictedDataToken": "Atz.sprdt|restricted-1", "expiresIn": 3600}
    return server.answer(token | more)


def _presigned(server: Any) -> Any:
    return server.answer({"url": server.url + PRESIGNED})


def _unreachable(server: Any) -> Any:
    return server.answer({"url": "http://127.0.0.1:1" + PRESIGNED})


def _fatal(server: Any) -> Any:
    server.answer({"reportId": "77"})
    status = {"reportType": "GET_X", "processingStatus": "FATAL", "reportDocumentId": "d"}
    return _presigned(server.answer(status))


@pytest.mark.parametrize(
    ("script", "act"),
    [
        pytest.param(lambda s: s.refuse(400, "Bad", ECHO, details=ECHO), _order, id="400 echo"),
        pytest.param(lambda s: s.answer_bytes(ECHO.encode(), 400), _order, id="400 text echo"),
        pytest.param(lambda s: s.refuse(403, "Unauthorized", ECHO), _order, id="403 echo"),
        pytest.param(
            lambda s: s.refuse(401, "x", ECHO).refuse(401, "x", ECHO), _order, id="401 twice"
        ),
        pytest.param(lambda s: s.refuse(429, "x", ECHO).refuse(429, "x", ECHO), _order, id="429"),
        pytest.param(lambda s: s.refuse(503, "x", ECHO).refuse(503, "x", ECHO), _order, id="503"),
        pytest.param(lambda s: s.refuse(200, "x", ECHO).refuse(200, "x", ECHO), _order, id="200"),
        pytest.param(
            lambda s: s.answer({"a": 1, "errors": [{"message": ECHO}]}), _order, id="200 both"
        ),
        pytest.param(lambda s: s.drop().drop(), _order, id="dropped"),
        pytest.param(lambda s: s.truncate(b"{").truncate(b"{"), _order, id="truncated"),
        pytest.param(
            lambda s: s.answer_bytes(ECHO.encode()).answer_bytes(ECHO.encode()), _order, id="text"
        ),
        pytest.param(lambda s: s.answer(None, 302, Location=PRESIGNED), _order, id="redirect"),
        pytest.param(
            lambda s: s.login({"error": "invalid_grant", "error_description": ECHO}, 400),
            _order,
            id="login refused",
        ),
        pytest.param(
            lambda s: s.login({"error": ECHO}, 500).login({"error": ECHO}, 500),
            _order,
            id="login 500",
        ),
        pytest.param(lambda s: s.login({ECHO: ECHO}).login([ECHO]), _order, id="login no token"),
        pytest.param(lambda s: s.login_drop().login_drop(), _order, id="login dropped"),
        pytest.param(
            lambda s: s.login({"access_token": "Atza|token-1\nx", "expires_in": 9}),
            _order,
            id="token that fits no header",
        ),
        pytest.param(
            lambda s: _presigned(_presigned(s).answer_bytes(ECHO.encode(), 403)).answer_bytes(
                b"<SignatureProvided>SIGNATURE</SignatureProvided>", 403
            ),
            _document,
            id="document refused",
        ),
        pytest.param(
            lambda s: _presigned(s).answer_bytes(b"SIGNATURE", 404), _document, id="document 404"
        ),
        pytest.param(lambda s: _presigned(s).drop().drop(), _document, id="document dropped"),
        pytest.param(_unreachable, _document, id="document unreachable"),
        pytest.param(
            lambda s: _presigned(s).truncate(b"a").truncate(b"a"), _document, id="document broken"
        ),
        pytest.param(
            lambda s: _presigned(s).answer(None, 307, Location=PRESIGNED),
            _document,
            id="document redirected",
        ),
        pytest.param(
            lambda s: s.answer({"url": "no-scheme" + PRESIGNED}), _document, id="document no URL"
        ),
        pytest.param(lambda s: _fatal(s).drop().drop(), _report, id="fatal report"),
        pytest.param(
            lambda s: s.refuse(400, ECHO, f"{ECHO} You do not have access."),
            _address,
            id="no role",
        ),
        pytest.param(
            lambda s: _granted(s, expiresIn=ECHO).answer({"payload": ECHO}),
            _address,
            id="odd grant",
        ),
        pytest.param(
            lambda s: s.truncate(b'{"restrictedDataToken": "Atz.sprdt|restricted-1"').drop(),
            _address,
            id="grant truncated",
        ),
        pytest.param(
            lambda s: _granted(_granted(s).refuse(403, "x", ECHO)).refuse(403, "x", ECHO),
            _address,
            id="restricted data token refused",
        ),
        pytest.param(
            lambda s: _granted(s).refuse(503, ECHO, ECHO).drop(), _address, id="restricted data 503"
        ),
        pytest.param(
            lambda s: _granted(s, restrictedDataToken="Atz.sprdt|restricted-1\nx"),
            _address,
            id="restricted data token that fits no header",
        ),
        pytest.param(
            lambda s: _granted(s.refuse(403, "x", "Denied.")).refuse(403, "x", f"Denied. {ECHO}"),
            _document,
            id="document without a role",
        ),
        pytest.param(
            lambda s: _granted(s).drop().drop(), _restricted_document, id="restricted document"
        ),
    ],
)
def test_failures_show_no_secret(
    make_client: Any,
    server: Any,
    caplog: pytest.LogCaptureFixture,
    script: Callable[[Any], Any],
    act: Callable[[SellingPartnerClient], None],
) -> None:
    """At the most talkative log level, nothing that is written about a failure holds a secret."""
    client = make_client(retry=RetryPolicy(max_attempts=2))
    script(server)
    shown = ""

    with caplog.at_level(logging.DEBUG):
        try:
            act(client)
        except SellingPartnerError as error:
            shown = "".join(traceback.format_exception(error)) + repr(error) + _chain(error)

    shown += caplog.text + "".join(f"{record.__dict__}" for record in caplog.records)
    assert [secret for secret in SECRETS if secret in shown] == []
    assert "urllib3" in shown


def _chain(error: BaseException | None) -> str:
    """Return all that hangs on an error, also what a traceback would not print."""
    texts = []
    while error is not None:
        texts.append(repr(error) + str(error))
        error = error.__cause__ or error.__context__
    return "".join(texts)


def test_success_shows_no_secret(
    make_client: Any, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A download that works leaves no trace of tokens or presigned query either."""
    client = make_client()
    _presigned(_granted(server)).answer_bytes(b"content")

    with caplog.at_level(logging.DEBUG):
        _restricted_document(client)

    assert [secret for secret in SECRETS if secret in caplog.text] == []
    assert "/bucket/doc?…" in caplog.text


def test_values_show_no_secret(make_client: Any, server: Any, credentials: Credentials) -> None:
    """Credentials, clients and answers can be printed."""
    client = make_client()
    _presigned(_granted(server))
    resource = RestrictedResource("GET", "/reports/2021-06-30/documents/1")

    response = client.request("GET", resource.path, restricted=resource)

    shown = f"{credentials!r} {client!r} {vars(client)!r} {response!r} {resource!r}"
    assert [secret for secret in SECRETS if secret in shown] == []
