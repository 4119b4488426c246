"""The note beside a raw file tells its character set, as long as it is that file's."""

from pathlib import Path

import pytest

from asp_dagster.catalog.charset_notes import CharsetNote, is_note, note_name, noted_charset


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("raw_x/2026-11-01.tsv", "raw_x/.2026-11-01.tsv.charset"),
        ("raw_x/2026-11-01/US.csv", "raw_x/2026-11-01/.US.csv.charset"),
        ("report", ".report.charset"),
    ],
)
def test_name_of_a_note(name: str, note: str) -> None:
    """A note stands beside its file, under a name that is passed over."""
    assert note_name(name) == note
    assert (is_note(note), is_note(name)) == (True, False)


def test_note_is_read_back() -> None:
    """What is written in a note is read in it."""
    note = CharsetNote("cp932", 17)

    assert CharsetNote.parse(note.text()) == note


@pytest.mark.parametrize("text", ["", "cp932", "[]", '{"charset": "cp932"}', "null"])
def test_what_is_no_note(text: str) -> None:
    """A file that holds something else is as good as none."""
    assert CharsetNote.parse(text) is None


def test_note_counts_for_its_file_only(tmp_path: Path) -> None:
    """A file without a note, or with that of a file of another size, has no noted charset."""
    file = tmp_path / "report.tsv"
    file.write_bytes(b"sku\tname\n")
    found = [noted_charset(file)]
    for size in (9, 10):
        file.with_name(note_name(file.name)).write_text(CharsetNote("cp932", size).text())
        found.append(noted_charset(file))

    assert found == [None, "cp932", None]
