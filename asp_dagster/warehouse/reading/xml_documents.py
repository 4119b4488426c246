"""Records out of one XML document: the raw format `xml`.

An element becomes what JSON would hold of it: its children by their names, its attributes as
`@name`, its text as the value, or as `#text` where it has attributes too. Namespaces are left out
of names. XML does not tell a list of one from a single value, nor an element that could have
attributes from one that cannot: so a first walk over all files of a load notes which elements are
ever repeated, and which are ever more than their text, and these are so everywhere.

The records are the elements that `rows` names, from below the root; without it, those children of
the root whose name is the most frequent. A document may be larger than memory, each record may
not. A document that declares entities is refused.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from asp_dagster.warehouse.errors import RawFileError
from asp_dagster.warehouse.inferring.memory import Place
from asp_dagster.warehouse.inferring.naming import TEXT
from asp_dagster.warehouse.reading.paths import RowsPath
from asp_dagster.warehouse.reading.raw_files import open_raw

Names = tuple[str, ...]

_MAX_DEPTH = 200
"""How deep elements may stand within each other: no report of Amazon's goes beyond ten."""


@dataclass(frozen=True)
class XmlOutline:
    """What a first walk over the files of a load saw.

    Attributes:
        record: The names that lead from below the root to a record.
        repeated: The names that lead from a record to elements which are lists.
        complex: The names that lead from a record to elements which are more than their text.
        plain: The names that lead from a record to elements of which only the text is wanted.
    """

    record: Names
    repeated: frozenset[Names]
    complex: frozenset[Names]
    plain: frozenset[Names]

    @classmethod
    def of(
        cls,
        files: Sequence[Path],
        rows: RowsPath,
        *,
        known: Iterable[Place] = (),
        plain: Iterable[Names] = (),
    ) -> "XmlOutline":
        """Return the outline of the files.

        Args:
            files: The files.
            rows: The place of the records; the lists within them are the rows' further levels.
            known: Places in the records that are what they are whatever the files say.
            plain: The names that lead from a record to elements of which the text is wanted.

        Raises:
            RawFileError: A file is no XML document, or declares entities.
        """
        record = rows.levels[0] if rows.levels else _most_frequent(files)
        repeated: set[Names] = set()
        complex_: set[Names] = set()
        for place in [*known, tuple(chain(*((*names, None) for names in rows.levels[1:])))]:
            _note_place(place, repeated, complex_)
        for file in files:
            for element in _elements(file, record):
                _note(element, (), repeated, complex_)
        return cls(record, frozenset(repeated), frozenset(complex_), frozenset(plain))


def xml_records(file: Path, outline: XmlOutline) -> Iterator[dict[str, Any]]:
    """Return the records of a document, one in memory at a time.

    Raises:
        RawFileError: The file is no XML document, or declares entities.
    """
    for element in _elements(file, outline.record):
        value = _value(element, (), outline)
        yield value if isinstance(value, dict) else {TEXT: value}


def _most_frequent(files: Sequence[Path]) -> Names:
    """Return the name that most children of the roots have."""
    counts: Counter[str] = Counter()
    for file in files:
        counts.update(name for names, _ in _ends(file, ()) for name in names[:1])
    return tuple(name for name, _ in counts.most_common(1))


def _elements(file: Path, record: Names) -> Iterator[Element]:
    """Return the elements at a place of the document."""
    return (element for names, element in _ends(file, record) if names == record and names)


def _ends(file: Path, record: Names) -> Iterator[tuple[Names, Element]]:
    """Return each element that is not within a record as it ends, with the names leading to it."""
    names: list[str] = []
    depth = max(1, len(record))
    with _parsed(file) as events:
        above: list[Element] = []
        for event, element in events:
            if event == "start":
                names.append(_local(element.tag))
                above.append(element)
                _check_depth(names, file)
                continue
            path = tuple(names[1:])
            names.pop()
            above.pop()
            is_within_record = len(path) > depth and path[: len(record)] == record
            if path and not is_within_record:
                if len(path) <= depth:
                    yield path, element
                # What is done with is let go, by the element above it too.
                element.clear()
                above[-1].remove(element)


def _check_depth(names: Sequence[str], file: Path) -> None:
    if len(names) > _MAX_DEPTH:
        raise RawFileError(
            f"{file.name} has more than {_MAX_DEPTH} elements within each other, which no report of"
            " Amazon's has: look at what it is."
        )


@contextmanager
def _parsed(file: Path) -> Iterator[Iterator[tuple[str, Element]]]:
    """Open the file for a walk over its elements.

    Raises:
        RawFileError: It is no XML document, or declares entities.
    """
    with open_raw(file) as stream:
        try:
            yield defusedxml.ElementTree.iterparse(stream, events=("start", "end"))
        except ParseError as error:
            line, _ = error.position
            raise RawFileError(
                f"{file.name}, line {line} is no XML, or breaks off: extract it again."
            ) from None
        except DefusedXmlException:
            raise RawFileError(
                f"{file.name} declares entities, which could be made to fill the memory: no report "
                "of Amazon's does; look at what it is."
            ) from None


def _note_place(place: Place, repeated: set[Names], complex_: set[Names]) -> None:
    """Note the lists and the objects that a place leads through."""
    names: Names = ()
    for name in place:
        if name is None:
            repeated.add(names)
        else:
            complex_.add(names)
            names += (name,)


def _note(element: Element, place: Names, repeated: set[Names], complex_: set[Names]) -> None:
    """Note which elements within a record are repeated, and which are more than their text."""
    if element.attrib or len(element):
        complex_.add(place)
    counts = Counter(_local(child.tag) for child in element)
    repeated.update((*place, name) for name, count in counts.items() if count > 1)
    for child in element:
        _note(child, (*place, _local(child.tag)), repeated, complex_)


def _value(element: Element, place: Names, outline: XmlOutline) -> Any:
    """Return what JSON would hold of an element."""
    text = (element.text or "").strip() or None
    if place not in outline.complex or place in outline.plain:
        return text
    value: dict[str, Any] = {f"@{_local(name)}": word for name, word in element.attrib.items()}
    for child in element:
        name = _local(child.tag)
        inner = _value(child, (*place, name), outline)
        if (*place, name) in outline.repeated:
            value.setdefault(name, []).append(inner)
        else:
            value[name] = inner
    if text is not None:
        value[TEXT] = text
    return value


def _local(name: str) -> str:
    """Return the name of an element or attribute without its namespace."""
    return name.rpartition("}")[2]
