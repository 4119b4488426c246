"""What is known of Amazon's report types, as data.

Here belong: the rows of `report_types.csv`, the types they are read into, and the look-up by name.
Whether a declared report keeps its type's rules is the work of `report_checks`.

In the table a name with `!` is required, `*` stands before a default, `[200]` says how many
characters an option takes, `a/b` are options that exclude each other, and `?` follows a limit that
was seen but is not in Amazon's documentation. An empty cell is a thing not known.

https://developer-docs.amazon.com/sp-api/docs/report-type-values
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal, Self, cast

from asp_dagster.catalog.durations import duration
from asp_dagster.catalog.retirements import AS_OF, NOTICE

Format = Literal["TSV", "CSV", "JSON", "XML", "XLSX", "PDF", "ZIP"]
Audience = Literal["seller", "vendor", "both"]
Status = Literal["current", "removed", "legacy"]
"""In Amazon's list; removed on a known day; gone from the list without a word."""

MadeBy = Literal["request", "schedule", "amazon", "seller_central"]
Requestable = Literal["yes", "no", "unknown"]
Restriction = Literal["yes", "role", "doubtful", "no"]
"""Needs a restricted data token; needs a restricted role, and the token is not mentioned; sources
disagree; neither."""

MarketplaceRule = Literal["one", "first", "several", "all"]
"""One a report; several are taken and all but the first ignored; any; ignored, all are in it."""

DateRule = Literal["required", "expected", "start", "optional", "none"]
"""Documented as required; Amazon's default, now, makes an empty report; only the start is given,
and the end is now; either way; ignored."""

Clock = Literal["days", "moments"]
"""Whether Amazon looks at the dates alone or at the time of day too."""

Period = Literal["HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]
Misalignment = Literal["fatal", "widened", "narrowed", "unknown"]
"""What becomes of a window that is not made of whole periods."""

_PERIODS = ("HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
_AS_WRITTEN = (
    *("group", "audience", "status", "successor", "made_by", "requestable", "restricted", "page"),
    *("marketplaces", "dates", "clock", "zone", "alignment", "misaligned"),
)
_LISTS = {
    "formats": "|",
    "roles": "|",
    "countries": None,
    "rows": None,
    "schemas": None,
    "notes": "; ",
    "doubts": "; ",
}
"""The cells that hold several values, and what stands between these: by default, blanks."""

_ANY = ""
_NONE = "none"
_OPTION = re.compile(r"(?P<names>[^=\[\]!]+)(\[(?P<most>\d+)\])?(=(?P<values>[^!]+))?(?P<must>!)?")


@dataclass(frozen=True, kw_only=True)
class ReportOption:
    """One of a type's `reportOptions`.

    Attributes:
        name: Amazon's name; case matters.
        values: The values it takes; empty where Amazon lists none.
        default: What it is when it is not given, if Amazon says.
        is_required: Whether a report without it fails.
        most_characters: How long its text may be.
        instead: The option that may be given in its place, but not beside it.
    """

    name: str
    values: tuple[str, ...] = ()
    default: str | None = None
    is_required: bool = False
    most_characters: int | None = None
    instead: str | None = None


@dataclass(frozen=True)
class PeriodDurations:
    """A length of time that may depend on the length of the report's periods."""

    by_period: Mapping[str, timedelta] = field(default_factory=dict)

    def of(self, period: Period | None) -> timedelta | None:
        """Return the length for reports of such periods, or none where it is not known."""
        return self.by_period.get(period or _ANY, self.by_period.get(_ANY))


@dataclass(frozen=True, kw_only=True)
class LongestWindow:
    """How long a report's window may be.

    Attributes:
        length: In time, where it is limited so.
        by_period: In periods, by their length; under the empty name for all of them.
        is_documented: Whether Amazon says so; else it was seen.
    """

    length: timedelta | None = None
    by_period: Mapping[str, int] = field(default_factory=dict)
    is_documented: bool = True

    def periods(self, period: Period | None) -> int | None:
        """Return how many periods of a length a window may have, or none where it is not said."""
        return self.by_period.get(period or _ANY, self.by_period.get(_ANY))


@dataclass(frozen=True, kw_only=True)
class ReportType:
    """One report type; what is not known of it has the value that restrains nobody.

    Attributes:
        name: Amazon's name: `GET_SALES_AND_TRAFFIC_REPORT`.
        group: The part of Amazon's documentation it stands in.
        audience: Which kind of selling partner it is for.
        status: Whether Amazon still offers it.
        removed_on: The day from which on Amazon refuses it.
        successor: The type, or the part of Amazon, to turn to.
        formats: What its document may be.
        made_by: How one comes to be.
        requestable: Whether createReport takes it.
        is_schedulable: Whether createReportSchedule takes it.
        restricted: Whether its document needs a restricted data token.
        roles: The roles of which the application needs one.
        countries: The countries it is for; empty for all.
        marketplaces: Whether a report covers several marketplaces.
        options: Its options by name.
        dates: Whether it takes a window.
        clock: Whether times of day count.
        zone: Where its days begin: a time zone, or `marketplace` for each marketplace's own.
        alignment: The period its windows are made of, or the option that names it.
        misaligned: What becomes of other windows.
        longest: How long a window may be.
        history: How far back a window may begin.
        hold_back: How long after a window's end its data are not ready.
        look_back: How long data still change.
        cool_down: How long Amazon makes no newer report after one.
        retention: How long Amazon keeps a made report.
        rows: The keys of a JSON document that hold rows; in XML, where these stand below the root.
        keys: What identifies a row, by the key it stands under; under the empty one in a flat file.
        is_keyless: Whether it is known that nothing identifies a row.
        schemas: The files of Amazon's schemas for it.
        page: Amazon's page.
        notes: What a reader should know.
        doubts: What is not certain of all this.
        is_known: Whether the table has it.
    """

    name: str
    group: str = ""
    audience: Audience = "both"
    status: Status = "current"
    removed_on: date | None = None
    successor: str = ""
    formats: tuple[Format, ...] = ()
    made_by: MadeBy = "request"
    requestable: Requestable = "unknown"
    is_schedulable: bool = False
    restricted: Restriction = "doubtful"
    roles: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    marketplaces: MarketplaceRule = "several"
    options: Mapping[str, ReportOption] = field(default_factory=dict)
    dates: DateRule = "optional"
    clock: Clock = "moments"
    zone: str = ""
    alignment: str = ""
    misaligned: Misalignment = "unknown"
    longest: LongestWindow | None = None
    history: PeriodDurations = field(default_factory=PeriodDurations)
    hold_back: PeriodDurations = field(default_factory=PeriodDurations)
    look_back: timedelta | None = None
    cool_down: timedelta | None = None
    retention: timedelta = timedelta(days=90)
    rows: tuple[str, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_keyless: bool = False
    schemas: tuple[str, ...] = ()
    page: str = ""
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    is_known: bool = True

    @property
    def is_removed(self) -> bool:
        """Whether Amazon had removed it by the day of the table."""
        return self.removed_on is not None and self.removed_on <= AS_OF

    def is_ending(self, today: date) -> bool:
        """Tell whether its end is near, or has come since the day of the table."""
        end = self.removed_on
        return end is not None and not self.is_removed and end - today <= NOTICE

    def period(self, options: Mapping[str, str]) -> Period | None:
        """Return the period its windows are made of under these options, or none if any will do."""
        option = self.options.get(self.alignment)
        if option:
            named = options.get(option.name, option.default)
        else:
            named = self.alignment or ("DAY" if self.clock == "days" else None)
        return cast("Period", named) if named in _PERIODS else None


class ReportTypes:
    """All report types that the package knows, found by name.

    A row is read when somebody asks for its type, for most processes ask for few.
    """

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        self._rows = {row["report_type"]: row for row in rows}
        self._read: dict[str, ReportType] = {}

    @classmethod
    @cache
    def load(cls) -> Self:
        """Read the table that comes with the package."""
        table = files("asp_dagster.catalog") / "report_types.csv"
        return cls(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))

    @cached_property
    def all(self) -> Sequence[ReportType]:
        """All of them, in the order of the table."""
        return tuple(map(self.find, self._rows))

    def find(self, name: str) -> ReportType:
        """Return what is known of a type; of one that is not in the table, nothing."""
        if name not in self._rows:
            return ReportType(name=name, is_known=False)
        if name not in self._read:
            self._read[name] = _report_type(self._rows[name])
        return self._read[name]


def _report_type(row: Mapping[str, str]) -> ReportType:
    options = [option for cell in row["options"].split() for option in _options(cell)]
    values: dict[str, Any] = {
        **{name: row[name] for name in _AS_WRITTEN if row[name]},
        **{name: tuple(filter(None, row[name].split(cut))) for name, cut in _LISTS.items()},
        **{name: _durations(row[name]) for name in ("history", "hold_back")},
        **{name: _durations(row[name]).of(None) for name in ("look_back", "cool_down")},
    }
    return ReportType(
        name=row["report_type"],
        removed_on=date.fromisoformat(row["removed_on"]) if row["removed_on"] else None,
        is_schedulable=row["schedulable"] == "yes",
        options={option.name: option for option in options},
        longest=_longest(row["longest"]) if row["longest"] else None,
        retention=duration(row["retention"]),
        keys={} if row["keys"] == _NONE else dict(map(_key, row["keys"].split())),
        is_keyless=row["keys"] == _NONE,
        **values,
    )


def _options(cell: str) -> Iterable[ReportOption]:
    """Read `name[200]=*DAY|WEEK!`, or two such names that exclude each other."""
    names = [each.partition("[")[0] for each in re.sub(r"[=!].*", "", cell).split("/")]
    found = cast("re.Match[str]", _OPTION.fullmatch(re.sub(r"^.*/", "", cell)))
    values = found["values"].split("|") if found["values"] else []
    for name in names:
        yield ReportOption(
            name=name,
            values=tuple(value.removeprefix("*") for value in values),
            default=next((value[1:] for value in values if value.startswith("*")), None),
            is_required=bool(found["must"]),
            most_characters=int(found["most"]) if found["most"] else None,
            instead=next((other for other in names if other != name), None),
        )


def _durations(cell: str) -> PeriodDurations:
    """Read `72 hours; WEEK=48 hours`."""
    parts = (part.rpartition("=") for part in cell.split("; ") if part)
    return PeriodDurations({period: duration(text) for period, _, text in parts})


def _longest(cell: str) -> LongestWindow:
    """Read `60 days`, `1 period` or `DAY=15 WEEK=7`, with `?` where Amazon does not say so."""
    limit, is_documented = cell.removesuffix("?"), not cell.endswith("?")
    if limit.endswith(" period"):
        return LongestWindow(by_period={_ANY: 1}, is_documented=is_documented)
    if "=" not in limit:
        return LongestWindow(length=duration(limit), is_documented=is_documented)
    parts = (part.split("=") for part in limit.split())
    by_period = {period: int(count) for period, count in parts}
    return LongestWindow(by_period=by_period, is_documented=is_documented)


def _key(cell: str) -> tuple[str, tuple[str, ...]]:
    """Read `salesByAsin:startDate|endDate|asin`."""
    rows, _, columns = cell.partition(":")
    return rows, tuple(columns.split("|"))
