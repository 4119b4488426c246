"""Login with Amazon: hands out access tokens, and knows whom one was handed to.

Here belong: the two grants, LWA's own errors, and Amazon's refusal of a token that is missing,
expired or made up.

https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from asp_dagster.simulator.wire import Answer, ok, to_json, unauthorized

PATH = "/auth/o2/token"
FORM = "application/x-www-form-urlencoded"

SCOPES = {
    "sellingpartnerapi::notifications": frozenset(
        {
            "createDestination",
            "getDestination",
            "getDestinations",
            "deleteDestination",
            "getSubscriptionById",
            "deleteSubscriptionById",
        }
    ),
    "sellingpartnerapi::client_credential:rotation": frozenset({"rotateApplicationClientSecret"}),
    "sellingpartnerapi::shipments:track": frozenset({"getShipmentTracking"}),
}
"""The grantless scopes and the operations they open."""

_GRANTLESS = frozenset().union(*SCOPES.values())


@dataclass(frozen=True)
class Credentials:
    """What an application must show.

    Attributes:
        client_id: The application's id.
        client_secret: Its secret.
        refresh_token: The selling partner's consent.
    """

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass(frozen=True)
class Grant:
    """What an access token stands for.

    Attributes:
        caller: The application and, unless grantless, the selling partner.
        scope: The grantless scope, if it is one.
        expires_at: From when on it is refused.
    """

    caller: str
    scope: str | None
    expires_at: datetime


class LwaError(Exception):
    """A request that Login with Amazon refuses."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(f"{status} {error}: {description}")
        self.answer = Answer(status, to_json({"error": error, "error_description": description}))


@dataclass
class LoginWithAmazon:
    """The token endpoint of one application and one selling partner.

    Attributes:
        credentials: What it accepts.
        token_seconds: How long an access token lives.
    """

    credentials: Credentials
    token_seconds: float = 3600
    _grants: dict[str, Grant] = field(default_factory=dict, repr=False)

    @property
    def caller(self) -> str:
        """Who calls with a token of the selling partner's consent."""
        return f"{self.credentials.client_id} for the selling partner"

    def request_token(self, body: bytes, content_type: str, now: datetime) -> Answer:
        """Return an access token, or LWA's refusal."""
        try:
            return self._granted(_form(body, content_type), now)
        except LwaError as error:
            return error.answer

    def authorize(self, access_token: str | None, operation: str, now: datetime) -> str:
        """Return who calls, or refuse.

        Raises:
            Refusal: With status 403 and Amazon's words.
        """
        if not access_token:
            raise unauthorized("Access token is missing in the request header.")
        grant = self._grants.get(access_token)
        if grant is None:
            raise unauthorized("The access token you provided is revoked, malformed or invalid.")
        if now >= grant.expires_at:
            raise unauthorized("The access token you provided has expired.")
        if not _opens(grant, operation):
            raise unauthorized("The access token does not authorize this operation.")
        return grant.caller

    def expire_tokens(self) -> None:
        """Let every access token handed out so far be expired."""
        long_ago = datetime.min.replace(tzinfo=UTC)
        for token, grant in list(self._grants.items()):
            self._grants[token] = replace(grant, expires_at=long_ago)

    def _granted(self, form: Mapping[str, str], now: datetime) -> Answer:
        self._check_application(form)
        grant_type = form.get("grant_type")
        if grant_type == "refresh_token":
            return self._for_selling_partner(form, now)
        if grant_type == "client_credentials":
            return self._for_scope(form, now)
        raise LwaError(
            400, "unsupported_grant_type", f"The grant type {grant_type} is not supported."
        )

    def _check_application(self, form: Mapping[str, str]) -> None:
        for name in ("grant_type", "client_id", "client_secret"):
            if not form.get(name):
                raise LwaError(
                    400, "invalid_request", f"The request is missing a required parameter : {name}"
                )
        shown = form["client_id"], form["client_secret"]
        if shown != (self.credentials.client_id, self.credentials.client_secret):
            raise LwaError(401, "invalid_client", "Client authentication failed")

    def _for_selling_partner(self, form: Mapping[str, str], now: datetime) -> Answer:
        if "scope" in form:
            raise LwaError(400, "invalid_request", "A refresh token takes no scope.")
        if "refresh_token" not in form:
            raise LwaError(
                400,
                "invalid_request",
                "The request is missing a required parameter : refresh_token",
            )
        if form["refresh_token"] != self.credentials.refresh_token:
            raise LwaError(
                400,
                "invalid_grant",
                "The request has an invalid grant parameter : refresh_token. User may have revoked"
                " or didn't grant the permission.",
            )
        token = self._hand_out(self.caller, None, now)
        return ok({"access_token": token, "refresh_token": form["refresh_token"], **self._life()})

    def _for_scope(self, form: Mapping[str, str], now: datetime) -> Answer:
        scope = form.get("scope", "")
        if scope not in SCOPES:
            raise LwaError(400, "invalid_scope", f"The requested scope is invalid: {scope!r}")
        token = self._hand_out(self.credentials.client_id, scope, now)
        return ok({"access_token": token, **self._life()})

    def _hand_out(self, caller: str, scope: str | None, now: datetime) -> str:
        token = f"Atza|{secrets.token_urlsafe(96)}"
        expires_at = now + timedelta(seconds=self.token_seconds)
        self._grants[token] = Grant(caller, scope, expires_at)
        return token

    def _life(self) -> dict[str, Any]:
        return {"token_type": "bearer", "expires_in": int(self.token_seconds)}


def _opens(grant: Grant, operation: str) -> bool:
    """Tell whether the grant opens the operation: a scope opens its own and nothing else."""
    if grant.scope is None:
        return operation not in _GRANTLESS
    return operation in SCOPES[grant.scope]


def _form(body: bytes, content_type: str) -> Mapping[str, str]:
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise LwaError(400, "invalid_request", f"The request must be form-encoded: {FORM}")
    try:
        return dict(parse_qsl(body.decode(), strict_parsing=True))
    except ValueError as error:
        raise LwaError(400, "invalid_request", "The request's form cannot be read.") from error


def credentials_from(spice: str) -> Credentials:
    """Make credentials in Amazon's forms, which open nothing but this simulator."""
    return Credentials(
        client_id=f"amzn1.application-oa2-client.{spice[:32]}",
        client_secret=f"amzn1.oa2-cs.v1.{spice[:64]}",
        refresh_token=f"Atzr|{spice[::-1]}",
    )
