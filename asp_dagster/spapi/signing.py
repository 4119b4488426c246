"""AWS Signature Version 4, for set-ups whose proxies or roles still want it.

Here belong: the keys, the session that an IAM role gives for them, and the signature of a request.
Amazon has ignored signatures since 2023-10-02, so without AWS keys nothing here is used, nor
botocore imported. Logins and presigned documents are never signed.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from asp_dagster.spapi.clock import Clock, SystemClock
from asp_dagster.spapi.errors import (
    ConfigurationError,
    Refusal,
    SellingPartnerError,
    SignatureRefusedError,
    UnavailableError,
)
from asp_dagster.spapi.regions import check_endpoint, region_of
from asp_dagster.spapi.silent_logs import BOTOCORE, without_logs
from asp_dagster.spapi.token_cache import TokenCache

if TYPE_CHECKING:  # only who sends a request pays for loading it
    import requests

_SERVICE = "execute-api"
_OPERATION = "AWS STS AssumeRole"

_log = logging.getLogger(__name__)

_USUAL_REGION = "us-east-1"
# After STS gave no session, it is not asked again for so long: Amazon needs no signature.
_UNSIGNED_SECONDS = 900.0

# The hour that every role allows. It is counted by our own clock, which may be ahead of Amazon's.
_SESSION_SECONDS = 3600
_SERVER_ERROR = 500


@dataclass(frozen=True, kw_only=True)
class AwsKeys:
    """What requests are signed with.

    Attributes:
        access_key_id: The id of an IAM user's key.
        secret_access_key: The key.
        role_arn: The IAM role whose session signs; none: the keys themselves sign.
        region: The AWS region of the endpoint; none: known from Amazon's endpoint, us-east-1 of
            another host.
        sts_url: Base URL of AWS STS, which hands out sessions; AWS's, if not given.
    """

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    role_arn: str | None = None
    region: str | None = None
    sts_url: str | None = None


class Unsigned:
    """Leaves requests as they are: what Amazon wants since 2023-10-02."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        return ()

    def prepare(self) -> None:
        """Get ready to sign."""

    def prepare_if_possible(self) -> None:
        """Get ready to sign, or to do without."""

    def invalidate(self) -> None:
        """Forget what was refused."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request as it is to be sent."""
        return request


class Signer(Unsigned):
    """Signs requests with AWS keys or a role's session, which is renewed before it ends.

    Keys and roles of old set-ups may be dead, and nobody has noticed since Amazon ignores
    signatures. So requests of a role that gives no session go unsigned.
    """

    def __init__(self, keys: AwsKeys, endpoint: str, clock: Clock | None = None) -> None:
        """Prepare; nothing is sent yet.

        Args:
            keys: What to sign with.
            endpoint: Where signed requests go.
            clock: Where time comes from.

        Raises:
            ConfigurationError: When STS would be asked unencrypted.
        """
        self._keys = keys
        known = region_of(endpoint)
        self._region = keys.region or (known.aws_region if known else _USUAL_REGION)
        self._sts_url = check_endpoint(keys.sts_url) if keys.sts_url else None
        self._clock = clock or SystemClock()
        self._unsigned_until: float | None = None
        self._sessions: TokenCache[str, _Session] = TokenCache(self._assume, self._clock)
        self._last = _Session(keys.access_key_id, keys.secret_access_key)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown: the key, and the session's key and token."""
        last = self._last
        return (self._keys.secret_access_key, last.secret_key, last.token or "")

    def prepare(self) -> None:
        """Get a session that lives on for a while, if a role is to sign.

        Raises:
            SignatureRefusedError: When STS gives none for these keys and this role.
            UnavailableError: When STS cannot be reached or has trouble.
            ConfigurationError: When it cannot be asked.
        """
        if self._keys.role_arn:
            self._last = self._sessions.get(self._keys.role_arn)

    def prepare_if_possible(self) -> None:
        """Get a session; if there is none to be had, leave requests unsigned for a while."""
        until = self._unsigned_until
        if until is not None and self._clock.monotonic() < until:
            return
        try:
            self.prepare()
            self._unsigned_until = None
        except (SignatureRefusedError, UnavailableError, ConfigurationError) as error:
            self._unsigned_until = self._clock.monotonic() + _UNSIGNED_SECONDS
            _log.warning("Requests go unsigned, which Amazon accepts since 2023-10-02: %s", error)

    def invalidate(self) -> None:
        """Forget the session: it was refused."""
        if self._keys.role_arn:
            self._sessions.invalidate(self._last, self._keys.role_arn)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add signature, date and session token to a request that is otherwise complete."""
        if self._unsigned_until is not None:
            return request
        from botocore.auth import SigV4Auth  # type: ignore[import-untyped]  # noqa: PLC0415 - see above
        from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]  # noqa: PLC0415

        request.url = _with_spaces_escaped(str(request.url))
        headers = {name: request.headers[name] for name in _signed_headers(request)}
        signed = AWSRequest(request.method, request.url, headers, request.body or b"")
        with without_logs(BOTOCORE):
            SigV4Auth(self._last, _SERVICE, self._region).add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        return request

    def _assume(self, role_arn: str) -> tuple[_Session, float]:
        from botocore import exceptions as aws  # type: ignore[import-untyped]  # noqa: PLC0415

        try:
            with without_logs(BOTOCORE):
                answer = self._sts().assume_role(
                    RoleArn=role_arn,
                    RoleSessionName="asp_dagster",
                    DurationSeconds=_SESSION_SECONDS,
                )
        except aws.ClientError as error:
            trouble = _refused(error.response)
        except (aws.ConnectionError, aws.HTTPClientError) as error:
            reason = f"no answer from AWS STS ({type(error).__name__})"
            trouble = UnavailableError(Refusal(operation=_OPERATION, message=reason))
        except aws.BotoCoreError as error:
            trouble = ConfigurationError(f"{_OPERATION}: {' '.join(str(error).split())}")
        else:
            found = answer["Credentials"]
            keys = (found[key] for key in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
            return _Session(*keys), _SESSION_SECONDS
        raise trouble  # without the cause, whose frames hold keys

    def _sts(self) -> Any:
        from botocore.config import Config  # type: ignore[import-untyped]  # noqa: PLC0415
        from botocore.session import Session  # type: ignore[import-untyped]  # noqa: PLC0415

        return Session().create_client(
            "sts",
            region_name=self._region,
            endpoint_url=self._sts_url,
            aws_access_key_id=self._keys.access_key_id,
            aws_secret_access_key=self._keys.secret_access_key,
            # Trying again is the work of `retry`, which bounds all tries together.
            config=Config(connect_timeout=10, read_timeout=60, retries={"total_max_attempts": 1}),
        )


@dataclass(frozen=True)
class _Session:
    """What signs, by botocore's names."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def _signed_headers(request: requests.PreparedRequest) -> list[str]:
    """Return the headers to sign, Host aside: those that no proxy changes on the way."""
    names = (str(name) for name in request.headers)
    return [name for name in names if name.lower().startswith(("x-amz-", "content-type"))]


def _with_spaces_escaped(url: str) -> str:
    """Write spaces in the query as a signature counts them; requests writes them as `+`."""
    parts = urlsplit(url)
    return parts._replace(query=parts.query.replace("+", "%20")).geturl()


def _refused(answer: Any) -> SellingPartnerError:
    refusal = Refusal(
        operation=_OPERATION,
        status=answer["ResponseMetadata"]["HTTPStatusCode"],
        code=answer["Error"]["Code"],
        message=" ".join(answer["Error"]["Message"].split()),
        request_id=answer["ResponseMetadata"].get("RequestId", ""),
    )
    is_passing = (refusal.status or 0) >= _SERVER_ERROR or "Throttl" in refusal.code
    return UnavailableError(refusal) if is_passing else SignatureRefusedError(refusal)
