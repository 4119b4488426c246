"""Parameters that an operation does not take are refused, with those that it takes."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

V0 = {"path": "/orders/v0/orders", "updated_at_param": "LastUpdatedAfter"}
V2026 = {"path": "/orders/2026-01-01/orders"}
CATALOG = {"path": "/catalog/2022-04-01/items"}
MARKETPLACES = {"MarketplaceIds": "{marketplace_ids}"}

WRONG = [
    pytest.param(
        {**V0, "params": {**MARKETPLACES, "OrderStatus": "Shipped"}},
        "params.OrderStatus: getOrders takes no parameter 'OrderStatus';"
        " did you mean 'OrderStatuses'? known: CreatedAfter, CreatedBefore",
        id="misspelt",
    ),
    pytest.param(
        {**V0, "params": {**MARKETPLACES, "Weather": "fine"}},
        "getOrders takes no parameter 'Weather'; known: CreatedAfter",
        id="invented",
    ),
    pytest.param(
        {"path": "/sellers/v1/marketplaceParticipations", "params": {"page": 1}},
        "takes no parameter 'page'; known: none",
        id="operation-without-parameters",
    ),
    pytest.param(
        {**V0, "params": {"marketplaceIds": "{marketplace_ids}"}},
        "params.marketplaceIds: write 'MarketplaceIds', not 'marketplaceIds': case matters",
        id="wrong-case",
    ),
    pytest.param(
        {**V2026, "params": {"fulfilledBy": "AMAZON", "FulfilledBy": "AMAZON"}},
        "params.FulfilledBy: is given twice, in different case; keep one",
        id="twice",
    ),
    pytest.param(
        V0,
        'params: lacks MarketplaceIds (write "{marketplace_ids}"), which /orders/v0/orders'
        " requires",
        id="required-is-missing",
    ),
    pytest.param(
        CATALOG,
        'params: lacks marketplaceIds (write "{marketplace_id}")',
        id="required-takes-one-marketplace",
    ),
    pytest.param(
        {"path": "/fba/inbound/v0/shipments", "params": {"MarketplaceId": "A"}},
        "params: lacks QueryType, which /fba/inbound/v0/shipments requires",
        id="required-on-the-first-page",
    ),
    pytest.param(
        {"path": "/reports/2021-06-30/schedules"},
        "params: lacks reportTypes, which /reports/2021-06-30/schedules requires",
        id="required-is-no-marketplace",
    ),
    pytest.param(
        {**V0, "params": {**MARKETPLACES, "MaxResultsPerPage": "many"}},
        "params.MaxResultsPerPage: takes a number, found 'many'",
        id="text-for-a-number",
    ),
    pytest.param(
        {**V0, "params": {**MARKETPLACES, "MaxResultsPerPage": True}},
        "params.MaxResultsPerPage: takes a number, found True",
        id="boolean-for-a-number",
    ),
    pytest.param(
        {**V0, "params": {**MARKETPLACES, "IsISPU": "maybe"}},
        "params.IsISPU: takes true or false, found 'maybe'",
        id="text-for-a-boolean",
    ),
    pytest.param(
        {**V0, "params": {**MARKETPLACES, "SellerOrderId": 0o123}},
        "params.SellerOrderId: takes text, found int 83; quote it",
        id="octal-for-an-id",
    ),
    pytest.param(
        {**V0, "params": {**MARKETPLACES, "AmazonOrderIds": 123}},
        "params.AmazonOrderIds: takes text, found int 123; quote it",
        id="number-for-a-list",
    ),
    pytest.param(
        {**CATALOG, "params": {"marketplaceIds": ["A", "B"]}},
        "params.marketplaceIds: takes at most 1, found 2",
        id="list-too-long",
    ),
    pytest.param(
        {**CATALOG, "params": {"marketplaceIds": "A", "keywords": ",".join("a" * 21)}},
        "params.keywords: takes at most 20, found 21",
        id="text-of-too-many",
    ),
    pytest.param(
        {**V0, "params": {**MARKETPLACES, "CreatedAfter": "{window_strat}"}},
        "params.CreatedAfter: nothing fills `{window_strat}`; known: {marketplace_ids}",
        id="misspelt-placeholder",
    ),
    pytest.param(
        {**V0, "params": {"MarketplaceIds": ["{marketplace}"]}},
        "params.MarketplaceIds.0: nothing fills `{marketplace}`",
        id="misspelt-placeholder-in-a-list",
    ),
    pytest.param(
        {**V0, "params": {"MarketplaceIds": "{env.MARKETPLACES}"}},
        "params.MarketplaceIds: nothing fills `{env.MARKETPLACES}`; did you mean"
        " `{{ env.MARKETPLACES }}`?",
        id="template-in-single-braces",
    ),
    pytest.param(
        {**V0, "params": {**MARKETPLACES, "LastUpdatedAfter": "last week"}},
        "params.LastUpdatedAfter: 'last week' is no time; write 2026-01-31",
        id="window-start-that-is-no-time",
    ),
    pytest.param(
        {
            **V0,
            "params": {
                **MARKETPLACES,
                "LastUpdatedBefore": "2026-01-01",
                "LastUpdatedAfter": "2026-02-01",
            },
            "updated_before_param": "LastUpdatedBefore",
        },
        "params.LastUpdatedBefore: lies before LastUpdatedAfter; exchange them",
        id="window-that-ends-before-it-begins",
    ),
    pytest.param(
        {**V2026, "updated_at_param": "LastUpdatedAfter"},
        "updated_at_param: write 'lastUpdatedAfter', not 'LastUpdatedAfter': case matters",
        id="window-start-in-wrong-case",
    ),
    pytest.param(
        {**V2026, "updated_at_param": "changedAfter"},
        "updated_at_param: searchOrders takes no parameter 'changedAfter'; did you mean",
        id="unknown-window-start",
    ),
    pytest.param(
        {**V2026, "updated_at_param": "createdAfter", "updated_before_param": "createdUntil"},
        "updated_before_param: searchOrders takes no parameter 'createdUntil'",
        id="unknown-window-end",
    ),
    pytest.param(
        {**V2026, "updated_before_param": "createdBefore"},
        "updated_before_param: needs updated_at_param",
        id="window-end-alone",
    ),
    pytest.param(
        {**V2026, "updated_at_param": "createdAfter", "updated_before_param": "createdAfter"},
        "updated_before_param: createdAfter is updated_at_param already",
        id="window-end-is-its-start",
    ),
    pytest.param(
        {**V2026, "updated_at_param": "lastUpdatedBefore"},
        "updated_at_param: lastUpdatedBefore is an upper bound; write lastUpdatedAfter",
        id="window-start-is-an-upper-bound",
    ),
    pytest.param(
        {**V2026, "updated_at_param": "maxResultsPerPage"},
        "updated_at_param: maxResultsPerPage takes integer, no time",
        id="window-start-is-no-time",
    ),
    pytest.param(
        {
            **CATALOG,
            "params": {"marketplaceIds": "A"},
            "values_from": {"table": "t", "column": "c", "param": "identifers"},
        },
        "values_from.param: searchCatalogItems takes no parameter 'identifers'; did you mean"
        " 'identifiers'?",
        id="unknown-parameter-for-values",
    ),
    pytest.param(
        {
            **V0,
            "params": MARKETPLACES,
            "extend_resources": [
                {
                    "new_field_name": "items",
                    "path": "/orders/v0/orders/{}/orderItems",
                    "path_variable_name": "AmazonOrderId",
                    "params": {"MaxResults": 5},
                }
            ],
        },
        "extend_resources.0.params.MaxResults: getOrderItems takes no parameter 'MaxResults';"
        " known: NextToken",
        id="of-an-extension",
    ),
]

RIGHT = [
    pytest.param({**V0, "params": {**MARKETPLACES, "MaxResultsPerPage": "100"}}, id="digits"),
    pytest.param({**V0, "params": {**MARKETPLACES, "MaxResultsPerPage": 100}}, id="number"),
    pytest.param({**V0, "params": {**MARKETPLACES, "IsISPU": "TRUE"}}, id="boolean-as-text"),
    pytest.param({**V0, "params": {"MarketplaceIds": ["A", "B"]}}, id="list"),
    pytest.param({**V0, "params": {**MARKETPLACES, "NextToken": "abc"}}, id="page-token"),
    pytest.param({**V2026, "params": {"lastUpdatedAfter": "{window_start}"}}, id="placeholder"),
    pytest.param(
        {**V0, "params": {**MARKETPLACES, "LastUpdatedAfter": "{window_start}"}},
        id="placeholder-for-the-window-start",
    ),
    pytest.param(
        {
            **V0,
            "params": {
                **MARKETPLACES,
                "LastUpdatedAfter": "2026-01-01",
                "LastUpdatedBefore": "2026-02-01T00:00:00+01:00",
            },
            "updated_before_param": "LastUpdatedBefore",
        },
        id="fixed-window",
    ),
    pytest.param(
        {"path": "/weather/v1/forecast", "params": {"anything": 1, "goes": True}}, id="unknown"
    ),
    pytest.param(
        {
            **V2026,
            "params": {"after": "abc"},
            "paging": {"token": "pagination.nextToken", "param": "after"},
        },
        id="declared-page-token",
    ),
    pytest.param(
        {
            "path": "/vendor/directFulfillment/orders/v1/purchaseOrders",
            "updated_at_param": "createdAfter",
        },
        id="required-upper-bound-is-filled",
    ),
    pytest.param(
        {
            "path": "/inbound/fba/2024-03-20/items/prepDetails",
            "params": {"marketplaceId": "A"},
            "values_from": {"table": "t", "column": "sku", "param": "mskus"},
        },
        id="required-is-filled-from-a-table",
    ),
]


@pytest.mark.parametrize(("declared", "words"), WRONG)
def test_wrong_parameter_is_refused(
    mistakes_of: Callable[..., str], declared: dict[str, Any], words: str
) -> None:
    """A parameter that Amazon would refuse is refused at once, with what would be right."""
    assert words in mistakes_of(**declared)


@pytest.mark.parametrize("declared", RIGHT)
def test_right_parameters_pass(mistakes_of: Callable[..., str], declared: dict[str, Any]) -> None:
    """Parameters that Amazon takes pass, however YAML writes them."""
    assert not mistakes_of(**declared)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        pytest.param("/catalog/2022-04-01/items", "marketplaceIds", id="list-of-one"),
        pytest.param("/aplus/2020-11-01/contentDocuments", "marketplaceId", id="text"),
    ],
)
def test_all_marketplaces_where_one_is_taken_warn(
    warnings_of: Callable[..., Sequence[str]], path: str, name: str
) -> None:
    """All marketplaces in a parameter that takes one are warned about: there may be only one."""
    [warning] = warnings_of(path=path, params={name: "{marketplace_ids}"})

    assert f'params.{name}: {path} takes one marketplace; "{{marketplace_id}}"' in warning
