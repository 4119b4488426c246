"""Records are extended as declared: nested, from lists, several; unknown ids become null."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec, PagingSpec
from asp_dagster.landing import SettingError, UnexpectedDocumentError
from asp_dagster.spapi import NotFoundError, RequestError

Serve = Callable[[Mapping[str, Any]], Any]

PLANS_PATH = "/inbound/fba/2024-03-20/inboundPlans"
SHIPMENT_ITEMS = ExtensionSpec(
    new_field_name="items",
    path=PLANS_PATH + "/{}/shipments/{}/items",
    path_variable_name=("^.inboundPlanId", "shipmentId"),
)


def _things(*records: Mapping[str, Any]) -> Callable[[Any], Mapping[str, Any]]:
    return lambda _: {"things": list(records)}


def _parts(request: Any) -> Mapping[str, Any]:
    return {"parts": [{"part": f"{request.path['id']}-{n}"} for n in (1, 2)]}


def _spec(*extensions: ExtensionSpec) -> EndpointSpec:
    return EndpointSpec(path="/things", results_key="things", extend_resources=extensions)


def _extension(variable: str | tuple[str, ...] = "id", **changes: Any) -> ExtensionSpec:
    usual = {"new_field_name": "parts", "path": "/things/{}/parts", "results_key": "parts"}
    return ExtensionSpec(path_variable_name=variable, **(usual | changes))


def test_extensions_of_extensions(serve: Serve) -> None:
    """An extension's records are extended too, with values of the record around them."""
    shelf = serve(
        {
            f"GET {PLANS_PATH}": lambda _: {
                "inboundPlans": [{"inboundPlanId": "p1"}, {"inboundPlanId": "p2"}]
            },
            f"GET {PLANS_PATH}/{{plan}}": lambda request: {
                "shipments": [{"shipmentId": f"{request.path['plan']}s{n}"} for n in (1, 2)]
            },
            f"GET {PLANS_PATH}/{{plan}}/shipments/{{shipment}}/items": lambda request: {
                "items": [{"msku": "-".join(request.path.values())}]
            },
        }
    )
    shipments = ExtensionSpec(
        new_field_name="shipments",
        path=PLANS_PATH + "/{}",
        path_variable_name="inboundPlanId",
        results_key="shipments",
        extend_resources=(SHIPMENT_ITEMS,),
    )

    records, landed = shelf.land(EndpointSpec(path=PLANS_PATH, extend_resources=(shipments,)))

    assert records == [
        {
            "inboundPlanId": plan,
            "shipments": [
                {"shipmentId": f"{plan}s{n}", "items": [{"msku": f"{plan}-{plan}s{n}"}]}
                for n in (1, 2)
            ],
        }
        for plan in ("p1", "p2")
    ]
    assert landed.missing == 0


def test_two_records_out(serve: Serve) -> None:
    """A place may start from the record two records out."""
    shelf = serve(
        {
            "GET /things": _things({"id": "a"}),
            "GET /things/{id}/parts": _parts,
            "GET /x/{x}": lambda request: {"x": request.path["x"]},
        }
    )
    deepest = _extension("^.^.id", new_field_name="deepest", path="/x/{}", results_key=None)
    inner = _extension(
        "part", new_field_name="inner", results_key="parts", extend_resources=(deepest,)
    )

    records, _ = shelf.land(_spec(_extension(extend_resources=(inner,))))

    deepest_found = [entry["deepest"] for part in records[0]["parts"] for entry in part["inner"]]
    assert deepest_found == [[{"x": "a"}]] * 4


@pytest.mark.parametrize(
    ("record", "variable", "asked"),
    [
        pytest.param({"id": ["b", "a", "b"]}, "id", ["b", "a"], id="list"),
        pytest.param({"in": [{"id": 1}, {"id": 2}]}, "in.id", ["1", "2"], id="through-a-list"),
        pytest.param({"in": [{"id": "a"}, {}]}, "in.id", ["a"], id="entry-without"),
        pytest.param({"in": [{"id": ["a", "b"]}]}, "in.id", ["a", "b"], id="list-in-list"),
        pytest.param({"in": {"id": "a b/c"}}, "in.id", ["a b/c"], id="any-character"),
        pytest.param({"id": []}, "id", [], id="empty-list"),
        pytest.param({"in": []}, "in.id", [], id="empty-list-on-the-way"),
        pytest.param({}, "in[].id", [], id="marked-list-missing"),
        pytest.param({"in": None}, "in[].id", [], id="marked-list-null"),
        pytest.param({"in": [{"id": "a"}]}, "in[].id", ["a"], id="marked-list"),
    ],
)
def test_list_asks_once_for_each_value(
    serve: Serve, record: Mapping[str, Any], variable: str, asked: list[str]
) -> None:
    """A place that leads to a list asks for each distinct value; no values, no requests."""
    shelf = serve({"GET /things": _things(record), "GET /things/{id}/parts": _parts})

    records, _ = shelf.land(_spec(_extension(variable)))

    parts = [{"part": f"{value}-{n}"} for value in asked for n in (1, 2)]
    assert records == [{**record, "parts": parts}]
    assert sorted(shelf.asked.requests[1:]) == sorted(f"GET /things/{v}/parts" for v in asked)


def test_several_lists_ask_for_every_combination(serve: Serve) -> None:
    """Two lists in one path are asked for each value of the one with each of the other."""
    shelf = serve(
        {
            "GET /things": _things({"a": [1, 2], "b": ["x", "y"]}),
            "GET /pairs/{a}/{b}": lambda request: {"pair": "".join(request.path.values())},
        }
    )
    pairs = _extension(("a", "b"), new_field_name="pairs", path="/pairs/{}/{}", results_key=None)

    records, _ = shelf.land(_spec(pairs))

    assert [each["pair"] for each in records[0]["pairs"]] == ["1x", "1y", "2x", "2y"]


def test_several_extensions_with_params_and_paging(serve: Serve) -> None:
    """Each extension has its own field, its own parameters and its own declared paging."""

    def pages(request: Any) -> Mapping[str, Any]:
        query = dict(request.query)
        following = {} if "page" in query else {"more": {"token": "2"}}
        return {"parts": [query], **following}

    shelf = serve({"GET /things": _things({"id": "a"}), "GET /things/{id}/parts": pages})
    first = _extension(
        params={"kind": ["x", "y"]}, paging=PagingSpec(token="more.token", param="page")
    )
    second = _extension(
        new_field_name="others",
        paging=PagingSpec(token="more.token", param="page", token_only=True),
        params={"kind": "z"},
    )

    records, _ = shelf.land(_spec(first, second))

    assert records == [
        {
            "id": "a",
            "parts": [{"kind": "x,y"}, {"kind": "x,y", "page": "2"}],
            "others": [{"kind": "z"}, {"page": "2"}],
        }
    ]


def test_unknown_id_becomes_null(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """A 404 stores null, or adds nothing to what other values brought; it is told once."""
    known = {"a": {"parts": [{"part": 1}]}, "c": {"parts": []}}
    ids = ["a", "b", "c", ["a", "b"], ["b", "d"], ["e", "f"]]
    shelf = serve(
        {
            "GET /things": _things(*({"id": each} for each in ids)),
            "GET /things/{id}/parts": lambda request: known[request.path["id"]],
        }
    )

    records, landed = shelf.land(_spec(_extension()))

    brought = [{"part": 1}]
    assert [each["parts"] for each in records] == [brought, None, [], brought, None, None]
    assert landed.missing == 6
    [warning] = [each.message for each in caplog.records if each.levelno == logging.WARNING]
    assert warning == (
        "/things: 6 requests for parts were answered 404 (not found), the first for b, b, b, d,"
        " e; where none was found, parts is null."
    )


def test_page_that_is_not_found_fails_the_run(serve: Serve) -> None:
    """A 404 for a later page is no unknown id: the pages before it are not dropped in silence."""

    def one_page(request: Any) -> Mapping[str, Any]:
        if request.query:
            raise KeyError("page")
        return {"parts": [{"part": 1}], "next": "2"}

    shelf = serve({"GET /things": _things({"id": "a"}), "GET /things/{id}/parts": one_page})
    extension = _extension(paging=PagingSpec(token="next", param="page"))

    with pytest.raises(NotFoundError):
        shelf.land(_spec(extension))


@pytest.mark.parametrize(
    ("variable", "error", "words"),
    [
        pytest.param(
            "name", UnexpectedDocumentError, "no 'name'.*has empty, id, in.*Correct", id="none"
        ),
        pytest.param("in.id", UnexpectedDocumentError, r"mark it: 'in\[\]\.id'", id="unmarked"),
        pytest.param("in", UnexpectedDocumentError, "'in'.*is an object", id="object"),
        pytest.param("empty", UnexpectedDocumentError, r"no 'empty'.*'empty\[\]'", id="empty"),
        pytest.param("^.id", SettingError, "further out", id="too-far-out"),
    ],
)
def test_place_that_leads_to_no_value(
    serve: Serve, variable: str, error: type[Exception], words: str
) -> None:
    """A place where no value is names what the record has, and how to declare it."""
    shelf = serve({"GET /things": _things({"id": "a", "in": {"x": 1}, "empty": ""})})

    with pytest.raises(error, match=words):
        shelf.land(_spec(_extension(variable)))


def test_field_that_is_taken_fails_the_run(serve: Serve) -> None:
    """What Amazon sent is not overwritten: the field that has the name already is named."""
    shelf = serve({"GET /things": _things({"id": "a", "parts": 2})})

    with pytest.raises(UnexpectedDocumentError, match="'parts' of Amazon's already"):
        shelf.land(_spec(_extension()))


def test_refused_extension_fails_the_run(serve: Serve) -> None:
    """What is no 404 ends the run as itself, also from an extension's extension."""
    shelf = serve({"GET /things": _things({"id": "a"}), "GET /things/{id}/parts": _parts})
    shelf.simulator.fault("GET /things/{id}/parts", status=400)

    with pytest.raises(RequestError, match="400"):
        shelf.land(_spec(_extension()))
