"""Reports API 2021-06-30: asking for a report, watching it being made, and finding its document.

Here belong: the operations, their parameters and what Amazon refuses. A report's life is
`report_ledger`, what it contains `report_types`, how documents are handed out `documents`.

https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-reference
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asp_dagster.simulator.operations import Operation, OperationRequest, UsagePlan
from asp_dagster.simulator.paging import PageTokens
from asp_dagster.simulator.parameters import (
    Reader,
    boolean,
    moment,
    read_parameters,
    text,
    whole_number,
    words,
)
from asp_dagster.simulator.partner import Partner
from asp_dagster.simulator.report_ledger import Report, ReportLedger
from asp_dagster.simulator.report_schedules import ReportSchedules
from asp_dagster.simulator.report_types import ReportRequest, can_be_requested, outcome_of
from asp_dagster.simulator.search import refuse_foreign_marketplaces
from asp_dagster.simulator.settlements import SETTLEMENTS, Settlements
from asp_dagster.simulator.wire import Answer, invalid_input, not_found, ok, present

_PATH = "/reports/2021-06-30"
_RETENTION = timedelta(days=90)
_MAX_MARKETPLACES = 25

_READERS: Mapping[str, Reader] = {
    "reportTypes": words(most=10),
    "processingStatuses": words("CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE"),
    "marketplaceIds": words(most=10),
    "pageSize": whole_number(1, 100),
    "createdSince": moment,
    "createdUntil": moment,
    "nextToken": text,
}


@dataclass(frozen=True)
class Reports:
    """The operations over one partner.

    Attributes:
        partner: Whom the reports are about.
        ledger: The reports asked for, and those that Amazon makes by itself.
        settlements: What Amazon makes by itself.
        schedules: What Amazon makes again and again.
        tokens: Makes page tokens.
        page_size_limit: The most that any page holds.
    """

    partner: Partner
    ledger: ReportLedger
    settlements: Settlements
    schedules: ReportSchedules
    tokens: PageTokens
    page_size_limit: int

    def operations(self) -> Iterator[Operation]:
        """Yield the operations."""
        reports, report = f"{_PATH}/reports", f"{_PATH}/reports/{{reportId}}"
        document = f"{_PATH}/documents/{{reportDocumentId}}"
        listing, making = UsagePlan(0.0222, 10), UsagePlan(0.0167, 15)
        yield Operation("getReports", "GET", reports, listing, self.get_reports)
        yield Operation("createReport", "POST", reports, making, self.create_report)
        yield Operation("getReport", "GET", report, UsagePlan(2, 15), self.get_report)
        yield Operation("cancelReport", "DELETE", report, listing, self.cancel_report)
        yield Operation("getReportDocument", "GET", document, making, self.get_report_document)

    def create_report(self, request: OperationRequest) -> Answer:
        """Queue a report."""
        asked = _report_request(request.body, request.now)
        refuse_foreign_marketplaces(asked.marketplace_ids, self.partner.region)
        outcome = outcome_of(asked, self.partner, request.now)
        report = self.ledger.add(asked, outcome, request.now)
        return ok({"reportId": report.report_id}, 202)

    def get_report(self, request: OperationRequest) -> Answer:
        """Return how far a report is."""
        read_parameters(request.query, {})
        return ok(self._report(request).render(request.now))

    def cancel_report(self, request: OperationRequest) -> Answer:
        """Take a report out of the queue; once it is being made it cannot be stopped."""
        read_parameters(request.query, {})
        report = self._report(request)
        status = report.status(request.now)
        if status != "IN_QUEUE":
            raise invalid_input("Only a report in the queue can be cancelled.", f"It is {status}.")
        self.ledger.cancel(report, request.now)
        return Answer(200)

    def get_report_document(self, request: OperationRequest) -> Answer:
        """Return where a document can be downloaded."""
        values = read_parameters(request.query, {"enableContentEncodingUrlHeader": boolean})
        self._appear(request.now)
        document_id = request.path["reportDocumentId"]
        document = self.ledger.finished_document(document_id, request.now)
        if document is None:
            raise not_found(f"Report document {document_id} does not exist.")
        is_unzipped = values.get("enableContentEncodingUrlHeader") and document.compression
        url = self.ledger.documents.presigned_url(
            document,
            base_url=request.base_url,
            encoding="gzip" if is_unzipped else "identity",
            now=request.now,
        )
        found = {"reportDocumentId": document_id, "url": url}
        return ok(present({**found, "compressionAlgorithm": document.compression}))

    def get_reports(self, request: OperationRequest) -> Answer:
        """Return a page of the reports of some types, newest first."""
        query, first = self._query(request)
        values = read_parameters(tuple(query.items()), _READERS)
        if "reportTypes" not in values:
            raise invalid_input("Either reportTypes or nextToken is required.")
        self._appear(request.now)
        size = min(values.get("pageSize", 10), self.page_size_limit)
        found = [each for each in self.ledger.newest_first() if _passes(each, values, request.now)]
        token = None
        if len(found) > first + size:
            token = self.tokens.write("getReports", query, first + size, request.now)
        page = [report.render(request.now) for report in found[first : first + size]]
        return ok(present({"reports": page, "nextToken": token}))

    def _query(self, request: OperationRequest) -> tuple[dict[str, str], int]:
        """Return the query to answer and where its page begins; a token must stand alone."""
        given = dict(request.query)
        values = read_parameters(request.query, _READERS)
        if "nextToken" not in values:
            return given, 0
        if len(given) > 1:
            raise invalid_input("nextToken must be the only parameter.")
        query, first = self.tokens.read("getReports", given["nextToken"], request.now)
        return query, first

    def _appear(self, now: datetime) -> None:
        self.settlements.appear(now)
        self.schedules.appear(now)

    def _report(self, request: OperationRequest) -> Report:
        self._appear(request.now)
        report_id = request.path["reportId"]
        report = self.ledger.get(report_id)
        if report is None:
            raise not_found(f"Report {report_id} does not exist.")
        return report


def _passes(report: Report, values: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether the report passes every filter; Amazon keeps reports for ninety days."""
    since, until = values.get("createdSince", now - _RETENTION), values.get("createdUntil", now)
    statuses = values.get("processingStatuses", (report.status(now),))
    ids = values.get("marketplaceIds", report.request.marketplace_ids)
    return (
        report.request.report_type in values["reportTypes"]
        and max(since, now - _RETENTION) <= report.created_at <= until
        and report.status(now) in statuses
        and not set(report.request.marketplace_ids).isdisjoint(ids)
    )


def _report_request(body: bytes, now: datetime) -> ReportRequest:
    """Read the body of createReport.

    Raises:
        Refusal: Naming what is missing, unknown or wrong.
    """
    asked = _json_object(body)
    unknown = set(asked) - _FIELDS
    if unknown:
        raise invalid_input(f"Unknown field {min(unknown)}.", f"Known are: {sorted(_FIELDS)}.")
    start, end = (_time(asked, name, now) for name in ("dataStartTime", "dataEndTime"))
    if start > end:
        raise invalid_input("dataStartTime must not be after dataEndTime.")
    return ReportRequest(_report_type(asked), _marketplace_ids(asked), _options(asked), start, end)


_FIELDS = {"reportType", "marketplaceIds", "reportOptions", "dataStartTime", "dataEndTime"}


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise invalid_input("The body is not JSON.", str(error)) from error
    if not isinstance(value, dict):
        raise invalid_input("The body must be a JSON object.")
    return value


def _report_type(asked: Mapping[str, Any]) -> str:
    report_type = asked.get("reportType")
    if report_type == SETTLEMENTS:
        raise invalid_input("Request for report type 1118 is not allowed at this time")
    is_requestable = can_be_requested(str(report_type))
    if is_requestable is None:
        raise invalid_input(f"Report type {report_type!r} is not known.")
    if not is_requestable:
        raise invalid_input(f"Request for report type {report_type} is not allowed at this time")
    return str(report_type)


def _marketplace_ids(asked: Mapping[str, Any]) -> tuple[str, ...]:
    ids = asked.get("marketplaceIds", [])
    if not _are_texts(ids) or not 1 <= len(ids) <= _MAX_MARKETPLACES:
        raise invalid_input(f"marketplaceIds must list 1 to {_MAX_MARKETPLACES} marketplaces.")
    return tuple(ids)


def _options(asked: Mapping[str, Any]) -> Mapping[str, str]:
    options = asked.get("reportOptions", {})
    if not isinstance(options, dict) or not _are_texts(list(options.values())):
        raise invalid_input("reportOptions must be an object whose values are text.")
    return options


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _time(asked: Mapping[str, Any], name: str, now: datetime) -> datetime:
    """Read one of the two times; the default is now, and neither may be later."""
    if name not in asked:
        return now
    try:
        value = moment(asked[name])
    except (TypeError, ValueError) as error:
        raise invalid_input(f"Invalid value for {name}.", str(error)) from error
    if value > now:
        raise invalid_input(f"{name} must not be in the future.")
    return value
