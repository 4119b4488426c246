"""Whatever is answered, by Amazon or in its place, ends as data or in an error of ours."""

import gzip
import io
import json
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from asp_dagster.spapi import (
    BrokenResponseError,
    DocumentError,
    ReportRequest,
    ResponseError,
    RetryPolicy,
    SellingPartnerClient,
    SellingPartnerError,
    create_report,
    destinations,
    download_document,
    report_schedules,
    subscription,
    wait_for_report,
)

NAMES = st.sampled_from(
    [
        *("payload", "pagination", "nextToken", "NextToken", "Orders", "orders", "errors", "url"),
        *("message", "code", "details", "access_token", "expires_in", "restrictedDataToken"),
        *("expiresIn", "reportId", "reportType", "processingStatus", "reportDocumentId", "total"),
        *("reportSchedules", "FinancialEvents", "ShipmentEventList", "reports", "offset"),
        *("../../etc/passwd", "'; DROP TABLE orders; --", "", "\x00", "\ud800"),
    ]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**80), 2**80),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["DONE", "FATAL", "CANCELLED", "IN_PROGRESS", "../..", "\ud800", "9" * 5000]),
)
BODIES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)

FUZZED = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

Act = Callable[[SellingPartnerClient], object]


def _list(path: str, method: str = "GET") -> Act:
    return lambda client: list(islice(client.list(path, method=method), 9))


ACTS = [
    pytest.param(_list("/orders/v0/orders"), id="orders-v0"),
    pytest.param(_list("/orders/2026-01-01/orders"), id="orders"),
    pytest.param(_list("/finances/v0/financialEvents"), id="finances"),
    pytest.param(_list("/fba/inventory/v1/summaries"), id="inventory"),
    pytest.param(_list("/vendor/directFulfillment/orders/v1/purchaseOrders"), id="restricted"),
    pytest.param(
        lambda client: create_report(
            client, ReportRequest(report_type="GET_X", marketplace_ids=["A"])
        ),
        id="create-report",
    ),
    pytest.param(lambda client: wait_for_report(client, "1"), id="wait-for-report"),
    pytest.param(lambda client: download_document(client, "1", io.BytesIO()), id="document"),
    pytest.param(lambda client: report_schedules(client, ["GET_X"]), id="schedules"),
    pytest.param(destinations, id="destinations"),
    pytest.param(lambda client: subscription(client, "ORDER_CHANGE", "1.0"), id="subscription"),
]


@pytest.fixture
def impatient(make_client: Callable[..., SellingPartnerClient]) -> SellingPartnerClient:
    """A client that tries nothing twice."""
    return make_client(retry=RetryPolicy(max_attempts=1))


@pytest.mark.parametrize("act", ACTS)
@FUZZED
@given(body=BODIES)
def test_any_answer_is_data_or_an_error_of_ours(
    act: Act, body: Any, impatient: SellingPartnerClient, server: Any
) -> None:
    """No answer ends in a mistake of Python's, and no wait in none."""
    server.reset()
    for _ in range(20):
        server.answer_bytes(json.dumps(body).encode())

    try:
        act(impatient)
    except SellingPartnerError as error:
        assert str(error).encode(errors="strict")  # noqa: PT017 - what it says can be logged


@pytest.mark.parametrize("token", [{"a": 1}, ["x"], True, 1.5], ids=str)
def test_what_is_no_page_token_is_not_sent(
    token: object, client: SellingPartnerClient, server: Any
) -> None:
    """A page token is text, or at most a number."""
    server.answer({"payload": {"Orders": [], "NextToken": token}})

    with pytest.raises(ResponseError, match="in place of a page token"):
        list(client.list("/orders/v0/orders"))


@pytest.mark.parametrize("total", ["many", "-1", "9" * 5000])
def test_what_is_no_count_is_told(total: str, client: SellingPartnerClient, server: Any) -> None:
    """Where pages are counted, the count of all records is a number."""
    server.answer({"offers": [], "pagination": {"totalResults": total}})

    with pytest.raises(ResponseError, match="no number in place of the count"):
        list(client.list("/replenishment/2022-11-07/offers/search", method="POST"))


@FUZZED
@given(body=BODIES)
def test_any_login_is_a_token_or_an_error_of_ours(
    body: Any, make_client: Callable[..., SellingPartnerClient], server: Any
) -> None:
    """The same is true of Login with Amazon."""
    server.reset()
    server.login(body).answer({"a": 1})

    try:
        make_client(retry=RetryPolicy(max_attempts=1)).request("GET", "/x")
    except SellingPartnerError as error:
        assert str(error)  # noqa: PT017 - it says something


@FUZZED
@given(content=st.binary(max_size=200))
@example(content=b"[" * 100_000)
@example(content=b'{"a":' * 100_000)
@example(content=b'{"a": NaN}')
@example(content=b'{"a": 1e400}')
@example(content=b"\xef\xbb\xbf{}")
@example(content=b'{"a": ' + b"9" * 100_000 + b"}")
def test_any_bytes_are_data_or_an_error_of_ours(
    content: bytes, impatient: SellingPartnerClient, server: Any
) -> None:
    """Bytes that are no JSON, or JSON that nobody can write again, are an answer that is broken."""
    server.reset()
    server.answer_bytes(content)

    try:
        body = impatient.request("GET", "/x").body
    except BrokenResponseError:
        return
    assert json.loads(json.dumps(body, allow_nan=False)) == body


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(r"a\ud800b", "a\ufffdb", id="high"),
        pytest.param(r"a\uDC00b", "a\ufffdb", id="low"),
        pytest.param(r"\ud83d\ude00", "\U0001f600", id="pair"),
        pytest.param(r"\ud83d\ud83d\ude00", "\ufffd\U0001f600", id="high-and-pair"),
        pytest.param(r"\\ud800", r"\ud800", id="backslash"),
    ],
)
def test_half_a_character_is_replaced(
    text: str, found: str, client: SellingPartnerClient, server: Any
) -> None:
    """Half of a surrogate pair, which no file or table takes, is replaced by U+FFFD."""
    server.answer_bytes(f'{{"a": "{text}"}}'.encode())

    assert client.request("GET", "/x").body == {"a": found}


def test_an_answer_without_end_is_not_read(impatient: SellingPartnerClient, server: Any) -> None:
    """An answer that is far larger than any of Amazon's, or inflates to it, is given up."""
    bomb = gzip.compress(b" " * 80 * 1024**2)
    server.answer_bytes(bomb, Content_Encoding="gzip")

    with pytest.raises(ResponseError, match="64 MiB"):
        impatient.request("GET", "/x")


def test_a_document_that_inflates_without_end_is_given_up(
    client: SellingPartnerClient, server: Any
) -> None:
    """A document that inflates as no report does is given up, and not tried again."""
    sink = io.BytesIO()
    server.answer({"url": f"{server.url}/document"})
    server.answer_bytes(gzip.compress(b"\0" * 200 * 1024**2))

    with pytest.raises(DocumentError, match="inflates") as refused:
        download_document(client, "1", sink)

    assert not refused.value.is_curable_by_waiting
    assert sink.tell() < 80 * 1024**2
    assert len(server.calls) == 2


def test_a_document_that_repeats_itself_is_taken(client: SellingPartnerClient, server: Any) -> None:
    """A report of many like lines inflates a lot, and is one all the same."""
    content = b"".join(b"SKU-%07d\tATVPDKIKX0DER\t0\t0\t0\n" % number for number in range(200_000))
    server.answer({"url": f"{server.url}/document"})
    server.answer_bytes(gzip.compress(content))
    sink = io.BytesIO()

    download_document(client, "1", sink)

    assert sink.getvalue() == content
