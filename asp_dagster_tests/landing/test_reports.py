"""A report is asked for as declared: with fixed dates, the window's, or none at all."""

import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.landing import DataWindow, ReportExtraction
from asp_dagster.simulator import Simulator
from asp_dagster.spapi import SellingPartnerClient

Serve = Callable[[Mapping[str, Any]], Any]

REPORTS = "/reports/2021-06-30/reports"
NOVEMBER = DataWindow(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
START, LAST = "2026-11-01T00:00:00Z", "2026-11-30T23:59:59.999Z"
US, CA = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"


def _asked(
    serve: Serve, spec: ReportSpec, window: DataWindow | None = NOVEMBER, **feed: Any
) -> list[Mapping[str, Any]]:
    """Ask for reports, which are all empty by Amazon's word; return what createReport was sent."""
    shelf = serve(
        {
            f"POST {REPORTS}": lambda _: {"reportId": "1"},
            f"GET {REPORTS}/{{id}}": lambda _: {"processingStatus": "CANCELLED"},
        }
    )
    whole = Feed(name="raw_x", group="reports", source=spec, raw_format="tsv", **feed)
    for file in ReportExtraction(shelf.client, spec, whole, [US, CA]).files(window):
        assert file.write(io.BytesIO()).is_empty
    return list(shelf.asked.bodies)


@pytest.mark.parametrize(
    ("window", "dates", "sent"),
    [
        pytest.param(
            NOVEMBER, {}, {"dataStartTime": START, "dataEndTime": LAST}, id="of-the-window"
        ),
        pytest.param(None, {}, {}, id="none"),
        pytest.param(
            NOVEMBER,
            {"data_end_time": "2026-11-02"},
            {"dataStartTime": START, "dataEndTime": "2026-11-02"},
            id="one-fixed",
        ),
        pytest.param(
            None, {"data_start_time": "2026-11-02"}, {"dataStartTime": "2026-11-02"}, id="fixed"
        ),
        pytest.param(
            NOVEMBER,
            {"data_start_time": "{window_end}"},
            {"dataStartTime": LAST, "dataEndTime": LAST},
            id="placeholder",
        ),
    ],
)
def test_dates_of_a_report(
    serve: Serve, window: DataWindow | None, dates: Mapping[str, str], sent: Mapping[str, str]
) -> None:
    """Fixed dates are sent as they are; others are the window's, or absent without one."""
    spec = ReportSpec(report_type="GET_X", report_options={"a": "b"}, **dates)

    [body] = _asked(serve, spec, window)

    assert body == {
        "reportType": "GET_X",
        "marketplaceIds": [US, CA],
        "reportOptions": {"a": "b"},
        **sent,
    }


@pytest.mark.parametrize(
    ("marketplace_ids", "feed", "sent"),
    [
        pytest.param("{marketplace_ids}", {}, [[US, CA]], id="all"),
        pytest.param(
            "{marketplace_ids}", {"one_marketplace_per_report": True}, [[US], [CA]], id="each"
        ),
        pytest.param((CA,), {"one_marketplace_per_report": True}, [[CA]], id="declared"),
        pytest.param(f"{CA},{US}", {}, [[CA, US]], id="text"),
    ],
)
def test_marketplaces_of_a_report(
    serve: Serve,
    marketplace_ids: tuple[str, ...] | str,
    feed: Mapping[str, Any],
    sent: list[list[str]],
) -> None:
    """A report covers the marketplaces declared, together or each by itself."""
    spec = ReportSpec(report_type="GET_X", marketplace_ids=marketplace_ids)

    assert [body["marketplaceIds"] for body in _asked(serve, spec, **feed)] == sent


def test_document_lands_as_amazon_made_it(
    simulator: Simulator, client: SellingPartnerClient
) -> None:
    """A report's document lands byte for byte, its rows counted, whatever its format."""
    document = '<?xml version="1.0"?><orders><order id="1"/><order id="2"/></orders>'
    simulator.end_next_report("DONE", document)
    spec = ReportSpec(report_type="GET_SALES_AND_TRAFFIC_REPORT")
    feed = Feed(name="raw_x", group="reports", source=spec, raw_format="xml")
    sink = io.BytesIO()

    [file] = ReportExtraction(client, spec, feed, [US]).files(None)
    landed = file.write(sink)

    assert (sink.getvalue().decode(), landed.rows, landed.missing) == (document, 2, 0)
    assert landed.preview[0]["marketplace_ids"] == US


def test_character_set_of_a_document_lands_with_it(
    simulator: Simulator, client: SellingPartnerClient
) -> None:
    """What a delimited document is encoded in is told, for a note beside it; its bytes stay."""
    simulator.end_next_report("DONE", "sku\tname\nA\tGrün\n")
    spec = ReportSpec(report_type="GET_SALES_AND_TRAFFIC_REPORT")
    feed = Feed(name="raw_x", group="reports", source=spec, raw_format="tsv")
    sink = io.BytesIO()

    [file] = ReportExtraction(client, spec, feed, [US]).files(None)
    landed = file.write(sink)

    assert landed.charset == "utf-8"
    assert sink.getvalue() == "sku\tname\nA\tGrün\n".encode()
