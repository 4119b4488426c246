"""The client repeats what waiting can cure, within bounds, and nothing else."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from asp_dagster.spapi import (
    AccessDeniedError,
    AccessTokenRefusedError,
    BrokenResponseError,
    NotFoundError,
    RequestError,
    ResponseError,
    RetryPolicy,
    SellingPartnerClient,
    SellingPartnerError,
    StoppedError,
    SystemClock,
    ThrottledError,
    UnavailableError,
    stopped_by,
)

ORDERS = "/orders/v0/orders"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        pytest.param(400, RequestError, id="400"),
        pytest.param(403, AccessDeniedError, id="403"),
        pytest.param(404, NotFoundError, id="404"),
        pytest.param(409, RequestError, id="409"),
        pytest.param(413, RequestError, id="413"),
        pytest.param(415, RequestError, id="415"),
        pytest.param(422, RequestError, id="422"),
        pytest.param(304, ResponseError, id="304"),
    ],
)
def test_does_not_repeat_what_waiting_cannot_cure(
    client: SellingPartnerClient, server: Any, status: int, error: type[SellingPartnerError]
) -> None:
    """A refused request ends at once, as the class that says what to do."""
    server.refuse(status, "Refused")

    with pytest.raises(error) as caught:
        client.request("GET", ORDERS)

    assert (len(server.calls), caught.value.is_curable_by_waiting) == (1, False)


@pytest.mark.parametrize(
    "fail",
    [
        pytest.param(lambda server: server.refuse(408), id="408"),
        pytest.param(lambda server: server.refuse(429, "QuotaExceeded"), id="429"),
        pytest.param(lambda server: server.refuse(500, "InternalFailure"), id="500"),
        pytest.param(lambda server: server.refuse(503, "ServiceUnavailable"), id="503"),
        pytest.param(lambda server: server.refuse(504), id="504"),
        pytest.param(lambda server: server.drop(), id="dropped connection"),
        pytest.param(lambda server: server.truncate(b'{"payload": '), id="truncated body"),
        pytest.param(lambda server: server.answer_bytes(b"<html>oops</html>"), id="no JSON"),
        pytest.param(lambda server: server.answer_bytes(b""), id="empty body"),
        pytest.param(lambda server: server.answer_bytes(b'"text"'), id="no object"),
        pytest.param(lambda server: server.refuse(200, "InternalFailure"), id="only errors"),
        pytest.param(
            lambda server: server.answer({"payload": None, "errors": [{"code": "x"}]}),
            id="only errors beside null",
        ),
        pytest.param(
            lambda server: server.answer_bytes(b"not gzip", Content_Encoding="gzip"), id="no gzip"
        ),
    ],
)
def test_repeats_what_waiting_can_cure(
    client: SellingPartnerClient, server: Any, fail: Callable[[Any], None]
) -> None:
    """Trouble on Amazon's side or on the way is waited out."""
    fail(server)
    server.answer({"payload": [1]})

    response = client.request("GET", ORDERS)

    assert response.body == {"payload": [1]}
    assert client.statistics.snapshot().retries == 1


@pytest.mark.parametrize(
    ("fail", "error"),
    [
        pytest.param(lambda s: s.refuse(429, "QuotaExceeded"), ThrottledError, id="throttled"),
        pytest.param(lambda s: s.refuse(503), UnavailableError, id="unavailable"),
        pytest.param(lambda s: s.drop(), UnavailableError, id="dropped"),
        pytest.param(lambda s: s.answer_bytes(b"<html>"), BrokenResponseError, id="no JSON"),
    ],
)
def test_raises_the_last_error_as_itself(
    client: SellingPartnerClient, server: Any, fail: Callable[[Any], None], error: type[Exception]
) -> None:
    """When the attempts are used up, the last one's error comes through."""
    for _ in range(3):
        fail(server)

    with pytest.raises(error) as caught:
        client.request("GET", ORDERS)

    assert type(caught.value) is error
    assert len(server.calls) == 3


def test_pauses_double(make_client: Any, server: Any, clock: Any) -> None:
    """Pauses between attempts grow."""
    client = make_client(retry=RetryPolicy(max_attempts=4, jitter=lambda: 1.0))
    server.refuse(500).refuse(500).refuse(500).answer()

    client.request("GET", "/sellers/v1/account")

    assert clock.sleeps == [1.0, 2.0, 4.0]


def test_waits_as_long_as_amazon_asks(
    client: SellingPartnerClient, server: Any, clock: Any
) -> None:
    """Retry-After is honoured when it is longer than our own pause."""
    server.refuse(503, Retry_After="42").answer()

    client.request("GET", ORDERS)

    assert clock.sleeps == [42.0]


def test_waits_until_the_date_amazon_names(
    client: SellingPartnerClient, server: Any, clock: Any
) -> None:
    """Retry-After may be a date."""
    server.refuse(503, Retry_After="Mon, 23 Nov 2026 12:00:30 GMT").answer()

    client.request("GET", ORDERS)

    assert clock.sleeps == [30.0]


@pytest.mark.parametrize("text", ["soon", "Mon, 23 Nov 2026 12:00:30"], ids=["word", "no zone"])
def test_ignores_a_retry_after_it_cannot_read(
    client: SellingPartnerClient, server: Any, clock: Any, text: str
) -> None:
    """An unreadable Retry-After is no reason to fail."""
    server.refuse(503, Retry_After=text).answer()

    client.request("GET", ORDERS)

    assert clock.sleeps == [1.0]


def test_gives_up_in_time(make_client: Any, server: Any) -> None:
    """No attempt starts after the policy's total time, however many are left."""
    client = make_client(retry=RetryPolicy(max_elapsed_seconds=10))
    server.refuse(503, Retry_After="3600")

    with pytest.raises(UnavailableError):
        client.request("GET", ORDERS)

    assert len(server.calls) == 1


def test_outlives_the_slowest_refill(make_client: Any, server: Any) -> None:
    """The default policy waits out a quota that returns one token in 178 seconds."""
    client = make_client(retry=RetryPolicy())
    for _ in range(5):
        server.refuse(429, "QuotaExceeded")
    server.answer({"orders": []})

    response = client.request("GET", "/orders/2026-01-01/orders")

    assert response.body == {"orders": []}
    assert client.statistics.snapshot().throttled == 5


def test_sends_nothing_once_stopped(
    make_client: Callable[..., SellingPartnerClient], server: Any, clock: Any
) -> None:
    """Work that is no longer wanted is neither begun nor repeated, and logs in nowhere."""
    stop = threading.Event()
    server.refuse(503, "ServiceUnavailable")
    sleep = clock.sleep

    def stopped_meanwhile(seconds: float) -> None:
        sleep(seconds)
        stop.set()

    clock.sleep = stopped_meanwhile
    client = make_client()

    with stopped_by(stop):
        for _ in range(2):
            with pytest.raises(StoppedError):
                client.request("GET", ORDERS)

    assert (len(server.calls), len(server.logins)) == (1, 1)


def test_a_single_attempt_is_one(make_client: Callable[..., Any], server: Any) -> None:
    """Where repeating is switched off, a refused access token is not renewed either."""
    server.refuse(403, "Unauthorized", "The access token has expired.")
    client = make_client(retry=RetryPolicy(max_attempts=1))

    with pytest.raises(AccessTokenRefusedError):
        client.request("GET", "/x")

    assert len(server.calls) == 1


def test_logging_in_sends_no_request(client: Any, server: Any) -> None:
    """One may log in without asking for anything; the next request uses that token."""
    client.log_in()
    assert server.calls == []
    server.answer({"a": 1})

    client.request("GET", "/x")

    assert (len(server.logins), len(server.calls)) == (1, 1)


def test_how_far_the_clock_is_ahead(make_client: Callable[..., Any], server: Any) -> None:
    """Amazon's time is known from each answer, also from a refusal; before one it is not."""
    client = make_client(clock=SystemClock())
    assert client.clock_ahead is None
    server.refuse(404)

    with pytest.raises(NotFoundError):
        client.request("GET", "/x")

    assert abs(client.clock_ahead) < timedelta(seconds=60)
