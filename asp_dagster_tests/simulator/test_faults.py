"""Things that go wrong because a test wants them to."""

import pytest
import requests

from asp_dagster.simulator import Simulator

ORDER = "/orders/v0/orders/111-0000000-0000000"


def test_faults_are_used_up(simulator: Simulator, api: requests.Session) -> None:
    """A fault meets as many calls as were asked for, then things are as usual."""
    simulator.fault("getOrder", times=2)
    statuses = [api.get(ORDER).status_code for _ in range(3)]

    assert statuses == [503, 503, 404]


def test_faults_meet_their_operation_only(simulator: Simulator, api: requests.Session) -> None:
    """A fault of one operation leaves the others alone."""
    simulator.fault("getOrder", status=500)

    assert api.get(f"{ORDER}/orderItems").status_code == 404
    assert api.get(ORDER).status_code == 500


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(b"\xff", "\ufffd", id="bytes"),
        pytest.param("<html>", "<html>", id="text"),
        pytest.param({"payload": None}, '{"payload":null}', id="JSON"),
    ],
)
def test_bodies(simulator: Simulator, api: requests.Session, body: object, text: str) -> None:
    """A fault may answer anything."""
    simulator.fault("getOrder", status=200, body=body, headers={"Retry-After": "7"})  # type: ignore[arg-type]
    answer = api.get(ORDER)

    assert (answer.status_code, answer.content.decode(errors="replace")) == (200, text)
    assert answer.headers["Retry-After"] == "7"


def test_dropped_connections(simulator: Simulator, api: requests.Session) -> None:
    """A dropped call gets no answer at all, and is remembered with status 0."""
    simulator.fault("getOrder", drop=True)
    with pytest.raises(requests.ConnectionError):
        api.get(ORDER)

    assert simulator.count("getOrder", 0) == 1


def test_truncated_answers(simulator: Simulator, api: requests.Session) -> None:
    """A truncated call gets half of the usual answer, then the connection ends."""
    simulator.fault("getMarketplaceParticipations", truncate=True)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.get("/sellers/v1/marketplaceParticipations")

    assert simulator.count("getMarketplaceParticipations", 200) == 1


def test_logins_can_go_wrong(simulator: Simulator) -> None:
    """Login with Amazon can go wrong too."""
    simulator.fault("requestToken", status=503)

    assert requests.post(simulator.lwa_url, timeout=20).status_code == 503


def test_unknown_operations_are_refused(simulator: Simulator) -> None:
    """A fault that could never happen is a mistake of the test."""
    with pytest.raises(ValueError, match="no operation getOders"):
        simulator.fault("getOders")
