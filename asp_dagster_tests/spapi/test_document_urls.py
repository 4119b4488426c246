"""A report document's URL is asked for with a restricted data token where Amazon wants one."""

from collections.abc import Callable
from typing import Any

import pytest

from asp_dagster.spapi import (
    AccessDeniedError,
    NotFoundError,
    ResponseError,
    RestrictedDataError,
    SellingPartnerClient,
    UnavailableError,
)
from asp_dagster.spapi.document_urls import presigned_url
from asp_dagster.spapi.restricted import TOKEN_PATH

PATH = "/reports/2021-06-30/documents/amzn1.spdoc.1%2F2"
ROLES = ("Tax Invoicing (Restricted)", "Tax Remittance (Restricted)")
GRANTED = {"restrictedDataToken": "Atz.sprdt|one", "expiresIn": 3600}
URL = {"url": "https://documents.example/1?signature"}
DENIED = "Access to requested resource is denied."

Script = Callable[[Any], Any]


def _ask(client: SellingPartnerClient, *, is_restricted: bool) -> str:
    return presigned_url(client, "amzn1.spdoc.1/2", is_restricted=is_restricted, roles=ROLES)


def _denied(server: Any) -> Any:
    return server.refuse(403, "Unauthorized", DENIED)


def _no_role(server: Any) -> Any:
    return server.refuse(400, "InvalidInput", "Application do not have access to some resource")


def _not_restricted(server: Any) -> Any:
    return server.refuse(400, "InvalidInput", "Invalid or unsupported document ID found")


def _calls(server: Any) -> list[tuple[str, str]]:
    """Return what was called with which token."""
    return [
        ("token" if seen.path == TOKEN_PATH else "document", seen.headers["x-amz-access-token"])
        for seen in server.calls
    ]


PLAIN, TOKEN, RESTRICTED = (
    ("document", "Atza|token-1"),
    ("token", "Atza|token-1"),
    ("document", "Atz.sprdt|one"),
)


@pytest.mark.parametrize(
    ("is_restricted", "script", "calls"),
    [
        pytest.param(False, lambda s: s.answer(URL), [PLAIN], id="not restricted"),
        pytest.param(
            False,
            lambda s: _denied(s).answer(GRANTED).answer(URL),
            [PLAIN, TOKEN, RESTRICTED],
            id="restricted, not known",
        ),
        pytest.param(
            True, lambda s: s.answer(GRANTED).answer(URL), [TOKEN, RESTRICTED], id="known"
        ),
        pytest.param(
            True, lambda s: _not_restricted(s).answer(URL), [TOKEN, PLAIN], id="wrongly believed"
        ),
    ],
)
def test_finds_the_url(
    client: SellingPartnerClient,
    server: Any,
    is_restricted: bool,  # noqa: FBT001 - a table's column
    script: Script,
    calls: list[tuple[str, str]],
) -> None:
    """A known restricted type saves the plain call; an unknown one is found out by its refusal."""
    script(server)

    assert _ask(client, is_restricted=is_restricted) == URL["url"]
    assert _calls(server) == calls


def test_asks_for_a_token_of_the_very_document(client: SellingPartnerClient, server: Any) -> None:
    """Amazon gives no token for all documents: each is asked for by its own path."""
    server.answer(GRANTED).answer(URL)

    _ask(client, is_restricted=True)

    assert server.calls[0].json == {"restrictedResources": [{"method": "GET", "path": PATH}]}
    assert server.calls[1].path == PATH


@pytest.mark.parametrize(
    ("is_restricted", "script", "calls"),
    [
        pytest.param(False, lambda s: _no_role(_denied(s)), [PLAIN, TOKEN], id="no role"),
        pytest.param(False, lambda s: _denied(_denied(s)), [PLAIN, TOKEN], id="denied a token"),
        pytest.param(
            False,
            lambda s: _denied(_denied(s).answer(GRANTED)),
            [PLAIN, TOKEN, RESTRICTED],
            id="in spite of a token",
        ),
        pytest.param(True, _no_role, [TOKEN], id="known, no role"),
        pytest.param(
            True, lambda s: _denied(s.answer(GRANTED)), [TOKEN, RESTRICTED], id="known, denied"
        ),
    ],
)
def test_a_missing_role_is_named(
    client: SellingPartnerClient,
    server: Any,
    is_restricted: bool,  # noqa: FBT001 - a table's column
    script: Script,
    calls: list[tuple[str, str]],
) -> None:
    """After one attempt the error says which role is missing, and what a new role needs."""
    script(server)

    with pytest.raises(RestrictedDataError) as caught:
        _ask(client, is_restricted=is_restricted)

    assert f"needs the role {' or '.join(ROLES)}: request it" in str(caught.value)
    assert "authorise the application again" in str(caught.value)
    assert _calls(server) == calls


@pytest.mark.parametrize(
    ("is_restricted", "script", "error", "calls"),
    [
        pytest.param(
            False,
            lambda s: _not_restricted(_denied(s)),
            AccessDeniedError,
            [PLAIN, TOKEN],
            id="denied, not restricted",
        ),
        pytest.param(
            True,
            lambda s: _denied(_not_restricted(s)),
            AccessDeniedError,
            [TOKEN, PLAIN],
            id="wrongly believed, denied",
        ),
        pytest.param(False, lambda s: s.refuse(404, "NotFound"), NotFoundError, [PLAIN], id="404"),
        pytest.param(
            False,
            lambda s: _denied(s).refuse(503, "x").refuse(503, "x").refuse(503, "x"),
            UnavailableError,
            [PLAIN, TOKEN, TOKEN, TOKEN],
            id="no token for now",
        ),
        pytest.param(False, lambda s: s.answer({"a": "b"}), ResponseError, [PLAIN], id="no url"),
    ],
)
def test_other_failures_are_themselves(
    client: SellingPartnerClient,
    server: Any,
    is_restricted: bool,  # noqa: FBT001 - a table's column
    script: Script,
    error: type[Exception],
    calls: list[tuple[str, str]],
) -> None:
    """A refusal for another reason costs one request for a token at most, and is shown as it is."""
    script(server)

    with pytest.raises(error) as caught:
        _ask(client, is_restricted=is_restricted)

    assert (type(caught.value), _calls(server)) == (error, calls)
