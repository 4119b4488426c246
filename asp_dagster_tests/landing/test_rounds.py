"""A declaration's placeholders, marketplaces, values and paging become the requests they mean."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec, PagingSpec, ValuesSpec
from asp_dagster.landing import MARKETPLACE_FIELD, DataWindow, SettingError

Serve = Callable[[Mapping[str, Any]], Any]

NOVEMBER = DataWindow(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
START, LAST = "2026-11-01T00:00:00Z", "2026-11-30T23:59:59.999Z"
US, CA = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"
SEARCH = "/support/2025-02-01/cases"
VALUES = ValuesSpec(table="orders", column="asin", param="asins", per_request=2)


def _query(request: Any) -> Mapping[str, Any]:
    return {"things": [dict(request.query)]}


def _paged(request: Any) -> Mapping[str, Any]:
    """Answer two pages; the second to whoever sends the token of the first."""
    query = dict(request.query)
    return {"things": [query], "after": None if "from" in query else "2"}


@pytest.mark.parametrize(
    ("params", "sent"),
    [
        pytest.param({"a": "{marketplace_ids}"}, {"a": f"{US},{CA}"}, id="marketplaces"),
        pytest.param({"a": ["x", "{seller_id}"]}, {"a": "x,SELLER 1"}, id="in-a-list"),
        pytest.param(
            {"a": "{window_start}--{window_end}"}, {"a": f"{START}--{LAST}"}, id="in-a-text"
        ),
        pytest.param({"a": "m:{marketplace_ids}"}, {"a": f"m:{US},{CA}"}, id="joined"),
        pytest.param({"a": "{other} {}", "b": 7}, {"a": "{other} {}", "b": "7"}, id="not-ours"),
    ],
)
def test_placeholders_in_params(
    serve: Serve, params: Mapping[str, Any], sent: Mapping[str, str]
) -> None:
    """Each placeholder is sent as what it stands for; what is none of ours is sent as it is."""
    shelf = serve({"GET /things": _query})
    spec = EndpointSpec(path="/things", params=dict(params), results_key="things")

    records, _ = shelf.land(spec, NOVEMBER, seller_id="SELLER 1")

    assert records == [sent]


def test_placeholders_in_path_and_body(serve: Serve) -> None:
    """A value in a path stays one segment of it; a body is filled at every depth."""
    shelf = serve({"POST /things/{id}": _query})
    body = {"in": [{"from": "{window_start}", "of": "{marketplace_ids}"}], "graph": "{ a { b } }"}
    spec = EndpointSpec(path="/things/{seller_id}", method="POST", body=body, results_key="things")

    shelf.land(spec, NOVEMBER, seller_id="a/b c")

    assert shelf.asked.requests == ["POST /things/a/b c"]
    assert [call.path for call in shelf.simulator.calls][-1] == "/things/a%2Fb%20c"
    assert shelf.asked.bodies == [{"in": [{"from": START, "of": [US, CA]}], "graph": "{ a { b } }"}]


def test_window_goes_into_its_parameters(serve: Serve) -> None:
    """The window's start replaces what `params` says; its last instant goes beside it."""
    shelf = serve({"GET /things": _query})
    spec = EndpointSpec(
        path="/things",
        results_key="things",
        params={"since": "2022-02-22", "size": 5},
        updated_at_param="since",
        updated_before_param="until",
    )

    assert shelf.land(spec, NOVEMBER)[0] == [{"since": START, "size": "5", "until": LAST}]
    assert shelf.land(spec, None)[0] == [{"since": "2022-02-22", "size": "5"}]


def test_one_round_for_each_marketplace(serve: Serve) -> None:
    """Where one marketplace is asked for, each has its round, and its records say which it was."""
    shelf = serve({"GET /things": _paged, "GET /of/{marketplace}": _query})
    extension = ExtensionSpec(
        new_field_name="more",
        path="/of/{}",
        path_variable_name=MARKETPLACE_FIELD,
        params={"in": "{marketplace_id}"},
        results_key="things",
    )
    spec = EndpointSpec(
        path="/things",
        results_key="things",
        params={"of": "{marketplace_id}"},
        paging=PagingSpec(token="after", param="from"),
        extend_resources=(extension,),
    )

    records, _ = shelf.land(spec)

    assert records == [
        {"of": each, **page, MARKETPLACE_FIELD: each, "more": [{"in": each}]}
        for each in (US, CA)
        for page in ({}, {"from": "2"})
    ]


@pytest.mark.parametrize(
    "place",
    [
        pytest.param({"path": "/of/{marketplace_id}"}, id="path"),
        pytest.param({"body": {"a": [{"b": "{marketplace_id}"}]}, "method": "POST"}, id="body"),
        pytest.param(
            {
                "extend_resources": (
                    ExtensionSpec(
                        new_field_name="x",
                        path="/of/x",
                        extend_resources=(
                            ExtensionSpec(new_field_name="y", path="/of/{marketplace_id}"),
                        ),
                    ),
                )
            },
            id="extension-of-extension",
        ),
    ],
)
def test_marketplace_anywhere_makes_rounds(serve: Serve, place: Mapping[str, Any]) -> None:
    """Wherever one marketplace is named, in path, body or an extension, each has its round."""
    answers = {f"{method} /of/{{id}}": _query for method in ("GET", "POST")}
    shelf = serve(answers)
    spec = EndpointSpec(**{"path": "/of/all", "results_key": "things", **place})

    records, _ = shelf.land(spec)

    assert [record[MARKETPLACE_FIELD] for record in records] == [US, CA]


def test_values_are_asked_for_a_few_at_a_time(serve: Serve) -> None:
    """Each value is asked for once, as many in one request as are declared."""
    shelf = serve({"GET /things": _query})
    spec = EndpointSpec(
        path="/things",
        results_key="things",
        params={"m": "{marketplace_id}"},
        values_from=VALUES,
    )

    records, _ = shelf.land(spec, None, values=["a", "b", "a", "c"])

    assert [(record["m"], record["asins"]) for record in records] == [
        (US, "a,b"),
        (US, "c"),
        (CA, "a,b"),
        (CA, "c"),
    ]


def test_no_values_no_requests(serve: Serve) -> None:
    """Without a value there is nothing to ask for, and nothing lands."""
    shelf = serve({"GET /things": _query})

    records, landed = shelf.land(EndpointSpec(path="/things", values_from=VALUES), None)

    assert (records, landed.rows, shelf.asked.requests) == ([], 0, [])


@pytest.mark.parametrize(
    ("token_only", "second"),
    [
        pytest.param(False, {"a": "1", "from": "2"}, id="with-the-others"),
        pytest.param(True, {"from": "2"}, id="token-alone"),
    ],
)
def test_declared_paging(serve: Serve, token_only: bool, second: Mapping[str, str]) -> None:  # noqa: FBT001 - a case's parameter
    """An operation that no table has is paged as declared."""
    shelf = serve({"GET /things": _paged})
    paging = PagingSpec(token="after", param="from", token_only=token_only)
    spec = EndpointSpec(path="/things", results_key="things", params={"a": 1}, paging=paging)

    assert shelf.land(spec)[0] == [{"a": "1"}, second]


@pytest.mark.parametrize(
    ("path", "spec"),
    [
        pytest.param(SEARCH, {"params": {"status": "open"}}, id="as-in-amazons-table"),
        pytest.param(
            "/search",
            {"results_key": "cases", "paging": PagingSpec(token="nextToken", param="nextToken")},
            id="as-declared",
        ),
    ],
)
def test_search_by_post_sends_its_token_in_the_body(
    serve: Serve, path: str, spec: Mapping[str, Any]
) -> None:
    """A search by POST sends its body again, with the token in it."""

    def answer(_request: Any) -> Mapping[str, Any]:
        number = len(shelf.asked.bodies)
        return {"cases": [{"id": number}], "nextToken": "2" if number == 1 else None}

    shelf = serve({f"POST {path}": answer})
    body = {"since": "{window_start}"}

    records, _ = shelf.land(EndpointSpec(path=path, method="POST", body=body, **spec), NOVEMBER)

    assert records == [{"id": 1}, {"id": 2}]
    assert shelf.asked.bodies == [{"since": START}, {"since": START, "nextToken": "2"}]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        pytest.param({"params": {"a": "{window_start}"}}, "window_start.*partitions", id="start"),
        pytest.param({"body": {"a": ["{window_end}"]}}, "window_end.*has none", id="end"),
        pytest.param({"path": "/things/{seller_id}"}, "ASP_SELLER_ID", id="seller"),
        pytest.param({"path": "/things/{order}"}, r"\{order\}.*nothing", id="unknown-in-path"),
        pytest.param(
            {
                "extend_resources": (
                    ExtensionSpec(new_field_name="x", path="/x", params={"a": "{seller_id}"}),
                )
            },
            "ASP_SELLER_ID",
            id="extension",
        ),
    ],
)
def test_placeholder_that_stands_for_nothing(
    serve: Serve, spec: Mapping[str, Any], words: str
) -> None:
    """A placeholder without a value is refused before anything is sent."""
    shelf = serve({})

    with pytest.raises(SettingError, match=words):
        shelf.land(EndpointSpec(**{"path": "/things", **spec}), None)

    assert shelf.simulator.calls == ()
