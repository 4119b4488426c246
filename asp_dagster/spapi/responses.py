"""Maps an answer to its data or to the right error; nobody else looks at status codes.

Here belong: reading headers and bodies. Sending is the work of `transport`, trying again that of
`retry`.

https://developer-docs.amazon.com/sp-api/docs/troubleshoot-sp-api-errors
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from asp_dagster.json_text import with_whole_characters
from asp_dagster.spapi.errors import (
    AccessDeniedError,
    AccessTokenRefusedError,
    ApiError,
    BrokenResponseError,
    NotFoundError,
    Refusal,
    RequestError,
    ResponseError,
    SignatureRefusedError,
    ThrottledError,
    UnavailableError,
    redacted,
)

if TYPE_CHECKING:  # only who sends a request pays for loading it
    import requests

_log = logging.getLogger(__name__)


def _finite(digits: str) -> float:
    """Refuse a number that is none, or larger than any: nobody could write it as JSON again."""
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)
# A call a day. The slowest plan that Amazon publishes is five hundred times faster.
_SLOWEST_RATE = 1 / 86400
_LONGEST_QUOTE = 500
_DATA = range(200, 300)
# What AWS's gateway says of a signature. An expired session is renewed together with the token.
_SIGNATURE = re.compile(
    r"\bsignature\b|\bsecurity token\b.*\binvalid\b|\bscoped to\b", re.IGNORECASE
)
_ERRORS_BY_STATUS: Mapping[int, type[ApiError]] = {
    401: AccessTokenRefusedError,
    403: AccessDeniedError,
    404: NotFoundError,
    408: UnavailableError,
    429: ThrottledError,
}


@dataclass(frozen=True, kw_only=True)
class Response:
    """Data that Amazon answered.

    Attributes:
        operation: Amazon's name of the operation.
        status: HTTP status, 200 to 299.
        body: The parsed JSON object; empty if there was no body. An array, which one operation
            answers (getMyFeesEstimates), stands under `payload`. Not shown in `repr`: it may hold
            personal data or a presigned URL.
        request_id: Amazon's id of the request.
        rate_limit: Requests per second that Amazon allows, if it said so.
        retry_after: Seconds after which Amazon wants to be asked again, if it said so.
    """

    operation: str
    status: int
    body: Mapping[str, Any] = field(repr=False)
    request_id: str = ""
    rate_limit: float | None = None
    retry_after: float | None = None

    def refusal(self, message: str) -> Refusal:
        """Return what to raise when the data is not what the documentation promises."""
        return Refusal(
            operation=self.operation,
            status=self.status,
            message=message,
            request_id=self.request_id,
        )


@dataclass(frozen=True)
class AnswerHeaders:
    """The headers that mean something to us, parsed once.

    Attributes:
        request_id: `x-amzn-RequestId`.
        rate_limit: `x-amzn-RateLimit-Limit`, requests per second; often missing.
        retry_after: `Retry-After`, seconds from now; undocumented, honoured if present.
        clock_ahead: How far our clock is ahead of `Date`, Amazon's time to the second.
    """

    request_id: str
    rate_limit: float | None
    retry_after: float | None
    clock_ahead: timedelta | None

    @classmethod
    def of(cls, answer: requests.Response, now: datetime) -> Self:
        """Parse the headers of an answer received now."""
        return cls(
            answer.headers.get("x-amzn-RequestId", ""),
            _rate(answer.headers.get("x-amzn-RateLimit-Limit", "")),
            _seconds_until(answer.headers.get("Retry-After", ""), now),
            _since(answer.headers.get("Date", ""), now),
        )


def read_response(
    operation: str, answer: requests.Response, headers: AnswerHeaders, secrets: Iterable[str]
) -> Response:
    """Return the data of an answer.

    Args:
        operation: What to call it in errors.
        answer: Whatever came.
        headers: Its headers.
        secrets: What must not be quoted even if Amazon quotes it.

    Raises:
        ApiError: The class that fits, when the answer is not data.
    """
    refusal = partial(_refusal, operation, answer, headers, tuple(secrets))
    if answer.status_code not in _DATA:
        raise _error(answer, refusal())
    body = _parsed(answer)
    if body is None:
        raise BrokenResponseError(replace(refusal(), message="the body is no JSON"))
    # A list that came with errors may lack records: it is asked for again, not taken with a hole.
    if body.get("errors") and (answer.request.method == "GET" or _holds_only_errors(body)):
        raise BrokenResponseError(refusal())
    if body.get("errors"):
        _log.warning("Data came with errors: %s", refusal())
    return Response(
        operation=operation,
        status=answer.status_code,
        body=body,
        request_id=headers.request_id,
        rate_limit=headers.rate_limit,
        retry_after=headers.retry_after,
    )


def check_status(operation: str, answer: requests.Response, now: datetime) -> None:
    """Make sure that the answer brings data; its body is neither read nor quoted.

    Raises:
        ApiError: The class that fits the status.
    """
    if answer.status_code != 200:  # noqa: PLR2004 - nothing but a whole document will do
        headers = AnswerHeaders.of(answer, now)
        refusal = Refusal(
            operation=operation,
            status=answer.status_code,
            request_id=headers.request_id,
            retry_after=headers.retry_after,
        )
        raise _error(answer, refusal)


def _parsed(answer: requests.Response) -> Mapping[str, Any] | None:
    """Return the body as a JSON object, or None if it is no JSON."""
    if not answer.content and answer.request.method != "GET":
        return {}
    try:
        text = answer.content.decode(json.detect_encoding(answer.content))
        body = _DECODER.decode(with_whole_characters(text))
    except (ValueError, RecursionError):
        return None
    if isinstance(body, list):
        return {"payload": body}
    return body if isinstance(body, dict) else None


def _holds_only_errors(body: Mapping[str, Any]) -> bool:
    return not any(value for name, value in body.items() if name != "errors")


def _refusal(
    operation: str, answer: requests.Response, headers: AnswerHeaders, secrets: tuple[str, ...]
) -> Refusal:
    code, message, details = (
        redacted(" ".join(text.split()), secrets)[:_LONGEST_QUOTE] for text in _said(answer)
    )
    return Refusal(
        operation=operation,
        status=answer.status_code,
        code=code,
        message=message,
        details=details,
        request_id=headers.request_id,
        retry_after=headers.retry_after,
    )


def _said(answer: requests.Response) -> tuple[str, str, str]:
    """Return code, message and details, wherever this kind of answer has them."""
    body = _parsed(answer)
    if body is None:  # some 400s are HTML pages, written before the request reached the API
        return "", re.sub(r"<[^>]*>", " ", answer.text), ""
    errors = body.get("errors")
    if isinstance(errors, list) and errors:
        return _joined(errors[:1], "code"), _joined(errors, "message"), _joined(errors, "details")
    # Login with Amazon, and the gateway before the API.
    said = body.get("error_description") or body.get("message") or body.get("Message") or ""
    return str(body.get("error", "")), str(said), ""


def _joined(errors: Iterable[Any], name: str) -> str:
    texts = (str(error[name]) for error in errors if isinstance(error, dict) and error.get(name))
    return " / ".join(dict.fromkeys(texts))


def _error(answer: requests.Response, refusal: Refusal) -> ApiError:
    if answer.is_redirect:
        host = re.match(r"https?://([^/?#@]+)", answer.headers["Location"])
        return ResponseError(
            replace(refusal, message=f"a redirect to {host[1] if host else 'another path'}"),
            "check the endpoint; the Selling Partner API does not redirect",
        )
    return _error_class(answer.status_code, f"{refusal.message} {refusal.details}")(refusal)


def _error_class(status: int, said: str) -> type[ApiError]:
    if status == 403 and _SIGNATURE.search(said):  # noqa: PLR2004 - the table's
        return SignatureRefusedError
    if status == 403 and re.search(r"\btoken\b", said, re.IGNORECASE):  # noqa: PLR2004 - the table's
        return AccessTokenRefusedError
    if status in _ERRORS_BY_STATUS:
        return _ERRORS_BY_STATUS[status]
    if status >= 500:  # noqa: PLR2004 - Amazon's fault
        return UnavailableError
    return RequestError if status >= 400 else ResponseError  # noqa: PLR2004 - our fault


def _rate(text: str) -> float | None:
    rate = _positive(text)
    return rate if rate is not None and rate >= _SLOWEST_RATE else None


def _positive(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number > 0 and math.isfinite(number) else None


def _seconds_until(text: str, now: datetime) -> float | None:
    """Read Retry-After: seconds, or a date."""
    if (seconds := _positive(text)) is not None:
        return seconds
    since = _since(text, now)
    return None if since is None else max(0.0, -since.total_seconds())


def _since(date: str, now: datetime) -> timedelta | None:
    try:
        return now - parsedate_to_datetime(date)
    except (ValueError, TypeError):  # no date, or one without a zone
        return None
