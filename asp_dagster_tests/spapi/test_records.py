"""A results key finds the records, and says what was there if it does not."""

from typing import Any

import pytest

from asp_dagster.spapi import Response, ResponseError
from asp_dagster.spapi.records import records_of

ONE, TWO = {"id": 1}, {"id": 2}


def _response(body: dict[str, Any]) -> Response:
    return Response(operation="getThings", status=200, body=body, request_id="r-1")


@pytest.mark.parametrize(
    ("body", "results_key", "records"),
    [
        pytest.param({"payload": {"Orders": [ONE]}}, "Orders", [ONE], id="in the payload"),
        pytest.param({"orders": [ONE, TWO]}, "orders", [ONE, TWO], id="without a payload"),
        pytest.param({"payload": {"a": 1}, "orders": [ONE]}, "orders", [ONE], id="beside it"),
        pytest.param(
            {"payload": {"orders": [ONE]}, "orders": [TWO]}, "orders", [ONE], id="payload wins"
        ),
        pytest.param({"payload": [ONE], "items": [TWO]}, "items", [TWO], id="beside a list"),
        pytest.param({"payload": {"a": {"b": [ONE]}}}, "payload.a.b", [ONE], id="dotted"),
        pytest.param({"payload": [ONE]}, "payload", [ONE], id="the payload itself"),
        pytest.param({"payload": {"id": 1}}, "payload", [ONE], id="a mapping is one record"),
        pytest.param({"payload": None}, "Orders", [], id="null payload"),
        pytest.param({"payload": {"Orders": None}}, "Orders", [], id="null list"),
        pytest.param({"a": None}, "a.b.c", [], id="null on the way"),
        pytest.param({"payload": ONE}, "", [ONE], id="no key, payload"),
        pytest.param(ONE, "", [ONE], id="no key, whole answer"),
        pytest.param(
            {"payload": {"E": {"AList": [ONE], "BList": None, "CList": [TWO], "Other": [ONE]}}},
            "payload.E.*List",
            [{"AList": ONE}, {"CList": TWO}],
            id="pattern",
        ),
        pytest.param({"payload": {"E": None}}, "payload.E.*List", [], id="pattern in null"),
    ],
)
def test_finds_the_records(
    body: dict[str, Any], results_key: str, records: list[dict[str, Any]]
) -> None:
    """Plain names, dotted paths and patterns lead to the records; null is an empty page."""
    assert records_of(_response(body), results_key) == records


@pytest.mark.parametrize(
    ("body", "results_key", "words"),
    [
        pytest.param(
            {"payload": {"Items": [], "NextToken": "t"}},
            "Orders",
            "no 'Orders' of the results key 'Orders'; in its place: Items, NextToken",
            id="misspelt",
        ),
        pytest.param({"a": {}}, "a.b", "no 'b' .* in its place: nothing", id="empty"),
        pytest.param({"a": [1]}, "a.b", "no 'b' .* in its place: list", id="a list on the way"),
        pytest.param({"a": ["x"]}, "a", "'a' holds str instead of records", id="no records"),
        pytest.param({"a": 7}, "a", "'a' holds int instead of records", id="a number"),
        pytest.param({"E": [1]}, "E.*List", "holds int instead of records", id="pattern"),
    ],
)
def test_missing_records_are_an_error(body: dict[str, Any], results_key: str, words: str) -> None:
    """A key that is not there is an error that lists the keys that are."""
    with pytest.raises(ResponseError, match=words) as caught:
        records_of(_response(body), results_key)

    assert (caught.value.operation, caught.value.request_id) == ("getThings", "r-1")
