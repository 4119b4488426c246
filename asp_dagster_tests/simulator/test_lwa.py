"""The simulated Login with Amazon: two grants, LWA's errors, and tokens that end."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Simulator

ORDER = "/orders/v0/orders/111-0000000-0000000"


def _post(simulator: Simulator, form: Mapping[str, str]) -> requests.Response:
    return requests.post(simulator.lwa_url, data=form, timeout=20)


def _form(simulator: Simulator, **changes: str) -> dict[str, str]:
    form = {
        "grant_type": "refresh_token",
        "client_id": simulator.client_id,
        "client_secret": simulator.client_secret,
        "refresh_token": simulator.refresh_token,
    }
    return {name: text for name, text in (form | changes).items() if text}


def test_refresh_token_grant(simulator: Simulator) -> None:
    """A refresh token gives an access token of at most 2048 bytes, and comes back unchanged."""
    answer = _post(simulator, _form(simulator))

    granted = answer.json()
    assert answer.status_code == 200
    assert granted.pop("access_token").startswith("Atza|")
    assert granted == {
        "refresh_token": simulator.refresh_token,
        "token_type": "bearer",
        "expires_in": 3600,
    }


def test_client_credentials_grant(simulator: Simulator) -> None:
    """A scope gives an access token without any refresh token."""
    form = _form(
        simulator,
        grant_type="client_credentials",
        refresh_token="",
        scope="sellingpartnerapi::notifications",
    )
    answer = _post(simulator, form)

    assert answer.status_code == 200
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        pytest.param({"refresh_token": "Atzr|x"}, 400, "invalid_grant", id="revoked"),
        pytest.param({"client_secret": "x"}, 401, "invalid_client", id="wrong secret"),
        pytest.param({"client_id": "x"}, 401, "invalid_client", id="wrong client"),
        pytest.param({"client_id": ""}, 400, "invalid_request", id="no client"),
        pytest.param({"refresh_token": ""}, 400, "invalid_request", id="no refresh token"),
        pytest.param({"scope": "x"}, 400, "invalid_request", id="scope with refresh token"),
        pytest.param({"grant_type": "x"}, 400, "unsupported_grant_type", id="unknown grant"),
        pytest.param({"grant_type": ""}, 400, "invalid_request", id="no grant"),
        pytest.param(
            {"grant_type": "client_credentials", "scope": "x"}, 400, "invalid_scope", id="scope"
        ),
    ],
)
def test_refusals(simulator: Simulator, changes: dict[str, str], status: int, error: str) -> None:
    """LWA refuses with its own status and error, and says why."""
    answer = _post(simulator, _form(simulator, **changes))

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"json": {"grant_type": "refresh_token"}}, id="JSON"),
        pytest.param({"data": b"", "headers": {"Content-Type": "text/plain"}}, id="text"),
        pytest.param(
            {"data": b"x", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
            id="no form",
        ),
    ],
)
def test_only_forms_are_read(simulator: Simulator, options: dict[str, Any]) -> None:
    """A body that is no form is an invalid request."""
    answer = requests.post(simulator.lwa_url, timeout=20, **options)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_tokens_expire(
    start: Callable[..., Simulator],
    connect: Callable[[Simulator], requests.Session],
    go_on: Callable[[float], None],
) -> None:
    """An access token works for its life, and not a moment longer."""
    api = connect(start(token_seconds=60))
    go_on(59.999)
    in_time = api.get(ORDER)
    go_on(0.001)
    too_late = api.get(ORDER)

    assert (in_time.status_code, too_late.status_code) == (404, 403)
    assert "expired" in too_late.json()["errors"][0]["details"]


def test_tokens_can_be_expired(
    simulator: Simulator, api: requests.Session, log_in: Callable[..., Mapping[str, Any]]
) -> None:
    """A test can end all tokens; a new one works."""
    simulator.expire_tokens()
    refused = api.get(ORDER)
    api.headers["x-amz-access-token"] = log_in(simulator)["access_token"]

    assert (refused.status_code, api.get(ORDER).status_code) == (403, 404)


def test_grantless_tokens_open_no_orders(simulator: Simulator, api: requests.Session) -> None:
    """A token of a scope is refused by the operations of a selling partner."""
    form = _form(
        simulator,
        grant_type="client_credentials",
        refresh_token="",
        scope="sellingpartnerapi::notifications",
    )
    api.headers["x-amz-access-token"] = _post(simulator, form).json()["access_token"]

    assert api.get(ORDER).status_code == 403


def test_credentials_stay_out_of_representations(simulator: Simulator) -> None:
    """Neither the secret nor the refresh token shows in a representation."""
    shown = repr(simulator) + repr(simulator._login)

    assert simulator.client_secret not in shown
    assert simulator.refresh_token not in shown
