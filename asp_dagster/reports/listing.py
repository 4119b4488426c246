"""Lists the report types: as text for a terminal, and as Markdown for the docs.

Here belongs: which types are shown, and the shape of the list. Its words are in `words`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from asp_dagster.catalog.report_types import ReportType, ReportTypes
from asp_dagster.reports import words
from asp_dagster.text_tables import text_table

_HEADINGS = ("report type", "format", "requestable", "window", "newer after", "restricted", "gone")
_INTRODUCTION = """\
# Every report type Amazon offers

Any type can be declared with [AmazonSPReport](components/amazon_sp_report.md), also one that is not
here. Of these the rules are known, and a declaration that breaks one fails when it is loaded.
`asp reports NAME` describes a type in full, with a `defs.yaml` that asks for it.

*Window* says whether a report takes dates. *Expected*: without them it is empty. A limit with a
question mark was seen, but is not in Amazon's documentation. *Newer after*: how long Amazon makes
no newer report. *Restricted*: `yes` needs a restricted data token, `role` a restricted role; where
sources disagree it is `doubtful`. *Gone*: the day Amazon removed it. An empty cell is not known.

This page is what `asp reports --markdown` prints.
"""

_SCHEDULES = """
## Schedules at Amazon

These a schedule at Amazon can make again and again. It is declared by `schedule` of
[AmazonSPListedReport](components/amazon_sp_listed_report.md#schedules-at-amazon), and made so by
`asp schedules apply`.
"""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which report types are shown.

    Attributes:
        requestable: Only those that can be requested.
        restricted: Only those with a restricted token or role, or perhaps.
        file_format: Only those of a format, in any case.
        search: Only those with these words in name, group or notes, in any case.
    """

    requestable: bool = False
    restricted: bool = False
    file_format: str | None = None
    search: str | None = None

    def types(self) -> list[ReportType]:
        """Return the chosen types, in Amazon's order."""
        return [each for each in ReportTypes.load().all if self._has(each)]

    def _has(self, known: ReportType) -> bool:
        if self.requestable and (known.requestable != "yes" or known.is_removed):
            return False
        if self.restricted and known.restricted == "no":
            return False
        if self.file_format and self.file_format.upper() not in known.formats:
            return False
        text = " ".join([known.name, known.group, *known.notes]).lower()
        return all(word in text for word in (self.search or "").lower().split())


def listing(types: Iterable[ReportType]) -> str:
    """Return report types as a table of plain text."""
    return text_table([_HEADINGS, *map(_row, types)])


def markdown(types: Iterable[ReportType]) -> str:
    """Return report types as a page of Markdown, a table for each part of Amazon's docs."""
    types = list(types)
    return "\n".join([_INTRODUCTION, *_sections(types), *_schedulable(types)])


def _sections(types: Iterable[ReportType]) -> Iterator[str]:
    parts = sorted(types, key=lambda each: (each.status == "legacy", each.page))
    for number, (page, members) in enumerate(groupby(parts, lambda each: each.page)):
        yield ("\n" if number else "") + f"## [{_title(page)}]({page})\n"
        yield _markdown_row(_HEADINGS)
        yield _markdown_row(["---"] * len(_HEADINGS))
        for known in members:
            name, *cells = _row(known)
            yield _markdown_row([f"`{name}`", *cells])


def _schedulable(types: Iterable[ReportType]) -> Iterator[str]:
    """Yield the section of what a schedule at Amazon may make."""
    names = [known.name for known in types if known.is_schedulable and not known.is_removed]
    if names:
        yield _SCHEDULES
        yield from (f"- `{name}`" for name in names)


def _title(page: str) -> str:
    part = page.rpartition("report-type-values")[2].removeprefix("-").replace("-", " ")
    return part.replace("fba", "FBA").replace("b2b", "B2B") if part else "others"


def _row(known: ReportType) -> Sequence[str]:
    return (
        known.name,
        "|".join(known.formats),
        words.requestable(known),
        words.window(known),
        words.cool_down(known),
        known.restricted,
        words.removal(known),
    )


def _markdown_row(cells: Sequence[str]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"
