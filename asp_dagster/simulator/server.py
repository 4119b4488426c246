"""Serves an ASGI application over real HTTP on loopback, in a thread of its own.

Here belong: the socket, the thread, starting and stopping. Both are quick and leave nothing behind,
since a test suite does them hundreds of times.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from functools import partial
from threading import Event, Thread

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

_KEEP_ALIVE_SECONDS = 75
_BACKLOG = 512
_PATIENCE_SECONDS = 10


class ServerThread:
    """A running server; `stop` ends it.

    Attributes:
        host: The loopback address it listens on.
        port: The port it listens on.
    """

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        refuse_other_machines(host)
        listener = socket.create_server((host, port), family=_family(host), backlog=_BACKLOG)
        self.host, self.port = listener.getsockname()[:2]
        self._server = _Server(app)
        self._thread = Thread(target=self._server.run, args=([listener],), name="simulator")
        self._thread.start()
        self._server.is_ready.wait(_PATIENCE_SECONDS)

    @property
    def url(self) -> str:
        """The base URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def stop(self) -> None:
        """Stop answering, close every connection and end the thread."""
        self._server.stop()
        self._thread.join(_PATIENCE_SECONDS)


def refuse_other_machines(host: str) -> None:
    """Refuse to be reached from elsewhere.

    Raises:
        ValueError: When the host is not a loopback address.
    """
    is_address = host.replace(".", "").isdigit() or ":" in host
    if host != "localhost" and not (is_address and ipaddress.ip_address(host).is_loopback):
        raise ValueError(
            f"The simulator only serves this machine: {host} is not a loopback address."
            " Use 127.0.0.1."
        )


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class _Server(uvicorn.Server):
    """uvicorn, stopped by an event instead of by looking ten times a second."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.is_ready = Event()
        super().__init__(
            uvicorn.Config(
                self._answer,
                interface="asgi3",
                access_log=False,
                date_header=False,
                lifespan="off",
                log_config=None,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                ws="none",
            )
        )

    def stop(self) -> None:
        """End the main loop; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._is_over.set)

    async def main_loop(self) -> None:
        """Serve until told to stop."""
        self._loop, self._is_over = asyncio.get_running_loop(), asyncio.Event()
        self.is_ready.set()
        await self._is_over.wait()

    async def shutdown(self, sockets: Sequence[socket.socket] | None = None) -> None:
        """Close everything at once: who is still being answered is cut off."""
        for listener in self.servers:
            listener.close()
        for each in sockets or ():
            each.close()
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, with a way to close its connection in the scope."""
        hang_up = partial(self._hang_up, scope.get("client"))
        extensions = {**scope.get("extensions", {}), "hang_up": hang_up}
        await self._app({**scope, "extensions": extensions}, receive, send)

    def _hang_up(self, client: tuple[str, int] | None) -> None:
        for connection in tuple(self.server_state.connections):
            if getattr(connection, "client", None) == client:
                connection.transport.close()
