"""Usage plans: documented rates and bursts, refilled by the clock."""

from collections.abc import Callable

import pytest
import requests

from asp_dagster.simulator import Simulator

SEARCH = "/orders/2026-01-01/orders?createdAfter=2026-11-21T00:00:00Z&maxResultsPerPage=1"
PARTICIPATIONS = "/sellers/v1/marketplaceParticipations"

Start = Callable[..., Simulator]
Connect = Callable[[Simulator], requests.Session]


@pytest.mark.parametrize(
    ("method", "path", "rate", "burst"),
    [
        ("GET", "/orders/v0/orders", "0.0167", 20),
        ("GET", "/orders/v0/orders/x", "0.5", 30),
        ("GET", "/orders/v0/orders/x/orderItems", "0.5", 30),
        ("GET", "/orders/2026-01-01/orders", "0.0056", 20),
        ("GET", "/orders/2026-01-01/orders/x", "0.5", 30),
        ("GET", "/reports/2021-06-30/reports", "0.0222", 10),
        ("POST", "/reports/2021-06-30/reports", "0.0167", 15),
        ("GET", "/reports/2021-06-30/reports/x", "2", 15),
        ("DELETE", "/reports/2021-06-30/reports/x", "0.0222", 10),
        ("GET", "/reports/2021-06-30/documents/x", "0.0167", 15),
        ("GET", PARTICIPATIONS, "0.016", 15),
    ],
)
def test_documented_plans(
    start: Start, connect: Connect, method: str, path: str, rate: str, burst: int
) -> None:
    """Every operation takes its burst at once, then none; and it states its rate."""
    api = connect(start(speed=1))
    answers = [api.request(method, path) for _ in range(burst + 1)]

    assert answers[0].headers["x-amzn-RateLimit-Limit"] == rate
    assert [answer.status_code == 429 for answer in answers] == [False] * burst + [True]


def test_throttled_calls_say_so(start: Start, connect: Connect) -> None:
    """A 429 is Amazon's QuotaExceeded."""
    api = connect(start(speed=1))
    answers = [api.get(PARTICIPATIONS) for _ in range(16)]

    assert answers[-1].json()["errors"][0]["code"] == "QuotaExceeded"


def test_tokens_come_back_at_the_rate(
    start: Start, connect: Connect, go_on: Callable[[float], None]
) -> None:
    """After one period there is exactly one call more; throttled calls take nothing."""
    api = connect(start(speed=1))
    spent = [api.get(SEARCH).status_code for _ in range(25)]
    go_on(1 / 0.0056)
    after = [api.get(SEARCH).status_code for _ in range(2)]

    assert spent.count(429) == 5
    assert after == [200, 429]


def test_speed_multiplies_the_rate(
    start: Start, connect: Connect, go_on: Callable[[float], None]
) -> None:
    """At speed 100 quota comes back a hundred times faster, and the header says so."""
    api = connect(start(speed=100))
    spent = [api.get(SEARCH) for _ in range(21)]
    go_on(1 / 0.56)

    assert spent[0].headers["x-amzn-RateLimit-Limit"] == "0.56"
    assert [spent[-1].status_code, api.get(SEARCH).status_code] == [429, 200]


def test_full_bucket_stays_full(
    start: Start, connect: Connect, go_on: Callable[[float], None]
) -> None:
    """Waiting does not save up more than the burst."""
    api = connect(start(speed=1))
    api.get(PARTICIPATIONS)
    go_on(3599)

    assert [api.get(PARTICIPATIONS).status_code for _ in range(16)].count(200) == 15


def test_operations_have_buckets_of_their_own(start: Start, connect: Connect) -> None:
    """An empty bucket of one operation leaves the others alone, as does a new access token."""
    simulator = start(speed=1)
    api, again = connect(simulator), connect(simulator)
    spent = [api.get(PARTICIPATIONS).status_code for _ in range(15)]

    assert set(spent) == {200}
    assert again.get(PARTICIPATIONS).status_code == 429
    assert again.get(SEARCH).status_code == 200


@pytest.mark.parametrize("speed", [0, "inf"])
def test_no_quota(start: Start, connect: Connect, speed: float | str) -> None:
    """Without quota nothing is throttled and no rate is stated."""
    api = connect(start(speed=speed))
    answers = [api.get(PARTICIPATIONS) for _ in range(40)]

    assert {answer.status_code for answer in answers} == {200}
    assert "x-amzn-RateLimit-Limit" not in answers[0].headers


@pytest.mark.parametrize("speed", [-1, "nan", "fast"])
def test_impossible_speeds_are_refused(start: Start, speed: float | str) -> None:
    """A speed is a positive factor."""
    with pytest.raises(ValueError, match=r"speed must be|could not convert"):
        start(speed=speed)
