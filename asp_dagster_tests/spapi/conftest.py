"""What the tests of the plain client share: a clock that runs on command, and a server that obeys.

The server is real HTTP on loopback: it answers from a script, records what it was sent, and can do
what a simulator does not: break connections off, send half a body, redirect, or say nothing at all.
"""

import gzip
import json
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import pytest

from asp_dagster.spapi import (
    Credentials,
    InProcessQuota,
    RetryPolicy,
    SellingPartnerClient,
)

LWA_PATH = "/auth/o2/token"


@pytest.fixture(autouse=True)
def _urllib3_logs() -> Iterator[None]:
    """Let urllib3 log as it does by itself: other libraries silence it for the whole process."""
    loggers = [logging.getLogger(name) for name in ("urllib3", "urllib3.connectionpool")]
    before = [(logger, logger.level, logger.disabled) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.NOTSET)
        logger.disabled = False
    yield
    for logger, level, is_disabled in before:
        logger.setLevel(level)
        logger.disabled = is_disabled


class FakeClock:
    """A clock that stands still until somebody sleeps."""

    def __init__(self) -> None:
        self.sleeps: list[float] = []
        self._elapsed = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the scripted time."""
        return datetime(2026, 11, 23, 12, tzinfo=UTC) + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Return the seconds slept so far."""
        return self._elapsed

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        with self._lock:
            self.sleeps.append(seconds)
            self._elapsed += seconds


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form."""
        return dict(parse_qsl(self.body.decode()))

    @property
    def json(self) -> Any:
        """The JSON body."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer, or a way to fail."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    missing_bytes: int = 0  # promised but not sent
    is_dropped: bool = False
    is_silent: bool = False
    pause_seconds: float = 0  # before each byte of the body


class ScriptedServer:
    """Answers requests in the order they come with the replies in the order they were scripted."""

    def __init__(self) -> None:
        self.reset()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.lwa_url = self.url + LWA_PATH

    def reset(self) -> None:
        """Forget what was scripted and what was seen."""
        self.everything: list[Seen] = []
        self.by_rule: Callable[[Seen], Mapping[str, Any] | None] = lambda _: None
        self.is_closing = threading.Event()
        self._replies: dict[bool, deque[Reply]] = {True: deque(), False: deque()}

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def calls(self) -> list[Seen]:
        """What arrived, logins aside."""
        return [seen for seen in self.everything if seen.path != LWA_PATH]

    @property
    def logins(self) -> list[Seen]:
        """What Login with Amazon was asked."""
        return [seen for seen in self.everything if seen.path == LWA_PATH]

    def answer(self, content: Any = None, status: int = 200, **headers: str) -> Self:
        """Script a JSON answer; underscores in header names stand for hyphens."""
        return self._script(Reply(status, json.dumps(content or {}).encode(), _named(headers)))

    def answer_bytes(self, body: bytes, status: int = 200, **headers: str) -> Self:
        """Script an answer of any kind."""
        return self._script(Reply(status, body, _named(headers)))

    def refuse(self, status: int, code: str = "", message: str = "", **headers: str) -> Self:
        """Script an error in the form of the Selling Partner API."""
        error = {"code": code, "message": message, "details": headers.pop("details", "")}
        return self.answer({"errors": [error]}, status, **headers)

    def drop(self) -> Self:
        """Script a connection that ends without an answer."""
        return self._script(Reply(is_dropped=True))

    def truncate(self, body: bytes, missing_bytes: int = 10) -> Self:
        """Script a body that ends before its length."""
        return self._script(Reply(200, body, {}, missing_bytes))

    def drip(self, body: bytes, pause_seconds: float) -> Self:
        """Script a body that comes byte by byte."""
        return self._script(Reply(200, body, pause_seconds=pause_seconds))

    def stay_silent(self) -> Self:
        """Script a request that gets no answer while the test runs."""
        return self._script(Reply(is_silent=True))

    def login(self, content: Any, status: int = 200) -> Self:
        """Script an answer of Login with Amazon."""
        return self.login_bytes(json.dumps(content).encode(), status)

    def login_bytes(self, body: bytes, status: int = 200) -> Self:
        """Script an answer of Login with Amazon of any kind."""
        return self._script(Reply(status, body), is_login=True)

    def login_drop(self) -> Self:
        """Script a login that ends without an answer."""
        return self._script(Reply(is_dropped=True), is_login=True)

    def reply_to(self, seen: Seen) -> Reply:
        """Record a request and choose its answer."""
        self.everything.append(seen)
        is_login = seen.path == LWA_PATH
        replies = self._replies[is_login]
        if replies:
            return replies.popleft()
        content = self.by_rule(seen)
        if content is None and is_login:
            content = self.token(f"Atza|token-{len(self.logins)}")
        if content is None:
            return Reply(404, b'{"errors": [{"code": "NotScripted"}]}')
        return Reply(200, json.dumps(content).encode())

    def token(self, text: str, expires_in: float = 3600) -> dict[str, Any]:
        """Return what Login with Amazon answers."""
        return {"access_token": text, "token_type": "bearer", "expires_in": expires_in}

    def _script(self, reply: Reply, *, is_login: bool = False) -> Self:
        self._replies[is_login].append(reply)
        return self


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _handler(script: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body go out in two pieces

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            self._send(
                script.reply_to(Seen(self.command, parts.path, query, dict(self.headers), body))
            )

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815 - names the base class looks for

        def _send(self, reply: Reply) -> None:
            if reply.is_silent:
                script.is_closing.wait(30)
            if reply.is_silent or reply.is_dropped:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body) + reply.missing_bytes))
            self.end_headers()
            self._write(reply)
            self.close_connection = reply.missing_bytes > 0

        def _write(self, reply: Reply) -> None:
            if not reply.pause_seconds:
                self.wfile.write(reply.body)
                return
            with suppress(ConnectionError):
                for byte in reply.body:
                    script.is_closing.wait(reply.pause_seconds)
                    self.wfile.write(bytes([byte]))

        def log_message(self, *_: object) -> None:
            """Stay out of the tests' output."""

    return Handler


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until somebody sleeps."""
    return FakeClock()


@pytest.fixture(scope="session")
def _running_server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture
def server(_running_server: ScriptedServer) -> Iterator[ScriptedServer]:
    """A server that has seen nothing and answers from its script."""
    _running_server.reset()
    yield _running_server
    _running_server.is_closing.set()


@pytest.fixture
def credentials() -> Credentials:
    """One application's credentials for one selling partner."""
    return Credentials("amzn1.client", "the-client-secret", "Atzr|the-refresh-token")


@pytest.fixture
def make_client(
    server: ScriptedServer, clock: FakeClock, credentials: Credentials
) -> Iterator[Callable[..., SellingPartnerClient]]:
    """Make clients of the scripted server; whatever is not given is quick and exact."""
    made = []

    def make(**settings: Any) -> SellingPartnerClient:
        usual = {
            "lwa_url": server.lwa_url,
            "clock": clock,
            "quota": InProcessQuota(clock),
            "retry": RetryPolicy(max_attempts=3, jitter=lambda: 1.0),
        }
        owner = settings.pop("credentials", credentials)
        made.append(SellingPartnerClient(owner, server.url, **(usual | settings)))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., SellingPartnerClient]) -> SellingPartnerClient:
    """A client of the scripted server."""
    return make_client()


@pytest.fixture
def gzipped() -> Callable[[bytes], bytes]:
    """Compression that gives the same bytes each time."""
    return lambda content: gzip.compress(content, mtime=0)
