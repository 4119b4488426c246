"""The text of a raw file as UTF-8, whatever it is encoded in: blocks of whole lines.

The character set is that of the note beside the file, which holds what Amazon said. Without a note
it is that of a byte order mark, or UTF-8, or else Windows-1252, or else Shift-JIS (cp932): the
first of them in which the whole file can be read without a doubt.

Bytes that are no character of it are an error that names the line, and never silently another
character: unless it is declared that they are to be replaced; then they are counted. The file may
be gzip or not, whatever its name. Here belong characters; fields are split elsewhere.
"""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from asp_dagster.catalog.charset_notes import noted_charset
from asp_dagster.catalog.charsets import UTF_8, EncodingErrors, find_codec
from asp_dagster.warehouse.errors import RawFileError
from asp_dagster.warehouse.reading.raw_files import open_raw

REPLACEMENT = "\ufffd"

_BLOCK_BYTES = 1 << 20
_WITHOUT_NOTE = ("cp1252", "cp932")
_REPLACEMENT_BYTES = REPLACEMENT.encode()
_ADVICE = (
    "extract it again, or let `encoding_errors: replace` stand for such bytes with "
    f"{REPLACEMENT} and count them"
)


@dataclass(frozen=True)
class TextFile:
    """A raw file of lines.

    Attributes:
        file: The file.
        codec: Python's name of its character set.
        encoding_errors: What becomes of bytes that are no characters.
    """

    file: Path
    codec: str
    encoding_errors: EncodingErrors = "fail"

    @classmethod
    def of(cls, file: Path, encoding_errors: EncodingErrors = "fail") -> "TextFile":
        """Return the file with its character set.

        Raises:
            RawFileError: The file's compression is damaged.
        """
        return cls(file, noted_charset(file) or _found_codec(file), encoding_errors)

    def blocks(self) -> Iterator[bytes]:
        """Return the text in blocks of about a megabyte that end where a line does.

        Line ends are as they are in the file; the last line may have none. Only a line that is
        longer makes a longer block.

        Raises:
            RawFileError: There are bytes that are no characters, and they are to fail.
        """
        if self.codec == UTF_8 and self.encoding_errors == "fail":
            yield from self._utf8_blocks()
        else:
            yield from _whole_lines(self._converted())

    def _utf8_blocks(self) -> Iterator[bytes]:
        """Return the text of a file of UTF-8 as it is."""
        lines = 0
        with open_raw(self.file) as stream:
            for block in _whole_lines(chunk for chunk, _ in _chunks(stream)):
                try:
                    text = block.decode()
                except UnicodeDecodeError as error:
                    raise self._undecodable(error, lines) from None
                if b"\0" in block:
                    self._without_zeros(text, lines)
                yield block
                lines += block.count(b"\n")

    def replaced(self) -> int:
        """Return how many characters of the file stand for bytes that are none."""
        if self.encoding_errors == "fail":
            return 0
        count = sum(block.count(_REPLACEMENT_BYTES) for block in self.blocks())
        return count - (self._own_replacements() if self.codec == UTF_8 else 0)

    def _own_replacements(self) -> int:
        """Return how often the replacement character stands in a file of UTF-8 itself."""
        with open_raw(self.file) as stream:
            return sum(line.count(_REPLACEMENT_BYTES) for line in stream)

    def _converted(self) -> Iterator[bytes]:
        """Return the text as UTF-8, cut anywhere between characters."""
        is_strict = self.encoding_errors == "fail"
        decoder = codecs.getincrementaldecoder(self.codec)("strict" if is_strict else "replace")
        lines = 0
        with open_raw(self.file) as stream:
            for chunk, is_last in _chunks(stream):
                try:
                    text = decoder.decode(chunk, is_last)
                except UnicodeDecodeError as error:
                    raise self._undecodable(error, lines) from None
                if "\0" in text:
                    text = self._without_zeros(text, lines)
                lines += text.count("\n")
                yield text.encode("utf-8")

    def _without_zeros(self, text: str, lines: int) -> str:
        """Return a text without zero characters, which PostgreSQL would not take."""
        if self.encoding_errors == "replace":
            return text.replace("\0", REPLACEMENT)
        line = lines + text[: text.index("\0")].count("\n") + 1
        raise RawFileError(
            f"{self.file.name}, line {line} holds a zero byte, so it is no text in {self.codec}: "
            f"{_ADVICE}."
        )

    def _undecodable(self, error: UnicodeDecodeError, lines: int) -> RawFileError:
        """Return the error of bytes that are no characters."""
        before = error.object[: error.start]
        line = lines + before.decode(self.codec, "ignore").count("\n") + 1
        byte = error.object[error.start]
        return RawFileError(
            f"{self.file.name}, line {line}: the byte 0x{byte:02X} is no character of "
            f"{self.codec}, the file's character set: {_ADVICE}."
        )


def _whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Return the same in pieces that end where a line does, and at last what has no end."""
    begun: list[bytes] = []
    for chunk in chunks:
        if end := chunk.rfind(b"\n") + 1:
            yield b"".join([*begun, chunk[:end]])
            begun = []
        begun.append(chunk[end:])
    if rest := b"".join(begun):
        yield rest


def _chunks(stream: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Return what is in a file, piece by piece, and at its end nothing, as the last."""
    while chunk := stream.read(_BLOCK_BYTES):
        yield chunk, False
    yield b"", True


def _found_codec(file: Path) -> str:
    """Return the character set that the file's bytes tell."""
    with open_raw(file) as stream:
        has_mark = stream.tell() > 0
        return UTF_8 if has_mark else find_codec(stream, _WITHOUT_NOTE)
