"""Says in words what the table of report types says in values.

Here belong: the words, each for one thing. How they are laid out is said in `listing` and
`describing`.
"""

from collections.abc import Iterator
from datetime import timedelta

from asp_dagster.catalog.report_types import (
    LongestWindow,
    PeriodDurations,
    ReportOption,
    ReportType,
)

MADE = {
    "request": "on request",
    "schedule": "by a schedule only, then listed",
    "amazon": "by Amazon itself, then listed",
    "seller_central": "in Seller Central, then listed",
}

DATES = {
    "required": "required",
    "expected": "expected",
    "start": "start only, up to now",
    "optional": "optional",
    "none": "none",
}

_WHOLE = {"HOUR": "whole hours", "MONTH": "whole months"}


def requestable(known: ReportType) -> str:
    """Say whether it can be requested, or how it comes to be."""
    if known.is_removed:
        return "removed"
    return known.requestable if known.made_by == "request" else MADE[known.made_by]


def removal(known: ReportType) -> str:
    """Say when Amazon removed it, or that its list no longer has it."""
    if known.removed_on:
        return known.removed_on.isoformat()
    return "not in Amazon's list" if known.status == "legacy" else ""


def window(known: ReportType) -> str:
    """Say which windows it takes: `required, whole reportPeriod, at most 60 days`."""
    parts = [DATES[known.dates]]
    if known.alignment:
        parts.append(_WHOLE.get(known.alignment, f"whole {known.alignment}"))
    if known.longest:
        parts.append(f"at most {longest(known.longest)}")
    return ", ".join(parts)


def longest(limit: LongestWindow) -> str:
    """Say how long a window may be; a question mark stands where it was only seen."""
    parts = [f"{count} {period or 'period'}" for period, count in limit.by_period.items()]
    if limit.length:
        parts.append(duration(limit.length))
    return " or ".join(parts) + ("" if limit.is_documented else " (?)")


def duration(length: timedelta) -> str:
    """Say how long: `30 minutes`, `72 hours`, `14 days`."""
    hours = length / timedelta(hours=1)
    for unit, count in (("day", hours / 24), ("hour", hours), ("minute", hours * 60)):
        if count == int(count) and (unit != "day" or count >= 4):  # noqa: PLR2004 - Amazon says 72 hours
            return f"{count:g} {unit}{'' if count == 1 else 's'}"
    raise ValueError(f"{length} is no whole number of minutes")


def durations(lengths: PeriodDurations) -> str:
    """Say lengths that may depend on the period: `72 hours (WEEK: 48 hours)`."""
    by_period = [f"{name}: {duration(each)}" for name, each in lengths.by_period.items() if name]
    general = lengths.of(None)
    if general is None:
        return ", ".join(by_period)
    return duration(general) + (f" ({', '.join(by_period)})" if by_period else "")


def cool_down(known: ReportType) -> str:
    """Say after which time Amazon makes a newer one."""
    if known.cool_down is None:
        return ""
    return duration(known.cool_down) if known.cool_down else "none"


def option(known: ReportOption) -> str:
    """Say what an option takes: `reportPeriod: DAY, WEEK; required`."""
    return "; ".join([f"{known.name}: {', '.join(known.values) or 'text'}", *_limits(known)])


def _limits(known: ReportOption) -> Iterator[str]:
    if known.default:
        yield f"default {known.default}"
    if known.most_characters:
        yield f"at most {known.most_characters} characters"
    if known.is_required:
        yield "required"
    if known.instead:
        yield f"not beside {known.instead}"
