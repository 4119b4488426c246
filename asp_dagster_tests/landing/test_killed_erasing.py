"""An erasure that is killed leaves each file the old one or the new one, and the next goes on."""

import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import asp_dagster.landing
from asp_dagster.landing import open_store
from asp_dagster_tests.landing.erasing import erase

FILES = 12
RECORDS = 4000
ROOT = Path(asp_dagster.landing.__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Raw files whose records are all due."""
    (tmp_path / "raw").mkdir()
    lines = b"".join(
        b'{"n":%d,"buyer":"Ada %d","at":"2026-10-01"}\n' % (number, number)
        for number in range(RECORDS)
    )
    for number in range(FILES):
        (tmp_path / "raw" / f"{number:02}.jsonl.gz").write_bytes(gzip.compress(lines))
    return tmp_path / "raw"


def _holds_buyers(folder: Path) -> list[bool]:
    """Tell of each file whether it holds buyers; one that were neither would not decompress."""
    store = open_store(str(folder))
    contents = [gzip.decompress(store.read(name)) for name in store.names("")]
    assert {content.count(b"\n") for content in contents} == {RECORDS}
    assert {content.count(b"Ada") for content in contents} <= {0, RECORDS}
    return [b"Ada" in content for content in contents]


def test_killed_erasure(folder: Path) -> None:
    """Killed while it writes, it leaves nothing half-done; the next run does the rest."""
    with subprocess.Popen(
        [sys.executable, Path(__file__).with_name("erasing.py"), str(folder)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout
        for _ in range(3):
            process.stdout.readline()
        while not list(folder.glob("*.part")):
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)

    assert list(folder.glob("*.part"))
    assert set(_holds_buyers(folder)) == {True, False}

    erase(str(folder))

    assert not any(_holds_buyers(folder))
