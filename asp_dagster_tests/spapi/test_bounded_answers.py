"""No answer takes for ever, however steadily it drips."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from urllib3 import HTTPSConnectionPool

from asp_dagster.spapi import BrokenDocumentError, RetryPolicy, UnavailableError
from asp_dagster.spapi.bounded_answers import BoundedAnswers
from asp_dagster.spapi.documents import download_document
from asp_dagster.spapi.transport import Transport

LONG = b'{"orders": []}' + b" " * 300


@pytest.fixture
def transport() -> Iterator[Transport]:
    """A transport that gives an answer a fifth of a second."""
    made = Transport("test", answer_seconds=0.2)
    yield made
    made.close()


def test_body_that_drips_is_given_up(transport: Transport, server: Any) -> None:
    """Bytes that keep coming do not extend the time of an answer."""
    server.drip(LONG, 0.01)

    with pytest.raises(UnavailableError, match=r"the answer took longer than 0\.2 s") as caught:
        transport.send("getThing", requests.Request("GET", server.url))

    assert caught.value.is_curable_by_waiting


def test_silence_is_given_up_in_the_same_time(transport: Transport, server: Any) -> None:
    """A host that says nothing is waited for no longer than an answer may take."""
    server.stay_silent()

    with pytest.raises(UnavailableError, match=r"the answer took longer than 0\.2 s"):
        transport.send("getThing", requests.Request("GET", server.url))


def test_body_that_drips_in_time_is_read(transport: Transport, server: Any) -> None:
    """A slow answer that ends in time is an answer, and its connection is used again."""
    server.drip(b"{}", 0.01).answer({"a": 1})
    request = requests.Request("GET", server.url)

    assert transport.send("getThing", request).content == b"{}"
    assert transport.send("getThing", request).json() == {"a": 1}


def test_answers_through_a_proxy_are_bounded() -> None:
    """A proxy changes nothing about the time of an answer: its connections are of the same kind."""
    adapter = BoundedAnswers(0.2)

    through = adapter.proxy_manager_for("http://127.0.0.1:1")

    assert through.pool_classes_by_scheme is adapter.poolmanager.pool_classes_by_scheme
    assert through.pool_classes_by_scheme["https"] is not HTTPSConnectionPool


def test_document_that_drips_is_given_up(
    make_client: Callable[..., Any], server: Any, transport: Transport
) -> None:
    """A document has its time too, and counts as one that did not arrive whole."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    client.documents = transport
    server.answer({"url": f"{server.url}/document"}).drip(LONG, 0.01)

    with pytest.raises(BrokenDocumentError):
        download_document(client, "document", io.BytesIO())
