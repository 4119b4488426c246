"""Every list operation's paging is known from the table."""

import csv
from importlib.resources import files

import pytest

from asp_dagster.spapi import PagingRules, UsagePlans

RULES = PagingRules.load()
ROWS = list(
    csv.DictReader((files("asp_dagster.spapi") / "paging.csv").read_text("utf-8").splitlines())
)


def test_every_row_is_an_operation_with_a_usage_plan() -> None:
    """The two tables speak of the same operations."""
    plans = UsagePlans.load()

    for row in ROWS:
        assert plans.operation(row["method"], row["path"]).name == row["operation"]


def test_every_row_is_whole() -> None:
    """A rule that asks for further pages says where the token stands and where it goes."""
    for row in ROWS:
        rule = RULES.rule(row["method"], row["path"])
        has_token = bool(rule.token_keys) and bool(rule.token_param)

        assert rule.results_key
        assert has_token == (rule.next_page in {"same_params", "token_only", "same_body"})


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        (
            "GET",
            "/orders/2026-01-01/orders",
            ("orders", "pagination.nextToken", "paginationToken", "same_params"),
        ),
        ("GET", "/reports/2021-06-30/reports", ("reports", "nextToken", "nextToken", "token_only")),
        (
            "GET",
            "/orders/v0/orders",
            ("payload.Orders", "payload.NextToken", "NextToken", "same_params"),
        ),
        (
            "GET",
            "/vendor/orders/v1/purchaseOrders",
            ("payload.orders", "payload.pagination.nextToken", "nextToken", "same_params"),
        ),
        (
            "GET",
            "/catalog/2022-04-01/items",
            ("items", "pagination.nextToken", "pageToken", "same_params"),
        ),
        (
            "GET",
            "/fba/inventory/v1/summaries",
            ("payload.inventorySummaries", "pagination.nextToken", "nextToken", "same_params"),
        ),
        (
            "GET",
            "/supplySources/2020-07-01/supplySources",
            ("supplySources", "nextPageToken", "nextPageToken", "same_params"),
        ),
        (
            "GET",
            "/finances/2024-06-19/transactions",
            ("payload.transactions", "payload.nextToken", "nextToken", "same_params"),
        ),
        (
            "GET",
            "/service/v1/serviceJobs",
            ("payload.jobs", "payload.nextPageToken", "pageToken", "same_params"),
        ),
        (
            "GET",
            "/finances/invoices/2026-06-25/invoices/INV-1",
            ("invoiceItems", "nextTokenForLineItems", "nextTokenForLineItems", "same_params"),
        ),
        (
            "POST",
            "/replenishment/2022-11-07/offers/search",
            ("offers", "pagination.totalResults", "", "offset"),
        ),
        (
            "POST",
            "/support/2025-02-01/cases",
            ("cases", "nextToken", "nextToken", "same_body"),
        ),
    ],
    ids=[
        "1 pagination, paginationToken",
        "2 nextToken, token only",
        "3 payload.NextToken",
        "4 payload.pagination",
        "5 pageToken",
        "6 token outside payload",
        "7 nextPageToken",
        "8 payload.nextToken",
        "9 nextPageToken as pageToken",
        "10 line items",
        "11 offset",
        "token in the body",
    ],
)
def test_knows_each_style(method: str, path: str, expected: tuple[str, ...]) -> None:
    """Amazon's ways to name and place a page token are all in the table."""
    rule = RULES.rule(method, path)

    assert (rule.results_key, rule.token_keys[0], rule.token_param, rule.next_page) == expected


def test_knows_page_sizes_and_companions() -> None:
    """The table knows the largest page, and what else changes once a token is sent."""
    orders = RULES.rule("GET", "/orders/v0/orders")
    shipments = RULES.rule("GET", "/fba/inbound/v0/shipments")

    assert (orders.page_size_param, orders.max_page_size) == ("MaxResultsPerPage", 100)
    assert shipments.companions == {"QueryType": "NEXT_TOKEN"}


@pytest.mark.parametrize(
    ("path", "results_key"),
    [
        ("items/B0BT5K9B2T/reviews/topics", "topics.*Topics"),
        ("browseNodes/123456789/reviews/topics", "topics.*Topics"),
        ("items/B0BT5K9B2T/reviews/trends", "reviewTrends.*Topics"),
        ("browseNodes/123456789/reviews/trends", "reviewTrends.*Topics"),
    ],
)
def test_praise_does_not_hide_complaints(path: str, results_key: str) -> None:
    """Positive and negative topics stand in lists of their own; the table takes both."""
    assert RULES.rule("GET", f"/customerFeedback/2024-06-01/{path}").results_key == results_key


def test_an_unlisted_operation_has_one_page() -> None:
    """What is not in the table is not paged, but its answer is searched for a token."""
    rule = RULES.rule("GET", "/brand/new/2027")

    assert (rule.next_page, rule.results_key) == ("none", "")
    assert "payload.NextToken" in rule.token_keys
    assert "pagination.totalResults" not in rule.token_keys
