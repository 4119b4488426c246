"""What holds for every operation: the checks in Amazon's order, and the headers of every answer."""

from collections.abc import Callable

import pytest
import requests

from asp_dagster.simulator import Simulator
from asp_dagster.simulator.operations import Operation, UsagePlan
from asp_dagster.simulator.wire import ok

ORDER = "/orders/v0/orders/111-0000000-0000000"


@pytest.mark.parametrize(
    ("token", "words"),
    [
        pytest.param(None, "Access token is missing in the request header.", id="missing"),
        pytest.param("Atza|made-up", "revoked, malformed or invalid", id="made up"),
    ],
)
def test_access_token_is_needed(api: requests.Session, token: str | None, words: str) -> None:
    """Without a token of ours every operation answers 403 and Amazon's words."""
    api.headers["x-amz-access-token"] = token  # type: ignore[assignment]
    answer = api.get(ORDER)

    error = answer.json()["errors"][0]
    assert (answer.status_code, error["code"]) == (403, "Unauthorized")
    assert words in error["details"]


@pytest.mark.parametrize(
    ("user_agent", "status"),
    [
        pytest.param("", 400, id="missing"),
        pytest.param("x" * 500, 404, id="500 characters"),
        pytest.param("x" * 501, 400, id="501 characters"),
    ],
)
def test_user_agent_is_needed(api: requests.Session, user_agent: str, status: int) -> None:
    """A request names its sender in at most 500 characters."""
    answer = api.get(ORDER, headers={"User-Agent": user_agent})

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", "/orders/v1/orders", id="path"),
        pytest.param("POST", "/orders/v0/orders", id="method"),
        pytest.param("GET", "/orders/v0/orders/", id="slash"),
    ],
)
def test_unknown_paths_are_forbidden(api: requests.Session, method: str, path: str) -> None:
    """A path that Amazon does not have answers 403 with empty details, not 404."""
    answer = api.request(method, path)

    error = answer.json()["errors"][0]
    assert (answer.status_code, error["code"], error["details"]) == (403, "Unauthorized", "")


def test_every_answer_has_a_request_id(simulator: Simulator, api: requests.Session) -> None:
    """Answers of all kinds carry a request id of their own."""
    answers = [
        api.get(ORDER),
        api.get("/nowhere"),
        requests.post(simulator.lwa_url, timeout=20),
        requests.get(f"{simulator.url}/documents/x", timeout=20),
    ]

    assert len({answer.headers["x-amzn-RequestId"] for answer in answers}) == 4


def test_failures_have_an_error_type(api: requests.Session) -> None:
    """A refusal names its kind in a header."""
    assert api.get("/nowhere").headers["x-amzn-ErrorType"] == "UnauthorizedException"


def test_rate_is_stated_on_some_statuses_only(
    start: Callable[..., Simulator], connect: Callable[[Simulator], requests.Session]
) -> None:
    """20x, 400 and 404 state the rate; 403 and 429 never do."""
    api = connect(start(speed=1))
    path = "/sellers/v1/marketplaceParticipations"
    stated = {
        answer.status_code: answer.headers.get("x-amzn-RateLimit-Limit")
        for answer in (
            api.get(f"{path}?x=1"),
            api.get(ORDER),
            api.get(path, headers={"x-amz-access-token": "x"}),
            *(api.get(path) for _ in range(15)),
        )
    }

    assert stated == {400: "0.016", 404: "0.5", 403: None, 200: "0.016", 429: None}


def test_time_is_the_simulators(api: requests.Session) -> None:
    """The date header tells the time the simulator lives in."""
    assert api.get(ORDER).headers["Date"] == "Sun, 22 Nov 2026 12:00:00 GMT"


def test_paths_are_decoded(api: requests.Session, simulator: Simulator) -> None:
    """A variable in a path may be percent-encoded."""
    order_id = simulator.partner.order_rows()[0]["order_id"].replace("-", "%2D")

    assert api.get(f"/orders/v0/orders/{order_id}").status_code == 200


def test_further_operations_are_served(
    start: Callable[..., Simulator], connect: Callable[[Simulator], requests.Session]
) -> None:
    """An operation that is handed in is served as ours are, and in place of ours on its path."""
    plan = UsagePlan(2.0, 5)
    further = [
        Operation("getThing", "GET", "/things/{id}", plan, lambda request: ok(request.path)),
        Operation("getOurOrder", "GET", "/orders/v0/orders/{id}", plan, lambda _: ok("ours")),
    ]
    api = connect(start(operations=further, speed=1))

    thing, order = api.get("/things/7"), api.get(ORDER)

    assert (thing.json(), thing.headers["x-amzn-RateLimit-Limit"]) == ({"id": "7"}, "2")
    assert order.json() == "ours"
