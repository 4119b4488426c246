"""The search for secrets finds them, or its silence would mean nothing."""

import gzip
import logging
from pathlib import Path

import dagster as dg

from asp_dagster_tests.secret_search import SecretSearch, texts_below, texts_of_instance


def test_compressed_files_are_looked_through(tmp_path: Path) -> None:
    """A secret in a compressed file below a folder is found, and the find does not repeat it."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "part.gz").write_bytes(gzip.compress(b'{"a": "the-secret"}'))
    search = SecretSearch(["another", "the-secret"])

    search.look_through("file", texts_below(tmp_path))

    assert (search.texts, search.found) == (1, ["file: secret 1"])


def test_logs_and_their_tracebacks_are_looked_through() -> None:
    """A secret in an exception that is logged at DEBUG is found; that of the server is its own."""
    search = SecretSearch(["the-secret"])

    with search.of_logs():
        logging.getLogger("a.library").debug("It failed.", exc_info=ValueError("the-secret"))
        logging.getLogger("uvicorn.access").info("GET /the-secret")

    assert search.found == ["log of a.library: secret 0"]


def test_runs_and_events_are_looked_through(instance: dg.DagsterInstance) -> None:
    """A secret in an error that Dagster has stored is found."""

    @dg.asset
    def telling() -> None:
        raise ValueError("the-secret")

    dg.materialize([telling], instance=instance, raise_on_error=False)
    search = SecretSearch(["the-secret"])

    search.look_through("events", texts_of_instance(instance))

    assert "events: secret 0" in search.found
