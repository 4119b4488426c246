"""Characters arrive as they were written, whatever they are encoded in, or the line is named."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.charset_notes import CharsetNote, note_name
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec
from asp_dagster.warehouse import Origin, RawData, RawFileError, Warehouse
from asp_dagster.warehouse.reading import texts
from asp_dagster.warehouse.reading.rows import raw_rows
from asp_dagster.warehouse.reading.texts import TextFile

TABLE = TableSpec(name="report", columns={"title": ColumnSpec(path="title")})
HEADER = "sku\ttitle\n"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a document, and a note beside it of what it is encoded in."""

    def run(document: bytes, charset: str | None = None, size: int | None = None) -> Path:
        file = tmp_path / "report.tsv"
        file.write_bytes(document)
        if charset:
            note = CharsetNote(charset, len(document) if size is None else size)
            (tmp_path / note_name(file.name)).write_text(note.text())
        return file

    return run


def _titles(file: Path, **options: Any) -> tuple[list[Any], int]:
    with raw_rows(TABLE, [file], "tsv", **options) as rows:
        titles = rows.reader().read_all().column("title").to_pylist()
    return titles, TextFile.of(file, **options).replaced()


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        pytest.param("Grün — 5€", "cp1252", id="western"),
        pytest.param("文房具。①㈱", "cp932", id="japanese"),
        pytest.param("简体中文", "gb18030", id="chinese"),
        pytest.param("ğİışĞŞ", "cp1254", id="turkish"),
        pytest.param("ąęłŻ", "iso8859-2", id="polish"),
        pytest.param("Ā文é", "utf-16", id="utf-16"),
        pytest.param("Ã¼ber", "cp1252", id="utf-8-by-accident"),
    ],
)
def test_noted_character_sets_of_pain_18(write: Write, text: str, charset: str) -> None:
    """What the note says is believed, even where the bytes could be something else."""
    file = write(f"{HEADER}A\t{text}\n".encode(charset), charset)

    assert _titles(file) == ([text], 0)


@pytest.mark.parametrize(
    ("charset", "size"),
    [pytest.param("cp932", 7, id="of-another-file"), pytest.param(None, None, id="none")],
)
def test_without_a_note_the_bytes_tell(write: Write, charset: str | None, size: int | None) -> None:
    """A note of another file says nothing of this one."""
    file = write(f"{HEADER}A\tGrün\n".encode(), charset, size)

    assert _titles(file) == (["Grün"], 0)


def test_utf_16_is_known_by_its_mark(write: Write) -> None:
    """A document that begins with the mark of UTF-16 is that."""
    assert _titles(write(f"{HEADER}A\tGrün\n".encode("utf-16"))) == (["Grün"], 0)


@pytest.mark.parametrize(
    ("document", "charset", "words"),
    [
        pytest.param(
            HEADER.encode() + b"A\tx\nB\t\x81\n",
            "cp1252",
            "line 3: the byte 0x81 is no character of cp1252, the file's character set",
            id="undefined",
        ),
        pytest.param(
            HEADER.encode() + b"A\tGr\xfcn\n", "utf-8", "line 2: the byte 0xFC", id="not-utf-8"
        ),
        pytest.param(
            f"{HEADER}A\t{'é' * 50}\nB\t".encode() + b"\xc3\n",
            None,
            "line 3: the byte 0xC3 is no character of utf-8",
            id="cut-letter",
        ),
        pytest.param(HEADER.encode() + b"A\tx\0\n", None, "line 2 holds a zero byte", id="zero"),
        pytest.param(
            HEADER.encode() + b"A\t\x82", "cp932", "line 2: the byte 0x82", id="broken-off"
        ),
        pytest.param(HEADER.encode("utf-16-le"), None, "line 1 holds a zero", id="unmarked-utf-16"),
    ],
)
def test_bytes_that_are_no_characters(
    write: Write, document: bytes, charset: str | None, words: str
) -> None:
    """Undecodable bytes are refused with their line and what to do; the document is not quoted."""
    with pytest.raises(RawFileError, match=rf"report\.tsv, {words}.*encoding_errors: replace"):
        _titles(write(document, charset))


@pytest.mark.parametrize(
    ("document", "charset", "found"),
    [
        pytest.param(b"A\t\x81x\x81\n", "cp1252", (["\ufffdx\ufffd"], 2), id="western"),
        pytest.param(b"A\tGr\xfcn \xef\xbf\xbd\n", "utf-8", (["Gr\ufffdn \ufffd"], 1), id="utf-8"),
        pytest.param(b"A\tx\0\n", "cp932", (["x\ufffd"], 1), id="zero"),
        pytest.param(b"A\tx\n", "cp1252", (["x"], 0), id="none"),
    ],
)
def test_replaced_bytes_are_counted(
    write: Write, document: bytes, charset: str, found: tuple[list[str], int]
) -> None:
    """Where it is declared, such bytes become the replacement character, and are counted."""
    file = write(HEADER.encode() + document, charset)

    assert _titles(file, encoding_errors="replace") == found


@pytest.mark.parametrize("charset", ["utf-8", "cp932", "utf-16"])
def test_blocks_are_whole_lines(
    write: Write, charset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever reading cuts, a block ends with a line, and no letter is lost."""
    monkeypatch.setattr(texts, "_BLOCK_BYTES", 7)
    text = "sku\n文房具\n\nA\r\nb" + "文" * 20
    file = write(text.encode(charset), charset)

    blocks = list(TextFile.of(file).blocks())

    assert b"".join(blocks).decode() == text
    assert all(block.endswith(b"\n") for block in blocks[:-1])


def test_compressed_text(write: Write) -> None:
    """A raw file may be compressed, and its note speaks of it as it lies there."""
    file = write(gzip.compress(f"{HEADER}A\tGrün\n".encode("cp1252")), "cp1252")

    assert _titles(file) == (["Grün"], 0)


@pytest.mark.parametrize(
    "table", [TABLE, InferredTable(name="report")], ids=["declared", "inferred"]
)
def test_noted_character_set_reaches_both_databases(
    warehouse: Warehouse, write: Write, table: TableSpec | InferredTable
) -> None:
    """Tables of both kinds hold what was written, in both databases."""
    file = write(f'{HEADER}A\t文房具 5" TV\n'.encode("cp932"), "cp932")

    warehouse.load(
        [table],
        RawData([file], "tsv"),
        Origin(schema="amazon", partition="one", loaded_at=datetime(2026, 11, 23, tzinfo=UTC)),
    )

    rows = warehouse.query("SELECT title FROM amazon.report").to_pylist()
    assert rows == [{"title": '文房具 5" TV'}]
