"""The declaration shown for a report type is one that works."""

from datetime import date

import pytest
import yaml

from asp_dagster.catalog.feed_checks import check_feed
from asp_dagster.catalog.report_types import ReportType, ReportTypes
from asp_dagster.components import AmazonSPReport
from asp_dagster.reports.examples import example

TODAY = date(2026, 11, 23)
SHOWN = {each.name: each for each in ReportTypes.load().all if example(each)}


@pytest.mark.parametrize("known", SHOWN.values(), ids=SHOWN)
def test_shown_declaration_keeps_every_rule(known: ReportType) -> None:
    """What is shown can be loaded, breaks no rule, and nothing but its age is to be said of it."""
    declared = yaml.safe_load(example(known) or "")

    feed = AmazonSPReport.resolve_from_yaml(yaml.safe_dump(declared["attributes"])).declared("it")

    assert declared["type"] == "asp_dagster.AmazonSPReport"
    warnings = check_feed(feed, today=TODAY)
    assert [each for each in warnings if "no longer in Amazon's list" not in each] == []


def test_every_type_that_can_be_requested_is_shown() -> None:
    """Only what is gone or cannot be requested has no declaration."""
    hidden = {each.name: each for each in ReportTypes.load().all if each.name not in SHOWN}

    assert all(each.is_removed or each.made_by != "request" for each in hidden.values())


@pytest.mark.parametrize(
    ("name", "file_format", "has_table"),
    [
        pytest.param("FEE_DISCOUNTS_REPORT", "xlsx", True, id="workbook"),
        pytest.param("GET_EASYSHIP_DOCUMENTS", "pdf", False, id="pdf"),
        pytest.param("FBA_BULK_INVOICE", "pdf", False, id="pdf-or-archive"),
    ],
)
def test_report_alone_is_a_declaration_of_a_file(
    name: str, file_format: str, *, has_table: bool
) -> None:
    """`report` alone lands a workbook, a PDF or an archive; what has no rows makes no table."""
    feed = AmazonSPReport.resolve_from_yaml(
        yaml.safe_dump({"report": name, "pii": "include"})
    ).declared()

    check_feed(feed, today=TODAY)
    assert (feed.raw_format, bool(feed.tables)) == (file_format, has_table)
