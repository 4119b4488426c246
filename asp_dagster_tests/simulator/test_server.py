"""The server: loopback only, quick, and gone without a trace."""

import socket
import threading
from collections.abc import Callable

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "example.com", "::"])  # noqa: S104 - what must be refused
def test_other_machines_are_kept_out(partner: Partner, host: str) -> None:
    """A host that others could reach is refused in a sentence that names it."""
    with (
        pytest.raises(ValueError, match=f"only serves this machine: {host}"),
        Simulator(partner, host=host),
    ):
        pass


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_loopback_has_many_names(partner: Partner, host: str) -> None:
    """Every name of this machine's loopback is served."""
    with Simulator(partner, host=host) as simulator:
        answer = requests.get(f"{simulator.url}/simulator/calls", timeout=20)

    assert answer.status_code == 200


def test_nothing_is_left(partner: Partner) -> None:
    """When it is left, thread and port are free, though a client is still connected."""
    before = threading.active_count()
    with Simulator(partner) as simulator, requests.Session() as session:
        session.get(f"{simulator.url}/simulator/calls", timeout=20)
        address = simulator._server.host, simulator._server.port  # type: ignore[union-attr]
        simulator.__exit__()

        assert threading.active_count() == before
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=5)


def test_it_can_be_entered_again(partner: Partner) -> None:
    """A simulator that was left can be entered again, and remembers its calls."""
    simulator = Simulator(partner)
    for _ in range(2):
        with simulator:
            requests.post(simulator.lwa_url, timeout=20)

    assert simulator.count("requestToken") == 2


def test_address_needs_a_running_server(partner: Partner) -> None:
    """Outside of its with statement a simulator has no address, and says so."""
    with pytest.raises(RuntimeError, match="not running"):
        _ = Simulator(partner).url


def test_port_in_use(simulator: Simulator, start: Callable[..., Simulator]) -> None:
    """A port that is taken is refused by the system's own error."""
    port = simulator._server.port  # type: ignore[union-attr]
    with pytest.raises(OSError, match="in use"):
        start(port=port)


def test_unfinished_requests_do_no_harm(simulator: Simulator) -> None:
    """A client that hangs up in the middle of its request is forgotten."""
    address = simulator._server.host, simulator._server.port  # type: ignore[union-attr]
    with socket.create_connection(address) as half:
        half.sendall(b"POST /auth/o2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
    answer = requests.get(f"{simulator.url}/simulator/calls", timeout=20)

    assert answer.json() == {}
