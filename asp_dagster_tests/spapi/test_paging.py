"""The walk through pages sends each token as its operation wants it, and ends only at the end."""

from typing import Any

import pytest

from asp_dagster.spapi import PagingRule, RequestError, ResponseError, SellingPartnerClient, pages

ORDERS_V0 = "/orders/v0/orders"
ORDERS = "/orders/2026-01-01/orders"
OFFERS = "/replenishment/2022-11-07/offers/search"


def _page(token: str | None, *ids: int) -> dict[str, Any]:
    return {"orders": [{"id": i} for i in ids], "pagination": {"nextToken": token}}


def test_walks_to_the_last_page(client: SellingPartnerClient, server: Any) -> None:
    """Pages come in order, numbered, until there is no token."""
    server.answer(_page("t1", 1, 2)).answer(_page("t2", 3)).answer({"orders": [{"id": 4}]})

    walked = list(pages(client, ORDERS))

    assert [[record["id"] for record in page.records] for page in walked] == [[1, 2], [3], [4]]
    assert [(page.number, page.next_token) for page in walked] == [(1, "t1"), (2, "t2"), (3, None)]
    assert walked[2].body == {"orders": [{"id": 4}]}


def test_asks_for_a_page_when_it_is_wanted(client: SellingPartnerClient, server: Any) -> None:
    """No quota is spent on pages that nobody reads."""
    server.answer(_page("t1", 1))

    next(pages(client, ORDERS))

    assert len(server.calls) == 1


def test_repeats_the_parameters_with_the_token(client: SellingPartnerClient, server: Any) -> None:
    """Most operations want the same parameters again, and the token."""
    server.answer({"payload": {"Orders": [], "NextToken": "a+b/c="}})
    server.answer({"payload": {"Orders": []}})

    list(pages(client, ORDERS_V0, {"MarketplaceIds": ["A"], "CreatedAfter": "2026-01-01"}))

    assert server.calls[1].query == {
        "MarketplaceIds": "A",
        "CreatedAfter": "2026-01-01",
        "NextToken": "a+b/c=",
    }


def test_sends_the_token_alone(client: SellingPartnerClient, server: Any) -> None:
    """The operation getReports refuses any other parameter beside its token."""
    server.answer({"reports": [{"id": 1}], "nextToken": "t"}).answer({"reports": [{"id": 2}]})

    list(pages(client, "/reports/2021-06-30/reports", {"reportTypes": ["GET_X"], "pageSize": 100}))

    assert server.calls[1].query == {"nextToken": "t"}


def test_changes_the_companions(client: SellingPartnerClient, server: Any) -> None:
    """Inbound v0 wants another query type once there is a token."""
    server.answer({"payload": {"ShipmentData": [], "NextToken": "t"}})
    server.answer({"payload": {"ShipmentData": []}})

    params = {"QueryType": "DATE_RANGE", "MarketplaceId": "A"}
    list(pages(client, "/fba/inbound/v0/shipments", params))

    expected = {"QueryType": "NEXT_TOKEN", "MarketplaceId": "A", "NextToken": "t"}
    assert server.calls[1].query == expected
    assert params == {"QueryType": "DATE_RANGE", "MarketplaceId": "A"}


def test_finds_a_token_outside_the_payload(client: SellingPartnerClient, server: Any) -> None:
    """FBA inventory puts its token beside the payload."""
    first = {"payload": {"inventorySummaries": [{"a": 1}]}, "pagination": {"nextToken": "t"}}
    server.answer(first).answer({"payload": {"inventorySummaries": [{"a": 2}]}})

    walked = list(pages(client, "/fba/inventory/v1/summaries", {"details": True}))

    assert [page.records for page in walked] == [[{"a": 1}], [{"a": 2}]]
    assert server.calls[1].query == {"details": "true", "nextToken": "t"}


def test_sends_the_token_in_the_body(client: SellingPartnerClient, server: Any) -> None:
    """A search by POST may want its token in the body."""
    server.answer({"cases": [], "nextToken": "t"}).answer({"cases": []})

    list(pages(client, "/support/2025-02-01/cases", method="POST", body={"maxResults": 5}))

    assert server.calls[1].json == {"maxResults": 5, "nextToken": "t"}


def test_sends_the_token_beside_a_body(client: SellingPartnerClient, server: Any) -> None:
    """A search by POST may want its token in the query and the same body again."""
    path = "/service/v1/serviceResources/1/capacity/range"
    server.answer({"capacities": [], "nextPageToken": "t"}).answer({"capacities": []})

    list(pages(client, path, {"marketplaceIds": "A"}, method="POST", body={"a": 1}))

    assert server.calls[1].query == {"marketplaceIds": "A", "nextPageToken": "t"}
    assert server.calls[1].json == {"a": 1}


def test_moves_the_offset_on(client: SellingPartnerClient, server: Any) -> None:
    """Replenishment counts records instead of giving tokens."""
    for first, last in ((0, 2), (2, 4), (4, 5)):
        offers = [{"id": number} for number in range(first, last)]
        server.answer({"offers": offers, "pagination": {"totalResults": 5}})

    body = {"pagination": {"limit": 2, "offset": 0}, "filters": {"a": 1}}
    walked = list(pages(client, OFFERS, method="POST", body=body))

    assert [len(page.records) for page in walked] == [2, 2, 1]
    assert [seen.json["pagination"]["offset"] for seen in server.calls] == [0, 2, 4]
    assert server.calls[2].json == {"pagination": {"limit": 2, "offset": 4}, "filters": {"a": 1}}


def test_an_offset_that_leads_nowhere_is_an_error(
    client: SellingPartnerClient, server: Any
) -> None:
    """Records that are counted but not given are missed."""
    server.answer({"offers": [], "pagination": {"totalResults": 5}})

    with pytest.raises(ResponseError, match="no records from 0 on, of 5 in all"):
        list(pages(client, OFFERS, method="POST", body={"pagination": {"limit": 2}}))


def test_an_empty_page_with_a_token_goes_on(client: SellingPartnerClient, server: Any) -> None:
    """A page without records is not the end."""
    server.answer(_page("t1")).answer(_page("t2")).answer({"orders": [{"id": 1}]})

    walked = list(pages(client, ORDERS))

    assert [len(page.records) for page in walked] == [0, 0, 1]


@pytest.mark.parametrize("token", [None, ""], ids=["null", "empty"])
def test_ends_at_an_empty_token(
    client: SellingPartnerClient, server: Any, token: str | None
) -> None:
    """A token that is null or empty ends the walk like a missing one."""
    server.answer(_page(token, 1))

    assert len(list(pages(client, ORDERS))) == 1


@pytest.mark.parametrize("tokens", [["a", "a"], ["a", "b", "a"]], ids=["at once", "in a circle"])
def test_a_repeated_token_is_an_error(
    client: SellingPartnerClient, server: Any, tokens: list[str]
) -> None:
    """A token seen before would go round for ever."""
    for token in tokens:
        server.answer(_page(token, 1))

    with pytest.raises(ResponseError, match=f"page {len(tokens)} repeats an earlier page token"):
        list(pages(client, ORDERS))


def test_a_token_to_start_with_counts_as_seen(client: SellingPartnerClient, server: Any) -> None:
    """A walk may start in the middle, and notices if it is sent back there."""
    server.answer(_page("start", 1))

    with pytest.raises(ResponseError, match="repeats"):
        list(pages(client, ORDERS, {"paginationToken": "start"}))


@pytest.mark.parametrize(
    "path",
    ["/fba/inbound/v0/shipments/1/items", "/brand/new/2027"],
    ids=["no parameter for it", "unlisted operation"],
)
def test_a_token_that_cannot_be_sent_is_an_error(
    client: SellingPartnerClient, server: Any, path: str
) -> None:
    """Further pages that cannot be asked for are not dropped in silence."""
    server.answer({"payload": {"ItemData": [{"id": 1}], "NextToken": "t"}})

    with pytest.raises(ResponseError, match="no known way to ask for them"):
        list(pages(client, path))


def test_an_unlisted_operation_gives_its_answer(client: SellingPartnerClient, server: Any) -> None:
    """Without table or results key, the answer is the record."""
    server.answer({"anything": 1})

    assert [page.records for page in pages(client, "/brand/new/2027")] == [[{"anything": 1}]]


def test_declared_results_key_wins(client: SellingPartnerClient, server: Any) -> None:
    """A declaration may look elsewhere than the table; paging stays the table's."""
    server.answer({"payload": {"Extra": [{"id": 1}], "Orders": [], "NextToken": "t"}})
    server.answer({"payload": {"Extra": [{"id": 2}], "Orders": []}})

    walked = list(pages(client, ORDERS_V0, results_key="Extra"))

    assert [page.records for page in walked] == [[{"id": 1}], [{"id": 2}]]


def test_declared_rule_wins(client: SellingPartnerClient, server: Any) -> None:
    """An operation newer than the table can be paged by a rule of one's own."""
    rule = PagingRule(
        results_key="things", token_keys=("next",), token_param="after", next_page="same_params"
    )
    server.answer({"things": [], "next": 7}).answer({"things": []})

    list(pages(client, "/brand/new/2027", rule=rule))

    assert server.calls[1].query == {"after": "7"}


def test_missing_results_key_lists_what_was_there(
    client: SellingPartnerClient, server: Any
) -> None:
    """A changed or misspelt key is an error, not an empty page."""
    for _ in range(3):
        server.answer({"bestellungen": [], "pagination": {}}, x_amzn_RequestId="r-7")

    with pytest.raises(ResponseError, match=r"bestellungen, pagination \(request id r-7\)"):
        list(pages(client, ORDERS))


def test_a_refused_page_is_an_error(client: SellingPartnerClient, server: Any) -> None:
    """A page that cannot be had ends the walk."""
    server.answer(_page("t", 1)).refuse(400, "InvalidInput")

    with pytest.raises(RequestError):
        list(pages(client, ORDERS))


def test_a_page_prints_no_records(client: SellingPartnerClient, server: Any) -> None:
    """Records may be personal data: a page's `repr` leaves them out."""
    server.answer({"orders": [{"buyer": "Jane"}]})

    assert repr(next(pages(client, ORDERS))) == "Page(number=1)"


def test_goes_on_behind_a_page_of_an_earlier_walk(
    client: SellingPartnerClient, server: Any
) -> None:
    """With a page's token a walk begins at the page after it, its parameters as on the first."""
    server.answer(_page("t2", 2)).answer({"orders": [{"id": 3}]})

    walked = list(pages(client, ORDERS, {"lastUpdatedAfter": "2026-01-01"}, after="t1"))

    assert [record["id"] for page in walked for record in page.records] == [2, 3]
    assert server.calls[0].query == {"lastUpdatedAfter": "2026-01-01", "paginationToken": "t1"}
