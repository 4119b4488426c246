"""Reports: asked for, waited for, and told apart by how they end.

Here belong: createReport and getReport. Fetching a finished report's document is the work of
`documents`; which reports there are and what their documents hold is not this package's business.

https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-use-case-guide
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from asp_dagster.spapi.client import SellingPartnerClient
from asp_dagster.spapi.documents import read_document_start
from asp_dagster.spapi.errors import (
    BrokenResponseError,
    ConfigurationError,
    ReportCancelledError,
    ReportFatalError,
    ReportNotReadyError,
    ResponseError,
    SellingPartnerError,
    ThrottledError,
)
from asp_dagster.spapi.responses import Response
from asp_dagster.spapi.retry import keep_trying

_log = logging.getLogger(__name__)

_REPORTS = "/reports/2021-06-30/reports"
_MOST_MARKETPLACES = 25
_LONGEST_PAUSE_SECONDS = 60.0
_EXPLANATION_BYTES = 2000


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """What to ask createReport for.

    Attributes:
        report_type: `GET_…`.
        marketplace_ids: 1 to 25 marketplaces; some report types take one only.
        data_start_time: Start of the data window: an aware moment, or text as Amazon wants it.
        data_end_time: End of the data window; whether inclusive is up to the report type.
        report_options: The report type's own options; Amazon takes text only.

    Raises:
        ConfigurationError: When an option is no text, or the number of marketplaces is wrong.
    """

    report_type: str
    marketplace_ids: Sequence[str]
    data_start_time: datetime | str | None = None
    data_end_time: datetime | str | None = None
    report_options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.marketplace_ids)
        if not 1 <= count <= _MOST_MARKETPLACES:
            raise ConfigurationError(
                f"{self.report_type} is asked for {count} marketplaces; name 1 to 25 of them."
            )
        for name, value in self.report_options.items():
            if not isinstance(value, str):
                raise ConfigurationError(
                    f"Report option {name!r} of {self.report_type} is {value!r}; Amazon takes text"
                    " only, so put it in quotes."
                )

    @property
    def body(self) -> Mapping[str, Any]:
        """The body of createReport; what is not given is left out."""
        entries = {
            "reportType": self.report_type,
            "marketplaceIds": list(self.marketplace_ids),
            "dataStartTime": self.data_start_time,
            "dataEndTime": self.data_end_time,
            "reportOptions": dict(self.report_options),
        }
        return {name: value for name, value in entries.items() if value}


@dataclass(frozen=True)
class Report:
    """A finished report.

    Attributes:
        report_id: Amazon's id, valid for this selling partner only.
        report_type: `GET_…`.
        report_document_id: The id that its document is fetched by.
        body: Everything getReport answered: the window, the times of processing.
    """

    report_id: str
    report_type: str
    report_document_id: str
    body: Mapping[str, Any] = field(repr=False)


def create_report(
    client: SellingPartnerClient,
    request: ReportRequest,
    find_lost: Callable[[], str | None] = lambda: None,
) -> str:
    """Ask Amazon to make a report, and return its id.

    Args:
        client: Asks Amazon.
        request: What is asked for.
        find_lost: Returns the id of the report if Amazon has made it although no answer came. It is
            asked before the request is sent again; without it, a report may be made twice.

    Raises:
        BrokenResponseError: When Amazon names no id, however often it is asked.
        ApiError: When Amazon refuses, or does not answer.
    """
    may_be_lost = False

    def attempt() -> str:
        nonlocal may_be_lost
        if may_be_lost and (report_id := find_lost()):
            return report_id
        try:
            return _created(client, request)
        except SellingPartnerError as error:
            may_be_lost |= not isinstance(error, ThrottledError)
            raise

    return keep_trying(
        attempt, client.retry, client.clock, partial(client.note_retry, "createReport")
    )


def _created(client: SellingPartnerClient, request: ReportRequest) -> str:
    """Send the request, once."""
    response = client.request("POST", _REPORTS, body=request.body, repeat=False)
    report_id = response.body.get("reportId")
    if not report_id:
        raise BrokenResponseError(response.refusal("no reportId"))
    _log.info("Created report %s of %s", report_id, request.report_type)
    return str(report_id)


def wait_for_report(
    client: SellingPartnerClient,
    report_id: str,
    *,
    patience_seconds: float = 7200.0,
    first_poll_seconds: float = 2.0,
    on_status: Callable[[str], None] | None = None,
) -> Report:
    """Return the report once it is done, asking at growing intervals of up to a minute.

    Args:
        client: Asks Amazon.
        report_id: From `create_report`, in this run or an earlier one.
        patience_seconds: How long to wait at most.
        first_poll_seconds: The first pause; each further one is twice as long.
        on_status: Told of each processing status when it is first seen.

    Raises:
        ReportCancelledError: When there is no data, or the report was asked for too soon.
        ReportFatalError: When Amazon gave up; the message holds its explanation, if it gave one.
        ReportNotReadyError: When patience ended. The report goes on: wait for the same id again.
        ResponseError: When Amazon's answer has an unknown status, or is done without a document.
        ApiError: When Amazon refuses, or does not answer.
    """
    deadline = client.clock.monotonic() + patience_seconds
    pause, known_status = first_poll_seconds, ""
    while True:
        progress = _progress(client, report_id)
        if progress.status != known_status:
            known_status = progress.status
            _tell(progress, on_status)
        if progress.status not in {"IN_QUEUE", "IN_PROGRESS"}:
            return _finished(client, progress)
        left = deadline - client.clock.monotonic()
        if left <= 0:
            raise ReportNotReadyError(report_id, progress.report_type, progress.status)
        client.clock.sleep(min(pause, left))
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


@dataclass(frozen=True)
class _Progress:
    """What getReport answers."""

    report_id: str
    response: Response

    @property
    def status(self) -> str:
        return str(self.response.body.get("processingStatus"))

    @property
    def report_type(self) -> str:
        return str(self.response.body.get("reportType"))

    @property
    def report_document_id(self) -> str:
        return str(self.response.body.get("reportDocumentId") or "")


def _progress(client: SellingPartnerClient, report_id: str) -> _Progress:
    response = client.request("GET", f"{_REPORTS}/{quote(report_id, safe='')}")
    return _Progress(report_id, response)


def _tell(progress: _Progress, on_status: Callable[[str], None] | None) -> None:
    _log.info("Report %s of %s is %s", progress.report_id, progress.report_type, progress.status)
    if on_status:
        on_status(progress.status)


def _finished(client: SellingPartnerClient, progress: _Progress) -> Report:
    ended = (progress.report_id, progress.report_type, progress.status)
    match progress.status:
        case "DONE" if progress.report_document_id:
            return Report(
                progress.report_id,
                progress.report_type,
                progress.report_document_id,
                progress.response.body,
            )
        case "CANCELLED":
            raise ReportCancelledError(*ended)
        case "FATAL":
            raise ReportFatalError(*ended, _explanation(client, progress.report_document_id))
        case status:
            document = progress.report_document_id or "none"
            what = f"report {progress.report_id} is {status} with document {document}"
            raise ResponseError(progress.response.refusal(what))


def _explanation(client: SellingPartnerClient, report_document_id: str) -> str:
    """Return Amazon's reasons for a fatal report, which must not get lost if they cannot be had."""
    if not report_document_id:
        return "Amazon gave no reason"
    try:
        text = read_document_start(client, report_document_id, _EXPLANATION_BYTES)
    except SellingPartnerError as error:
        return f"Amazon's reason cannot be fetched: {error}"
    return f"Amazon's reason: {' '.join(text.split())}"
