"""Documents arrive whole, decompressed once, without any token and without filling the memory."""

import gzip
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.spapi import (
    BrokenDocumentError,
    DocumentError,
    NotFoundError,
    ResponseError,
    SellingPartnerClient,
    UnavailableError,
    download_document,
    read_document_start,
)

Offer = Callable[[], Any]
CONTENT = "sku\tName\nA1\tGrün\n".encode() * 100


@pytest.fixture
def offer(server: Any) -> Offer:
    """Script an answer of getReportDocument with a presigned URL; what follows answers that URL."""

    def script() -> Any:
        number = len(server.everything)
        url = f"{server.url}/bucket/document-{number}?X-Amz-Signature=s{number}"
        return server.answer({"reportDocumentId": "d/1", "url": url})

    return script


def test_writes_the_document(client: SellingPartnerClient, offer: Offer) -> None:
    """An uncompressed document reaches the sink byte by byte, with what its headers say."""
    offer().answer_bytes(CONTENT, Content_Type="text/tab-separated-values; charset=Cp1252")
    sink = io.BytesIO()

    document = download_document(client, "d/1", sink)

    assert sink.getvalue() == CONTENT
    assert (document.bytes_written, document.was_gzipped) == (len(CONTENT), False)
    assert document.content_type == "text/tab-separated-values; charset=Cp1252"
    assert document.charset == "cp1252"


def test_asks_for_the_document_by_its_id(
    client: SellingPartnerClient, server: Any, offer: Offer
) -> None:
    """The id becomes one path segment, whatever it holds."""
    offer().answer_bytes(CONTENT)

    download_document(client, "d/1", io.BytesIO())

    assert server.calls[0].path == "/reports/2021-06-30/documents/d%2F1"
    assert client.statistics.snapshot().by_operation == {"getReportDocument": 1}


def test_sends_no_token_to_the_presigned_url(
    client: SellingPartnerClient, server: Any, offer: Offer
) -> None:
    """The presigned URL sees neither an access token nor any other authorisation."""
    offer().answer_bytes(CONTENT)

    download_document(client, "d/1", io.BytesIO())

    sent = {name.lower() for name in server.calls[1].headers}
    assert server.calls[1].query == {"X-Amz-Signature": "s0"}
    assert sent.isdisjoint({"x-amz-access-token", "authorization", "cookie"})


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_decompresses_once(client: SellingPartnerClient, offer: Offer, encoding: str) -> None:
    """A compressed document is decompressed, whether or not the header says so too."""
    offer().answer_bytes(gzip.compress(CONTENT), Content_Encoding=encoding)
    sink = io.BytesIO()

    document = download_document(client, "d/1", sink)

    assert (sink.getvalue(), document.was_gzipped) == (CONTENT, True)


def test_does_not_believe_a_header_that_lies(client: SellingPartnerClient, offer: Offer) -> None:
    """A plain document that claims to be compressed is taken as it is."""
    offer().answer_bytes(CONTENT, Content_Encoding="gzip")
    sink = io.BytesIO()

    document = download_document(client, "d/1", sink)

    assert (sink.getvalue(), document.was_gzipped) == (CONTENT, False)


def test_decompresses_several_members_and_padding(
    client: SellingPartnerClient, offer: Offer
) -> None:
    """Gzip files may be joined, and padded with zeros."""
    offer().answer_bytes(gzip.compress(CONTENT) + gzip.compress(b"end") + bytes(512))
    sink = io.BytesIO()

    download_document(client, "d/1", sink)

    assert sink.getvalue() == CONTENT + b"end"


@pytest.mark.parametrize("content", [b"", b"x"], ids=["empty", "one byte"])
def test_accepts_the_smallest_documents(
    client: SellingPartnerClient, offer: Offer, content: bytes
) -> None:
    """A document may be too short to tell its kind."""
    offer().answer_bytes(content)
    sink = io.BytesIO()

    document = download_document(client, "d/1", sink)

    assert (sink.getvalue(), document.content_type, document.charset) == (content, "", None)


def test_asks_once_more_when_the_url_has_expired(
    client: SellingPartnerClient, server: Any, offer: Offer
) -> None:
    """A refused URL is replaced by a new one."""
    server.answer({"url": f"{server.url}/old?X-Amz-Signature=old"})
    server.answer_bytes(b"<Error><Code>AccessDenied</Code></Error>", 403)
    offer().answer_bytes(CONTENT)
    sink = io.BytesIO()

    download_document(client, "d/1", sink)

    assert sink.getvalue() == CONTENT
    assert [seen.path.split("/")[1] for seen in server.calls] == [
        "reports",
        "old",
        "reports",
        "bucket",
    ]


def test_gives_up_when_the_new_url_is_refused(client: SellingPartnerClient, offer: Offer) -> None:
    """Two refusals are no expiry; the message shows no URL."""
    for _ in range(2):
        offer().answer_bytes(b"<StringToSign>secret</StringToSign>", 403)

    with pytest.raises(
        DocumentError, match=r"Two new presigned URLs .* d/1 were refused"
    ) as caught:
        download_document(client, "d/1", io.BytesIO())

    assert "Signature" not in str(caught.value)
    assert not caught.value.is_curable_by_waiting


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda s: s.truncate(CONTENT), id="truncated text"),
        pytest.param(lambda s: s.truncate(gzip.compress(CONTENT)), id="truncated on the way"),
        pytest.param(lambda s: s.answer_bytes(gzip.compress(CONTENT)[:-9]), id="truncated gzip"),
        pytest.param(
            lambda s: s.answer_bytes(gzip.compress(CONTENT)[:-5] + b"\0\0\0\0\0"), id="wrong sum"
        ),
        pytest.param(
            lambda s: s.answer_bytes(gzip.compress(CONTENT) + b"more"), id="trailing bytes"
        ),
        pytest.param(
            lambda s: s.answer_bytes(gzip.compress(CONTENT)[:12] + b"\xff" * 90), id="damaged"
        ),
        pytest.param(lambda s: s.drop(), id="dropped"),
        pytest.param(lambda s: s.answer_bytes(b"", 503), id="503"),
    ],
)
def test_starts_over_when_the_document_breaks_off(
    client: SellingPartnerClient,
    server: Any,
    offer: Offer,
    broken: Callable[[Any], None],
) -> None:
    """A broken download is cut back and repeated from the same URL; what came before stays."""
    broken(offer())
    server.answer_bytes(gzip.compress(CONTENT))
    sink = io.BytesIO()
    sink.write(b"before|")

    document = download_document(client, "d/1", sink)

    assert sink.getvalue() == b"before|" + CONTENT
    assert document.bytes_written == len(CONTENT)
    assert client.statistics.snapshot().calls == 1


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (lambda s: s.truncate(CONTENT), BrokenDocumentError),
        (lambda s: s.drop(), UnavailableError),
    ],
    ids=["truncated", "dropped"],
)
def test_starting_over_is_bounded(
    client: SellingPartnerClient,
    server: Any,
    offer: Offer,
    broken: Callable[[Any], None],
    error: type[Exception],
) -> None:
    """After the policy's attempts the last error is raised, and it can be waited out."""
    offer()
    for _ in range(3):
        broken(server)

    with pytest.raises(error) as caught:
        download_document(client, "d/1", io.BytesIO())

    assert caught.value.is_curable_by_waiting
    assert len(server.calls) == 4


def test_a_document_that_is_gone_is_an_error_at_once(
    client: SellingPartnerClient, server: Any, offer: Offer
) -> None:
    """What waiting cannot cure is not repeated."""
    offer().answer_bytes(b"<Error/>", 404)

    with pytest.raises(NotFoundError):
        download_document(client, "d/1", io.BytesIO())

    assert len(server.calls) == 2


def test_a_redirected_document_is_refused(client: SellingPartnerClient, offer: Offer) -> None:
    """A presigned URL answers itself or not at all."""
    offer().answer(None, 307, Location="http://127.0.0.2:1/?X-Amz-Signature=secret")

    with pytest.raises(ResponseError, match=r"a redirect to 127\.0\.0\.2") as caught:
        download_document(client, "d/1", io.BytesIO())

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("answer", [{}, {"url": ""}, {"url": 7}], ids=["none", "empty", "number"])
def test_an_answer_without_url_is_an_error(
    client: SellingPartnerClient, server: Any, answer: dict[str, Any]
) -> None:
    """Without a URL there is nothing to guess."""
    server.answer(answer)

    with pytest.raises(ResponseError, match=r"getReportDocument: .* no url of document d/1"):
        download_document(client, "d/1", io.BytesIO())


def test_a_full_disk_is_not_the_documents_fault(
    client: SellingPartnerClient, server: Any, offer: Offer
) -> None:
    """A sink that cannot take more ends the download as what it is, without repetition."""
    offer().answer_bytes(CONTENT)

    class FullDisk(io.BytesIO):
        def write(self, _: Any) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        download_document(client, "d/1", FullDisk())

    assert len(server.calls) == 2


def test_holds_little_in_memory(client: SellingPartnerClient, offer: Offer, tmp_path: Path) -> None:
    """A document much larger than its download passes through in small parts."""
    large = gzip.compress(bytes(64 * 1024 * 1024), compresslevel=1)
    offer().answer_bytes(large)
    tracemalloc.start()

    with (tmp_path / "document").open("w+b") as sink:
        document = download_document(client, "d/1", sink)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert document.bytes_written == 64 * 1024 * 1024
    assert peak < 8 * 1024 * 1024


def test_reads_the_start_of_a_document(client: SellingPartnerClient, offer: Offer) -> None:
    """A glance at a document reads no more than it shows."""
    offer().answer_bytes(gzip.compress("Grün, aber \N{SNOWMAN}".encode()))

    assert read_document_start(client, "d/1", 3) == "Gr�"
