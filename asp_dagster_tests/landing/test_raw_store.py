"""Raw files are there whole or not at all, on disk and on S3."""

import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from asp_dagster.landing import LocalRawStore, RawStore, S3RawStore, SettingError, open_store

NAME = "raw_orders/2026-11-01.jsonl.gz"


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    """An S3 server on loopback."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> RawStore:
    """An empty store of each kind."""
    if request.param == "folder":
        return open_store(str(tmp_path / "raw"))
    endpoint = request.getfixturevalue("s3_endpoint")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    bucket = f"bucket-{os.urandom(4).hex()}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    return open_store(f"s3://{bucket}/landed/here")


def _write(store: RawStore, content: bytes, name: str = NAME) -> None:
    with store.writing(name) as sink:
        sink.write(content)


def _write_half(store: RawStore) -> None:
    with store.writing(NAME) as sink:
        sink.write(b"half of the sec")
        raise ValueError("closed")


def _read(store: RawStore, name: str = NAME) -> bytes:
    with store.local(name) as path:
        return path.read_bytes()


def test_what_is_written_is_read_back(store: RawStore) -> None:
    """A file written under a name is read back under it."""
    _write(store, b"first")

    assert _read(store) == b"first"
    assert store.names("raw_orders/") == [NAME]


def test_writing_again_replaces(store: RawStore) -> None:
    """Writing a name again replaces the file: there is one file, the new one."""
    _write(store, b"first")
    _write(store, b"second")

    assert _read(store) == b"second"
    assert store.names("") == [NAME]


def test_failed_write_leaves_the_earlier_file(store: RawStore) -> None:
    """A write that fails half-way leaves the earlier file and nothing beside it."""
    _write(store, b"first")

    with pytest.raises(ValueError, match="closed"):
        _write_half(store)

    assert _read(store) == b"first"
    assert store.names("") == [NAME]


def test_unfinished_file_is_not_listed(store: RawStore) -> None:
    """A file that is still being written is not among the names."""
    with store.writing(NAME) as sink:
        sink.write(b"half")
        sink.flush()

        assert store.names("") == []


def test_names_are_those_with_the_prefix(store: RawStore) -> None:
    """Only names with the prefix are listed, in order."""
    for name in ("a/2026-11-02.json", "a/2026-11-01/US.json", "ab/2026-11-01.json"):
        _write(store, b"{}", name)

    assert store.names("a/2026-11-0") == ["a/2026-11-01/US.json", "a/2026-11-02.json"]
    assert store.names("nothing/") == []


def test_sink_can_start_over(store: RawStore) -> None:
    """A download that has to be repeated can empty the file and begin again."""
    with store.writing(NAME) as sink:
        sink.write(b"a truncated document")
        sink.seek(0)
        sink.truncate()
        sink.write(b"whole")

    assert _read(store) == b"whole"


def test_killed_runs_parts_are_removed_after_a_day(tmp_path: Path) -> None:
    """What a killed run left behind goes a day later; a run still writing is left alone."""
    store = LocalRawStore(tmp_path)
    folder = tmp_path / "raw_orders"
    folder.mkdir()
    old, young = (folder / f"2026-11-01.jsonl.gz.{age}.part" for age in ("old", "young"))
    for part in (old, young):
        part.touch()
    two_days_ago = young.stat().st_mtime - 2 * 86400
    os.utime(old, (two_days_ago, two_days_ago))

    _write(store, b"whole")

    assert not old.exists()
    assert young.exists()


def test_location_is_for_people(tmp_path: Path) -> None:
    """A location is an absolute path, or the object's URL."""
    assert LocalRawStore(tmp_path).location(NAME) == str(tmp_path / NAME)
    assert S3RawStore("bucket", "").location(NAME) == f"s3://bucket/{NAME}"


@pytest.mark.parametrize("path", ["", "s3://", "gs://bucket/x", "https://example.com"])
def test_path_that_is_neither_folder_nor_bucket_is_refused(path: str) -> None:
    """A raw path that cannot be meant is refused, naming the setting."""
    with pytest.raises(SettingError, match="ASP_RAW_PATH"):
        open_store(path)
