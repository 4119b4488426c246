"""Lets no answer take for ever.

Here belongs: the bound on the whole time of an answer, headers and body. The time limit of
`requests` is one on silence: a host that sends a byte a minute would hold a run for good.

https://requests.readthedocs.io/en/latest/user/advanced/#timeouts
"""

import errno
import http.client
import io
import socket
import time
from typing import Any

from requests.adapters import DEFAULT_POOLBLOCK, HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

_SHORTEST_SECONDS = 0.001  # a time limit of none would mean: do not wait at all


class BoundedAnswers(HTTPAdapter):
    """The adapter of `requests`, with a bound on the whole time of an answer."""

    def __init__(self, answer_seconds: float) -> None:
        self._pool_classes = _pool_classes(answer_seconds)
        super().__init__()

    def init_poolmanager(
        self,
        connections: int,
        maxsize: int,
        block: bool = DEFAULT_POOLBLOCK,  # noqa: FBT001 - as it is inherited
        **further: Any,
    ) -> None:
        """Make the manager of direct connections."""
        super().init_poolmanager(connections, maxsize, block, **further)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes

    def proxy_manager_for(self, proxy: str, **further: Any) -> PoolManager:
        """Return the manager of connections through a proxy."""
        manager: PoolManager = super().proxy_manager_for(proxy, **further)
        manager.pool_classes_by_scheme = self._pool_classes
        return manager


def _pool_classes(answer_seconds: float) -> dict[str, type[HTTPConnectionPool]]:
    """Return urllib3's pools, whose connections read answers with a bound."""

    class BoundedResponse(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **further: Any) -> None:
            super().__init__(sock, *args, **further)
            self.fp = io.BufferedReader(_BoundedReading(self.fp, sock, answer_seconds))

    class Plain(HTTPConnection):
        response_class = BoundedResponse

    class Encrypted(HTTPSConnection):
        response_class = BoundedResponse

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}


class _BoundedReading(io.RawIOBase):
    """Reads from a socket until the time is over; no wait for a byte is longer than what is left.

    Time is measured here and not by a `Clock`: it is the socket's, which waits in real seconds.
    """

    def __init__(self, below: io.BufferedReader, sock: socket.socket, seconds: float) -> None:
        self._below = below
        self._socket = sock
        self._silence_seconds = sock.gettimeout() or seconds
        self._seconds = seconds
        self._ends = time.monotonic() + seconds

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there, waiting for it if nothing is.

        Raises:
            TimeoutError: When the time is over.
        """
        self._check()
        self._socket.settimeout(max(min(self._silence_seconds, self._left), _SHORTEST_SECONDS))
        try:
            return self._below.readinto1(buffer)
        except TimeoutError as error:
            silence = error
        self._check()  # out here, so that what is raised has no context: the first error is told
        raise silence

    @property
    def _left(self) -> float:
        return self._ends - time.monotonic()

    def _check(self) -> None:
        if self._left <= 0:
            what = f"the answer took longer than {self._seconds:g} s"
            raise TimeoutError(errno.ETIMEDOUT, what)

    def close(self) -> None:
        """Close what is read from."""
        self._below.close()
        super().close()
