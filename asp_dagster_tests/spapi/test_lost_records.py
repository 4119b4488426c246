"""An answer that lost its records is asked for again, and is never taken for an empty page."""

from typing import Any

import pytest

from asp_dagster.spapi import BrokenResponseError, SellingPartnerClient, pages

ORDERS = "/orders/2026-01-01/orders"
ORDERS_V0 = "/orders/v0/orders"
UNLISTED = "/some/api/things"
ONE = {"id": 1}


@pytest.mark.parametrize(
    ("path", "lost", "whole"),
    [
        pytest.param(ORDERS, {"payload": None}, {"orders": [ONE]}, id="null-payload-of-no-payload"),
        pytest.param(ORDERS, {"pagination": {}}, {"orders": [ONE]}, id="no-results-key"),
        pytest.param(ORDERS_V0, {"payload": None}, {"payload": {"Orders": [ONE]}}, id="null"),
        pytest.param(ORDERS_V0, {"x": 1}, {"payload": {"Orders": [ONE]}}, id="no-payload"),
    ],
)
def test_lost_records_are_asked_for_again(
    client: SellingPartnerClient, server: Any, path: str, lost: Any, whole: Any
) -> None:
    """One answer without the documented place of the records costs a request, and no record."""
    server.answer(lost).answer(whole)

    assert [list(page.records) for page in pages(client, path)] == [[ONE]]
    assert len(server.calls) == 2


def test_records_that_stay_lost_are_an_error(client: SellingPartnerClient, server: Any) -> None:
    """Where the model has no payload, no number of null payloads makes an empty page."""
    for _ in range(3):
        server.answer({"payload": None})

    with pytest.raises(BrokenResponseError, match="no 'orders'; in its place: payload"):
        list(pages(client, ORDERS))


def test_each_page_is_doubted_anew(client: SellingPartnerClient, server: Any) -> None:
    """A null payload that was believed on one page is doubted on the next."""
    first = {"payload": {"Orders": [], "NextToken": "t"}}
    server.answer({"payload": None}).answer(first).answer({"payload": None})
    server.answer({"payload": {"Orders": [ONE]}})

    assert [list(page.records) for page in pages(client, ORDERS_V0)] == [[], [ONE]]


def test_records_may_be_declared_elsewhere(client: SellingPartnerClient, server: Any) -> None:
    """An answer that has the declared place is a page, whatever the model says."""
    server.answer({"things": [ONE]})

    walked = list(pages(client, ORDERS, results_key="things"))

    assert [list(page.records) for page in walked] == [[ONE]]


def test_nothing_is_doubted_where_no_list_is_known(
    client: SellingPartnerClient, server: Any
) -> None:
    """Of an operation that is in no table only the declaration knows the records."""
    server.answer({"payload": None})

    assert [list(page.records) for page in pages(client, UNLISTED)] == [[]]
