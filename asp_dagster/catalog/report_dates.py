"""What can be wrong with the dates of a declared report, without asking Amazon.

Here belong: the rules about a window that is written out, and about one that comes from partitions.
What a type demands is in `report_types`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from asp_dagster.catalog.declared_reports import DeclaredReport
from asp_dagster.catalog.feeds import Cadence
from asp_dagster.catalog.moments import moment
from asp_dagster.catalog.periods import count_periods, first_day, last_day
from asp_dagster.catalog.report_types import Period

_START, _END = "dataStartTime", "dataEndTime"
_DAY = timedelta(days=1)

_INSIDE: Mapping[str, Sequence[str]] = {
    "hourly": ("HOUR",),
    "daily": ("HOUR", "DAY"),
    "weekly": ("HOUR", "DAY", "WEEK"),
    "monthly": ("HOUR", "DAY", "MONTH"),
}
"""The periods that partitions are whole numbers of."""

_LENGTHS = {
    "hourly": timedelta(hours=1),
    "daily": _DAY,
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=31),
}
"""How long partitions are at most."""

_WHOLE = {
    "HOUR": "whole hours",
    "DAY": "whole days",
    "WEEK": "whole weeks, Sunday to Saturday",
    "MONTH": "whole months",
    "QUARTER": "whole quarters",
    "YEAR": "whole years",
}

_OTHERWISE = {
    "fatal": "a report of anything else ends FATAL",
    "widened": "anything else is widened to them, and the same data come again and again",
    "narrowed": "anything else is narrowed to them, and data are missing",
    "unknown": "nothing else is known to work",
}

BEST_CADENCE: Mapping[str, Cadence] = {
    "HOUR": "hourly",
    "DAY": "daily",
    "WEEK": "weekly",
    "MONTH": "monthly",
}
"""The partitions for reports of each period."""


def missing_mistakes(declared: DeclaredReport) -> Iterator[str]:
    """Name dates that the type requires and nothing gives; Amazon takes now for both."""
    known = declared.known
    if declared.partitions or known.dates not in {"required", "start"}:
        return
    if _START not in declared.dates:
        now = known.dates == "start"
        cure = "write a moment 72 hours ago or earlier" if now else _cure(declared)
        yield f"{_at(_START)}: is missing, which {declared.name} requires; {cure}"
    if _END not in declared.dates and known.misaligned == "fatal":
        yield f"{_at(_END)}: is missing, which {declared.name} requires; {_cure(declared)}"


def missing_warnings(declared: DeclaredReport) -> Iterator[str]:
    """Name a start without which a report covers no time at all."""
    if declared.known.dates != "expected" or declared.partitions or _START in declared.dates:
        return
    yield (
        f"{_at(_START)}: is missing; Amazon takes now instead, and {declared.name} is empty;"
        f" {_cure(declared)}"
    )


def _cure(declared: DeclaredReport) -> str:
    fitting = BEST_CADENCE.get(declared.period or "DAY")
    if fitting is None:
        return f"write the first and last day of {_WHOLE[declared.period or 'DAY']}"
    return f"`partitions: {fitting}` gives it, or write a date"


def needless_mistakes(declared: DeclaredReport) -> Iterator[str]:
    """Name dates that the type has no use for."""
    if declared.known.dates == "none":
        dated = any("Date" in name for name in declared.known.options)
        where = ": its dates stand in reportOptions" if dated else ""
        for key in declared.fixed_dates:
            yield f"{_at(key)}: {declared.name} takes no dates{where}; leave it out"


def needless_warnings(declared: DeclaredReport) -> Iterator[str]:
    """Name partitions of a type whose reports are all of now."""
    if declared.partitions is None:
        return
    if declared.known.dates == "none":
        yield (
            f"partitions: {declared.name} takes no dates and shows the day it is made on, so a"
            " partition that is run later holds later data; leave partitions out, unless each is"
            " run on its day"
        )
    if declared.known.dates == "start":
        yield (
            f"partitions: {declared.name} is always up to now; leave partitions out and write"
            f" {_at(_START)}"
        )


def unreadable_mistakes(declared: DeclaredReport) -> Iterator[str]:
    """Name dates that are none."""
    for key, text in declared.fixed_dates.items():
        if moment(text) is None:
            yield f"{_at(key)}: {text!r} is no date; write 2026-11-01 or 2026-11-01T00:00:00Z"


def order_mistakes(declared: DeclaredReport) -> Iterator[str]:
    """Name an end that lies before its start."""
    window = declared.fixed_window
    if window and window[1] < window[0]:
        yield f"{_at(_END)}: lies before dataStartTime; exchange them"


def alignment_mistakes(declared: DeclaredReport) -> Iterator[str]:
    """Name written dates that are not the first and the last day of a period."""
    days, period = _fixed_days(declared), declared.period
    if days is None or period is None or declared.known.misaligned == "unknown":
        return
    right = first_day(period, days[0]), last_day(period, days[1])
    for key, found, wanted in zip((_START, _END), days, right, strict=True):
        if found != wanted:
            yield (
                f"{_at(key)}: {found:%A} {found}, but {_rule(declared, period)};"
                f" write {wanted:%A} {wanted}"
            )


def length_mistakes(declared: DeclaredReport) -> Iterator[str]:
    """Name a window that is longer than Amazon's documentation allows."""
    yield from _too_long(declared, is_documented=True)


def length_warnings(declared: DeclaredReport) -> Iterator[str]:
    """Name a window that is longer than what was seen to work."""
    yield from _too_long(declared, is_documented=False)


def _too_long(declared: DeclaredReport, *, is_documented: bool) -> Iterator[str]:
    longest = declared.known.longest
    if longest is None or longest.is_documented != is_documented:
        return
    source = "" if is_documented else ", as far as is known"
    most = longest.periods(declared.period)
    for place, length, periods in _windows(declared):
        found = limit = ""
        if longest.length and length > longest.length:
            found, limit = _in_words(length), _in_words(longest.length)
        elif most and periods and periods > most:
            found, limit = (_counted(count, declared.period) for count in (periods, most))
        if found:
            yield (
                f"{place}: a window of {found} is too long; {declared.name} takes at most"
                f" {limit}{source}"
            )


def _windows(declared: DeclaredReport) -> Iterator[tuple[str, timedelta, int | None]]:
    """Yield each place that makes a window, how long it is, and of how many periods."""
    window, days, period = declared.fixed_window, _fixed_days(declared), declared.period
    if window:
        whole = days[1] - days[0] + _DAY if days and declared.known.clock == "days" else None
        count = count_periods(period, *days) if period and days else None
        yield _at(_END), whole or window[1] - window[0], count
    if declared.partitions and not declared.fixed_dates and declared.known.dates != "none":
        length = _LENGTHS[declared.partitions.every]
        yield "partitions", length, length // _DAY if period == "DAY" else None


def cadence_mistakes(declared: DeclaredReport) -> Iterator[str]:
    """Name partitions that are not made of the type's periods."""
    if declared.known.misaligned != "unknown":
        yield from _misfits(declared)


def cadence_warnings(declared: DeclaredReport) -> Iterator[str]:
    """Name partitions of another length than the type is known to take."""
    if declared.known.misaligned == "unknown":
        yield from _misfits(declared)


def _misfits(declared: DeclaredReport) -> Iterator[str]:
    partitions, period = declared.partitions, declared.period
    if partitions is None or period is None or declared.fixed_dates:
        return
    if period not in _INSIDE[partitions.every]:
        fitting = BEST_CADENCE.get(period)
        cure = f"write `{fitting}`" if fitting else "leave partitions out and write both dates"
        yield f"partitions: are {partitions.every}, but {_rule(declared, period)}; {cure}"


def zone_mistakes(declared: DeclaredReport) -> Iterator[str]:
    """Name a time zone where Amazon looks at the dates alone."""
    partitions, known = declared.partitions, declared.known
    if partitions is None or known.clock != "days" or partitions.timezone in {"UTC", "Etc/UTC"}:
        return
    zone = "the marketplace's own time" if known.zone == "marketplace" else known.zone
    yield (
        f"partitions.timezone: {declared.name} looks at the dates alone, and a day of"
        f" {partitions.timezone} lies on two dates; leave it out: Amazon's days are those of {zone}"
    )


def history_warnings(declared: DeclaredReport) -> Iterator[str]:
    """Name a start that lies further back than Amazon's data."""
    history = declared.known.history.of(declared.period)
    if history is None:
        return
    earliest = declared.today - history
    fixed = moment(declared.fixed_dates.get(_START, ""))
    starts = {
        _at(_START): fixed.date() if fixed else None,
        "partitions.start": declared.partitions.start if declared.partitions else None,
    }
    for place, start in starts.items():
        if start and start < earliest:
            yield (
                f"{place}: {start} is too long ago; {declared.name} reaches back"
                f" {_in_words(history)}, to {earliest}"
            )


def _rule(declared: DeclaredReport, period: Period) -> str:
    option = declared.known.options.get(declared.known.alignment)
    under = f" with {option.name} {period}" if option else ""
    otherwise = _OTHERWISE[declared.known.misaligned]
    return f"{declared.name}{under} takes {_WHOLE[period]} ({otherwise})"


def _fixed_days(declared: DeclaredReport) -> tuple[date, date] | None:
    """Return the first and last day of the written window, if it is one."""
    window = declared.fixed_window
    if window is None or window[1] < window[0]:
        return None
    return window[0].date(), window[1].date()


def _in_words(length: timedelta) -> str:
    if length % _DAY:
        return f"{length / timedelta(hours=1):g} hours"
    return f"{length.days} day{'s' if length.days > 1 else ''}"


def _counted(count: int, period: Period | None) -> str:
    return f"{count} {(period or 'period').lower()}{'s' if count > 1 else ''}"


def _at(key: str) -> str:
    return f"report_spec.{key}"
