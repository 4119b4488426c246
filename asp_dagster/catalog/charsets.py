"""What the characters of a report's document are encoded in, told from what Amazon says.

Amazon's documents have several character sets: the same report type is UTF-8 in one marketplace,
Windows-1252 in another and Shift-JIS in Japan. Mostly the answer's `Content-Type` says which, in
spellings of several programs. Here belong these spellings, byte order marks, and what is usual
where a document says nothing. Splitting the text is the reader's work.

https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-retrieve-a-report
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Literal

EncodingErrors = Literal["fail", "replace"]
"""What becomes of bytes in a delimited document that are no characters."""

UTF_8 = "utf-8"

_CHUNK_BYTES = 1 << 20

# Who says this wrote down a default: of HTTP, of Java, of an old library. Documents so described
# were found to hold curly quotes, which ISO-8859-1 has not, and Japanese.
_NO_STATEMENT = frozenset({"ascii", "iso8859-1"})
# Each name stands for the largest set that goes by it, as in browsers: Shift-JIS with the
# characters of Windows, GBK with those of its successor. https://encoding.spec.whatwg.org
_LARGEST = {
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "utf-8-sig": UTF_8,
}
# Java's names, and others that not every Python knows.
_SPELLINGS = {
    "windows-31j": "cp932",
    "x-windows-31j": "cp932",
    "cswindows31j": "cp932",
    "x-sjis": "cp932",
    "cp943c": "cp932",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "x-windows-874": "cp874",
    "windows-874": "cp874",
}
_TEXT = frozenset(
    {UTF_8, "utf-16", "utf-16-le", "utf-16-be", "cp932", "euc_jp", "gb18030", "big5", "cp949"}
    | {"koi8-r", "cp874", *(f"cp125{digit}" for digit in range(9))}
    | {f"iso8859-{part}" for part in range(2, 17)}
)
# The mark of UTF-16 begins that of UTF-32, which is no charset of any report.
_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_USUAL = {
    "A1VC38T7YXB528": "cp932",  # Japan
    "AAHKV2X7AFYLW": "gb18030",  # China
    "A33AVAJ2PDY3EV": "cp1254",  # Turkey: Windows-1252 but for six letters
}
_USUAL_ELSEWHERE = "cp1252"
_CHARACTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_ASCII = bytes(range(128))


def codec_of(charset: str | None) -> str | None:
    """Return Python's name of the character set that an answer names; none if it says nothing.

    ISO-8859-1 and US-ASCII say nothing: they are named where nobody knew. So does a name that
    belongs to no character set.

    Args:
        charset: As Amazon spells it: `Cp1252`, `windows-31j`, `Shift_JIS`, `utf8`.
    """
    if not charset:
        return None
    spelt = charset.strip().lower()
    try:
        codec = _SPELLINGS.get(spelt) or codecs.lookup(spelt).name
    except LookupError:
        return None
    codec = _LARGEST.get(codec, codec)
    return codec if codec in _TEXT and codec not in _NO_STATEMENT else None


def marked_codec(start: bytes) -> str | None:
    """Return the character set that a document's byte order mark tells, None if it has none."""
    return next((codec for mark, codec in _MARKS if start.startswith(mark)), None)


def usual_codec(marketplace_ids: Iterable[str]) -> str:
    """Return the character set of the first marketplace's documents that say nothing of theirs.

    Japan's are Shift-JIS, with the characters of Windows. Everywhere else those that were not
    UTF-8 were Windows-1252.
    """
    first = next(iter(marketplace_ids), "")
    return _USUAL.get(first, _USUAL_ELSEWHERE)


def find_codec(document: IO[bytes], usual: Sequence[str]) -> str:
    """Return the character set that a document which says nothing is to be read by.

    That is the one its byte order mark tells; or UTF-8, if it is that, or would be but for some
    damage; or else the first of the usual ones in which the whole document can be read. Where
    there is none it is the first of them, for the reader to tell what does not fit.

    Args:
        document: Read from its present position, in constant memory; it is left at its end.
        usual: The character sets to try after UTF-8.
    """
    start = document.tell()
    mark = marked_codec(document.read(len(codecs.BOM_UTF8)))
    document.seek(start)
    if mark or fits(document, UTF_8):
        return mark or UTF_8
    document.seek(start)
    if _is_damaged(document):
        return UTF_8
    for codec in usual:
        document.seek(start)
        if fits(document, codec):
            return codec
    return usual[0]


def fits(document: IO[bytes], codec: str) -> bool:
    """Return whether the rest of a document is text in a character set; a zero byte is none."""
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        return all("\0" not in decoder.decode(chunk) for chunk in _chunks(document)) and (
            decoder.decode(b"", final=True) == ""
        )
    except UnicodeDecodeError:
        return False


def _is_damaged(document: IO[bytes]) -> bool:
    """Return whether four in five bytes beyond ASCII are letters of UTF-8, though not all.

    Amazon cuts texts by bytes, through the middle of a letter. Another character set would read
    such a document without complaint, and every other letter of it wrong.
    """
    whole, all_ = 0, 0
    for chunk in _chunks(document):
        all_ += len(chunk.translate(None, _ASCII))
        whole += sum(map(len, _CHARACTER.findall(chunk)))
    return 5 * whole > 4 * all_


def _chunks(document: IO[bytes]) -> Iterator[bytes]:
    while chunk := document.read(_CHUNK_BYTES):
        yield chunk
