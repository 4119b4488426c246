"""Report schedules at Amazon, as they are declared: which rules a declaration must keep.

Here belong: what stands under `schedule`, and its mistakes. What Amazon has is compared with it by
an explicit command only.

https://developer-docs.amazon.com/sp-api/reference/createreportschedule
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from asp_dagster.catalog import report_checks
from asp_dagster.catalog.declarations import known
from asp_dagster.catalog.declared_reports import DeclaredReport
from asp_dagster.catalog.feeds import ReportSpec
from asp_dagster.catalog.report_types import ReportTypes

SchedulePeriod = Literal[
    "PT5M",
    "PT15M",
    "PT30M",
    "PT1H",
    "PT2H",
    "PT4H",
    "PT8H",
    "PT12H",
    "P1D",
    "P2D",
    "P3D",
    "PT84H",
    "P7D",
    "P14D",
    "P15D",
    "P18D",
    "P30D",
    "P1M",
]
"""How often a schedule may make a report, in Amazon's words."""

_MOST_MARKETPLACES = 25
_OPTION_RULES = (
    report_checks.option_name_mistakes,
    report_checks.option_value_mistakes,
    report_checks.missing_option_mistakes,
    report_checks.excluding_option_mistakes,
)


@dataclass(frozen=True, kw_only=True)
class ScheduleSpec:
    """A schedule at Amazon, in the words of createReportSchedule.

    Attributes:
        period: How often Amazon makes a report: `P1D`.
        report_options: The type's options.
        next_report_creation_time: When the first report is made, with a zone. Of a time that has
            passed, the next one a whole number of periods later. Without it, Amazon decides.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    period: SchedulePeriod
    report_options: Annotated[dict[str, str], Field(alias="reportOptions")] = field(
        default_factory=dict
    )
    next_report_creation_time: Annotated[datetime | None, Field(alias="nextReportCreationTime")] = (
        None
    )

    def next_after(self, moment: datetime) -> datetime | None:
        """Return when the next report is due after a moment; none where Amazon decides."""
        first = self.next_report_creation_time
        if first is None or first > moment:
            return first
        if self.period == "P1M":
            return _months_on(first, moment)
        length = _length(self.period)
        return first + ((moment - first) // length + 1) * length


def schedule_mistakes(
    spec: ScheduleSpec, report_type: str, marketplace_ids: Sequence[str]
) -> Iterator[str]:
    """Name what cannot be meant of a schedule.

    Args:
        spec: What is declared.
        report_type: The type of its reports.
        marketplace_ids: Their marketplaces; empty where only the environment knows them.
    """
    types = ReportTypes.load()
    known_type = types.find(report_type)
    if known_type.is_known and not known_type.is_schedulable:
        schedulable = [each.name for each in types.all if each.is_schedulable]
        yield f"schedule: Amazon schedules no {report_type}{known(schedulable)}"
    if len(marketplace_ids) > _MOST_MARKETPLACES:
        yield (
            f"schedule: is for at most {_MOST_MARKETPLACES} marketplaces, found"
            f" {len(marketplace_ids)}; declare several feeds"
        )
    first = spec.next_report_creation_time
    if first and first.tzinfo is None:
        yield "schedule.nextReportCreationTime: needs a zone: 2026-11-01T04:00:00Z"
    if known_type.is_schedulable:
        yield from _option_mistakes(spec, report_type)


def _option_mistakes(spec: ScheduleSpec, report_type: str) -> Iterator[str]:
    """Hold the options to the rules of reports that are asked for."""
    known_type = ReportTypes.load().find(report_type)
    declared = DeclaredReport(
        spec=ReportSpec(report_type=report_type, report_options=spec.report_options),
        known=known_type,
        file_format="",
        partitions=None,
        one_marketplace_per_report=False,
        account_marketplace_ids=(),
        today=date.max,
    )
    for rule in _OPTION_RULES:
        for mistake in rule(declared):
            yield mistake.replace("report_spec.", "schedule.", 1)


def _length(period: str) -> timedelta:
    """Return how long a period of days, hours or minutes is."""
    number, unit = int(period.strip("PTDHM")), period[-1]
    return (
        number * {"D": timedelta(days=1), "H": timedelta(hours=1), "M": timedelta(minutes=1)}[unit]
    )


def _months_on(first: datetime, moment: datetime) -> datetime:
    """Return the first moment after another that is whole months on."""
    months = (moment.year - first.year) * 12 + moment.month - first.month
    due = _month_on(first, months)
    return due if due > moment else _month_on(first, months + 1)


def _month_on(first: datetime, months: int) -> datetime:
    years, month = divmod(first.month - 1 + months, 12)
    year = first.year + years
    last_day = monthrange(year, month + 1)[1]
    return first.replace(year=year, month=month + 1, day=min(first.day, last_day))
