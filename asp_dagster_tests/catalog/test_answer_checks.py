"""A results key or paging that leads nowhere is refused."""

import csv
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

V0 = {"path": "/orders/v0/orders", "params": {"MarketplaceIds": "A"}}
EVENTS = {"path": "/finances/v0/financialEvents"}
ITEM = {"path": "/catalog/2022-04-01/items/B01", "params": {"marketplaceIds": "A"}}

WRONG = [
    pytest.param(
        {**V0, "results_key": "Order"},
        "results_key: the answer of getOrders has no 'Order'; did you mean 'Orders'?"
        " known: payload, Orders, errors",
        id="misspelt",
    ),
    pytest.param({**V0, "results_key": "orders"}, "did you mean 'Orders'?", id="wrong-case"),
    pytest.param(
        {**V0, "results_key": "payload.orders"}, "no 'payload.orders'", id="dotted-is-literal"
    ),
    pytest.param(
        {**EVENTS, "results_key": "FinancialEvents.RefundEventList"},
        "did you mean 'payload.FinancialEvents.RefundEventList'?",
        id="dotted-lacks-payload",
    ),
    pytest.param({**EVENTS, "results_key": "payload.*Array"}, "no 'payload.*Array'", id="pattern"),
    pytest.param(
        {**V0, "results_key": "payload.NextToken"}, "no 'payload.NextToken'", id="no-records"
    ),
    pytest.param(
        {
            "path": "/weather/v1/forecast",
            "extend_resources": [
                {
                    "new_field_name": "items",
                    "path": "/orders/v0/orders/{}/orderItems",
                    "path_variable_name": "id",
                    "results_key": "Items",
                }
            ],
        },
        "extend_resources.0.results_key: the answer of getOrderItems has no 'Items'",
        id="of-an-extension",
    ),
    pytest.param(
        {**V0, "paging": {"token": "", "param": "NextToken"}},
        "paging.token: is empty; write where an answer holds the token",
        id="empty-token",
    ),
    pytest.param(
        {**V0, "paging": {"token": "NextToken", "param": ""}},
        "paging.param: is empty; write the parameter that takes the token",
        id="empty-param",
    ),
]

RIGHT = [
    pytest.param({**V0, "results_key": "Orders"}, id="below-payload"),
    pytest.param({**V0, "results_key": "payload.Orders"}, id="dotted"),
    pytest.param({**V0, "results_key": "payload"}, id="object"),
    pytest.param({**V0, "results_key": ""}, id="whole-answer"),
    pytest.param({**V0, "results_key": "errors"}, id="beside-payload"),
    pytest.param({**EVENTS, "results_key": "payload.FinancialEvents.*List"}, id="pattern"),
    pytest.param({**ITEM, "results_key": "attributes.item_name"}, id="anything-below"),
    pytest.param({"path": "/weather/v1/forecast", "results_key": "rain"}, id="unknown-operation"),
    pytest.param(
        {
            "path": "/products/fees/v0/feesEstimate",
            "method": "POST",
            "body": {},
            "results_key": "x",
        },
        id="answer-without-places",
    ),
]


@pytest.mark.parametrize(("declared", "words"), WRONG)
def test_place_that_leads_nowhere_is_refused(
    mistakes_of: Callable[..., str], declared: dict[str, Any], words: str
) -> None:
    """A results key or page token that no answer has is refused, with those there are."""
    assert words in mistakes_of(**declared)


@pytest.mark.parametrize("declared", RIGHT)
def test_place_that_an_answer_has_passes(
    mistakes_of: Callable[..., str], declared: dict[str, Any]
) -> None:
    """A results key passes wherever the answer may hold records."""
    assert not mistakes_of(**declared)


def test_every_results_key_of_the_paging_table_passes(mistakes_of: Callable[..., str]) -> None:
    """What the paging table says of an operation's answer, the model says too."""
    table = (files("asp_dagster.spapi") / "paging.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.splitlines()))

    refused = [
        row["operation"]
        for row in rows
        if "results_key: " in mistakes_of(path=row["path"], results_key=row["results_key"])
    ]

    assert rows
    assert not refused
