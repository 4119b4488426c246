"""Login with Amazon: turns credentials into access tokens.

Here belong: the token request, and what a refused login means. Tokens are kept by `token_cache`;
which request uses one is decided in `client`.

https://developer-docs.amazon.com/sp-api/docs/connecting-to-the-selling-partner-api
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeGuard

from asp_dagster.spapi.clock import Clock
from asp_dagster.spapi.errors import (
    AuthorizationError,
    BrokenResponseError,
    LoginError,
    RequestError,
)
from asp_dagster.spapi.responses import AnswerHeaders, Response, read_response
from asp_dagster.spapi.token_cache import TokenCache
from asp_dagster.spapi.transport import Transport

_OPERATION = "Login with Amazon"
# A year: what is said to live longer is no lifetime, and may be more than a float can hold.
_LONGEST_LIFETIME_SECONDS = 365 * 86400

_REMEDIES = {
    "invalid_grant": (
        "the refresh token is revoked, expired or another application's: let the selling partner"
        " authorise the application again and set the new refresh token"
    ),
    "invalid_client": (
        "client id or client secret is wrong, or the secret has expired (it lives 180 days): renew"
        " it in the developer console and set the new client secret"
    ),
    "invalid_scope": (
        "the application may not use this scope: ask for the grantless operation's role in the"
        " developer console"
    ),
    "unauthorized_client": (
        "the application may not log in this way: check that it is published or in draft for this"
        " selling partner, and that client id and refresh token belong together"
    ),
    "access_denied": (
        "the application was denied: check its state in the developer console, then let the selling"
        " partner authorise it again"
    ),
}


@dataclass(frozen=True)
class Credentials:
    """What an application logs in with for one selling partner.

    Attributes:
        client_id: The application's LWA client id.
        client_secret: The application's LWA client secret; expires after 180 days.
        refresh_token: The selling partner's refresh token.
    """

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, str]:
        """What must never be shown."""
        return (self.client_secret, self.refresh_token)


class AccessTokens:
    """The access tokens of one set of credentials, one per scope; see `token_cache`."""

    def __init__(
        self, credentials: Credentials, lwa_url: str, clock: Clock, transport: Transport
    ) -> None:
        self._credentials = credentials
        self._lwa_url = lwa_url
        self._clock = clock
        self._transport = transport
        self._cache = TokenCache(self._fetch, clock)

    def get(self, scope: str | None = None) -> str:
        """Return an access token that lives on for a while.

        Args:
            scope: A grantless operation's scope; none for the selling partner's own data.

        Raises:
            LoginError: When the credentials are refused; the remedy says what to renew.
            UnavailableError: When Login with Amazon cannot be reached or has trouble.
            BrokenResponseError: When its answer is no token.
        """
        return self._cache.get(scope)

    def invalidate(self, token: str, scope: str | None = None) -> None:
        """Forget a token that was refused, unless another thread has already renewed it."""
        self._cache.invalidate(token, scope)

    def _fetch(self, scope: str | None) -> tuple[str, float]:
        import requests  # noqa: PLC0415 - slow to import

        request = requests.Request("POST", self._lwa_url, data=self._form(scope))
        answer = self._transport.send(_OPERATION, request)
        headers = AnswerHeaders.of(answer, self._clock.now())
        try:
            return _token(read_response(_OPERATION, answer, headers, self._credentials.secrets))
        except (AuthorizationError, RequestError) as error:
            refusal = error.refusal
        raise LoginError(refusal, _REMEDIES.get(refusal.code, ""))

    def _form(self, scope: str | None) -> dict[str, str]:
        grant = (
            {"grant_type": "client_credentials", "scope": scope}
            if scope
            else {"grant_type": "refresh_token", "refresh_token": self._credentials.refresh_token}
        )
        return grant | {
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
        }


def _token(response: Response) -> tuple[str, float]:
    token, lifetime = response.body.get("access_token"), response.body.get("expires_in")
    if isinstance(token, str) and token and _is_lifetime(lifetime):
        return token, float(lifetime)
    raise BrokenResponseError(response.refusal("no access_token with expires_in"))


def _is_lifetime(seconds: object) -> TypeGuard[float]:
    return isinstance(seconds, int | float) and 0 <= seconds <= _LONGEST_LIFETIME_SECONDS
