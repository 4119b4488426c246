"""Paths that cannot be meant are refused, doubtful ones are warned about."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest

ORDERS = "/orders/2026-01-01/orders"

WRONG = [
    pytest.param({"path": "orders/v0"}, "path: 'orders/v0' does not begin with a slash", id="bare"),
    pytest.param(
        {"path": f"https://sellingpartnerapi-na.amazon.com{ORDERS}"},
        f"is a URL; write the path alone: '{ORDERS}'",
        id="url",
    ),
    pytest.param(
        {"path": f"{ORDERS}?includedData=BUYER"},
        f"holds a query; write '{ORDERS}' and put the parameters into params",
        id="query",
    ),
    pytest.param({"path": "/orders//orders"}, "has an empty segment", id="empty-segment"),
    pytest.param({"path": f"{ORDERS}/"}, "has an empty segment", id="last-slash"),
    pytest.param({"path": f"{ORDERS} "}, "holds a blank", id="blank"),
    pytest.param(
        {"path": f"{ORDERS}/{{orderId}}"},
        "path: nothing fills `{orderId}`; write its value, or `{}` in extend_resources",
        id="amazons-placeholder",
    ),
    pytest.param(
        {"path": "/listings/2021-08-01/items/{sellerid}"},
        "known: {marketplace_ids}, {marketplace_id}, {seller_id}",
        id="misspelt-placeholder",
    ),
    pytest.param(
        {"path": f"{ORDERS}/{{}}"},
        "path: `{}` is for the paths in extend_resources",
        id="braces-of-an-extension",
    ),
    pytest.param(
        {"path": f"{ORDERS}/{{seller_id"}, "has a brace without its partner", id="open-brace"
    ),
    pytest.param(
        {"path": "/reports/2020-09-04/reports"},
        "path: Amazon removed /reports/2020-09-04/reports on 2024-06-27; use"
        " /reports/2021-06-30/reports instead",
        id="removed-version",
    ),
    pytest.param(
        {"path": "/replenishment/2022-11-07/offers/search"},
        "method: /replenishment/2022-11-07/offers/search is asked for by POST, not by GET",
        id="get-of-a-post",
    ),
    pytest.param(
        {"path": ORDERS, "method": "POST", "body": {}},
        f"method: {ORDERS} is asked for by GET, not by POST",
        id="post-of-a-get",
    ),
    pytest.param(
        {"path": "/feeds/2021-06-30/feeds", "method": "POST", "body": {}},
        "method: createFeed (POST /feeds/2021-06-30/feeds) creates or changes something",
        id="feed",
    ),
    pytest.param(
        {"path": "/dataKiosk/2023-11-15/queries", "method": "POST", "body": {}},
        "createQuery (POST /dataKiosk/2023-11-15/queries) creates or changes something",
        id="data-kiosk",
    ),
    pytest.param(
        {"path": "/reports/2021-06-30/reports", "method": "POST", "body": {}},
        "for a report, use asp_dagster.AmazonSPReport",
        id="report",
    ),
    pytest.param(
        {
            "path": ORDERS,
            "extend_resources": [
                {
                    "new_field_name": "fees",
                    "path": "/products/fees/v0/items/{}/feesEstimate",
                    "path_variable_name": "asin",
                }
            ],
        },
        "extend_resources.0.path: /products/fees/v0/items/{}/feesEstimate is asked for by POST",
        id="extension-by-post",
    ),
]

DOUBTFUL = [
    pytest.param(
        {"path": "/finances/v0/financialEvents", "today": date(2027, 6, 1)},
        "path: Amazon removes /finances/v0/financialEvents on 2027-08-27; move to"
        " /finances/2024-06-19/transactions before",
        id="retiring",
    ),
    pytest.param(
        {"path": "/orders/2026-01-01/order"},
        f"path: no table has heard of GET /orders/2026-01-01/order (did you mean {ORDERS}?)",
        id="misspelt",
    ),
    pytest.param(
        {"path": "/weather/v1/forecast", "method": "POST", "body": {}},
        "path: no table has heard of POST /weather/v1/forecast; it is asked for as declared",
        id="unheard-of",
    ),
]

RIGHT = [
    pytest.param({"path": "/finances/v0/financialEvents"}, id="end-far-away"),
    pytest.param({"path": ORDERS}, id="list"),
    pytest.param({"path": f"{ORDERS}/902-3159896-1390916"}, id="one-value"),
    pytest.param({"path": "/vendor/orders/v1/purchaseOrders"}, id="vendor"),
    pytest.param({"path": "/finances/remittances/2026-03-17/remittances"}, id="without-a-model"),
    pytest.param(
        {"path": "/support/2025-02-01/cases", "method": "POST", "body": {}},
        id="post-without-a-model",
    ),
    pytest.param(
        {"path": "/replenishment/2022-11-07/offers/search", "method": "POST", "body": {}},
        id="search-by-post",
    ),
    pytest.param(
        {
            "path": "/batches/products/pricing/2022-05-01/items/competitiveSummary",
            "method": "POST",
            "body": {"requests": []},
        },
        id="batch-pricing",
    ),
]


@pytest.mark.parametrize(("declared", "words"), WRONG)
def test_path_that_cannot_be_meant_is_refused(
    mistakes_of: Callable[..., str], declared: dict[str, Any], words: str
) -> None:
    """A path that leads nowhere is refused with its place and what would be right."""
    assert words in mistakes_of(**declared)


@pytest.mark.parametrize(("declared", "words"), DOUBTFUL)
def test_doubtful_path_is_warned_about(
    warnings_of: Callable[..., Sequence[str]], declared: dict[str, Any], words: str
) -> None:
    """A path that will end, or that nobody knows, is warned about and works."""
    [warning] = warnings_of(**declared)

    assert words in warning


@pytest.mark.parametrize("declared", RIGHT)
def test_right_path_passes(
    warnings_of: Callable[..., Sequence[str]], declared: dict[str, Any]
) -> None:
    """A path that some table knows passes without a word."""
    assert not warnings_of(**declared)
