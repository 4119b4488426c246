"""Operations by Amazon's names."""

import pytest

from asp_dagster.spapi import ConfigurationError, SellingPartnerClient, UsagePlans
from asp_dagster.spapi.operation_names import NamedRequest
from asp_dagster_tests.spapi.conftest import ScriptedServer

PLANS = UsagePlans.load()


def test_a_list_is_asked_for_by_its_name(
    client: SellingPartnerClient, server: ScriptedServer
) -> None:
    """`searchOrders` gives the records of all pages, as its path does."""
    server.answer({"orders": [{"orderId": "1"}], "pagination": {"nextToken": "more"}})
    server.answer({"orders": [{"orderId": "2"}]})

    orders = list(client.list("searchOrders", {"lastUpdatedAfter": "2026-11-20"}))

    assert [order["orderId"] for order in orders] == ["1", "2"]
    assert {call.path for call in server.calls} == {"/orders/2026-01-01/orders"}


def test_method_and_path_follow_from_the_name() -> None:
    """A search by POST needs no method beside its name, and a path takes its values encoded."""
    search = NamedRequest.of(PLANS, "listOffers", {})
    items = NamedRequest.of(PLANS, "getOrderItems", {"orderId": "902/1", "NextToken": "more"})

    assert search == NamedRequest("POST", "/replenishment/2022-11-07/offers/search", {})
    assert (items.path, items.params) == (
        "/orders/v0/orders/902%2F1/orderItems",
        {"NextToken": "more"},
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("searchOrder", "did you mean searchOrders", id="misspelt"),
        pytest.param("orders/v0", "a path begins with /", id="no-name"),
        pytest.param(
            "searchCatalogItems",
            "GET /catalog/2020-12-01/items, GET /catalog/2022-04-01/items",
            id="two-versions",
        ),
        pytest.param("getOrderItems", "orderId is not given", id="path"),
    ],
)
def test_names_that_cannot_be_meant(
    client: SellingPartnerClient, server: ScriptedServer, name: str, words: str
) -> None:
    """A name that is none, or not one alone, or whose path stays open, is refused unsent."""
    with pytest.raises(ConfigurationError, match=words):
        client.list(name)

    assert server.calls == []
