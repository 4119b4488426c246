"""Personal values in an XML document: found, and blanked.

A first walk notes at which bytes they stand, a second copies all other bytes as they are. Only what
stands between an element's tags goes, and its tags stay. Here belong both walks. A document that
declares entities is not walked.
"""

from collections.abc import Iterator, Sequence
from typing import IO
from xml.parsers import expat

from asp_dagster.catalog.retention import FieldKind, FieldKinds
from asp_dagster.landing.erasing.judging import Judge, Seen

Span = tuple[int, int]
"""The first byte, and the byte after the last."""

_CHUNK = 1 << 20


def erased_elements(
    document: IO[bytes], record: Sequence[str], kinds: FieldKinds, judge: Judge
) -> Iterator[bytes]:
    """Yield the document without the personal values that are due.

    Args:
        document: The document, at its start.
        record: The names that lead from below the root to a record; without any, each child of
            the root is one.
        kinds: What elements mean.
        judge: Decides of each record.

    Raises:
        ValueError: It is no XML document, or declares entities.
    """
    spans = sorted(_Walk(record, kinds, judge).spans(document))
    document.seek(0)
    at = 0
    for start, end in spans:
        yield from _copied(document, start - at)
        document.seek(end)
        at = end
    yield from iter(lambda: document.read(_CHUNK), b"")


def _copied(document: IO[bytes], count: int) -> Iterator[bytes]:
    while count > 0 and (chunk := document.read(min(count, _CHUNK))):
        yield chunk
        count -= len(chunk)


class _Walk:
    """The first walk through a document."""

    def __init__(self, record: Sequence[str], kinds: FieldKinds, judge: Judge) -> None:
        self._record = tuple(record)
        self._kinds = kinds
        self._judge = judge
        self._names: list[str] = []
        self._text: list[str] = []
        self._seen = Seen()
        self._begun: int | None = None  # where the first thing within a personal element stands
        self._personal_depth = 0
        self._found: list[Span] = []
        self._due: list[Span] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = False
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.DefaultHandler = self._other
        self._parser.EntityDeclHandler = self._refuse

    def spans(self, document: IO[bytes]) -> list[Span]:
        """Return where the values stand that are due."""
        try:
            self._parser.ParseFile(document)
        except expat.ExpatError as error:
            raise ValueError(f"line {error.lineno} is no XML, or breaks off") from None
        return self._due

    def _start(self, name: str, _attributes: object) -> None:
        self._touch()
        self._names.append(name.rpartition(":")[2])
        self._text.clear()
        if not self._personal_depth and self._kind() == "personal":
            self._personal_depth = len(self._names)
            self._begun = None

    def _characters(self, text: str) -> None:
        self._touch()
        self._text.append(text)

    def _other(self, _text: str) -> None:
        self._touch()

    def _end(self, _name: str) -> None:
        at, kind = self._parser.CurrentByteIndex, self._kind()
        text = "".join(self._text).strip()
        if self._personal_depth:
            self._seen.note("personal", text)
            if self._personal_depth == len(self._names):
                if self._begun is not None and self._begun < at:
                    self._found.append((self._begun, at))
                self._personal_depth = 0
        elif kind:
            self._seen.note(kind, text)
        self._text.clear()
        place = tuple(self._names[1:])
        self._names.pop()
        # What stands outside of records is judged with the next of them, or at the end.
        is_record = place == self._record if self._record else len(place) == 1
        if is_record or (not place and self._seen.is_personal):
            self._decide()

    def _decide(self) -> None:
        if self._judge.is_due(self._seen):
            self._due.extend(self._found)
        self._found.clear()
        self._seen = Seen()

    def _kind(self) -> FieldKind | None:
        return self._kinds.of(".".join(self._names))

    def _touch(self) -> None:
        """Note where the first thing within a personal element stands."""
        if self._personal_depth and self._begun is None:
            self._begun = self._parser.CurrentByteIndex

    def _refuse(self, *_declaration: object) -> None:
        raise ValueError("it declares entities, which could be made to fill the memory")
