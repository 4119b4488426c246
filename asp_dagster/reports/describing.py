"""Describes one report type in full.

Here belongs: which facts are told, in which order. Their words are in `words`, the declaration in
`examples`.
"""

from collections.abc import Iterator

from asp_dagster.catalog.report_types import ReportType
from asp_dagster.reports import words
from asp_dagster.reports.examples import example

_MARKETPLACES = {
    "one": "one a report",
    "first": "one a report: of several, Amazon takes the first",
    "several": "several in one report",
    "all": "all stores, whatever is asked for",
}
_RESTRICTED = {
    "yes": "yes, its document needs a restricted data token",
    "role": "by its role; Amazon does not mention a restricted data token",
    "doubtful": "perhaps, sources disagree",
    "no": "no",
}
_AUDIENCES = {"seller": "sellers", "vendor": "vendors", "both": "sellers and vendors"}
_CLOCKS = {"days": "dates; the time of day is ignored", "moments": "moments"}
_NOT_DECLARED = "No declaration asks for it: "


def description(known: ReportType) -> str:
    """Return all that is known of a type, and how to declare it."""
    facts = [(name, text) for name, text in _facts(known) if text]
    width = max(len(name) for name, _ in facts)
    lines = [f"{name.ljust(width)}  {text}" for name, text in facts]
    return "\n".join([known.name, "", *lines, "", _declaration(known)])


def _facts(known: ReportType) -> Iterator[tuple[str, str]]:
    yield "page", known.page
    yield "for", ", ".join([_AUDIENCES[known.audience], *known.countries])
    yield "removed", words.removal(known)
    yield "successor", known.successor
    yield "made", words.MADE[known.made_by] + (", or scheduled" * _is_both(known))
    yield "format", " or ".join(known.formats)
    yield "restricted", _RESTRICTED[known.restricted]
    yield "role", " or ".join(known.roles)
    yield "marketplaces", _MARKETPLACES[known.marketplaces]
    for option in known.options.values():
        yield "option", words.option(option)
    yield from _facts_of_time(known)
    yield from _facts_of_rows(known)
    for note in known.notes:
        yield "note", note
    for doubt in known.doubts:
        yield "doubt", doubt


def _facts_of_time(known: ReportType) -> Iterator[tuple[str, str]]:
    yield "window", words.window(known)
    if known.dates != "none":
        yield "given as", _CLOCKS[known.clock]
    yield "days of", known.zone.replace("marketplace", "the marketplace's own time")
    yield "reaches back", words.durations(known.history)
    yield "data ready", _after(words.durations(known.hold_back))
    yield "data change for", words.duration(known.look_back) if known.look_back else ""
    yield "newer after", words.cool_down(known)
    yield "kept for", words.duration(known.retention)


def _facts_of_rows(known: ReportType) -> Iterator[tuple[str, str]]:
    yield "rows in", ", ".join(known.rows)
    for rows, columns in known.keys.items():
        yield "row known by", ", ".join(columns) + (f" in {rows}" if rows else "")
    if known.is_keyless:
        yield "row known by", "nothing: two equal lines are two lines"


def _declaration(known: ReportType) -> str:
    text = example(known)
    if text:
        return text.rstrip("\n")
    if known.is_removed:
        return f"{_NOT_DECLARED}Amazon removed it on {known.removed_on}."
    return f"{_NOT_DECLARED}it is made {words.MADE[known.made_by]} by getReports."


def _is_both(known: ReportType) -> bool:
    return known.made_by == "request" and known.is_schedulable


def _after(length: str) -> str:
    return f"{length} after the window's end" if length else ""
