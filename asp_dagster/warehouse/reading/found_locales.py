"""Finding out in which manner a file writes its numbers.

A file is looked through once before its rows are read, and only if a column has `locale: any`. Here
belongs the decision for the whole file; what a single number tells is said in `locales`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from asp_dagster.catalog.tables import TableSpec
from asp_dagster.warehouse.errors import RawFileError
from asp_dagster.warehouse.reading.delimited import DelimitedFile
from asp_dagster.warehouse.reading.locales import Mark, mark_of

_WITH_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_CURRENCY = re.compile(r"[A-Z]{3}")


def with_found_locale(table: TableSpec, file: DelimitedFile) -> TableSpec:
    """Return the table with the file's manner in place of `locale: any`.

    Raises:
        RawFileError: The file's numbers say both manners, or none where one is needed.
    """
    if all(column.locale != "any" for column in table.columns.values()):
        return table
    mark = _Numbers.of(table, file).mark()
    columns = {
        name: replace(column, locale=mark, currency=None) if column.locale == "any" else column
        for name, column in table.columns.items()
    }
    return replace(table, columns=columns)


@dataclass(frozen=True)
class _Numbers:
    """What the numbers of a file say about its manner.

    Attributes:
        file: The file's name.
        said: A number that says it, with its place, for each mark that any number says.
        unclear: A number that says nothing, with its place; none if there is none.
        currencies: The codes of the file's currencies.
    """

    file: str
    said: Mapping[Mark, str]
    unclear: tuple[str, Mark] | None
    currencies: frozenset[str]

    @classmethod
    def of(cls, table: TableSpec, file: DelimitedFile) -> "_Numbers":
        """Look at the numbers of all columns of the table that may be of any manner."""
        columns = [column for column in table.columns.values() if column.locale == "any"]
        numbers = _positions(file, (p for c in columns if c.type == "decimal" for p in c.paths))
        codes = _positions(file, (column.currency or "" for column in columns))
        said: dict[Mark, str] = {}
        unclear: tuple[str, Mark] | None = None
        currencies: set[str] = set()
        for line, position, text in _texts(file, sorted({*numbers, *codes})):
            if position in codes:
                currencies.add(text.strip())
            if position not in numbers:
                continue
            place, mark = f"line {line} holds '{text.strip()[:40]}'", mark_of(text.strip())
            if mark == "either":
                unclear = unclear or (place, "comma" if "." in text else "point")
            elif mark:
                said.setdefault(mark, place)
        return cls(file.file.name, said, unclear, frozenset(currencies))

    def mark(self) -> Mark:
        """Return what stands before the decimals of all numbers.

        Raises:
            RawFileError: They say both, or nothing where one is needed.
        """
        if len(self.said) > 1:
            raise RawFileError(
                f"{self.file}: {self.said['comma']}, and {self.said['point']}: there is no telling"
                " whether a comma or a point stands before the decimals. Look at the file; where a"
                " column has a manner of its own, write its `locale`."
            )
        if self.said:
            return next(iter(self.said))
        if self.unclear is None:
            return "point"  # no number has either
        if self.currencies and all(map(_has_no_three_decimals, self.currencies)):
            return self.unclear[1]
        raise RawFileError(
            f"{self.file}: {self.unclear[0]}, and no other number tells whether that is a thousand"
            " and more or has three decimals. Write `locale: point` or `locale: comma`, or say by"
            " `currency` where the currency stands."
        )


def _has_no_three_decimals(currency: str) -> bool:
    return bool(_CURRENCY.fullmatch(currency)) and currency not in _WITH_THREE_DECIMALS


def _positions(file: DelimitedFile, headers: Iterable[str]) -> frozenset[int]:
    return frozenset(file.headers.index(each) for each in headers if each in file.headers)


def _texts(file: DelimitedFile, positions: list[int]) -> Iterator[tuple[int, int, str]]:
    """Yield the line, the position and the text of each field that is not empty."""
    for lines in file.tables(positions):
        numbers = lines.column("_line").to_pylist()
        for position in positions:
            texts = lines.column(f"c{position}").to_pylist()
            yield from (
                (number, position, text)
                for number, text in zip(numbers, texts, strict=True)
                if text
            )
