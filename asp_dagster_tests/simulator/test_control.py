"""The simulator's own endpoints, for other processes on this machine."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator

UNTIL = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def changing(start: Callable[..., Simulator]) -> Simulator:
    """A simulator over a partner that may change."""
    return start(Partner.generate(seed=1, orders=100, until=UNTIL, days=2))


def _post(simulator: Simulator, body: Any) -> requests.Response:
    return requests.post(f"{simulator.url}/simulator/update", json=body, timeout=20)


def test_counts_of_calls(simulator: Simulator, api: requests.Session) -> None:
    """Calls are counted by operation and status; asking is not counted."""
    api.get("/orders/v0/orders/1")
    counts = [api.get("/simulator/calls").json() for _ in range(2)][-1]

    assert counts == {"getOrder": {"400": 1}, "requestToken": {"200": 1}}
    assert simulator.count("getOrder") == 1


def test_orders_change_on_request(changing: Simulator) -> None:
    """Orders change as `Partner.update` changes them, late enough to be seen at once."""
    twin = Partner.generate(seed=1, orders=100, until=UNTIL, days=2)
    twin.update(seed=3, fraction=0.5, at=UNTIL + timedelta(hours=12, minutes=-2))
    answer = _post(changing, {"seed": 3, "fraction": 0.5})

    assert answer.json() == {"orders": len(twin.order_rows())}
    assert changing.partner.order_rows() == twin.order_rows()


def test_changes_can_be_dated(changing: Simulator) -> None:
    """The moment of the changes may be given."""
    _post(changing, {"seed": 3, "at": "2026-11-22T06:00:00Z"})
    last = changing.partner.order_rows()[-1]["last_updated_at"]

    assert timedelta(0) < UNTIL + timedelta(hours=6) - last < timedelta(hours=1)


@pytest.mark.parametrize(
    "body",
    [{"fraction": 2}, {"fraction": "half"}, {"seed": None}, {"at": "noon"}, {"at": 1}, [1]],
    ids=["large fraction", "words", "no seed", "no time", "number", "list"],
)
def test_mistakes_are_told(changing: Simulator, body: Any) -> None:
    """A body that cannot be read is refused, and nothing changes."""
    before = changing.partner.order_rows()
    answer = _post(changing, body)

    assert answer.status_code == 400
    assert "seed, fraction and at" in answer.json()["error"]
    assert changing.partner.order_rows() == before


def test_other_paths(simulator: Simulator) -> None:
    """What else is asked for is answered by what there is."""
    answer = requests.get(f"{simulator.url}/simulator/update", timeout=20)

    assert answer.status_code == 404
    assert "POST /simulator/update" in answer.json()["error"]
