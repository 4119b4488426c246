"""Each feed leads to Amazon's page on what it asks for, and is found by Amazon's words."""

import re
from typing import Any

import pytest

from asp_dagster.catalog.amazon_pages import OnAmazon, Source
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import ReportSpec
from asp_dagster.catalog.operations import Operations
from asp_dagster.catalog.report_types import ReportTypes

DOCS = "https://developer-docs.amazon.com/sp-api"


def _report(name: str) -> ReportSpec:
    spec: Any = ReportSpec
    made: ReportSpec = spec(report_type=name)
    return made


@pytest.mark.parametrize(
    ("source", "page"),
    [
        pytest.param(
            EndpointSpec(path="/orders/2026-01-01/orders"),
            "reference/searchorders",
            id="operation of its own name",
        ),
        pytest.param(
            EndpointSpec(path="/orders/v0/orders"),
            "reference/orders-v0",
            id="operation whose name another API has too",
        ),
        pytest.param(
            EndpointSpec(path="/mfn/v0/shipments/{}"),
            "reference/welcome-to-api-references",
            id="the same, of an API whose page is not known",
        ),
        pytest.param(
            EndpointSpec(path="/new/2027-01-01/things"),
            "reference/welcome-to-api-references",
            id="operation that no model describes",
        ),
        pytest.param(
            _report("GET_SALES_AND_TRAFFIC_REPORT"),
            "docs/report-type-values-analytics",
            id="report type",
        ),
        pytest.param(_report("GET_NEW_DATA"), "docs/report-type-values", id="unknown report type"),
    ],
)
def test_page_is_amazons(source: Source, page: str) -> None:
    """A page is named where it is known, and a list of all where it is not."""
    assert OnAmazon.of(source).page == f"{DOCS}/{page}"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        pytest.param(
            EndpointSpec(path="/orders/v0/orders/{}/orderItems"),
            {"operation": "getOrderItems", "api_version": "v0"},
            id="operation",
        ),
        pytest.param(
            EndpointSpec(path="/new/2027-01-01/things"), {"api_version": "2027-01-01"}, id="unknown"
        ),
        pytest.param(EndpointSpec(path="/new/things"), {}, id="without a version"),
        pytest.param(_report("GET_NEW_DATA"), {"report_type": "GET_NEW_DATA"}, id="report type"),
    ],
)
def test_words_are_amazons(source: Source, words: dict[str, str]) -> None:
    """A report goes by its type, an operation by its name and API version."""
    assert OnAmazon.of(source).words == words


def test_every_operation_and_report_type_has_a_page() -> None:
    """No feed is without a link, and two operations never share the page of one."""
    operations = Operations.load().all
    pages = [
        OnAmazon.of(EndpointSpec(path=each.path, method=each.method)).page for each in operations
    ]  # type: ignore[arg-type] - others are never declared
    of_several = re.compile(r"/welcome-to-api-references$|-v[\d-]+$")
    alone = [page for page in pages if not of_several.search(page)]

    assert len(set(alone)) == len(alone) > len(pages) / 2
    assert all(
        OnAmazon.of(_report(each.name)).page.startswith(DOCS) for each in ReportTypes.load().all
    )
