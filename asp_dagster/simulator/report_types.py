"""The reports our partner can ask for, and what becomes of each request.

Here belong: a request for a report, and the document or the failure it ends in. Two reports follow
from the partner's orders, the others are samples (`report_samples`). How a report gets there is
`report_ledger`.

https://developer-docs.amazon.com/sp-api/docs/report-type-values
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from asp_dagster.simulator import all_orders
from asp_dagster.simulator.marketplaces import marketplace
from asp_dagster.simulator.partner import Partner
from asp_dagster.simulator.report_samples import report_samples
from asp_dagster.simulator.sales_and_traffic import AsinGranularity, document
from asp_dagster.simulator.sample_documents import media_type, plain_media_type, sample_document
from asp_dagster.simulator.wire import Pieces, to_json

SALES_AND_TRAFFIC = "GET_SALES_AND_TRAFFIC_REPORT"
ALL_ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"

_TSV = "text/plain;charset=UTF-8"
_JSON = "application/json;charset=UTF-8"

_DAY = timedelta(days=1)
_INSTANT = timedelta(milliseconds=1)
_TWO_YEARS = timedelta(days=730)

_DATES, _ASINS = "dateGranularity", "asinGranularity"
_NEXT: Mapping[str, Callable[[date], date]] = {
    "DAY": lambda start: start + _DAY,
    "WEEK": lambda start: start + 7 * _DAY,
    "MONTH": lambda start: (start + 32 * _DAY).replace(day=1),
}
_ASIN_GRANULARITIES: Mapping[str, AsinGranularity] = {
    "PARENT": "PARENT",
    "CHILD": "CHILD",
    "SKU": "SKU",
}

FinalStatus = Literal["DONE", "CANCELLED", "FATAL"]


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What createReport was asked for.

    Attributes:
        report_type: Amazon's type.
        marketplace_ids: Over which marketplaces.
        options: The type's options.
        start: The first moment of the data.
        end: The last moment of the data, inclusive.
    """

    report_type: str
    marketplace_ids: tuple[str, ...]
    options: Mapping[str, str]
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a report ends in.

    Attributes:
        status: Its status.
        text: What its document holds; without it there is no document.
        media: The type of its document; without it, the usual one of such reports.
    """

    status: FinalStatus
    text: bytes | Pieces | None = None
    media: str | None = None

    def media_type(self, report_type: str) -> str:
        """Return the type of its document: a failure is always explained in JSON."""
        if self.status != "DONE" or report_type == SALES_AND_TRAFFIC:
            return _JSON
        sample = report_samples().get(report_type)
        return self.media or (plain_media_type(sample) if sample else _TSV)


CANCELLED = Outcome("CANCELLED")


def can_be_requested(report_type: str) -> bool | None:
    """Tell whether createReport takes a type; none if there is no such type."""
    if report_type in {SALES_AND_TRAFFIC, ALL_ORDERS}:
        return True
    sample = report_samples().get(report_type)
    return sample.is_requestable if sample else None


def outcome_of(request: ReportRequest, partner: Partner, now: datetime) -> Outcome:
    """Return what the report will end in, whoever makes it."""
    if request.report_type == ALL_ORDERS:
        return _all_orders(request, partner)
    if request.report_type == SALES_AND_TRAFFIC:
        return _sales_and_traffic(request, partner, now)
    sample, ids = report_samples()[request.report_type], request.marketplace_ids
    text = sample_document(sample, ids, request.start.date(), request.options)
    return Outcome("DONE", text, media_type(sample, ids))


def fatal(explanation: str) -> Outcome:
    """Return a failure with the document in which Amazon explains it."""
    return Outcome("FATAL", to_json({"errorDetails": explanation}))


def _all_orders(request: ReportRequest, partner: Partner) -> Outcome:
    """Write the lines of the window; Amazon cancels a report without any."""
    ids = request.marketplace_ids
    lines = partner.all_orders_lines(request.start, request.end + _INSTANT, ids)
    return Outcome("DONE", all_orders.document(lines)) if lines else CANCELLED


def _sales_and_traffic(request: ReportRequest, partner: Partner, now: datetime) -> Outcome:
    """Count the days; their times of day are ignored, and the last one is included."""
    if len(request.marketplace_ids) != 1:
        return fatal("This report type supports only one marketplaceId per report.")
    wrong = _wrong_option(request.options)
    if wrong is not None:
        return fatal(wrong)
    if request.start < now - _TWO_YEARS:
        return CANCELLED
    spans = _spans(request.start.date(), request.end.date(), request.options.get(_DATES, "DAY"))
    shop = marketplace(request.marketplace_ids[0])
    counted = [partner.ledger.days(first, last, shop) for first, last in spans]
    periods = [period for period in counted if period.by_product]
    if not periods:
        return CANCELLED
    granularity = _ASIN_GRANULARITIES[request.options.get(_ASINS, "PARENT")]
    specification = _specification(request)
    return Outcome("DONE", to_json(document(specification, periods, granularity)))


def _wrong_option(options: Mapping[str, str]) -> str | None:
    """Return what is wrong with the options, in the words of a failure's document."""
    choices = {_DATES: tuple(_NEXT), _ASINS: tuple(_ASIN_GRANULARITIES)}
    for name, value in options.items():
        if value not in choices.get(name, ()):
            return f"Invalid report option {name}={value}. Valid options are: {choices}."
    return None


def _specification(request: ReportRequest) -> dict[str, Any]:
    """Return the request as the document repeats it."""
    return {
        "reportType": request.report_type,
        "reportOptions": dict(request.options),
        "dataStartTime": request.start.date().isoformat(),
        "dataEndTime": request.end.date().isoformat(),
        "marketplaceIds": list(request.marketplace_ids),
    }


def _spans(first: date, last: date, granularity: str) -> Iterator[tuple[date, date]]:
    """Yield the first and last day of each whole day, week or month that the days touch.

    A week begins on Sunday.
    """
    start = {
        "DAY": first,
        "WEEK": first - timedelta(days=first.isoweekday() % 7),
        "MONTH": first.replace(day=1),
    }[granularity]
    while start <= last:
        following = _NEXT[granularity](start)
        yield start, following - _DAY
        start = following
