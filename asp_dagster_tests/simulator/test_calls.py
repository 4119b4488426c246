"""The record of calls, which tests count."""

import requests

from asp_dagster.simulator import Call, Simulator


def test_calls_are_remembered_in_order(simulator: Simulator, api: requests.Session) -> None:
    """Every call is remembered with operation, path, status and time; the login too."""
    api.get("/orders/v0/orders/1?x=1")
    api.get("/nowhere")
    now = simulator.clock.now()

    assert simulator.calls == (
        Call("requestToken", "POST", "/auth/o2/token", 200, now),
        Call("getOrder", "GET", "/orders/v0/orders/1", 400, now),
        Call("unknownOperation", "GET", "/nowhere", 403, now),
    )


def test_counting(simulator: Simulator, api: requests.Session) -> None:
    """Calls are counted by operation, or by operation and status."""
    api.get("/orders/v0/orders/1")
    api.get("/orders/v0/orders/111-0000000-0000000")

    assert simulator.count("getOrder") == 2
    assert simulator.count("getOrder", 404) == 1
    assert simulator.count("getOrders") == 0
