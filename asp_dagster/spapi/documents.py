"""Fetches report documents from their presigned URLs.

Here belong: the download and its decompression. Asking for the URL is the work of `document_urls`,
creating reports and waiting for them that of `reports`; decoding and parsing a document is not this
package's business.

A presigned URL is a secret for five minutes: it is asked for just before the download, fetched by a
transport that knows no access token, and never shown.

https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-retrieve-a-report
"""

from __future__ import annotations

import gzip
import io
import logging
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from asp_dagster.spapi.client import SellingPartnerClient
from asp_dagster.spapi.document_urls import presigned_url
from asp_dagster.spapi.errors import (
    AccessDeniedError,
    BrokenDocumentError,
    DocumentError,
    SellingPartnerError,
)
from asp_dagster.spapi.responses import check_status
from asp_dagster.spapi.retry import keep_trying

if TYPE_CHECKING:  # only who sends a request pays for loading it
    import requests

_log = logging.getLogger(__name__)

Result = TypeVar("Result")

_CHUNK_BYTES = 256 * 1024
# Reports of like lines inflate to some 50 times their size; deflate can do 1,000.
_MOST_INFLATION = 200
_HARMLESS_BYTES = 64 * 1024**2
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class DownloadedDocument:
    """What a download brought.

    Attributes:
        bytes_written: Size in the sink, after decompression.
        content_type: The `Content-Type` header as sent; empty if there was none.
        charset: The charset it names, in lower case; None if it names none.
        was_gzipped: Whether the document was compressed.
    """

    bytes_written: int
    content_type: str
    charset: str | None
    was_gzipped: bool


def download_document(
    client: SellingPartnerClient,
    report_document_id: str,
    sink: BinaryIO,
    *,
    is_restricted: bool = False,
    roles: Sequence[str] = (),
    personal_data: bool = True,
) -> DownloadedDocument:
    """Write a document to the sink, decompressed, holding only a small part of it in memory.

    Args:
        client: Asks for the presigned URL; its retry policy bounds the download.
        report_document_id: From a finished report.
        sink: Written from its present position on; when the download breaks off it is cut back to
            that position, so it must be seekable.
        is_restricted: Whether the report's type is known to be restricted; see `document_urls`.
        roles: The roles of which the application needs one, if known; only errors speak of them.
        personal_data: Whether a document of personal data is wanted.

    Raises:
        DocumentError: When the document is refused, or does not arrive whole.
        ApiError: When there is no presigned URL to be had, or nobody answers behind it.
        OSError: When the sink cannot take it.
    """
    start = sink.tell()

    def copy(answer: requests.Response) -> DownloadedDocument:
        sink.seek(start)
        sink.truncate()
        return _copy(answer, sink)

    new_url = partial(
        presigned_url,
        client,
        report_document_id,
        is_restricted=is_restricted,
        roles=roles,
        personal_data=personal_data,
    )
    return _fetch(client, report_document_id, new_url, copy)


def read_document_start(client: SellingPartnerClient, report_document_id: str, limit: int) -> str:
    """Return up to `limit` bytes of a document as text, undecodable bytes replaced.

    Raises:
        DocumentError: When the document is refused, or does not arrive whole.
        ApiError: When there is no presigned URL to be had, or nobody answers behind it.
    """

    def read(answer: requests.Response) -> str:
        with _reading():
            return _opened(answer)[0].read(limit).decode(errors="replace")

    new_url = partial(presigned_url, client, report_document_id)
    return _fetch(client, report_document_id, new_url, read)


def _fetch(
    client: SellingPartnerClient,
    report_document_id: str,
    new_url: Callable[[], str],
    use: Callable[[requests.Response], Result],
) -> Result:
    """Open a document and use it; once more with a new URL if the first has expired."""
    url = new_url()
    try:
        return _fetch_from(client, url, use)
    except AccessDeniedError:
        _log.info("Asking for a new URL of report document %s", report_document_id)
    url = new_url()
    try:
        return _fetch_from(client, url, use)
    except AccessDeniedError as error:
        raise DocumentError(
            f"Two new presigned URLs of report document {report_document_id} were refused with"
            f" {error.status}; check this computer's clock and proxy, then create the report anew."
        ) from error


def _fetch_from(
    client: SellingPartnerClient, url: str, use: Callable[[requests.Response], Result]
) -> Result:
    import requests  # noqa: PLC0415 - slow to import

    # Compression on the way would hide whether the document itself is compressed.
    request = requests.Request("GET", url, {"Accept-Encoding": "identity"})

    def attempt() -> Result:
        with client.documents.send("document download", request, stream=True) as answer:
            check_status("document download", answer, client.clock.now())
            return use(answer)

    return keep_trying(attempt, client.retry, client.clock, _note)


def _note(error: SellingPartnerError, pause_seconds: float) -> None:
    _log.warning("Downloading again in %.1f s: %s", pause_seconds, error)


def _copy(answer: requests.Response, sink: BinaryIO) -> DownloadedDocument:
    start = sink.tell()
    with _reading():
        source, was_gzipped = _opened(answer)
    while chunk := _next_chunk(source):
        sink.write(chunk)
        _check_inflation(sink.tell() - start, answer.raw.tell())
    content_type = answer.headers.get("Content-Type", "")
    return DownloadedDocument(
        sink.tell() - start, content_type, _charset(content_type), was_gzipped
    )


def _check_inflation(written: int, received: int) -> None:
    """Give up what inflates as no report does, before it fills the disk."""
    if written > _HARMLESS_BYTES and written > _MOST_INFLATION * received:
        raise DocumentError(
            f"A report document inflates to more than {_MOST_INFLATION} times its size, which no"
            " report does: look at it by hand, and ask Amazon where it comes from."
        )


def _opened(answer: requests.Response) -> tuple[io.BufferedIOBase, bool]:
    """Return the document decompressed, and whether it was compressed.

    The bytes decide, not the headers: `Content-Encoding`, the document's `compressionAlgorithm` and
    the truth are known to differ.
    """
    raw = answer.raw  # as it came: unlike `iter_content` this heeds no Content-Encoding
    raw.enforce_content_length = True
    raw.auto_close = False  # a reader on top must see the end of the file, not a closed one
    body = io.BufferedReader(raw, _CHUNK_BYTES)
    if body.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC):
        return gzip.GzipFile(fileobj=body), True
    return body, False


def _next_chunk(source: io.BufferedIOBase) -> bytes:
    with _reading():
        return source.read(_CHUNK_BYTES)


@contextmanager
def _reading() -> Iterator[None]:
    """Tell a document that breaks off from a sink that fails: only the first is an error here."""
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - slow to import

    try:
        yield
    except (HTTPError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BrokenDocumentError(
            f"A report document broke off or is damaged ({type(error).__name__}: {error});"
            " download it again."
        ) from error


def _charset(content_type: str) -> str | None:
    header = Message()
    header["Content-Type"] = content_type
    return header.get_content_charset()
