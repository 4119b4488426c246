"""Report schedules at Amazon: which there are, a new one, and the end of one.

Here belong: getReportSchedules, createReportSchedule and cancelReportSchedule. Which schedules
there should be is said above.

https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-use-case-guide
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from asp_dagster.spapi.client import SellingPartnerClient
from asp_dagster.spapi.errors import ResponseError

_SCHEDULES = "/reports/2021-06-30/schedules"
_MOST_TYPES = 10
_NEEDED = ("reportScheduleId", "reportType", "period")


@dataclass(frozen=True, kw_only=True)
class ScheduledReport:
    """What a schedule makes, and how often.

    Attributes:
        report_type: `GET_…`.
        marketplace_ids: 1 to 25 marketplaces. Amazon has one schedule for a type and these.
        period: How often, in Amazon's words: `PT12H`, `P1D`, `P1M`.
        report_options: The report type's own options.
    """

    report_type: str
    marketplace_ids: frozenset[str]
    period: str
    report_options: Mapping[str, str] = field(default_factory=dict)

    def is_for_the_same_as(self, other: "ScheduledReport") -> bool:
        """Tell whether Amazon would let one of the two take the place of the other."""
        return (self.report_type, self.marketplace_ids) == (
            other.report_type,
            other.marketplace_ids,
        )


@dataclass(frozen=True)
class ReportSchedule:
    """A schedule that Amazon has.

    Attributes:
        schedule_id: Amazon's id, valid for this selling partner only.
        makes: What it makes, and how often.
        next_at: When it makes its next report, aware; none where Amazon does not say.
    """

    schedule_id: str
    makes: ScheduledReport
    next_at: datetime | None = None


def report_schedules(
    client: SellingPartnerClient, report_types: Sequence[str]
) -> Iterator[ReportSchedule]:
    """Yield the schedules of some types, asking for ten types at a time.

    https://developer-docs.amazon.com/sp-api/reference/getreportschedules

    Raises:
        ResponseError: When Amazon answers in a way that cannot be meant.
        ApiError: When Amazon refuses, or does not answer.
    """
    for first in range(0, len(report_types), _MOST_TYPES):
        types = list(report_types[first : first + _MOST_TYPES])
        response = client.request("GET", _SCHEDULES, params={"reportTypes": types})
        listed = response.body.get("reportSchedules")
        if not isinstance(listed, list):
            raise ResponseError(response.refusal("no list reportSchedules"))
        for entry in listed:
            lacking = [name for name in _NEEDED if not entry.get(name)]
            if lacking:
                raise ResponseError(response.refusal(f"a schedule without {lacking[0]}"))
            yield _read(entry)


def create_report_schedule(
    client: SellingPartnerClient, wanted: ScheduledReport, next_at: datetime | None = None
) -> str:
    """Begin a schedule, and return its id; one for the same type and marketplaces is replaced.

    https://developer-docs.amazon.com/sp-api/reference/createreportschedule

    Args:
        client: Asks Amazon.
        wanted: What it shall make.
        next_at: When it shall make its first report, aware; without it, when Amazon pleases.

    Raises:
        ResponseError: When Amazon names no id.
        ApiError: When Amazon refuses, or does not answer.
    """
    entries = {
        "reportType": wanted.report_type,
        "marketplaceIds": sorted(wanted.marketplace_ids),
        "reportOptions": dict(wanted.report_options),
        "period": wanted.period,
        "nextReportCreationTime": next_at,
    }
    body = {name: value for name, value in entries.items() if value}
    response = client.request("POST", _SCHEDULES, body=body)
    schedule_id = response.body.get("reportScheduleId")
    if not schedule_id:
        raise ResponseError(response.refusal("no reportScheduleId"))
    return str(schedule_id)


def cancel_report_schedule(client: SellingPartnerClient, schedule_id: str) -> None:
    """End a schedule; the reports that it has made stay.

    https://developer-docs.amazon.com/sp-api/reference/cancelreportschedule

    Raises:
        NotFoundError: When there is none of this id.
        ApiError: When Amazon refuses, or does not answer.
    """
    client.request("DELETE", f"{_SCHEDULES}/{quote(schedule_id, safe='')}")


def _read(entry: Mapping[str, Any]) -> ReportSchedule:
    next_at = entry.get("nextReportCreationTime")
    return ReportSchedule(
        str(entry["reportScheduleId"]),
        ScheduledReport(
            report_type=str(entry["reportType"]),
            marketplace_ids=frozenset(entry.get("marketplaceIds") or ()),
            period=str(entry["period"]),
            report_options=entry.get("reportOptions") or {},
        ),
        datetime.fromisoformat(next_at).astimezone(UTC) if next_at else None,
    )
