"""What the simulator's tests share: a partner, a clock that runs on command, and a way to call.

Calls go through `requests` and real HTTP: the simulator is tested through the door its users take.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from asp_dagster.simulator import Partner, Simulator

UNTIL = datetime(2026, 11, 22, tzinfo=UTC)
USER_AGENT = "simulator-tests/1.0 (Language=Python)"


class ScriptedClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.moment = UNTIL + timedelta(hours=12)

    def now(self) -> datetime:
        """Return the scripted time."""
        return self.moment

    def go_on(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.moment += timedelta(seconds=seconds)


class _ApiSession(requests.Session):
    """A session whose URLs are paths of one simulator."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        return super().request(method, self._base_url + url, *args, timeout=20, **options)


@pytest.fixture
def clock() -> ScriptedClock:
    """Noon after the partner's last day, until a test lets time pass."""
    return ScriptedClock()


@pytest.fixture
def go_on(clock: ScriptedClock) -> Callable[[float], None]:
    """Let so many seconds pass at once."""
    return clock.go_on


@pytest.fixture(scope="session")
def partner() -> Partner:
    """A partner of 300 orders in three days; not to be changed."""
    return Partner.generate(seed=7, orders=300, until=UNTIL, days=3)


@pytest.fixture
def start(partner: Partner, clock: ScriptedClock) -> Iterator[Callable[..., Simulator]]:
    """Start a simulator; whatever is not given is quick and without quota."""
    with ExitStack() as running:

        def start_one(over: Partner = partner, **settings: Any) -> Simulator:
            usual = {"speed": 0, "report_seconds": 0, "clock": clock}
            return running.enter_context(Simulator(over, **(usual | settings)))

        yield start_one


@pytest.fixture
def simulator(start: Callable[..., Simulator]) -> Simulator:
    """A running simulator without quota."""
    return start()


@pytest.fixture
def log_in() -> Callable[[Simulator], Mapping[str, Any]]:
    """Ask a simulator's Login with Amazon for an access token."""

    def ask(simulator: Simulator) -> Mapping[str, Any]:
        form = {
            "grant_type": "refresh_token",
            "client_id": simulator.client_id,
            "client_secret": simulator.client_secret,
            "refresh_token": simulator.refresh_token,
        }
        answer: Mapping[str, Any] = requests.post(simulator.lwa_url, form, timeout=20).json()
        return answer

    return ask


@pytest.fixture
def connect(
    log_in: Callable[[Simulator], Mapping[str, Any]],
) -> Iterator[Callable[[Simulator], requests.Session]]:
    """Open a session, logged in, whose URLs are paths of a simulator."""
    with ExitStack() as opened:

        def open_one(simulator: Simulator) -> requests.Session:
            session = opened.enter_context(_ApiSession(simulator.url))
            token = log_in(simulator)["access_token"]
            session.headers.update({"x-amz-access-token": token, "User-Agent": USER_AGENT})
            return session

        yield open_one


@pytest.fixture
def api(simulator: Simulator, connect: Callable[[Simulator], requests.Session]) -> requests.Session:
    """A session with the running simulator."""
    return connect(simulator)


@pytest.fixture
def all_orders_v0() -> Callable[..., list[dict[str, Any]]]:
    """Read every page of getOrders."""

    def read(api: requests.Session, **params: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        params = {"MarketplaceIds": "ATVPDKIKX0DER", **params}
        while True:
            payload = api.get("/orders/v0/orders", params=params).json()["payload"]
            found += payload["Orders"]
            if "NextToken" not in payload:
                return found
            params["NextToken"] = payload["NextToken"]

    return read


@pytest.fixture
def all_items_v0() -> Callable[[requests.Session, str], list[dict[str, Any]]]:
    """Read every page of getOrderItems."""

    def read(api: requests.Session, order_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        params: dict[str, str] = {}
        while True:
            answer = api.get(f"/orders/v0/orders/{order_id}/orderItems", params=params)
            payload = answer.json()["payload"]
            found += payload["OrderItems"]
            if "NextToken" not in payload:
                return found
            params["NextToken"] = payload["NextToken"]

    return read


@pytest.fixture
def all_orders_v2026() -> Callable[..., list[dict[str, Any]]]:
    """Read every page of searchOrders."""

    def read(api: requests.Session, **params: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = api.get("/orders/2026-01-01/orders", params=params).json()
            found += page["orders"]
            if "pagination" not in page:
                return found
            params["paginationToken"] = page["pagination"]["nextToken"]

    return read
