"""Checks a declared report against what is known of its type, without asking Amazon.

Here belong: which rules there are, and those about the type, its options, its format and the
marketplaces. The rules about dates are in `report_dates`.

A mistake is what cannot work, or brings wrong data; a warning is what may be meant, or what is
known from experience only. Of a type that is not in the table nothing is checked.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from difflib import get_close_matches

from asp_dagster.catalog import report_dates
from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.catalog.declared_reports import DeclaredReport
from asp_dagster.catalog.declared_requests import meant
from asp_dagster.catalog.feeds import PartitionsSpec, ReportSpec
from asp_dagster.catalog.report_types import ReportOption, ReportType, ReportTypes
from asp_dagster.spapi.regions import MARKETPLACES

Rule = Callable[[DeclaredReport], Iterator[str]]

_CLOSE = 0.9
_OPTION_PREFIX = "ReportOption="

_INSTEAD = {
    "amazon": "Amazon makes it by itself",
    "schedule": "only a schedule at Amazon (createReportSchedule) makes it",
    "seller_central": "it is asked for in Seller Central",
}


def check_report(
    spec: ReportSpec,
    *,
    file_format: str,
    partitions: PartitionsSpec | None,
    one_marketplace_per_report: bool,
    marketplace_ids: Sequence[str],
    today: date,
) -> Sequence[str]:
    """Return the warnings about a declared report.

    Args:
        spec: What is declared.
        file_format: What the document is said to be: `TSV`, in any case.
        partitions: Into which stretches of time it is cut, if it is.
        one_marketplace_per_report: Whether each marketplace has a report of its own.
        marketplace_ids: The account's marketplaces; empty where only the environment knows them.
        today: The day that limits in time are held against.

    Raises:
        DeclarationError: With every mistake, its dotted place, the rule and what would be right.
    """
    types = ReportTypes.load()
    known = types.find(spec.report_type)
    if not known.is_known:
        return list(_misspelt(spec.report_type, types))
    declared = DeclaredReport(
        spec=spec,
        known=known,
        file_format=file_format.upper(),
        partitions=partitions,
        one_marketplace_per_report=one_marketplace_per_report,
        account_marketplace_ids=marketplace_ids,
        today=today,
    )
    mistakes = [mistake for rule in MISTAKES for mistake in rule(declared)]
    if mistakes:
        raise DeclarationError("; ".join(dict.fromkeys(mistakes)))
    return [warning for rule in WARNINGS for warning in rule(declared)]


def _misspelt(name: str, types: ReportTypes) -> Iterator[str]:
    close = get_close_matches(name, [each.name for each in types.all], n=1, cutoff=_CLOSE)
    for near in close:
        yield (
            f"report_spec.reportType: no table has heard of {name} (did you mean {near}?); it is"
            " asked for as declared, and nothing of it is checked"
        )


def type_mistakes(declared: DeclaredReport) -> Iterator[str]:
    """Name a type that Amazon no longer makes, or not on request."""
    known = declared.known
    if known.is_removed:
        end = f"Amazon removed {known.name} on {known.removed_on}"
        yield f"report_spec.reportType: {end}{_successor(known)}"
    elif known.made_by != "request":
        yield (
            f"report_spec.reportType: {known.name} cannot be requested: {_INSTEAD[known.made_by]},"
            " and what was made is listed by getReports for"
            f" {known.retention.days} days"
        )


def type_warnings(declared: DeclaredReport) -> Iterator[str]:
    """Name a type whose end is near, or that Amazon's list no longer has."""
    known = declared.known
    if known.is_ending(declared.today):
        end = f"Amazon removes {known.name} on {known.removed_on}"
        yield f"report_spec.reportType: {end}{_successor(known)}"
    if known.status == "legacy":
        end = f"{known.name} is no longer in Amazon's list"
        yield f"report_spec.reportType: {end}{_successor(known)}"


def format_mistakes(declared: DeclaredReport) -> Iterator[str]:
    """Name a format that the type never has."""
    formats = declared.known.formats
    if declared.file_format not in formats:
        made = " or ".join(formats)
        yield f"file_format: {declared.name} is made as {made}, not as {declared.file_format}"


def option_name_mistakes(declared: DeclaredReport) -> Iterator[str]:
    """Name options that a type with known options does not take."""
    known = declared.known.options
    for name in declared.spec.report_options if known else ():
        if _bare(name) not in known:
            yield f"{_at(name)}: {declared.name} takes no option {name!r}{meant(name, known)}"


def option_name_warnings(declared: DeclaredReport) -> Iterator[str]:
    """Name options of a type for which Amazon documents none."""
    for name in () if declared.known.options else declared.spec.report_options:
        yield f"{_at(name)}: Amazon documents no option for {declared.name}; it is sent as declared"


def option_value_mistakes(declared: DeclaredReport) -> Iterator[str]:
    """Name values that an option does not take."""
    for name, value in declared.spec.report_options.items():
        option = declared.known.options.get(_bare(name))
        if option and option.values and value not in option.values:
            yield f"{_at(name)}: takes no {value!r}{meant(value, list(option.values))}"
        if option and option.most_characters and len(value) > option.most_characters:
            yield (
                f"{_at(name)}: takes at most {option.most_characters} characters, found"
                f" {len(value)}; declare several feeds"
            )


def missing_option_mistakes(declared: DeclaredReport) -> Iterator[str]:
    """Name options that a report fails without."""
    for option in declared.known.options.values():
        if option.is_required and not _names(option) & _given(declared):
            needed = " or ".join(sorted(_names(option)))
            values = f" ({', '.join(option.values)})" if option.values else ""
            lack = f"lacks {needed}{values}, which {declared.name} requires"
            yield f"report_spec.reportOptions: {lack}"


def excluding_option_mistakes(declared: DeclaredReport) -> Iterator[str]:
    """Name options that exclude each other."""
    for option in declared.known.options.values():
        if option.instead and _names(option) <= _given(declared):
            both = " and ".join(sorted(_names(option)))
            yield f"report_spec.reportOptions: {both} exclude each other; keep one"


def marketplace_mistakes(declared: DeclaredReport) -> Iterator[str]:
    """Name several marketplaces where a report covers one."""
    count, rule = len(declared.marketplace_ids), declared.known.marketplaces
    if rule not in {"one", "first"} or count < 2 or declared.one_marketplace_per_report:  # noqa: PLR2004 - more than one
        return
    otherwise = "fails" if rule == "one" else "covers the first of them only"
    yield (
        f"one_marketplace_per_report: {declared.name} takes one marketplace and {otherwise} with"
        f" {count}; write `one_marketplace_per_report: true`"
    )


def marketplace_warnings(declared: DeclaredReport) -> Iterator[str]:
    """Name marketplaces that make no difference, or that the type is not for."""
    known, ids = declared.known, declared.marketplace_ids
    if known.marketplaces == "all" and declared.one_marketplace_per_report and len(ids) != 1:
        yield (
            f"one_marketplace_per_report: {known.name} holds all stores whatever is asked for, so"
            " each marketplace would have the same rows; leave it out"
        )
    asked = [each.country_code for each in MARKETPLACES if each.marketplace_id in ids]
    elsewhere = [code for code in asked if known.countries and code not in known.countries]
    if elsewhere:
        yield (
            f"marketplaces: {known.name} is for {', '.join(known.countries)} only, not for"
            f" {', '.join(elsewhere)}"
        )


MISTAKES: Sequence[Rule] = (
    type_mistakes,
    format_mistakes,
    option_name_mistakes,
    option_value_mistakes,
    missing_option_mistakes,
    excluding_option_mistakes,
    marketplace_mistakes,
    report_dates.missing_mistakes,
    report_dates.needless_mistakes,
    report_dates.unreadable_mistakes,
    report_dates.order_mistakes,
    report_dates.alignment_mistakes,
    report_dates.length_mistakes,
    report_dates.cadence_mistakes,
    report_dates.zone_mistakes,
)
"""The rules that a report must keep."""

WARNINGS: Sequence[Rule] = (
    type_warnings,
    option_name_warnings,
    marketplace_warnings,
    report_dates.missing_warnings,
    report_dates.needless_warnings,
    report_dates.length_warnings,
    report_dates.cadence_warnings,
    report_dates.history_warnings,
)
"""The rules that a report should keep."""


def _successor(known: ReportType) -> str:
    return f"; use {known.successor}" if known.successor else ""


def _given(declared: DeclaredReport) -> set[str]:
    return {_bare(name) for name in declared.spec.report_options}


def _bare(name: str) -> str:
    """Return an option's name without what some of Amazon's examples put before it."""
    return name.removeprefix(_OPTION_PREFIX)


def _names(option: ReportOption) -> set[str]:
    return {option.name, option.instead or option.name}


def _at(name: str) -> str:
    return f"report_spec.reportOptions.{name}"
