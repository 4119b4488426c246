"""Landing in a process of its own, which a test may kill."""

import multiprocessing
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.io_managers import land_file
from asp_dagster.landing import DataWindow, EndpointExtraction, Landed, Place, open_store
from asp_dagster.simulator import Simulator
from asp_dagster.spapi import Clock, Credentials, Response, SellingPartnerClient

NAME = "raw_orders/2026-11-01.jsonl.gz"
PATIENCE_SECONDS = 60
_SLASHES_OF_A_LIST = 3


class PowerCutError(Exception):
    """What ends a run."""


class FailingClient(SellingPartnerClient):
    """A client that is cut off after some pages of a list."""

    pages_left: int | None = None

    def request(self, method: str, path: str, **more: Any) -> Response:
        """Send a request, or fail."""
        if self.pages_left is not None and path.count("/") == _SLASHES_OF_A_LIST:
            if not self.pages_left:
                raise PowerCutError
            self.pages_left -= 1
        return super().request(method, path, **more)


@dataclass(frozen=True)
class Landing:
    """What lands where; picklable, so that it can be done elsewhere."""

    login: Mapping[str, str]
    endpoint: str
    lwa_url: str
    base_path: str
    spec: EndpointSpec
    window: DataWindow | None
    marketplace_ids: tuple[str, ...] = ("ATVPDKIKX0DER",)
    name: str = NAME

    @classmethod
    def of(cls, amazon: Simulator, base_path: object, spec: EndpointSpec, **more: Any) -> "Landing":
        """Return the landing of a simulator's records below a path."""
        login = {
            "client_id": amazon.client_id,
            "client_secret": amazon.client_secret,
            "refresh_token": amazon.refresh_token,
        }
        return cls(login, amazon.url, amazon.lwa_url, str(base_path), spec, **more)

    def land(
        self, clock: Clock | None = None, pages: int | None = None, *, leave: bool = False
    ) -> Landed:
        """Land it here, or no more than some pages of it; if told so, as one file of many."""
        login = Credentials(**self.login)
        with FailingClient(login, self.endpoint, lwa_url=self.lwa_url, clock=clock) as client:
            client.pages_left = pages
            extraction = EndpointExtraction(client, self.spec, self.marketplace_ids)
            (file,) = extraction.files(self.window)
            store = open_store(self.base_path)
            placed = file.at(Place(store, self.name))
            landed = land_file(store, self.name, placed).landed
            if not leave:
                placed.over()
            return landed

    def fail_at(self, page: int, clock: Clock | None = None) -> None:
        """Land it up to a page that never comes."""
        with pytest.raises(PowerCutError):
            self.land(clock, pages=page - 1)

    def kill_when(self, reached: Callable[[], bool]) -> None:
        """Land it in a process of its own, and kill that at a moment of its work."""
        process = multiprocessing.get_context("spawn").Process(target=self.land)
        process.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not reached():
            assert process.is_alive(), "ended before it was killed"
            assert time.monotonic() < deadline, "never got there"
            time.sleep(0.001)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
