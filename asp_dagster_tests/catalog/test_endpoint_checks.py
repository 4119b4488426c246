"""A declared endpoint is checked as a whole: all its mistakes are named at once."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest

ORDERS = "/orders/2026-01-01/orders"
AMERICA = "https://sellingpartnerapi-na.amazon.com"
US, DE = "ATVPDKIKX0DER", "A1PA6795UKMFR9"
CATALOG = {"path": "/catalog/2022-04-01/items", "params": {"marketplaceIds": US}}
VALUES = {"table": "orders", "column": "asin", "param": "identifiers"}

WRONG = [
    pytest.param(
        {"path": "/replenishment/2022-11-07/offers/search", "method": "POST"},
        "body: is missing; a POST sends what it searches for in its body",
        id="post-without-a-body",
    ),
    pytest.param(
        {"path": ORDERS, "body": {"a": 1}},
        "body: a GET sends none; write `method: POST`, or put its parameters into params",
        id="get-with-a-body",
    ),
    pytest.param(
        {
            "path": "/replenishment/2022-11-07/offers/search",
            "method": "POST",
            "body": {"filters": [{"marketplaceId": "{marketplace}"}]},
        },
        "body.filters.0.marketplaceId: nothing fills `{marketplace}`",
        id="misspelt-placeholder-in-a-body",
    ),
    pytest.param(
        {"path": ORDERS, "record_config": {"id_field": ""}},
        "record_config.id_field: '' is no dotted place; write orderId or order.id",
        id="empty-id",
    ),
    pytest.param(
        {"path": ORDERS, "record_config": {"id_field": []}},
        "record_config.id_field: is empty; name the field that identifies a record",
        id="no-ids",
    ),
    pytest.param(
        {"path": ORDERS, "record_config": {"id_field": ["a", "a"]}},
        "record_config.id_field: names a field twice",
        id="one-id-twice",
    ),
    pytest.param(
        {"path": ORDERS, "record_config": {"id_field": "a", "last_modified_field": "b."}},
        "record_config.last_modified_field: 'b.' is no dotted place",
        id="broken-last-modified-field",
    ),
    pytest.param(
        {"path": ORDERS, "reuse_extensions": True},
        "reuse_extensions: needs record_config.last_modified_field",
        id="reuse-without-a-record-config",
    ),
    pytest.param(
        {"path": ORDERS, "record_config": {"id_field": "a"}, "reuse_extensions": True},
        "reuse_extensions: needs record_config.last_modified_field",
        id="reuse-without-a-last-change",
    ),
    pytest.param(
        {**CATALOG, "values_from": {**VALUES, "per_request": 0}},
        "values_from.per_request: asks for nothing",
        id="no-values-for-a-request",
    ),
    pytest.param(
        {**CATALOG, "values_from": {**VALUES, "per_request": 50}},
        "values_from.per_request: identifiers takes at most 20 values",
        id="too-many-values-for-a-request",
    ),
    pytest.param(
        {"path": ORDERS, "endpoint": "sellingpartnerapi-na.amazon.com"},
        "endpoint: 'sellingpartnerapi-na.amazon.com' is no URL",
        id="endpoint-is-no-url",
    ),
    pytest.param(
        {"path": ORDERS, "endpoint": AMERICA, "marketplaces": [US, DE]},
        f"marketplaces: Marketplace {DE} (DE) belongs to the EU endpoint",
        id="marketplace-of-another-region",
    ),
    pytest.param(
        {"path": ORDERS, "endpoint": AMERICA, "marketplaces": ["US"]},
        "marketplaces: There is no marketplace 'US'",
        id="no-marketplace",
    ),
    pytest.param(
        {"path": ORDERS, "endpoint": AMERICA, "params": {"marketplaceIds": f"{US}, {DE}"}},
        f"params.marketplaceIds: Marketplace {DE} (DE) belongs to the EU endpoint",
        id="parameter-of-another-region",
    ),
]

RIGHT = [
    pytest.param({"endpoint": AMERICA, "marketplaces": [US]}, id="amazon"),
    pytest.param(
        {"endpoint": AMERICA, "params": {"marketplaceIds": ["{marketplace_ids}"]}},
        id="placeholder",
    ),
    pytest.param({"endpoint": "http://127.0.0.1:8000", "marketplaces": [DE]}, id="simulator"),
    pytest.param({"marketplaces": [DE]}, id="endpoint-of-the-environment"),
    pytest.param(
        {"record_config": {"id_field": ["a", "b.c"], "last_modified_field": "t"}}, id="ids"
    ),
    pytest.param({"values_from": {**VALUES, "param": "fulfilledBy"}}, id="values-without-a-limit"),
]


@pytest.mark.parametrize(("declared", "words"), WRONG)
def test_endpoint_that_cannot_work_is_refused(
    mistakes_of: Callable[..., str], declared: dict[str, Any], words: str
) -> None:
    """What cannot work is refused with its dotted place and the remedy."""
    assert words in mistakes_of(**declared)


@pytest.mark.parametrize("declared", RIGHT)
def test_right_endpoint_passes(
    warnings_of: Callable[..., Sequence[str]], declared: dict[str, Any]
) -> None:
    """What can work passes without a word."""
    assert not warnings_of(path=ORDERS, **declared)


def test_all_mistakes_are_named_at_once(mistakes_of: Callable[..., str]) -> None:
    """A declaration with several mistakes is refused once, with each of them."""
    mistakes = mistakes_of(path="orders", body={}, record_config={"id_field": ""})

    assert all(place in mistakes for place in ("path: ", "body: ", "record_config.id_field: "))


def test_foreign_endpoint_is_warned_about(warnings_of: Callable[..., Sequence[str]]) -> None:
    """An endpoint that is neither Amazon's nor this machine is warned about."""
    [warning] = warnings_of(path=ORDERS, endpoint="https://proxy.example.com")

    assert "endpoint: https://proxy.example.com is none of Amazon's" in warning


def test_seed_example_passes(warnings_of: Callable[..., Sequence[str]]) -> None:
    """The job that people come with passes; its coming end is told for each request."""
    warnings = warnings_of(
        path="/orders/v0/orders",
        params={
            "LastUpdatedAfter": "2022-02-22",
            "MarketplaceIds": US,
            "MaxResultsPerPage": "100",
        },
        results_key="Orders",
        updated_at_param="LastUpdatedAfter",
        record_config={"id_field": "AmazonOrderId", "last_modified_field": "LastUpdateDate"},
        extend_resources=[
            {
                "new_field_name": "OrderItems",
                "path": "/orders/v0/orders/{}/orderItems",
                "path_variable_name": "AmazonOrderId",
                "results_key": "OrderItems",
            }
        ],
        endpoint=AMERICA,
        today=date(2027, 3, 1),
    )

    assert ["2027-03-27" in warning for warning in warnings] == [True, True]
