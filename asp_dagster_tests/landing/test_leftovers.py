"""What runs that ended early left behind is removed in time, and nothing that is at work."""

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asp_dagster.landing import RawStore, open_store
from asp_dagster.landing.erasing.leftovers import remove_leftovers
from asp_dagster.landing.parts import Part, Parts
from asp_dagster.landing.positions import Position

NOW = datetime.now(UTC)
MONTH = timedelta(days=30)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of the test's own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> RawStore:
    """An empty store of each kind."""
    if request.param == "folder":
        return open_store(str(tmp_path / "raw"))
    return open_store(f"s3://{request.getfixturevalue('bucket')}/landed/here")


@pytest.mark.parametrize(
    ("age", "keep", "is_gone"),
    [
        (timedelta(days=6), MONTH, False),
        (timedelta(days=8), MONTH, True),
        (timedelta(days=6), timedelta(days=5), True),
        (timedelta(hours=2), timedelta(0), False),
        (timedelta(hours=25), timedelta(0), True),
    ],
    ids=["may be gone on with", "a week old", "shorter rule", "at work", "demand of deletion"],
)
def test_parts_of_files_that_never_became_whole(
    store: RawStore, age: timedelta, keep: timedelta, *, is_gone: bool
) -> None:
    """Parts go after a week, or as soon as nothing may be kept; never within a day."""
    parts = Parts.of(store, "raw_orders", "latest", "request")
    parts.write("run", 1, NOW - age, Part(Position(), [], []))

    assert remove_leftovers(store, NOW, keep) == int(is_gone)
    assert bool(parts.runs()) != is_gone


def test_half_written_files(tmp_path: Path) -> None:
    """What a killed run had begun to write in a folder goes once it is a week old."""
    store = open_store(str(tmp_path / "raw"))
    half, young = (tmp_path / "raw" / f"day.jsonl.{name}.part" for name in ("old", "new"))
    half.parent.mkdir()
    for part in (half, young):
        part.write_bytes(b"{}")
    os.utime(half, times=((NOW - timedelta(days=8)).timestamp(),) * 2)

    assert remove_leftovers(store, NOW, MONTH) == 1
    assert (half.exists(), young.exists()) == (False, True)


def test_uploads_that_broke_off(bucket: str) -> None:
    """An upload to S3 that a killed run had begun is given up."""
    store = open_store(f"s3://{bucket}/landed")
    client = store._client  # type: ignore[attr-defined]
    client.create_multipart_upload(Bucket=bucket, Key="landed/day.jsonl")

    # moto says of every upload that it was begun in 2010.
    assert store.remove_unfinished(datetime(2010, 1, 1, tzinfo=UTC)) == 0
    assert remove_leftovers(store, NOW, MONTH) == 1
    assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)


def test_temporary_files(tmp_path: Path, temporary: Path) -> None:
    """What a killed run left in the temporary folder goes; what is not ours stays."""
    store = open_store(str(tmp_path / "raw"))
    folder, file, other = (temporary / name for name in ("asp_dagster_1", "asp_dagster_2", "x"))
    folder.mkdir()
    for path in (folder / "rows.jsonl", file, other):
        path.write_bytes(b"{}")
    for path in (folder, file, other):
        os.utime(path, times=((datetime.now(UTC) - timedelta(days=8)).timestamp(),) * 2)

    assert remove_leftovers(store, NOW, MONTH) == 2
    assert list(temporary.iterdir()) == [other]


def test_temporary_files_of_a_run_at_work(tmp_path: Path, temporary: Path) -> None:
    """What was written just now stays, whatever the present is said to be."""
    store = open_store(str(tmp_path / "raw"))
    (temporary / "asp_dagster_1").mkdir()

    assert remove_leftovers(store, datetime.now(UTC) + timedelta(days=400), MONTH) == 0
