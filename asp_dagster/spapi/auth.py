"""Login with Amazon: turns credentials into access tokens.

Here belong: the token request, the cache of one set of credentials, and what a refused login means.
Which request uses a token is decided in `client`.

https://developer-docs.amazon.com/sp-api/docs/connecting-to-the-selling-partner-api
"""

import threading
from dataclasses import dataclass, field

import requests

from asp_dagster.spapi.clock import Clock
from asp_dagster.spapi.errors import (
    AuthorizationError,
    BrokenResponseError,
    LoginError,
    RequestError,
)
from asp_dagster.spapi.responses import AnswerHeaders, Response, read_response
from asp_dagster.spapi.transport import Transport

AMAZON_LWA_URL = "https://api.amazon.com/auth/o2/token"

_OPERATION = "Login with Amazon"
# A request that is sent now may wait at Amazon's door; its token must live until it is let in.
_RENEWED_AHEAD_SECONDS = 60.0

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
    """The access tokens of one set of credentials, one per scope, renewed ahead of their expiry.

    While one thread fetches a token, the others that need it wait for that one.
    """

    def __init__(
        self, credentials: Credentials, lwa_url: str, clock: Clock, transport: Transport
    ) -> None:
        self._credentials = credentials
        self._lwa_url = lwa_url
        self._clock = clock
        self._transport = transport
        self._slots: dict[str | None, _Slot] = {}
        self._lock = threading.Lock()

    def get(self, scope: str | None = None) -> str:
        """Return an access token that lives on for a while.

        Args:
            scope: A grantless operation's scope; none for the selling partner's own data.

        Raises:
            LoginError: When the credentials are refused; the remedy says what to renew.
            UnavailableError: When Login with Amazon cannot be reached or has trouble.
            BrokenResponseError: When its answer is no token.
        """
        slot = self._slot(scope)
        with slot.lock:
            if slot.token is None or self._clock.monotonic() >= slot.renew_at:
                asked_at = self._clock.monotonic()
                slot.token, lifetime = self._fetch(scope)
                slot.renew_at = asked_at + max(lifetime - _RENEWED_AHEAD_SECONDS, lifetime / 2)
            return slot.token

    def invalidate(self, token: str, scope: str | None = None) -> None:
        """Forget a token that was refused, unless another thread has already renewed it."""
        slot = self._slot(scope)
        with slot.lock:
            if slot.token == token:
                slot.token = None

    def _slot(self, scope: str | None) -> "_Slot":
        with self._lock:
            return self._slots.setdefault(scope, _Slot())

    def _fetch(self, scope: str | None) -> tuple[str, float]:
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


@dataclass
class _Slot:
    """Where one scope's token is kept; its lock is held while a new one is fetched."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    token: str | None = field(default=None, repr=False)
    renew_at: float = 0.0


def _token(response: Response) -> tuple[str, float]:
    token, lifetime = response.body.get("access_token"), response.body.get("expires_in")
    if isinstance(token, str) and token and isinstance(lifetime, int | float):
        return token, float(lifetime)
    raise BrokenResponseError(response.refusal("no access_token with expires_in"))
