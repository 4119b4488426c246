"""Erases the personal values of one raw file, in its place: the file is the old one or the new one.

A first reading tells whether anything is due; only then is the file written anew, beside the old
one, and takes its place when it is whole. A file that nobody can take values out of is deleted once
it is due as a whole. Here belong that choice, compression, and the note beside the file. What is
personal in a format is found by its own module.
"""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO, Literal, cast

from asp_dagster.catalog.charset_notes import CharsetNote, noted_charset
from asp_dagster.catalog.charsets import find_codec, marked_codec
from asp_dagster.catalog.retention import FieldKinds, RetentionFields
from asp_dagster.catalog.tables import RawFormat
from asp_dagster.landing.earlier_files import name_in_gzip
from asp_dagster.landing.erasing.delimited_values import Lines
from asp_dagster.landing.erasing.json_values import erased_document
from asp_dagster.landing.erasing.judging import Judge
from asp_dagster.landing.erasing.record_values import erased_lines
from asp_dagster.landing.erasing.xml_values import erased_elements
from asp_dagster.landing.raw_file import RawFile
from asp_dagster.landing.raw_store import RawStore, write_note

Action = Literal["kept", "rewritten", "deleted"]

_OPAQUE = frozenset({"xlsx", "pdf", "zip"})
_UNREADABLE = (ValueError, OSError, EOFError, zlib.error, RecursionError)
_GZIP_MAGIC = b"\x1f\x8b"
_USUAL = ("cp1252", "cp932")


@dataclass(frozen=True)
class Form:
    """How a raw file is written, and what in it is personal.

    Attributes:
        raw_format: The format.
        known: The fields.
    """

    raw_format: RawFormat
    known: RetentionFields


@dataclass(frozen=True)
class Finding:
    """What was found in a raw file, and done with it.

    Attributes:
        action: What became of the file; in a dry run, what would have.
        records: How many records were seen.
        erased: How many of them had personal values that were due.
        earliest: The earliest moment from which personal values count that are still there.
        problem: Why nothing could be looked for, if that is so.
    """

    action: Action
    records: int = 0
    erased: int = 0
    earliest: datetime | None = None
    problem: str | None = None


class FileChangedError(Exception):
    """A run has written the file anew meanwhile: it is another one now."""


@dataclass(frozen=True)
class RawEraser:
    """Erases the raw files of one form.

    Attributes:
        store: Where they are.
        form: How they are written.
        before: Values that count from this moment, or one before it, are due.
        is_dry: Whether nothing is to be changed.
    """

    store: RawStore
    form: Form
    before: datetime
    is_dry: bool = False

    def erase(self, file: RawFile, otherwise: datetime) -> Finding:
        """Erase what is due in a file.

        Args:
            file: The file.
            otherwise: The moment from which values count whose record tells none.

        Raises:
            FileChangedError: A run has written the file meanwhile; nothing is changed.
            RawStoreError: The store refuses.
        """
        if self.form.raw_format in _OPAQUE:
            return self._opaque(file, otherwise, None)
        with self.store.local(file.name) as path:
            judge = Judge(self.before, otherwise)
            try:
                for _ in self._content(path, judge):
                    pass
            except _UNREADABLE as error:
                return self._opaque(file, otherwise, _reason(error))
            if judge.erased and not self.is_dry:
                self._rewrite(file, path, otherwise)
        action: Action = "rewritten" if judge.erased else "kept"
        return Finding(action, judge.records, judge.erased, judge.earliest)

    def _opaque(self, file: RawFile, otherwise: datetime, problem: str | None) -> Finding:
        """Delete a file that nobody can take values out of, once it is due."""
        if file.size_bytes == 0:
            return Finding("kept")
        if otherwise > self.before:
            return Finding("kept", earliest=otherwise, problem=problem)
        if not self.is_dry:
            self.store.delete(file.name)
        return Finding("deleted", problem=problem)

    def _rewrite(self, file: RawFile, path: Path, otherwise: datetime) -> None:
        with self.store.writing(file.name) as sink:
            content = self._content(path, Judge(self.before, otherwise))
            with _compressed_like(path, sink) as stream:
                stream.writelines(content)
            sink.flush()
            if self.store.state(file.name) != file:
                raise FileChangedError(file.name)
            charset = noted_charset(path)
            if charset:
                # Until the file is in its place the note is that of both.
                note = CharsetNote(charset, file.size_bytes, sink.seek(0, 2))
                write_note(self.store, file.name, note)

    def _content(self, path: Path, judge: Judge) -> Iterator[bytes]:
        """Yield the file's content without the personal values that are due."""
        form, kinds = self.form, FieldKinds(self.form.known)
        with _decompressed(path) as stream:
            if form.raw_format == "jsonl":
                yield from erased_lines(stream, kinds, judge)
            elif form.raw_format == "json":
                yield from erased_document(stream, kinds, judge)
            elif form.raw_format == "xml":
                yield from erased_elements(stream, form.known.rows, kinds, judge)
            else:
                charset = noted_charset(path) or find_codec(stream, _USUAL)
                stream.seek(0)
                lines = Lines.of(_in_order(charset, stream), form.raw_format, form.known.headers)
                yield from lines.erased(stream, kinds, judge)


def _in_order(charset: str, stream: IO[bytes]) -> str:
    """Return a character set, UTF-16 with the order of its bytes."""
    start = stream.read(2)
    stream.seek(0)
    if charset != "utf-16":
        return charset
    is_big = marked_codec(start) is not None and start == b"\xfe\xff"
    return "utf-16-be" if is_big else "utf-16-le"


@contextmanager
def _decompressed(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        is_gzip = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    with gzip.open(path) if is_gzip else path.open("rb") as stream:
        yield cast("IO[bytes]", stream)


@contextmanager
def _compressed_like(path: Path, sink: BinaryIO) -> Iterator[IO[bytes]]:
    """Lend what compresses as the file is; its header tells how records were extended."""
    with path.open("rb") as file:
        is_gzip = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    if not is_gzip:
        yield sink
        return
    with gzip.GzipFile(name_in_gzip(path), "wb", 6, sink, mtime=0) as stream:
        yield cast("IO[bytes]", stream)


def _reason(error: Exception) -> str:
    """Return why a file cannot be read, without any of its content."""
    if isinstance(error, UnicodeError) or type(error) is not ValueError:
        return f"it is damaged, or not what its format promises ({type(error).__name__})"
    return str(error)
