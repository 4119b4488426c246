"""The reports that Amazon has already, whoever had them made.

Here belong: finding those of a request by getReports, and telling whether one is what would be
asked for. What follows from it is `report_runs`' business.

https://developer-docs.amazon.com/sp-api/reference/getreports
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asp_dagster.spapi import ReportRequest, SellingPartnerClient

REPORTS = "/reports/2021-06-30/reports"
MOST_TYPES = 10
PAGE_SIZE = 100
"""What one call of getReports takes and gives at most."""

_ENDS = ("dataStartTime", "dataEndTime")


@dataclass(frozen=True)
class MadeReports:
    """The reports of one type and for the same marketplaces.

    Attributes:
        client: Asks Amazon.
        request: What they are compared with.
    """

    client: SellingPartnerClient
    request: ReportRequest

    def since(self, moment: datetime, **filters: str) -> Iterator[Mapping[str, Any]]:
        """Yield those that were asked for since a moment, mostly the newest first.

        Raises:
            ApiError: When Amazon refuses, or does not answer.
        """
        params = {
            "reportTypes": self.request.report_type,
            "createdSince": moment,
            "pageSize": PAGE_SIZE,
            **filters,
        }
        for report in self.client.list(REPORTS, params):
            if set(report.get("marketplaceIds", ())) == set(self.request.marketplace_ids):
                yield report

    def is_same(self, report: Mapping[str, Any]) -> bool:
        """Tell whether a report is for the window asked for; Amazon does not tell its options.

        Asked for without a date, Amazon takes the present moment: such a report has no window, or
        one without length.
        """
        asked = {name: self.request.body.get(name) for name in _ENDS}
        theirs = {name: report.get(name) for name in _ENDS}
        if not any(asked.values()):
            return not all(theirs.values()) or len(set(map(moment_of, theirs.values()))) == 1
        return all(
            theirs[name] and moment_of(theirs[name]) == moment_of(moment)
            for name, moment in asked.items()
            if moment
        )


def moment_of(value: Any) -> datetime:
    """Return the moment that Amazon, or a request, writes; without a zone it is UTC."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
