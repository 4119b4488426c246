"""Signature Version 4, checked as Amazon's gateway did before 2023-10-02.

Here belongs: computing a request's signature anew, from AWS's description and with the standard
library only, so that it agrees with a client for no other reason than that both are right.

https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from starlette.requests import Request

from asp_dagster.simulator.wire import Refusal

SKEW = timedelta(minutes=5)
"""How far a request's time may be from Amazon's."""

_FORM = "%Y%m%dT%H%M%SZ"
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key_id>[^/,\s]+)/(?P<scope>[^,\s]+),"
    r"\s*SignedHeaders=(?P<names>[^,\s]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class SecretKey:
    """What belongs to an access key id.

    Attributes:
        secret: The secret key.
        session_token: The token of the session, if the key is a session's.
    """

    secret: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Signatures:
    """The signatures that requests must carry; none, as today, unless keys are given.

    Attributes:
        secret_key: Tells what belongs to an access key id; nothing if it is unknown.
        region: The AWS region that signatures must name.
    """

    secret_key: Callable[[str], SecretKey | None] | None = None
    region: str = "us-east-1"

    def check(self, request: Request, path: str, body: bytes, now: datetime) -> None:
        """Make sure that a request is signed by a known key, just now, as it has arrived.

        Raises:
            Refusal: When it is not, in the words of Amazon's gateway.
        """
        if self.secret_key is None:
            return
        found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if found is None:
            raise _refusal("MissingAuthenticationToken", "Missing Authentication Token")
        key = self.secret_key(found["key_id"])
        if key is None or request.headers.get("x-amz-security-token") != key.session_token:
            raise _refusal("Unauthorized", "The security token included in the request is invalid.")
        date = request.headers.get("x-amz-date", "")
        self._check_scope(found["scope"], date, now)
        names = found["names"].split(";")
        _check_names(names, request.headers)
        canonical = _canonical(request, path, body, names)
        if not hmac.compare_digest(_signature(key, found["scope"], date, canonical), found[4]):
            raise _mismatch(canonical)

    def _check_scope(self, scope: str, date: str, now: datetime) -> None:
        if scope != f"{date[:8]}/{self.region}/execute-api/aws4_request":
            raise _refusal(
                "InvalidSignature", f"Credential should be scoped to a valid region, not {scope!r}."
            )
        if abs(datetime.strptime(date, _FORM).replace(tzinfo=UTC) - now) > SKEW:
            raise _refusal("InvalidSignature", f"Signature expired: {date} is not {now:{_FORM}}")


def _check_names(names: Iterable[str], headers: Mapping[str, str]) -> None:
    """Refuse a header of Amazon's that is not signed: somebody may have put it there."""
    needed = {"host", *(name for name in headers if name.startswith("x-amz-"))}
    if missing := sorted(needed - set(names)):
        raise _refusal("InvalidSignature", f"The signature lacks {', '.join(missing)}.")


def _canonical(request: Request, path: str, body: bytes, names: Iterable[str]) -> str:
    """Return the canonical request: what is signed of it, in the one order and spelling."""
    headers = {name: " ".join(request.headers.get(name, "").split()) for name in names}
    query = request.scope["query_string"].decode("ascii")
    return "\n".join(
        (
            request.method,
            quote(path, safe="/~"),
            "&".join(sorted(query.split("&"))) if query else "",
            *(f"{name}:{value}" for name, value in headers.items()),
            "",
            ";".join(headers),
            hashlib.sha256(body).hexdigest(),
        )
    )


def _signature(key: SecretKey, scope: str, date: str, canonical: str) -> str:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    signing_key = f"AWS4{key.secret}".encode()
    for part in scope.split("/"):
        signing_key = _hmac(signing_key, part)
    return _hmac(signing_key, f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{digest}").hex()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _mismatch(canonical: str) -> Refusal:
    """Return the refusal that quotes, as Amazon's did, the request with all its tokens."""
    return _refusal(
        "InvalidSignature",
        "The request signature we calculated does not match the signature you provided. Check your"
        " AWS Secret Access Key and signing method. Consult the service documentation for details."
        f"\n\nThe Canonical String for this request should have been\n'{canonical}'",
    )


def _refusal(code: str, message: str) -> Refusal:
    return Refusal(403, code, message)
