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


def test_every_type_that_can_be_requested_as_a_table_is_shown() -> None:
    """Only what is gone, cannot be requested or is no table has no declaration."""
    hidden = {each.name: each for each in ReportTypes.load().all if each.name not in SHOWN}

    assert {"GET_EASYSHIP_DOCUMENTS", "FBA_BULK_INVOICE", "FEE_DISCOUNTS_REPORT"} <= set(hidden)
    for each in hidden.values():
        no_table = set(each.formats) <= {"PDF", "ZIP", "XLSX"}
        assert each.is_removed or each.made_by != "request" or no_table
