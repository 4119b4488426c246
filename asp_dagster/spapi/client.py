"""The Selling Partner API as one object that sends one request well.

Here belong: the order in which quota, token, request and repetition follow each other. Each of
these has its own module; paging and reports stand on top, in `paging`, `reports` and `documents`.

https://developer-docs.amazon.com/sp-api/docs/connecting-to-the-selling-partner-api
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from asp_dagster.spapi.auth import AccessTokens, Credentials
from asp_dagster.spapi.calls import Call
from asp_dagster.spapi.clock import Clock, SystemClock, check_not_stopped
from asp_dagster.spapi.errors import (
    AccessTokenRefusedError,
    SellingPartnerError,
    ThrottledError,
)
from asp_dagster.spapi.operation_names import NamedRequest
from asp_dagster.spapi.paging import pages
from asp_dagster.spapi.paging_rules import PagingRules
from asp_dagster.spapi.quota import InProcessQuota, Quota, QuotaKey
from asp_dagster.spapi.regions import AMAZON_LWA_URL, check_endpoint
from asp_dagster.spapi.responses import AnswerHeaders, Response, read_response
from asp_dagster.spapi.restricted import TOKEN_PATH, RestrictedTokens, refusals_explained
from asp_dagster.spapi.restricted_operations import RestrictedResource
from asp_dagster.spapi.retry import RetryPolicy, keep_trying
from asp_dagster.spapi.signing import Unsigned
from asp_dagster.spapi.statistics import CallCounter
from asp_dagster.spapi.transport import Transport, default_user_agent
from asp_dagster.spapi.usage_plans import UsagePlans
from asp_dagster.spapi.wire import checked_path, json_body, query_params

if TYPE_CHECKING:  # only who sends a request pays for loading it
    import requests

_log = logging.getLogger(__name__)

_DOCUMENT_SECONDS = 3600.0
"""How long a document may take to arrive: the largest are some gigabytes."""


class SellingPartnerClient:
    """Calls operations of the Selling Partner API for one selling partner, from any thread.

    Attributes:
        clock: Where time comes from.
        retry: How often and how long a request is tried.
        statistics: The count of requests; `statistics.snapshot()` gives the values.
        usage_plans: How often each operation may be called.
        paging_rules: How each list operation is paged.
        documents: The way to presigned URLs, which see no credential and no access token.
        clock_ahead: How far our clock is ahead of Amazon's, to the second; none before an answer.
    """

    def __init__(  # noqa: PLR0913 - every seam of the client, each with its default
        self,
        credentials: Credentials,
        endpoint: str,
        *,
        lwa_url: str = AMAZON_LWA_URL,
        quota: Quota | None = None,
        clock: Clock | None = None,
        usage_plans: UsagePlans | None = None,
        retry: RetryPolicy | None = None,
        user_agent: str | None = None,
        signer: Unsigned | None = None,
    ) -> None:
        """Prepare a client; nothing is sent yet.

        Args:
            credentials: What to log in with.
            endpoint: Base URL of the selling region: see `regions`.
            lwa_url: Token URL of Login with Amazon.
            quota: Where requests wait for their turn; hand the same one to every client.
            clock: Where time comes from.
            usage_plans: The documented plans; those `with_personal_data` ask for it.
            retry: How often and how long a request is tried.
            user_agent: Who calls; ours, if not given.
            signer: What signs requests; see `signing.Signer`. Amazon needs no signature.

        Raises:
            ConfigurationError: When a URL is none, or would carry secrets unencrypted.
        """
        agent = user_agent or default_user_agent()
        self.clock = clock or SystemClock()
        self.retry = retry or RetryPolicy()
        self.statistics = CallCounter()
        self.usage_plans = usage_plans or UsagePlans.load()
        self.paging_rules = PagingRules.load()
        self.documents = Transport(agent, answer_seconds=_DOCUMENT_SECONDS)
        self.clock_ahead: timedelta | None = None
        self._credentials = credentials
        self._signer = signer or Unsigned()
        self._endpoint = check_endpoint(endpoint)
        self._quota = quota or InProcessQuota(self.clock)
        self._transport = Transport(agent)
        self._tokens = AccessTokens(
            credentials, check_endpoint(lwa_url), self.clock, self._transport
        )
        self._restricted = RestrictedTokens(self._create_restricted_token, self.clock)

    def request(  # noqa: PLR0913 - what a request consists of, and how it is sent
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        scope: str | None = None,
        restricted: RestrictedResource | None = None,
        repeat: bool = True,
        check: Callable[[Response], None] | None = None,
    ) -> Response:
        """Call an operation and return its answer.

        Waits for quota before sending. What waiting can cure is tried again, also for a POST. An
        operation that needs a restricted data token gets one.

        Args:
            method: HTTP method.
            path: Concrete path: `/orders/v0/orders/902-3159896-1390916/orderItems`. What is filled
                in must be percent-encoded.
            params: Query parameters; lists are joined by commas, times written in UTC, None left
                out.
            body: JSON body.
            scope: A grantless operation's scope, if it is none that is known.
            restricted: What a restricted data token is got for, where it is not known that the
                operation always needs one.
            repeat: Whether what waiting can cure is tried again; for what must not be done twice
                if only the answer got lost, it is the caller who knows when.
            check: Raises when the data is not what was asked for; if asking again can cure that,
                it is done.

        Raises:
            ConfigurationError: When the path or a value cannot be sent.
            RestrictedDataError: When the application may not see this personal data.
            NotRestrictedError: When there is no restricted data token for a document.
            ApiError: When no data came; the class says what can be done.
            QuotaWaitError: When the wait for quota is longer than the quota allows.
            StoppedError: When this thread's work is no longer wanted: see `clock.stopped_by`.
        """
        call = self._call(method, path, params or {}, body, scope)
        call = replace(call, restricted=restricted or call.operation.restricted)
        note = partial(self.note_retry, call.operation.name)
        if not repeat:
            return self._checked(call, check)
        return keep_trying(lambda: self._checked(call, check), self.retry, self.clock, note)

    def list(
        self,
        operation: str,
        params: Mapping[str, Any] | None = None,
        *,
        method: str = "GET",
        body: Mapping[str, Any] | None = None,
        results_key: str | None = None,
    ) -> Iterator[Mapping[str, Any]]:
        """Return the records of all pages, each page asked for when it is wanted.

        Args:
            operation: Amazon's name, `searchOrders`, or a concrete path.
            params: Query parameters; beside a name, those of the path too.
            method: Beside a path, POST for the few searches that are one.
            body: JSON body of the first page.
            results_key: Where the records stand, if not as in the table: see `records`.

        Raises:
            ConfigurationError: When the operation has no such name, or one that several have.
        """
        asked = NamedRequest(method, operation, params or {})
        if not operation.startswith("/"):
            asked = NamedRequest.of(self.usage_plans, operation, params or {})
        found = pages(
            self, asked.path, asked.params, method=asked.method, body=body, results_key=results_key
        )
        return (record for page in found for record in page.records)

    def log_in(self) -> None:
        """Get what requests are authorised with, and send none.

        Raises:
            ApiError: When Login with Amazon, or AWS for a signature, gives nothing.
        """
        self._signer.prepare()
        self._tokens.get()

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()
        self.documents.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def identity(self) -> str:
        """What stands for the application, the selling partner and the endpoint; no secret."""
        key = self._quota_key(None)
        return f"{key.client_id} {key.refresh_token_hash} {key.endpoint}"

    def _quota_key(self, scope: str | None) -> QuotaKey:
        partner = "" if scope else self._credentials.refresh_token
        return QuotaKey.of(self._credentials.client_id, partner, self._endpoint)

    def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any],
        body: Mapping[str, Any] | None,
        scope: str | None = None,
    ) -> Call:
        import requests  # noqa: PLC0415 - slow to import

        operation = self.usage_plans.operation(method, checked_path(path))
        request = requests.Request(
            operation.method,
            self._endpoint + path,
            params=query_params(params),
            data=None if body is None else json_body(body),
        )
        scope = scope or operation.scope
        return Call(operation, request, self._quota_key(scope), scope)

    def _create_restricted_token(self, body: Mapping[str, Any]) -> Response:
        """Ask for a token, not repeatedly: the call that needs it is repeated."""
        return self._attempt(self._call("POST", TOKEN_PATH, {}, body))

    def _checked(self, call: Call, check: Callable[[Response], None] | None) -> Response:
        response = self._attempt(call)
        if check is not None:
            check(response)
        return response

    def _attempt(self, call: Call) -> Response:
        """Send a call, and once more with a new token if Amazon refused the one it had."""
        with refusals_explained(call.restricted):
            try:
                return self._send(call)
            except AccessTokenRefusedError as error:
                if self.retry.max_attempts == 1:
                    raise
                _log.info("Sending once more with a new access token: %s", error)
            return self._send(call)

    def _send(self, call: Call) -> Response:
        check_not_stopped()
        self._signer.prepare_if_possible()
        self._token(call)  # a login that fails should not first wait in line, nor cost quota
        self._wait_in_line(call)
        token, answer = self._exchange(call)
        headers = AnswerHeaders.of(answer, self.clock.now())
        self.clock_ahead = headers.clock_ahead
        if headers.rate_limit is not None:
            self._quota.learn(call.key, call.operation, headers.rate_limit)
        try:
            secrets = (token, *self._credentials.secrets, *self._signer.secrets)
            return read_response(call.operation.name, answer, headers, secrets)
        except ThrottledError:
            self._quota.throttled(call.key, call.operation)
            self.statistics.throttled()
            raise
        except AccessTokenRefusedError:
            self._forget(call, token)
            self._signer.invalidate()
            raise

    def _wait_in_line(self, call: Call) -> None:
        turn = self._quota.acquire(call.key, call.operation)
        self.statistics.had_leave(call.operation.name, turn)

    def _exchange(self, call: Call) -> "tuple[str, requests.Response]":
        try:
            token = self._token(call)
            self.statistics.sent(call.operation.name)
            request = call.with_headers(token, f"{self.clock.now():%Y%m%dT%H%M%SZ}")
            request.auth = self._signer
            return token, self._transport.send(call.operation.name, request)
        finally:
            self._quota.settle(call.key, call.operation)

    def _token(self, call: Call) -> str:
        if call.restricted:
            return self._restricted.get(call.restricted)
        return self._tokens.get(call.scope)

    def _forget(self, call: Call, token: str) -> None:
        if call.restricted:
            self._restricted.invalidate(token, call.restricted)
        else:
            self._tokens.invalidate(token, call.scope)

    def note_retry(
        self, operation_name: str, error: SellingPartnerError, pause_seconds: float
    ) -> None:
        """Count and log that a call is tried again."""
        self.statistics.retried()
        if isinstance(error, ThrottledError):
            self.statistics.waited(pause_seconds)
        _log.warning("Trying %s again in %.1f s: %s", operation_name, pause_seconds, error)
