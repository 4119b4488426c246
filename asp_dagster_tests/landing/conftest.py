"""What the landing tests share: operations of a test's own, behind the simulator's real door."""

import gzip
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.landing import DataWindow, EndpointExtraction, Landed
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.simulator.operations import Operation, OperationRequest, UsagePlan
from asp_dagster.simulator.wire import Answer, Refusal, ok
from asp_dagster.spapi import Clock, Credentials, Quota, SellingPartnerClient

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
WINDOW = DataWindow(UNTIL - timedelta(days=2), UNTIL)
MARKETPLACES = ("ATVPDKIKX0DER", "A2EUQ1WTGCTBG2")

Handler = Callable[[OperationRequest], Mapping[str, Any]]
Connect = Callable[..., SellingPartnerClient]


@dataclass(frozen=True)
class Asked:
    """What arrived, in its order.

    Attributes:
        requests: Method and path with its query, unencoded.
        bodies: The bodies of those that had one.
    """

    requests: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)

    def operation(self, name: str, handle: Handler) -> Operation:
        """Return an operation, named by method and path, that answers by the handler."""
        method, template = name.split(" ")

        def answered(request: OperationRequest) -> Answer:
            path = re.sub(r"{(\w+)}", lambda found: request.path[found[1]], template)
            query = "&".join(f"{key}={value}" for key, value in request.query)
            self.requests.append(f"{method} {path}{'?' if query else ''}{query}")
            if request.body:
                self.bodies.append(json.loads(request.body))
            try:
                return ok(handle(request))
            except KeyError as error:
                raise Refusal(404, "NotFound", f"There is no {error}.") from error

        return Operation(name, method, template, UsagePlan(1.0, 30), answered)


@dataclass(frozen=True)
class Shelf:
    """Operations that answer what a test wants, a client that asks them, and what it asked."""

    simulator: Simulator
    client: SellingPartnerClient
    asked: Asked

    def land(
        self, spec: EndpointSpec, window: DataWindow | None = WINDOW, **settings: Any
    ) -> tuple[list[Mapping[str, Any]], Landed]:
        """Land what is declared; return its records and what was said about them."""
        sink = io.BytesIO()
        (file,) = EndpointExtraction(self.client, spec, MARKETPLACES, **settings).files(window)
        landed = file.write(sink)
        lines = gzip.decompress(sink.getvalue()).splitlines()
        return [json.loads(line) for line in lines], landed


@pytest.fixture
def partner() -> Partner:
    """A partner of few orders."""
    return Partner.generate(seed=11, orders=120, until=UNTIL, days=2)


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connect a client to a simulator."""
    with ExitStack() as open_clients:

        def connected(
            simulator: Simulator, quota: Quota | None = None, clock: Clock | None = None
        ) -> SellingPartnerClient:
            credentials = Credentials(
                client_id=simulator.client_id,
                client_secret=simulator.client_secret,
                refresh_token=simulator.refresh_token,
            )
            client = SellingPartnerClient(
                credentials, simulator.url, lwa_url=simulator.lwa_url, quota=quota, clock=clock
            )
            return open_clients.enter_context(client)

        yield connected


@pytest.fixture
def serve(connect: Connect) -> Iterator[Callable[[Mapping[str, Handler]], Shelf]]:
    """Serve operations: `{"GET /things/{id}": handler}`; a KeyError is answered 404."""
    with ExitStack() as running:

        def served(handlers: Mapping[str, Handler]) -> Shelf:
            asked = Asked()
            operations = [asked.operation(*each) for each in handlers.items()]
            nobody = Partner.generate(seed=1, orders=1, until=UNTIL, days=1)
            simulator = Simulator(nobody, speed=1e6, operations=operations)
            running.enter_context(simulator)
            return Shelf(simulator, connect(simulator), asked)

        yield served
