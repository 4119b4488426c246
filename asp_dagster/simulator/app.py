"""The simulator as an ASGI application: one request in, one answer out.

Here belong: the order of Amazon's checks (user agent, path, access token, quota, parameters), the
headers on every answer, and the record of every call. What an operation answers is written where
its API is.

https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api
"""

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from asp_dagster.simulator import control, documents, lwa
from asp_dagster.simulator.calls import Call, CallLog
from asp_dagster.simulator.clock import Clock
from asp_dagster.simulator.faults import DROPPED, Fault, Faults
from asp_dagster.simulator.operations import Operation, OperationRequest, Operations
from asp_dagster.simulator.quota import Quota
from asp_dagster.simulator.restricted import RestrictedData
from asp_dagster.simulator.signatures import Signatures
from asp_dagster.simulator.storms import MetCall, Storms
from asp_dagster.simulator.wire import Answer, Refusal, invalid_input, unauthorized

MAX_USER_AGENT = 500

_PIECES = 10

_WITH_RATE = frozenset({200, 201, 202, 203, 204, 207, 400, 404})
"""The statuses on which Amazon states the rate: 20x, 400 and 404, never 429, 401 or 403."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request on its way to an answer.

    Attributes:
        name: What the call is remembered as.
        path: Its path, still encoded.
        request: The request.
        body: Its body.
        now: When it came.
        operation: The operation of the API, if it is one.
        variables: The variables in its path.
    """

    name: str
    path: str
    request: Request
    body: bytes
    now: datetime
    operation: Operation | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def met(self) -> MetCall:
        """The call as a storm meets it."""
        template = self.operation.template if self.operation else ""
        query = dict(self.request.query_params)
        return MetCall(self.name, template, self.path, query, self.now)


@dataclass(frozen=True)
class Application:
    """Answers requests.

    Attributes:
        login: Login with Amazon.
        restricted: What needs more than an access token.
        operations: The API.
        documents: Report documents behind presigned URLs.
        control: The simulator's own endpoints.
        quota: The usage plans' buckets.
        faults: What is to go wrong with the next calls.
        storms: What is to go wrong at random.
        calls: Where calls are remembered.
        clock: Tells the time.
        signatures: Whether requests must be signed, and by whom.
    """

    login: lwa.LoginWithAmazon
    restricted: RestrictedData
    operations: Operations
    documents: documents.Documents
    control: control.Control
    quota: Quota
    faults: Faults
    storms: Storms
    calls: CallLog
    clock: Clock
    signatures: Signatures = field(default_factory=Signatures)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        The scope's extension `hang_up` closes the connection, which ASGI has no word for.
        """
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        exchange = self._exchange(request, body)
        if exchange.path.startswith(control.PATH):
            await _send(self._controlled(exchange), scope, receive, send)
            return
        fault = self.faults.take(exchange.name) or self.storms.meet(exchange.met)
        answer = self._stormy(exchange, fault)
        self.calls.add(
            Call(exchange.name, request.method, exchange.path, answer.status, exchange.now)
        )
        answer = self._with_headers(answer, exchange)
        if answer.status == DROPPED:
            await _hang_up(scope, receive)
        elif fault is not None and fault.truncate:
            await _send_half(answer, scope, receive, send)
        elif fault is not None and fault.seconds:
            await _send_slowly(answer, fault.seconds, send)
        else:
            await _send(answer, scope, receive, send)

    def _exchange(self, request: Request, body: bytes) -> Exchange:
        """Find out what the request is for."""
        path, now = request.scope["raw_path"].decode("ascii"), self.clock.now()
        if path == lwa.PATH:
            return Exchange("requestToken", path, request, body, now)
        if path.startswith(documents.PATH):
            return Exchange("downloadDocument", path, request, body, now)
        found = self.operations.find(request.method, path)
        if found is None:
            return Exchange("unknownOperation", path, request, body, now)
        operation, variables = found
        return Exchange(operation.name, path, request, body, now, operation, variables)

    def _stormy(self, exchange: Exchange, fault: Fault | None) -> Answer:
        """Return the usual answer, what becomes of it, or what takes its place."""
        if fault is not None and not fault.keeps_answer:
            return fault.answer
        usual = self._answer(exchange)
        answer = usual if fault is None else fault.of(usual)
        self.storms.saw(exchange.met, usual)
        return answer

    def _answer(self, exchange: Exchange) -> Answer:
        request = exchange.request
        if exchange.path == lwa.PATH:
            content_type = request.headers.get("content-type", "")
            return self.login.request_token(exchange.body, content_type, exchange.now)
        if exchange.path.startswith(documents.PATH):
            query = dict(request.query_params)
            download = documents.Download(request.method, exchange.path, query, request.headers)
            return self.documents.download(download, exchange.now)
        try:
            return self._operate(exchange)
        except Refusal as refusal:
            return refusal.answer

    def _operate(self, exchange: Exchange) -> Answer:
        """Check the request as Amazon does, in its order, then let the operation answer."""
        request, operation = exchange.request, exchange.operation
        _check_user_agent(request.headers.get("user-agent", ""))
        self.signatures.check(request, exchange.path, exchange.body, exchange.now)
        if operation is None:
            raise unauthorized()
        token = request.headers.get("x-amz-access-token")
        admitted = self.restricted.authorize(token, operation, exchange.path, exchange.now)
        self.quota.spend(admitted.caller, operation, exchange.now)
        return operation.handle(
            OperationRequest(
                path=exchange.variables,
                query=parse_qsl(request.url.query, keep_blank_values=True),
                body=exchange.body,
                now=exchange.now,
                base_url=f"{request.url.scheme}://{request.url.netloc}",
                data_elements=admitted.data_elements,
            )
        )

    def _controlled(self, exchange: Exchange) -> Answer:
        return self.control.answer(
            exchange.request.method, exchange.path, exchange.body, exchange.now
        )

    def _with_headers(self, answer: Answer, exchange: Exchange) -> Answer:
        """Add what Amazon sends with every answer, and the rate where it states it."""
        headers = {
            "Date": format_datetime(exchange.now.astimezone(UTC), usegmt=True),
            "x-amzn-RequestId": str(uuid.uuid4()),
            **answer.headers,
        }
        if exchange.operation is not None and answer.status in _WITH_RATE:
            rate = self.quota.rate(exchange.operation)
            headers |= {} if rate is None else {"x-amzn-RateLimit-Limit": rate}
        return replace(answer, headers=headers)


def _check_user_agent(user_agent: str) -> None:
    if not user_agent:
        raise invalid_input("The User-Agent header is missing.")
    if len(user_agent) > MAX_USER_AGENT:
        raise invalid_input(
            "The User-Agent header is too long.",
            f"It has {len(user_agent)} characters; at most {MAX_USER_AGENT} are allowed.",
        )


async def _send(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    await _response(answer)(scope, receive, send)


def _response(answer: Answer) -> Response:
    if isinstance(answer.body, bytes):
        return Response(answer.body, answer.status, answer.headers, answer.media_type)
    return StreamingResponse(answer.body(), answer.status, answer.headers, answer.media_type)


async def _send_half(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Promise the whole body, send half of it, or the first piece, and hang up."""
    whole, body = _response(answer), answer.body
    start = {"type": "http.response.start", "status": answer.status, "headers": whole.raw_headers}
    part = body[: len(body) // 2] if isinstance(body, bytes) else next(iter(body()))
    await send(start)
    await send({"type": "http.response.body", "body": part, "more_body": True})
    await _hang_up(scope, receive)


async def _send_slowly(answer: Answer, seconds: float, send: Send) -> None:
    """Send the whole body in ten pieces."""
    body = answer.content
    whole = Response(body, answer.status, answer.headers, answer.media_type)
    await send(
        {"type": "http.response.start", "status": answer.status, "headers": whole.raw_headers}
    )
    size = len(body) // _PIECES + 1
    for first in range(0, len(body), size):
        await asyncio.sleep(seconds / _PIECES)
        piece = body[first : first + size]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection, and wait until it is closed."""
    scope["extensions"]["hang_up"]()
    while (await receive())["type"] != "http.disconnect":
        pass
