"""What the columns of a load's documents are to its table: new, gone, left out, translated.

Here belongs the value, and what all delimited files of a load have in common. What the columns of
a table take is decided in `delimited_columns` and `inferring`.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from asp_dagster.warehouse.reading.delimited import DelimitedFile


@dataclass(frozen=True, kw_only=True)
class DocumentColumns:
    """What a load found the columns of its documents to be.

    Attributes:
        added: The table's columns that documents brought for the first time.
        missing: The table's columns that no document has; of formats that leave out what is empty,
            none.
        left_out: The headers that no column of the table takes; none where nothing is left out.
        original: The headers as they stand in the documents, by what they were translated to.
    """

    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    left_out: tuple[str, ...] | None = None
    original: Mapping[str, str] = field(default_factory=dict)

    def new_to(self, stored: Container[str] | None) -> "DocumentColumns":
        """Return the same, with only those columns added that are not stored yet.

        Args:
            stored: The stored table's columns; none if there is no such table, to which nothing
                is new.
        """
        new = () if stored is None else tuple(name for name in self.added if name not in stored)
        return replace(self, added=new)


def all_headers(files: Sequence[DelimitedFile]) -> tuple[str, ...]:
    """Return the headers of all files, each once."""
    return tuple(dict.fromkeys(header for file in files for header in file.headers))


def original_headers(
    files: Sequence[DelimitedFile], translated: Sequence[DelimitedFile]
) -> dict[str, str]:
    """Return how the headers stand in the files, by what they were translated to."""
    return {
        canonical: header
        for file, other in zip(files, translated, strict=True)
        for header, canonical in zip(file.headers, other.headers, strict=True)
        if header != canonical
    }
