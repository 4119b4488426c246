"""What createReportSchedule is asked for: a report type, marketplaces and Amazon's periods.

Here belong: reading the body, what Amazon refuses of it, and when a period is over. What becomes of
a schedule is `report_schedules`.

https://developer-docs.amazon.com/sp-api/reference/createreportschedule
"""

import json
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asp_dagster.simulator.parameters import moment
from asp_dagster.simulator.wire import invalid_input

_MONTH = "P1M"
_MAX_MARKETPLACES = 25
_FIELDS = {"reportType", "marketplaceIds", "reportOptions", "period", "nextReportCreationTime"}
_LENGTHS: Mapping[str, timedelta] = {
    "PT5M": timedelta(minutes=5),
    "PT15M": timedelta(minutes=15),
    "PT30M": timedelta(minutes=30),
    "PT1H": timedelta(hours=1),
    "PT2H": timedelta(hours=2),
    "PT4H": timedelta(hours=4),
    "PT8H": timedelta(hours=8),
    "PT12H": timedelta(hours=12),
    "P1D": timedelta(days=1),
    "P2D": timedelta(days=2),
    "P3D": timedelta(days=3),
    "PT84H": timedelta(hours=84),
    "P7D": timedelta(days=7),
    "P14D": timedelta(days=14),
    "P15D": timedelta(days=15),
    "P18D": timedelta(days=18),
    "P30D": timedelta(days=30),
}
PERIODS = (*_LENGTHS, _MONTH)
"""How often a schedule may make a report."""

SCHEDULABLE = frozenset(
    {
        "END_USER_DATA_REPORT",
        "FEE_DISCOUNTS_REPORT",
        "GET_CONVERGED_FLAT_FILE_PENDING_ORDERS_DATA",
        "GET_CSV_MFN_PRIME_RETURNS_REPORT",
        "GET_FBA_STORAGE_FEE_CHARGES_DATA",
        "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING",
        "GET_FLAT_FILE_MFN_SKU_RETURN_ATTRIBUTES_REPORT",
        "GET_FLAT_FILE_ORDER_REPORT_DATA_INVOICING",
        "GET_FLAT_FILE_ORDER_REPORT_DATA_SHIPPING",
        "GET_FLAT_FILE_ORDER_REPORT_DATA_TAX",
        "GET_FLAT_FILE_PENDING_ORDERS_DATA",
        "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE",
        "GET_FLAT_FILE_VAT_INVOICE_DATA_REPORT",
        "GET_MERCHANTS_LISTINGS_FYP_REPORT",
        "GET_ORDER_REPORT_DATA_INVOICING",
        "GET_ORDER_REPORT_DATA_SHIPPING",
        "GET_ORDER_REPORT_DATA_TAX",
        "GET_PENDING_ORDERS_DATA",
        "GET_SALES_AND_TRAFFIC_REPORT",
        "GET_XML_BROWSE_TREE_DATA",
        "GET_XML_MFN_PRIME_RETURNS_REPORT",
        "GET_XML_MFN_SKU_RETURN_ATTRIBUTES_REPORT",
        "GET_XML_RETURNS_DATA_BY_RETURN_DATE",
        "GET_XML_VAT_INVOICE_DATA_REPORT",
        "GST_MTR_B2B",
        "GST_MTR_B2C",
        "MARKETPLACE_ASIN_PAGE_VIEW_METRICS",
    }
)
"""The types of which Amazon's pages say that they can be scheduled."""


@dataclass(frozen=True, slots=True)
class ScheduleRequest:
    """What a schedule is asked for.

    Attributes:
        report_type: Amazon's type.
        marketplace_ids: Over which marketplaces.
        period: How often: one of `PERIODS`.
        options: The type's options.
        next_at: When the first report is to be made; without it, after one period.
    """

    report_type: str
    marketplace_ids: tuple[str, ...]
    period: str
    options: Mapping[str, str]
    next_at: datetime | None = None

    def is_for_the_same_as(self, other: "ScheduleRequest") -> bool:
        """Tell whether one of the two would take the place of the other."""
        return self.report_type == other.report_type and set(self.marketplace_ids) == set(
            other.marketplace_ids
        )


def following(at: datetime, period: str) -> datetime:
    """Return when a period is over that begins at a moment; a month ends on the same day."""
    if period != _MONTH:
        return at + _LENGTHS[period]
    year, month = (at.year + 1, 1) if at.month == 12 else (at.year, at.month + 1)  # noqa: PLR2004 - December
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))


def schedule_request(body: bytes, now: datetime) -> ScheduleRequest:
    """Read the body of createReportSchedule.

    Raises:
        Refusal: Naming what is missing, unknown or wrong.
    """
    asked = _json_object(body)
    unknown = set(asked) - _FIELDS
    if unknown:
        raise invalid_input(f"Unknown field {min(unknown)}.", f"Known are: {sorted(_FIELDS)}.")
    if asked.get("reportType") not in SCHEDULABLE:
        raise invalid_input(f"Report type {asked.get('reportType')!r} cannot be scheduled.")
    if asked.get("period") not in PERIODS:
        raise invalid_input(f"Invalid period {asked.get('period')!r}.", f"Known are: {PERIODS}.")
    return ScheduleRequest(
        asked["reportType"],
        _marketplaces(asked),
        asked["period"],
        _options(asked),
        _time(asked, now),
    )


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise invalid_input("The body is not JSON.", str(error)) from error
    if not isinstance(value, dict):
        raise invalid_input("The body must be a JSON object.")
    return value


def _marketplaces(asked: Mapping[str, Any]) -> tuple[str, ...]:
    ids = asked.get("marketplaceIds")
    if not isinstance(ids, list) or not 1 <= len(ids) <= _MAX_MARKETPLACES:
        raise invalid_input(f"marketplaceIds must list 1 to {_MAX_MARKETPLACES} marketplaces.")
    return tuple(map(str, ids))


def _options(asked: Mapping[str, Any]) -> Mapping[str, str]:
    options = asked.get("reportOptions", {})
    if not isinstance(options, dict) or not all(isinstance(each, str) for each in options.values()):
        raise invalid_input("reportOptions must be an object whose values are text.")
    return options


def _time(asked: Mapping[str, Any], now: datetime) -> datetime | None:
    """Read when the first report is to be made, which cannot have been."""
    if "nextReportCreationTime" not in asked:
        return None
    try:
        value = moment(asked["nextReportCreationTime"])
    except (TypeError, ValueError) as error:
        raise invalid_input("Invalid value for nextReportCreationTime.", str(error)) from error
    if value < now:
        raise invalid_input("nextReportCreationTime must not be in the past.")
    return value
