"""Report documents behind presigned URLs.

Here belong: keeping documents, signing and checking URLs, and answering as S3 does. A presigned URL
is itself the permission: a token that comes along is a leak, so it is refused and remembered.

https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-retrieve-a-report
"""

import gzip
import hashlib
import hmac
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Lock
from typing import Literal
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from asp_dagster.simulator.wire import Answer, Pieces

PATH = "/documents/"

_TIME = "%Y%m%dT%H%M%SZ"
_GZIP = 31  # zlib's word for the format and the largest window
_TOKEN_HEADERS = ("x-amz-access-token", "authorization")


@dataclass(frozen=True)
class Document:
    """A document as it lies in storage.

    Attributes:
        document_id: Its id.
        content: Its bytes, compressed or not; those of a large one are made as they are sent.
        media_type: Its type, with the charset.
        compression: `GZIP`, or None.
    """

    document_id: str
    content: bytes | Pieces = field(repr=False)
    media_type: str
    compression: Literal["GZIP"] | None

    @classmethod
    def of(
        cls, document_id: str, text: bytes | Pieces, media_type: str, *, compress: bool
    ) -> "Document":
        """Make a document of a text; the same text makes the same bytes."""
        if isinstance(text, bytes):
            content: bytes | Pieces = gzip.compress(text, mtime=0) if compress else text
        else:
            content = partial(_compressed, text) if compress else text
        return cls(document_id, content, media_type, "GZIP" if compress else None)


def _compressed(text: Pieces) -> Iterator[bytes]:
    """Yield a large text compressed."""
    packer = zlib.compressobj(level=1, wbits=_GZIP)
    for piece in text():
        yield packer.compress(piece)
    yield packer.flush()


@dataclass(frozen=True)
class Download:
    """A request to a presigned URL."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass
class Documents:
    """The documents, and the URLs that open them.

    Attributes:
        secret: What URLs are signed with.
        life_seconds: How long a URL opens its document.
    """

    secret: bytes = field(repr=False)
    life_seconds: float = 300
    _documents: dict[str, Document] = field(default_factory=dict, repr=False)
    _tokens_seen: list[str] = field(default_factory=list, repr=False)
    _urls_signed: int = 0
    _urls_expired: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def add(self, document: Document) -> None:
        """Keep a document."""
        self._documents[document.document_id] = document

    def get(self, document_id: str) -> Document | None:
        """Return a document, if there is one of this id."""
        return self._documents.get(document_id)

    @property
    def tokens_seen(self) -> list[str]:
        """The access tokens and authorizations that wrongly came along with a presigned URL."""
        with self._lock:
            return list(self._tokens_seen)

    def presigned_url(
        self, document: Document, *, base_url: str, encoding: str, now: datetime
    ) -> str:
        """Return a URL that opens the document for a while.

        Args:
            document: What it opens.
            base_url: Where the simulator is reached.
            encoding: The `Content-Encoding` that the download shall state.
            now: When its time begins.
        """
        self._urls_signed += 1
        path = PATH + document.document_id
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"SIMULATOR/{self._urls_signed}",
            "X-Amz-Date": now.astimezone(UTC).strftime(_TIME),
            "X-Amz-Expires": f"{self.life_seconds:g}",
            "response-content-encoding": encoding,
        }
        signed = {**query, "X-Amz-Signature": self._signature(path, query)}
        return f"{base_url}{path}?{urlencode(signed)}"

    def expire(self) -> None:
        """Let every URL signed so far be expired."""
        self._urls_expired = self._urls_signed

    def download(self, request: Download, now: datetime) -> Answer:
        """Return the document, or S3's refusal."""
        tokens = [request.headers[name] for name in _TOKEN_HEADERS if name in request.headers]
        if tokens:
            with self._lock:
                self._tokens_seen.extend(tokens)
            return _refusal(400, "InvalidArgument", "Only one auth mechanism allowed")
        document = self.get(request.path.removeprefix(PATH))
        if document is None or not self._is_signed(request):
            message = (
                "The request signature we calculated does not match the signature you provided."
            )
            return _refusal(403, "SignatureDoesNotMatch", message)
        if self._has_expired(request.query, now):
            return _refusal(403, "AccessDenied", "Request has expired")
        # As a header it stays as it is: a type of text without a charset would be given one.
        headers = {
            "Content-Encoding": request.query["response-content-encoding"],
            "Content-Type": document.media_type,
        }
        return Answer(200, document.content, headers)

    def _is_signed(self, request: Download) -> bool:
        unsigned = {name: text for name, text in request.query.items() if name != "X-Amz-Signature"}
        given = request.query.get("X-Amz-Signature", "")
        is_right = hmac.compare_digest(
            given.encode(), self._signature(request.path, unsigned).encode()
        )
        return is_right and request.method == "GET"

    def _has_expired(self, query: Mapping[str, str], now: datetime) -> bool:
        signed_at = datetime.strptime(query["X-Amz-Date"], _TIME).replace(tzinfo=UTC)
        life = timedelta(seconds=float(query["X-Amz-Expires"]))
        number = int(query["X-Amz-Credential"].rpartition("/")[2])
        return now > signed_at + life or number <= self._urls_expired

    def _signature(self, path: str, query: Mapping[str, str]) -> str:
        signed = f"{path}?{urlencode(sorted(query.items()))}"
        return hmac.digest(self.secret, signed.encode(), hashlib.sha256).hex()


def _refusal(status: int, code: str, message: str) -> Answer:
    """Return an error as S3 writes it."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    )
    return Answer(status, body.encode(), {}, "application/xml")
