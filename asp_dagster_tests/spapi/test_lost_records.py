"""An answer that lost its records is asked for again, and is never taken for an empty page."""

from typing import Any

import pytest

from asp_dagster.spapi import BrokenResponseError, RetryPolicy, SellingPartnerClient, pages

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
        pytest.param(
            ORDERS, {"orders": None, "pagination": {"nextToken": "t"}}, {"orders": [ONE]}, id="list"
        ),
        pytest.param(
            ORDERS_V0,
            {"payload": {"Orders": None, "NextToken": "t"}},
            {"payload": {"Orders": [ONE]}},
            id="list-in-payload",
        ),
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


def test_null_that_amazon_insists_on_is_an_empty_page(make_client: Any, server: Any) -> None:
    """A payload that is null four times in a row has neither records nor a token."""
    for _ in range(4):
        server.answer({"payload": None})
    client = make_client(retry=RetryPolicy(jitter=lambda: 1.0))

    assert [list(page.records) for page in pages(client, ORDERS_V0)] == [[]]
    assert len(server.calls) == 4


def test_announced_page_is_never_null(make_client: Any, server: Any) -> None:
    """A page that the page before announced does not end the walk by being null."""
    server.answer({"payload": {"Orders": [ONE], "NextToken": "t"}})
    for _ in range(8):
        server.answer({"payload": None})
    client = make_client(retry=RetryPolicy(jitter=lambda: 1.0))

    with pytest.raises(BrokenResponseError, match="the payload is null"):
        list(pages(client, ORDERS_V0))


def test_announced_page_whose_list_is_null_is_asked_for_again(
    client: SellingPartnerClient, server: Any
) -> None:
    """A page that the page before announced is not empty because its list is null once."""
    server.answer({"orders": [ONE], "pagination": {"nextToken": "t"}})
    server.answer({"orders": None}).answer({"orders": [{"id": 2}]})

    assert [list(page.records) for page in pages(client, ORDERS)] == [[ONE], [{"id": 2}]]


def test_null_list_that_amazon_insists_on_is_an_empty_page(make_client: Any, server: Any) -> None:
    """A list that is null four times in a row has no records, and its page's token is followed."""
    for _ in range(4):
        server.answer({"orders": None, "pagination": {"nextToken": "t"}})
    server.answer({"orders": [ONE]})
    client = make_client(retry=RetryPolicy(jitter=lambda: 1.0))

    assert [list(page.records) for page in pages(client, ORDERS)] == [[], [ONE]]
    assert len(server.calls) == 5


def test_null_list_of_the_only_page_is_an_empty_page(
    client: SellingPartnerClient, server: Any
) -> None:
    """Where no other page is spoken of, a null list costs one call."""
    server.answer({"orders": None})

    assert [list(page.records) for page in pages(client, ORDERS)] == [[]]
    assert len(server.calls) == 1


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
