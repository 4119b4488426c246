"""Reports are asked for, waited for with patience, and end in a document or a clear error."""

import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from asp_dagster.spapi import (
    ConfigurationError,
    ReportCancelledError,
    ReportFatalError,
    ReportNotReadyError,
    ReportRequest,
    ResponseError,
    SellingPartnerClient,
    SellingPartnerError,
    create_report,
    wait_for_report,
)

SALES = "GET_SALES_AND_TRAFFIC_REPORT"


def _report(status: str, document_id: str | None = None) -> dict[str, Any]:
    report = {"reportId": "77", "reportType": SALES, "processingStatus": status}
    return report | ({"reportDocumentId": document_id} if document_id else {})


def test_creates_a_report(client: SellingPartnerClient, server: Any) -> None:
    """A request becomes createReport's body, and its answer the report id."""
    server.answer({"reportId": "77"}, 202)
    request = ReportRequest(
        report_type=SALES,
        marketplace_ids=("ATVPDKIKX0DER",),
        data_start_time=datetime(2026, 11, 1, tzinfo=UTC),
        data_end_time="2026-11-01T23:59:59Z",
        report_options={"dateGranularity": "DAY"},
    )

    report_id = create_report(client, request)

    assert report_id == "77"
    assert server.calls[0].json == {
        "reportType": SALES,
        "marketplaceIds": ["ATVPDKIKX0DER"],
        "dataStartTime": "2026-11-01T00:00:00Z",
        "dataEndTime": "2026-11-01T23:59:59Z",
        "reportOptions": {"dateGranularity": "DAY"},
    }


def test_leaves_out_what_is_not_asked_for(client: SellingPartnerClient, server: Any) -> None:
    """What a request does not say, Amazon decides."""
    server.answer({"reportId": "77"}, 202)

    create_report(client, ReportRequest(report_type=SALES, marketplace_ids=["A"]))

    assert server.calls[0].json == {"reportType": SALES, "marketplaceIds": ["A"]}


def test_a_report_without_id_is_an_error(client: SellingPartnerClient, server: Any) -> None:
    """An answer that names no report, however often it is asked for, cannot be waited for."""
    for _ in range(client.retry.max_attempts):
        server.answer({"report": "77"}, 202)

    with pytest.raises(ResponseError, match=r"createReport: .* no reportId"):
        create_report(client, ReportRequest(report_type=SALES, marketplace_ids=["A"]))


@pytest.mark.parametrize(
    ("status", "found", "calls"),
    [
        pytest.param(503, "76", 1, id="made-all-the-same"),
        pytest.param(503, None, 2, id="not-made"),
        pytest.param(202, "76", 1, id="made-without-an-id"),
        pytest.param(429, "76", 2, id="throttled"),
    ],
)
def test_looks_for_a_lost_report_before_asking_again(
    client: SellingPartnerClient, server: Any, status: int, found: str | None, calls: int
) -> None:
    """A report that Amazon made without saying so is found; a throttled request made none."""
    server.answer({}, status)
    server.answer({"reportId": "77"}, 202)
    request = ReportRequest(report_type=SALES, marketplace_ids=["A"])

    report_id = create_report(client, request, lambda: found)

    assert report_id == ("76" if calls == 1 else "77")
    assert len(server.calls) == calls


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"marketplace_ids": []}, "0 marketplaces; name 1 to 25"),
        ({"marketplace_ids": ["A"] * 26}, "26 marketplaces; name 1 to 25"),
        (
            {"marketplace_ids": ["A"], "report_options": {"sellingProgram": True}},
            "'sellingProgram' .* is True; Amazon takes text only",
        ),
    ],
    ids=["no marketplace", "too many marketplaces", "option is no text"],
)
def test_refuses_a_request_amazon_would_refuse(settings: dict[str, Any], words: str) -> None:
    """What cannot be right is refused before it costs quota."""
    with pytest.raises(ConfigurationError, match=words):
        ReportRequest(report_type=SALES, **settings)


def test_waits_until_the_report_is_done(
    client: SellingPartnerClient, server: Any, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Each status is told once, pauses double, and the finished report is returned."""
    for status in ("IN_QUEUE", "IN_QUEUE", "IN_PROGRESS"):
        server.answer(_report(status))
    server.answer(_report("DONE", "doc-1"))
    told: list[str] = []

    with caplog.at_level(logging.INFO):
        report = wait_for_report(client, "77", on_status=told.append)

    assert (report.report_id, report.report_type, report.report_document_id) == (
        "77",
        SALES,
        "doc-1",
    )
    assert report.body["processingStatus"] == "DONE"
    assert told == ["IN_QUEUE", "IN_PROGRESS", "DONE"]
    assert clock.sleeps == [2, 4, 8]
    assert f"Report 77 of {SALES} is IN_PROGRESS" in caplog.messages


def test_asks_by_the_report_id(client: SellingPartnerClient, server: Any) -> None:
    """The id becomes one path segment, whatever it holds."""
    server.answer(_report("DONE", "doc-1"))

    wait_for_report(client, "7/7")

    assert server.calls[0].path == "/reports/2021-06-30/reports/7%2F7"


def test_asks_at_least_once_a_minute(client: SellingPartnerClient, server: Any, clock: Any) -> None:
    """Pauses grow to a minute and no further."""
    for _ in range(8):
        server.answer(_report("IN_PROGRESS"))
    server.answer(_report("DONE", "doc-1"))

    wait_for_report(client, "77", first_poll_seconds=5)

    assert clock.sleeps == [5, 10, 20, 40, 60, 60, 60, 60]


def test_patience_ends(client: SellingPartnerClient, server: Any, clock: Any) -> None:
    """After the given time the report is left to Amazon, to be waited for again by its id."""
    for _ in range(4):
        server.answer(_report("IN_PROGRESS"))

    with pytest.raises(ReportNotReadyError, match=f"77 of {SALES} is IN_PROGRESS; wait") as caught:
        wait_for_report(client, "77", patience_seconds=10)

    assert clock.sleeps == [2, 4, 4]
    assert (caught.value.report_id, caught.value.is_curable_by_waiting) == ("77", True)


def test_cancelled_names_the_three_reasons(client: SellingPartnerClient, server: Any) -> None:
    """A cancelled report is an error that says what may be behind it."""
    server.answer(_report("CANCELLED"))

    with pytest.raises(ReportCancelledError) as caught:
        wait_for_report(client, "77")

    assert str(caught.value) == (
        f"Report 77 of {SALES} is CANCELLED; there is no data for the window, or the same report"
        " was asked for too recently, or somebody cancelled it: check the window, wait half an hour"
        " (FBA reports: four hours), and try again."
    )


def test_fatal_shows_amazons_reason(client: SellingPartnerClient, server: Any) -> None:
    """A fatal report's document explains it; the explanation is shown, not all of it if long."""
    server.answer(_report("FATAL", "doc-9"))
    server.answer({"url": f"{server.url}/doc-9?X-Amz-Signature=s"})
    server.answer_bytes(b'{"errorDetails":\n "Dates must be Sundays."}' + b" " * 3000 + b"end")

    with pytest.raises(ReportFatalError) as caught:
        wait_for_report(client, "77")

    reason = 'Amazon\'s reason: {"errorDetails": "Dates must be Sundays."}'
    assert caught.value.explanation == reason
    assert reason in str(caught.value)


def test_fatal_without_a_document(client: SellingPartnerClient, server: Any) -> None:
    """A fatal report may come without a word."""
    server.answer(_report("FATAL"))

    with pytest.raises(ReportFatalError, match=r"FATAL .Amazon gave no reason."):
        wait_for_report(client, "77")


def test_fatal_with_a_reason_that_cannot_be_fetched(
    client: SellingPartnerClient, server: Any
) -> None:
    """Trouble with the explanation does not hide the report's own end."""
    server.answer(_report("FATAL", "doc-9")).refuse(404, "NotFound")

    with pytest.raises(ReportFatalError, match="reason cannot be fetched: getReportDocument: "):
        wait_for_report(client, "77")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (_report("MELTED"), "report 77 is MELTED with document none"),
        (_report("DONE"), "report 77 is DONE with document none"),
        ({}, "report 77 is None with document none"),
    ],
    ids=["unknown status", "done without document", "no status"],
)
def test_what_is_not_documented_is_an_error(
    client: SellingPartnerClient, server: Any, answer: dict[str, Any], words: str
) -> None:
    """An unknown end is not waited for any longer."""
    server.answer(answer)

    with pytest.raises(ResponseError, match=f"getReport: Amazon answered 200, {words}"):
        wait_for_report(client, "77")


def test_every_end_is_a_selling_partner_error(client: SellingPartnerClient, server: Any) -> None:
    """One class catches whatever may come of a report."""
    server.answer(_report("CANCELLED"))

    with pytest.raises(SellingPartnerError):
        wait_for_report(client, "77")
