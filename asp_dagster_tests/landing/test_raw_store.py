"""Raw files are there whole or not at all, on disk and on S3."""

import os
from pathlib import Path

import pytest

from asp_dagster.catalog.charset_notes import CharsetNote, note_name
from asp_dagster.landing import (
    Encryption,
    LocalRawStore,
    RawStore,
    S3RawStore,
    SettingError,
    open_store,
)
from asp_dagster.landing.raw_store import note_charset

NAME = "raw_orders/2026-11-01.jsonl.gz"


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> RawStore:
    """An empty store of each kind."""
    if request.param == "folder":
        return open_store(str(tmp_path / "raw"))
    return open_store(f"s3://{request.getfixturevalue('bucket')}/landed/here")


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


def test_small_file_is_read_at_once(store: RawStore) -> None:
    """A file's content is read without a local copy."""
    _write(store, b"first")

    assert store.read(NAME) == b"first"


def test_folder_is_removed(store: RawStore) -> None:
    """All below a prefix is gone, and nothing else; removing nothing is no mistake."""
    names = [f".partial/raw_orders/{number:04d}" for number in range(3)]
    for name in (*names, NAME):
        _write(store, b"x", name)

    store.remove(".partial/raw_orders/")
    store.remove(".partial/raw_orders/")

    assert store.names("") == [NAME]


def test_states_of_a_file_are_told_apart(store: RawStore) -> None:
    """A file that is written anew is in another state; one that is not, in the same."""
    _write(store, b"first")
    (first,) = store.files("raw_orders/")
    assert store.files("raw_orders/") == [first]
    assert (first.name, first.size_bytes) == (NAME, 5)
    assert store.state(NAME) == first
    assert store.state("raw_orders/2026-11-01") is None

    _write(store, b"other")

    assert store.files("raw_orders/")[0].version != first.version


def test_deleted_file_takes_its_note_along(store: RawStore) -> None:
    """A file is deleted with the note beside it, and others stay."""
    for name in (NAME, f"{NAME}.other"):
        _write(store, b"first", name)
        note_charset(store, name, "cp932", 5)

    store.delete(NAME)

    assert store.names("") == [f"{NAME}.other"]
    with store.local(f"{NAME}.other") as path:
        assert (path.parent / note_name(path.name)).exists()
        assert not (path.parent / note_name(Path(NAME).name)).exists()


def test_sink_can_start_over(store: RawStore) -> None:
    """A download that has to be repeated can empty the file and begin again."""
    with store.writing(NAME) as sink:
        sink.write(b"a truncated document")
        sink.seek(0)
        sink.truncate()
        sink.write(b"whole")

    assert _read(store) == b"whole"


def test_character_set_is_noted_beside_the_file(store: RawStore) -> None:
    """The note of a file's character set comes along with it, and is no file of its own."""
    _write(store, b"sku", "raw_x/one.tsv")
    note_charset(store, "raw_x/one.tsv", "cp932", 3)

    with store.local("raw_x/one.tsv") as path:
        note = CharsetNote.parse(path.with_name(note_name(path.name)).read_text())
    assert note == CharsetNote("cp932", 3)
    assert store.names("raw_x/") == ["raw_x/one.tsv"]


def test_file_without_a_note(store: RawStore) -> None:
    """A file of which nothing is noted is lent alone."""
    _write(store, b"sku", "raw_x/one.tsv")

    with store.local("raw_x/one.tsv") as path:
        assert [each.name for each in path.parent.iterdir()] == ["one.tsv"]


def test_what_killed_runs_left_is_removed(tmp_path: Path) -> None:
    """What a killed run left behind goes with the next write; a run still writing is left alone."""
    store = LocalRawStore(tmp_path)
    with store.writing(NAME) as slow:
        (written,) = (tmp_path / "raw_orders").iterdir()
        left, just_begun = (written.with_name(f"{NAME[11:]}.{age}.part") for age in ("old", "new"))
        for part in (left, just_begun):
            part.touch()
        two_minutes_ago = just_begun.stat().st_mtime - 120
        for part in (left, written):
            os.utime(part, (two_minutes_ago, two_minutes_ago))

        _write(store, b"quick")

        assert not left.exists()
        assert just_begun.exists()
        slow.write(b"slow")
    assert _read(store) == b"slow"


def test_location_is_for_people(tmp_path: Path) -> None:
    """A location is an absolute path, or the object's URL."""
    assert LocalRawStore(tmp_path).location(NAME) == str(tmp_path / NAME)
    assert S3RawStore("bucket", "").location(NAME) == f"s3://bucket/{NAME}"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "s3://",
        "s3:bucket",
        "s3:///prefix",
        "gs://bucket/x",
        "https://example.com?signature=hidden",
        "https://name:hidden@example.com",
        "s3://name:hidden@bucket/x",
        "s3://localhost:9000/bucket",
        "s3://bucket/x?signature=hidden",
    ],
)
def test_path_that_is_neither_folder_nor_bucket_is_refused(path: str) -> None:
    """A raw path that cannot be meant is refused, naming the setting and no secret in it."""
    with pytest.raises(SettingError, match="ASP_RAW_PATH") as refused:
        open_store(path)

    assert "hidden" not in str(refused.value)


ENCRYPTIONS = [
    pytest.param("data/raw", "AES256", None, "for s3:// only", id="folder"),
    pytest.param("s3://bucket", "aes", None, "'aes', which S3 does not know", id="unknown"),
    pytest.param("s3://bucket", "AES256", "alias/raw", "ASP_RAW_KMS_KEY_ID", id="key-unused"),
    pytest.param("s3://bucket", None, "alias/raw", "set ASP_RAW_ENCRYPTION=aws:kms", id="key-only"),
]


@pytest.mark.parametrize(("path", "algorithm", "key", "words"), ENCRYPTIONS)
def test_encryption_that_would_not_happen_is_refused(
    path: str, algorithm: str | None, key: str | None, words: str
) -> None:
    """Who asks for an encryption that nobody would do is told so, rather than left to believe."""
    with pytest.raises(SettingError, match=words):
        open_store(path, encryption=Encryption(algorithm, key))


def test_what_is_removed_is_gone(store: RawStore) -> None:
    """All that is below a folder is removed, and nothing beside it."""
    for name in ("trial/a.txt", "trial/b/c.txt", "trial2/a.txt"):
        _write(store, b"x", name)

    store.remove("trial/")

    assert store.names("") == ["trial2/a.txt"]
