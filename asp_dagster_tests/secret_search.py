"""Looks for secrets in everything that was written: logs, Dagster's events and runs, files.

Here belong: what counts as a secret of a simulated partner, and the places to look. Compressed
files are looked through as what they hold.
"""

import gzip
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
from dagster._serdes import serialize_value

from asp_dagster.simulator import Simulator

TOKENS = ("Atza|", "Atzr|", "Atz.sprdt|", "X-Amz-Signature=", "X-Amz-Credential=")
"""How access, refresh and restricted data tokens begin, and what a presigned URL's query has."""

_GZIP = b"\x1f\x8b"
_OF_THE_SERVER = ("uvicorn", "asp_dagster.simulator")
"""Loggers of the simulator, which knows the URLs that it signed itself; its log is nobody's."""


def secrets_of(amazon: Simulator) -> Sequence[str]:
    """Return every secret that a run against the simulator has to do with."""
    return (amazon.client_secret, amazon.refresh_token, *TOKENS)


@dataclass
class SecretSearch:
    """Finds secrets in texts.

    Attributes:
        secrets: What must not be found.
        found: Each find: where, and which of the secrets by its number. Never the secret.
        texts: How many texts were looked through.
    """

    secrets: Sequence[str]
    found: list[str] = field(default_factory=list)
    texts: int = 0

    def look_through(self, place: str, texts: Iterable[str]) -> None:
        """Note which secrets stand in texts of a place."""
        for text in texts:
            self.texts += 1
            self.found += [
                f"{place}: secret {number}"
                for number, secret in enumerate(self.secrets)
                if secret in text
            ]

    @contextmanager
    def of_logs(self) -> Iterator[None]:
        """Look through all that is logged during the block, at DEBUG and above."""
        root, handler = logging.getLogger(), _SearchingHandler(self)
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            root.setLevel(level)
            root.removeHandler(handler)


class _SearchingHandler(logging.Handler):
    def __init__(self, search: SecretSearch) -> None:
        super().__init__(logging.DEBUG)
        self._search = search

    def emit(self, record: logging.LogRecord) -> None:
        """Look through one line, its traceback included."""
        if not record.name.startswith(_OF_THE_SERVER):
            self._search.look_through(f"log of {record.name}", [self.format(record)])


def texts_of_instance(instance: dg.DagsterInstance) -> Iterator[str]:
    """Yield every run and every event that Dagster has stored."""
    for record in instance.get_run_records():
        yield serialize_value(record.dagster_run)
        for event in instance.all_logs(record.dagster_run.run_id):
            yield serialize_value(event)


def texts_below(folder: Path) -> Iterator[str]:
    """Yield the content of every file below a folder, uncompressed."""
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        content = path.read_bytes()
        plain = gzip.decompress(content) if content.startswith(_GZIP) else content
        yield plain.decode(errors="replace")
