"""What Amazon's headers in other languages are called in English.

Some flat files come with the headers of the marketplace's language, so that the same report type
has other columns in Japan than in Germany. Here belong: the rows of `report_headers.csv`, each with
the public source that tells it, and the look-up by report type. A header that is not in the table
keeps its name: nothing is guessed.

In the table `report_types` is a name in which `*` stands for anything. A header `2/6` is the second
of six, whatever it is called: of a report whose columns are known, but not their translations.
"""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Self

_POSITION = re.compile(r"([1-9]\d*)/[1-9]\d*")


@dataclass(frozen=True)
class HeaderNames:
    """The canonical headers of a report type.

    Attributes:
        by_header: The canonical headers by those that are known, written as `plain` does.
        in_order: All canonical headers in their order, where they are known by it.
    """

    by_header: Mapping[str, str] = field(default_factory=dict)
    in_order: tuple[str, ...] = ()

    def canonical(self, header: str) -> str:
        """Return the canonical header, or the header itself where none is known."""
        return self.by_header.get(plain(header), header)

    def translated(self, headers: Sequence[str]) -> tuple[str, ...]:
        """Return the canonical headers of a document, in order.

        Headers that would become the same keep their names, and so does one that would become
        another that is there.

        Args:
            headers: The document's headers, no two of them alike.
        """
        names = tuple(map(self.canonical, headers))
        if self._is_in_order(names):
            return self.in_order
        counts = Counter([*names, *headers])
        return tuple(
            header if name != header and counts[name] > 1 else name
            for header, name in zip(headers, names, strict=True)
        )

    def _is_in_order(self, names: Sequence[str]) -> bool:
        """Return whether these are the columns that are known by their order, as far as is seen."""
        return len(names) == len(self.in_order) and all(
            name == known or name not in self.in_order
            for name, known in zip(names, self.in_order, strict=True)
        )


class ReportHeaders:
    """All headers that the package knows, found by report type."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        self._rows = tuple(rows)

    @classmethod
    @cache
    def load(cls) -> Self:
        """Read the table that comes with the package."""
        table = files("asp_dagster.catalog") / "report_headers.csv"
        return cls(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))

    def of(self, report_type: str) -> HeaderNames:
        """Return the canonical headers of a report type; of one that is not in the table, none."""
        rows = [row for row in self._rows if fnmatchcase(report_type, row["report_types"])]
        placed = {
            int(found[1]): row["canonical"]
            for row in rows
            if (found := _POSITION.fullmatch(row["header"]))
        }
        named = {plain(row["header"]): row["canonical"] for row in rows}
        itself = {plain(row["canonical"]): row["canonical"] for row in rows}
        in_order = tuple(placed[number] for number in sorted(placed))
        return HeaderNames({**named, **itself}, in_order)


def plain(header: str) -> str:
    """Return a header without what makes no difference: width, case, a last colon, spaces."""
    text = unicodedata.normalize("NFKC", header).strip()
    return text.removesuffix(":").rstrip().casefold()
