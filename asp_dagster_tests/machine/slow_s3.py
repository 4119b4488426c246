"""An S3 that is out of order for a while: it answers 503, then passes requests on to a real one.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

_SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"


@dataclass
class SlowS3:
    """What an S3 refuses.

    Attributes:
        behind: The host and port of the S3 that works.
        refuses: Whether a request, of a method and a path, is refused.
        left: How many requests are refused; then all goes well.
        refused: How many were.
        url: Where it is.
    """

    behind: str
    refuses: Callable[[str, str], bool] = lambda _method, _path: True
    left: int = 0
    refused: int = 0
    url: str = ""

    def answer(self, method: str, path: str) -> bool:
        """Tell whether this request is refused."""
        if self.left <= 0 or not self.refuses(method, path):
            return False
        self.left -= 1
        self.refused += 1
        return True


@contextmanager
def slow_s3(behind: str) -> Iterator[SlowS3]:
    """Let such an S3 stand before another one."""
    slow = SlowS3(urlsplit(behind).netloc)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if slow.answer(self.command, self.path):
                self._send(503, {}, _SLOW_DOWN)
                return
            connection = HTTPConnection(slow.behind)
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
            self._send(answer.status, dict(answer.getheaders()), content)
            connection.close()

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _any  # noqa: N815 - http.server's names

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            kept = {name.lower(): value for name, value in headers.items()}
            length = kept.pop("content-length", str(len(body)))
            for name in ("transfer-encoding", "connection", "date", "server"):
                kept.pop(name, None)
            for name, value in {**kept, "content-length": length}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    slow.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield slow
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
