"""Published sandbox cases: read from model files, matched as Amazon does or to the nearest.

The model here is made up; Amazon's own are read by the contract tests.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Simulator

Connect = Callable[[Simulator], requests.Session]
Start = Callable[..., Simulator]


def _case(response: Any, **parameters: Any) -> dict[str, Any]:
    values = {name: {"value": value} for name, value in parameters.items()}
    return {"request": {"parameters": values}, "response": response}


def _sandbox(*cases: dict[str, Any]) -> dict[str, Any]:
    return {"x-amzn-api-sandbox": {"static": list(cases)}}


_QUERY = [
    {"name": "since", "in": "query", "type": "string"},
    {"name": "shops", "in": "query", "type": "array", "items": {"type": "string"}},
    {"name": "most", "in": "query", "type": "integer"},
    {"name": "nextToken", "in": "query", "type": "string"},
    {"$ref": "#/parameters/shop"},
]

LOST = {"page": "lost", "things": [{"id": 1}], "nextToken": "NOWHERE"}
"""An answer whose page token no case takes, as there are among Amazon's."""

MODEL = {
    "swagger": "2.0",
    "parameters": {"shop": {"name": "shop", "in": "query", "type": "string", "required": True}},
    "paths": {
        "/things/v1/things": {
            "parameters": [],
            "get": {
                "operationId": "listThings",
                "parameters": _QUERY,
                "responses": {
                    "200": _sandbox(
                        _case(LOST, since="2024"),
                        _case({"page": 1, "nextToken": "T2"}, since="2025", shops=["A", "B"]),
                        _case({"page": 2}, since="2025", shops=["A", "B"], nextToken="T2"),
                        _case({"page": "few"}, since="2025", most=5),
                    ),
                    "400": _sandbox(_case({"errors": [{"code": "X"}]}, since="TEST_CASE_400")),
                },
            },
            "post": {
                "operationId": "makeThing",
                "parameters": [{"name": "body", "in": "body", "required": True}],
                "responses": {
                    "201": _sandbox(
                        _case({"id": "one"}, body={"kind": "a", "size": 1}),
                        _case({"id": "two"}, body={"kind": "b", "size": 1}),
                    ),
                    "400": {
                        "x-amzn-api-sandbox": {
                            "static": [
                                {"request": {"parameters": {"body": {"kind": "bad"}}}},
                                {
                                    "request": {"parameters": {"body": {"kind": "odd"}}},
                                    "response": {"errors": []},
                                    "responseHeaders": {"x-odd": {"value": "yes"}},
                                },
                            ]
                        }
                    },
                },
            },
        },
        "/things/v1/things/{thingId}": {
            "delete": {
                "operationId": "dropThing",
                "parameters": [{"name": "thingId", "in": "path", "required": True}],
                "responses": {
                    "204": {
                        "x-amzn-api-sandbox": {
                            "static": [{"request": {"parameters": {"thingId": {"value": "ID"}}}}]
                        }
                    },
                    "400": _sandbox(_case({"errors": []})),
                },
            },
            "get": {"operationId": "unpublished", "responses": {"200": {}}},
        },
        "/things/v1/olderThings": {
            "get": {
                "operationId": "listOlderThings",
                "responses": {"200": {"x-amazon-spds-sandbox-behaviors": [_case({"old": True})]}},
            }
        },
        "/things/v1/things/special": {
            "delete": {
                "operationId": "dropSpecial",
                "responses": {"200": _sandbox(_case({"special": True}))},
            }
        },
    },
}


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A directory of models, with files that are none."""
    folder = tmp_path / "models" / "things"
    folder.mkdir(parents=True)
    (folder / "things.json").write_text(json.dumps(MODEL))
    (folder / "schema.json").write_text(json.dumps({"$schema": "x", "properties": {}}))
    (folder / "list.json").write_text("[]")
    return tmp_path / "models"


@pytest.fixture
def nearest(start: Start, connect: Connect, models: Path) -> requests.Session:
    """A session with a simulator that answers with the nearest case."""
    return connect(start(models=models))


@pytest.fixture
def exact(start: Start, connect: Connect, models: Path) -> requests.Session:
    """A session with a simulator that is as strict as Amazon's sandbox."""
    return connect(start(models=models, match="exact"))


def _list(api: requests.Session, **params: str) -> tuple[int, Any]:
    answer = api.get("/things/v1/things", params=params)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("session", ["nearest", "exact"])
@pytest.mark.parametrize(
    ("params", "status", "response"),
    [
        pytest.param({"since": "2024"}, 200, LOST, id="one"),
        pytest.param({"since": "2025", "most": "5"}, 200, {"page": "few"}, id="number"),
        pytest.param(
            {"since": "2025", "shops": "A,B", "nextToken": "T2"}, 200, {"page": 2}, id="token"
        ),
        pytest.param({"since": "TEST_CASE_400"}, 400, {"errors": [{"code": "X"}]}, id="failure"),
        pytest.param(
            {"since": "2024", "shop": "required"},
            200,
            LOST,
            id="required parameter that the case lacks",
        ),
    ],
)
def test_equal_requests(
    request: pytest.FixtureRequest, session: str, params: dict[str, str], status: int, response: Any
) -> None:
    """A request that equals a case gets its status and answer, however it is matched."""
    assert _list(request.getfixturevalue(session), **params) == (status, response)


def test_exact_refuses_the_rest(exact: requests.Session) -> None:
    """As at Amazon, a request that equals no case is an InvalidInput."""
    status, answer = _list(exact, since="2026")

    assert status == 400
    assert answer["errors"][0]["message"] == "Could not match input arguments"


@pytest.mark.parametrize(
    ("params", "page"),
    [
        pytest.param({"since": "2026"}, "lost", id="nothing agrees: the first"),
        pytest.param({"since": "2026", "most": "5"}, "few", id="most agreement"),
        pytest.param({"since": "2026", "nextToken": "T2"}, 2, id="by its token"),
    ],
)
def test_nearest_case(nearest: requests.Session, params: dict[str, str], page: Any) -> None:
    """Other requests get the successful case that agrees in most parameters."""
    status, answer = _list(nearest, **params)

    assert (status, answer["page"]) == (200, page)


def test_published_tokens_without_a_page(
    nearest: requests.Session, exact: requests.Session
) -> None:
    """A token that Amazon published, but no page for it, leads to an empty last page."""
    params = {"since": "2024", "nextToken": "NOWHERE"}

    assert _list(nearest, **params) == (200, {"page": "lost", "things": []})
    assert _list(exact, **params)[0] == 400


def test_unknown_tokens_match_nothing(nearest: requests.Session) -> None:
    """A page token that no case has leads to no case, even to the nearest."""
    assert _list(nearest, since="2025", nextToken="T3")[0] == 400


def test_tokens_under_another_name(nearest: requests.Session) -> None:
    """A page token under a name that the operation does not take leads nowhere."""
    assert _list(nearest, since="2024", pageToken="NOWHERE")[0] == 400


@pytest.mark.parametrize(
    ("body", "status", "answer"),
    [
        pytest.param({"kind": "b", "size": 1}, 201, b'{"id":"two"}', id="equal"),
        pytest.param({"kind": "b", "size": 2}, 201, b'{"id":"two"}', id="nearest"),
        pytest.param({"kind": "bad"}, 400, b"", id="no value around, no answer"),
        pytest.param(["x"], 201, b'{"id":"one"}', id="list"),
    ],
)
def test_bodies(nearest: requests.Session, body: Any, status: int, answer: bytes) -> None:
    """Bodies are compared field by field."""
    answered = nearest.post("/things/v1/things", json=body)

    assert (answered.status_code, answered.content) == (status, answer)


def test_published_headers(nearest: requests.Session) -> None:
    """Headers that Amazon published come along."""
    assert nearest.post("/things/v1/things", json={"kind": "odd"}).headers["x-odd"] == "yes"


def test_broken_bodies(nearest: requests.Session) -> None:
    """A body that is no JSON is refused."""
    assert nearest.post("/things/v1/things", data=b"{").status_code == 400


def test_paths_are_lenient(nearest: requests.Session, exact: requests.Session) -> None:
    """Any id gets the nearest case; an exact match wants the published one."""
    path = "/things/v1/things"
    assert [nearest.delete(f"{path}/{each}").status_code for each in ("ID", "other")] == [204, 204]
    assert [exact.delete(f"{path}/{each}").status_code for each in ("ID", "other")] == [204, 400]


def test_longest_literal_path_wins(nearest: requests.Session) -> None:
    """A fixed path is found before a variable one."""
    assert nearest.delete("/things/v1/things/special").json() == {"special": True}


def test_cases_in_their_older_place(nearest: requests.Session) -> None:
    """Cases that a model keeps under Amazon's older name are published ones too."""
    assert nearest.get("/things/v1/olderThings").json() == {"old": True}


def test_sandbox_plan(start: Start, connect: Connect, models: Path) -> None:
    """All published operations share Amazon's plan for the sandbox: 5 a second, burst 15."""
    api = connect(start(models=models, speed=1))
    answers = [api.get("/things/v1/things", params={"since": "2024"}) for _ in range(16)]

    assert answers[0].headers["x-amzn-RateLimit-Limit"] == "5"
    assert [answer.status_code for answer in answers] == [200] * 15 + [429]


def test_the_partner_answers_the_rest(nearest: requests.Session) -> None:
    """Operations without published cases are the simulated partner's, or unknown."""
    assert nearest.get("/sellers/v1/marketplaceParticipations").status_code == 200
    assert nearest.get("/things/v1/things/ID").status_code == 403


def test_published_operations_can_fail(start: Start, connect: Connect, models: Path) -> None:
    """Faults meet published operations too, and calls are counted under their names."""
    simulator = start(models=models)
    simulator.fault("listThings")
    statuses = [_list(connect(simulator), since="2024")[0] for _ in range(2)]

    assert statuses == [503, 200]
    assert simulator.count("listThings") == 2


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [("broken.json", "{", "broken.json is not JSON"), ("none.txt", "", "No model with static")],
    ids=["broken", "none"],
)
def test_useless_directories(
    start: Start, tmp_path: Path, name: str, text: str, words: str
) -> None:
    """A directory without models, or with a broken file, is refused by name."""
    (tmp_path / name).write_text(text)

    with pytest.raises(ValueError, match=words):
        start(models=tmp_path)
