"""A report type is described with its rules and doubts, and with a declaration."""

from datetime import timedelta

import pytest

from asp_dagster.catalog.report_types import (
    LongestWindow,
    PeriodDurations,
    ReportOption,
    ReportTypes,
)
from asp_dagster.reports import words
from asp_dagster.reports.describing import description

SALES = """\
GET_SALES_AND_TRAFFIC_REPORT

page             https://developer-docs.amazon.com/sp-api/docs/report-type-values-analytics
for              sellers
made             on request, or scheduled
format           JSON
restricted       no
role             Brand Analytics
marketplaces     one a report
option           dateGranularity: DAY, WEEK, MONTH; default DAY
option           asinGranularity: PARENT, CHILD, SKU; default PARENT
window           required, whole dateGranularity
given as         dates; the time of day is ignored
days of          the marketplace's own time
reaches back     730 days
data ready       72 hours after the window's end
data change for  14 days
kept for         90 days
rows in          salesAndTrafficByDate, salesAndTrafficByAsin
"""


def _description(name: str) -> str:
    return description(ReportTypes.load().find(name))


def test_description_tells_all_rules() -> None:
    """Everything that is known is told in one order, and what is not known is left out."""
    assert _description("GET_SALES_AND_TRAFFIC_REPORT").startswith(SALES)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        pytest.param(
            "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL",
            "row known by  nothing: two equal lines are two lines",
            id="keyless",
        ),
        pytest.param(
            "GET_MERCHANT_LISTINGS_ALL_DATA", "row known by  seller-sku", id="key-of-a-flat-file"
        ),
        pytest.param(
            "GET_FBA_INVENTORY_AGED_DATA", "removed       not in Amazon's list", id="legacy"
        ),
        pytest.param(
            "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
            "No declaration asks for it: it is made by Amazon itself, then listed by getReports.",
            id="not-requestable",
        ),
        pytest.param(
            "GET_V2_SETTLEMENT_REPORT_DATA_XML",
            "No declaration asks for it: Amazon removed it on 2026-11-11.",
            id="removed",
        ),
        pytest.param(
            "FBA_BULK_INVOICE",
            "  file_format: PDF\n  table: false",
            id="no-table",
        ),
        pytest.param(
            "SC_VAT_TAX_REPORT",
            "# Restricted: its document needs a restricted data token.",
            id="restricted",
        ),
        pytest.param(
            "GET_PAN_EU_OFFER_STATUS", "for           sellers, ES, UK, FR, DE, IT", id="countries"
        ),
        pytest.param("GET_FBA_ESTIMATED_FBA_FEES_TXT_DATA", "start only, up to now", id="start"),
    ],
)
def test_description_tells(name: str, line: str) -> None:
    """What is special about a type stands in its description."""
    assert line in _description(name)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        pytest.param(words.duration(timedelta(minutes=30)), "30 minutes", id="minutes"),
        pytest.param(words.duration(timedelta(hours=1)), "1 hour", id="one-hour"),
        pytest.param(words.duration(timedelta(hours=72)), "72 hours", id="three-days"),
        pytest.param(words.duration(timedelta(days=14)), "14 days", id="days"),
        pytest.param(
            words.durations(PeriodDurations({"": timedelta(hours=72), "WEEK": timedelta(hours=2)})),
            "72 hours (WEEK: 2 hours)",
            id="by-period",
        ),
        pytest.param(
            words.longest(LongestWindow(length=timedelta(days=30), is_documented=False)),
            "30 days (?)",
            id="seen",
        ),
        pytest.param(words.longest(LongestWindow(by_period={"": 1})), "1 period", id="period"),
        pytest.param(
            words.option(
                ReportOption(name="a", is_required=True, most_characters=200, instead="b")
            ),
            "a: text; at most 200 characters; required; not beside b",
            id="option",
        ),
    ],
)
def test_words(said: str, text: str) -> None:
    """Lengths of time, limits and options are said as Amazon says them."""
    assert said == text


def test_odd_length_is_refused() -> None:
    """A length that has no plain words is a mistake in the table."""
    with pytest.raises(ValueError, match="no whole number of minutes"):
        words.duration(timedelta(seconds=90))
