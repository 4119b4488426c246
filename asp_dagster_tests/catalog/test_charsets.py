"""Amazon's spellings become character sets; a document that says nothing is told by its bytes."""

import io

import pytest

from asp_dagster.catalog.charsets import codec_of, find_codec, fits, marked_codec, usual_codec

JP, US, TR, CN = "A1VC38T7YXB528", "ATVPDKIKX0DER", "A33AVAJ2PDY3EV", "AAHKV2X7AFYLW"


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("Cp1252", "cp1252"),
        ("windows-1252", "cp1252"),
        ("utf8", "utf-8"),
        ("UTF-8", "utf-8"),
        ("windows-31j", "cp932"),
        ("Windows-31J", "cp932"),
        ("Shift_JIS", "cp932"),
        ("SJIS", "cp932"),
        ("MS932", "cp932"),
        ("EUC-JP", "euc_jp"),
        ("GBK", "gb18030"),
        ("GB2312", "gb18030"),
        ("x-gbk", "gb18030"),
        ("ISO-8859-2", "iso8859-2"),
        ("ISO-8859-15", "iso8859-15"),
        ("windows-1254", "cp1254"),
        ("UTF-16", "utf-16"),
        (" cp1252 ", "cp1252"),
    ],
)
def test_spellings_of_pain_18(charset: str, codec: str) -> None:
    """Each spelling that documents come with names the character set it means."""
    assert codec_of(charset) == codec


@pytest.mark.parametrize(
    "charset", [None, "", "ISO-8859-1", "latin1", "US-ASCII", "hex", "rot13", "idna", "binary"]
)
def test_what_says_nothing(charset: str | None) -> None:
    """A default that everybody writes, and what is no character set at all, is no statement."""
    assert codec_of(charset) is None


@pytest.mark.parametrize(
    ("start", "codec"),
    [
        (b"\xef\xbb\xbfsku", "utf-8"),
        (b"\xff\xfes\0", "utf-16"),
        (b"\xfe\xff\0s", "utf-16"),
        (b"sku", None),
        (b"", None),
    ],
)
def test_byte_order_marks(start: bytes, codec: str | None) -> None:
    """A byte order mark tells the character set."""
    assert marked_codec(start) == codec


@pytest.mark.parametrize(
    ("marketplace_ids", "codec"),
    [
        ([US], "cp1252"),
        ([], "cp1252"),
        ([JP], "cp932"),
        ([CN], "gb18030"),
        ([TR], "cp1254"),
        ([US, JP], "cp1252"),
    ],
)
def test_usual_character_sets(marketplace_ids: list[str], codec: str) -> None:
    """The first marketplace tells what is usual."""
    assert usual_codec(marketplace_ids) == codec


@pytest.mark.parametrize(
    ("document", "usual", "codec"),
    [
        pytest.param(b"sku", ["cp932"], "utf-8", id="ascii"),
        pytest.param("Grün".encode(), ["cp932"], "utf-8", id="utf-8"),
        pytest.param("Grün".encode("utf-8-sig"), ["cp932"], "utf-8", id="mark"),
        pytest.param("Grün".encode("utf-16"), ["cp1252"], "utf-16", id="utf-16"),
        pytest.param("Grün €".encode("cp1252"), ["cp1252"], "cp1252", id="western"),
        pytest.param("文房具。ｱｲｳ".encode("cp932"), ["cp932"], "cp932", id="japanese"),
        pytest.param("ﾅｯﾄ".encode("cp932"), ["cp932"], "cp932", id="half-width"),
        pytest.param("简体".encode("gb18030"), ["gb18030"], "gb18030", id="chinese"),
        pytest.param("文房具。".encode("cp932"), ["cp1252", "cp932"], "cp932", id="second"),
        pytest.param(b"\x81\x00", ["cp1252", "cp932"], "cp1252", id="none"),
        pytest.param(b"a\0b", ["cp1252"], "cp1252", id="zero-byte"),
        pytest.param(b"", ["cp1252"], "utf-8", id="empty"),
    ],
)
def test_told_by_the_bytes(document: bytes, usual: list[str], codec: str) -> None:
    """Mark, then UTF-8, then the usual ones: the first in which all of it can be read."""
    assert find_codec(io.BytesIO(document), usual) == codec


def test_damaged_utf_8_is_not_taken_for_another() -> None:
    """A text cut through the middle of a letter stays UTF-8, so that it is refused, not garbled."""
    whole = "Grüße aus Köln\t€\n".encode()

    assert find_codec(io.BytesIO(whole + whole[:3] + b"\n"), ["cp1252"]) == "utf-8"


def test_a_letter_may_lie_across_two_reads() -> None:
    """Where a document is cut for reading does not matter."""
    document = b"a" + "é".encode() * (1 << 20)

    assert fits(io.BytesIO(document), "utf-8")
    assert not fits(io.BytesIO(document[:-1]), "utf-8")
