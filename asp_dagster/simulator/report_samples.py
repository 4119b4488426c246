"""A few rows of every report type of Amazon's list, the same at each time.

Here belong: which types there are, whether Amazon makes them when asked, and what their rows are;
the table `report_samples.csv` has a line for each list of rows. How a document is written is
`sample_documents`, what stands in a cell `sample_values`. Three types are more than a sample, since
they follow from the partner's orders: sales and traffic, all orders by last update, settlements.

The columns are Amazon's where its documentation, its schemas or the users' projects show them;
otherwise they are what one would expect. A place like `a.b[].c` leads through objects and lists,
`?` follows what every second row lacks, and what follows that says what is there: `:i` a whole
number, `:n` a number, `:b` a boolean, `:d` a day, `:m` a moment, `=X` the word X, else text.

https://developer-docs.amazon.com/sp-api/docs/report-type-values
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any, Literal, cast

from asp_dagster.simulator.marketplaces import Marketplace, marketplace
from asp_dagster.simulator.sample_values import CellOf, cell, identifies, typed

SampleFormat = Literal["TSV", "CSV", "JSON", "XML", "XLSX", "PDF"]
Row = dict[str, Any]

_ROWS = 3
_ENTRIES = 2
_FLAT = frozenset({"TSV", "CSV", "XLSX"})
_EVERY_FOURTH = 4
_PLACE = re.compile(r"(?P<place>[^?:=]+)(?P<lacks>\?)?(:(?P<kind>\w)|=(?P<word>.+))?")


@dataclass(frozen=True)
class ReportSample:
    """One type and its rows.

    Attributes:
        report_type: Amazon's name of it.
        format: What its document is.
        is_requestable: Whether createReport takes it.
        columns: The columns by the list of rows; by the place of a row in XML; by the empty name in
            a table. A file that has no rows has none.
    """

    report_type: str
    format: SampleFormat
    is_requestable: bool
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def rows(self, marketplace_ids: Sequence[str], day: date) -> Mapping[str, Sequence[Row]]:
        """Return the rows by the list they stand in.

        Args:
            marketplace_ids: The report's marketplaces, of which the first decides the language.
            day: The day of the data.
        """
        shops = [marketplace(each) for each in marketplace_ids]
        return {
            name: [
                self._row(columns, self._cells(number, shops, day))
                for number in range(1, self._count(name, shops) + 1)
            ]
            for name, columns in self.columns.items()
        }

    def _count(self, name: str, shops: Sequence[Marketplace]) -> int:
        """Return how many rows there are: one of a whole period, or one for each marketplace."""
        if name in {"accountStatuses", "performanceMetrics"}:
            return len(shops)
        return 1 if name.endswith("Aggregate") else _ROWS

    def _cells(self, number: int, shops: Sequence[Marketplace], day: date) -> CellOf:
        shop = shops[number % len(shops)]
        return CellOf(number, shop, shops[0], day, can_break=self.format == "CSV")

    def _row(self, columns: Sequence[str], of: CellOf) -> Row:
        if self.format in _FLAT:
            cells = enumerate(columns, of.number)
            return {name: "" if _is_empty(name, place) else cell(name, of) for place, name in cells}
        leaves = [leaf for leaf in map(_leaf, columns) if of.number % 2 or not leaf.may_lack]
        return _object(leaves, of)


@cache
def report_samples() -> Mapping[str, ReportSample]:
    """Return all types by name."""
    table = files("asp_dagster.simulator") / "report_samples.csv"
    lines = csv.DictReader(table.read_text("utf-8").splitlines())
    found: dict[str, ReportSample] = {}
    for report_type, group in groupby(lines, key=lambda line: line["report_type"]):
        same = list(group)
        found[report_type] = ReportSample(
            report_type,
            cast("SampleFormat", same[0]["format"]),
            same[0]["requestable"] == "yes",
            {line["rows"]: line["columns"].split("|") for line in same if line["columns"]},
        )
    return found


def sample_rows(
    report_type: str, marketplace_ids: Sequence[str], day: date
) -> Mapping[str, Sequence[Row]]:
    """Return what a correct reader of a type's document must end up with.

    Args:
        report_type: A type that is a sample.
        marketplace_ids: The report's marketplaces.
        day: The first day of its data, in UTC; for a report without dates, the day it is asked for.

    Returns:
        The rows by the list they stand in; of XML, by the place of a row below and with the root;
        of a table, by the empty name.
    """
    return report_samples()[report_type].rows(marketplace_ids, day)


def _is_empty(name: str, place: int) -> bool:
    """Tell whether a cell of a table is empty: of four in a row one, unless it identifies it."""
    return place % _EVERY_FOURTH == 0 and not identifies(name)


@dataclass(frozen=True)
class _Leaf:
    steps: tuple[str, ...]
    kind: str
    word: str | None
    may_lack: bool

    @property
    def inner(self) -> "_Leaf":
        return _Leaf(self.steps[1:], self.kind, self.word, self.may_lack)


def _leaf(column: str) -> _Leaf:
    found = _PLACE.fullmatch(column)
    if found is None:
        raise ValueError(f"{column!r} is no place of a value, such as price.amount:n.")
    steps = tuple(found["place"].split("."))
    return _Leaf(steps, found["kind"] or "", found["word"], bool(found["lacks"]))


def _object(leaves: Sequence[_Leaf], of: CellOf) -> Row:
    return dict(_fields(leaves, of))


def _fields(leaves: Sequence[_Leaf], of: CellOf) -> Iterator[tuple[str, Any]]:
    for step, group in groupby(leaves, key=lambda leaf: leaf.steps[0]):
        inner = list(group)
        if step.endswith("[]"):
            name = step.removesuffix("[]")
            entries = (of.entry(number) for number in range(1, _ENTRIES + 1))
            yield name, [_value(name, inner, each) for each in entries]
        else:
            yield step, _value(step, inner, of)


def _value(name: str, leaves: Sequence[_Leaf], of: CellOf) -> Any:
    first = leaves[0]
    if len(first.steps) > 1:
        return _object([leaf.inner for leaf in leaves], of)
    return first.word if first.word is not None else typed(name, first.kind, of)
