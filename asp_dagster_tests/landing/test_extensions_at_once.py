"""Extension requests run side by side, within the quota, in Amazon's order, and end together."""

import gzip
import io
import json
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from types import FrameType
from typing import Any

import pytest

from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec, RecordConfig
from asp_dagster.landing import DataWindow, EndpointExtraction
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import (
    InProcessQuota,
    Operation,
    QuotaKey,
    RequestError,
    SellingPartnerClient,
    SystemClock,
    Turn,
)
from asp_dagster.spapi.wire import timestamp

Connect = Callable[..., SellingPartnerClient]

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
WINDOW = DataWindow(UNTIL - timedelta(days=2), UNTIL)
WIDTH = 16
PATIENCE_SECONDS = 20.0
ORDERS = EndpointSpec(
    path="/orders/v0/orders",
    results_key="Orders",
    params={"MarketplaceIds": "{marketplace_ids}"},
    updated_at_param="LastUpdatedAfter",
    updated_before_param="LastUpdatedBefore",
    record_config=RecordConfig(id_field="AmazonOrderId"),
    extend_resources=(
        ExtensionSpec(
            new_field_name="OrderItems",
            path="/orders/v0/orders/{}/orderItems",
            path_variable_name="AmazonOrderId",
            results_key="OrderItems",
        ),
    ),
)


AT_ONCE = Turn(arrived_at=0, left_at=0, tokens=1, sent_before=0, sent=1, rate=1)


class WatchedQuota(InProcessQuota):
    """A quota that calls back before each request for items, and after it."""

    def __init__(
        self,
        before: Callable[[int], None] = lambda _: None,
        after: Callable[[int], None] = lambda _: None,
        *,
        binds: bool = False,
    ) -> None:
        super().__init__(SystemClock())
        self._before, self._after, self._binds = before, after, binds
        self._numbers = count(1)
        self._of_thread = threading.local()

    def acquire(self, key: QuotaKey, operation: Operation) -> Turn:
        """Tell the request's number, then let it go: at once, or when it is its turn."""
        if operation.name == "getOrderItems":
            self._of_thread.number = next(self._numbers)
            self._before(self._of_thread.number)
        return super().acquire(key, operation) if self._binds else AT_ONCE

    def settle(self, key: QuotaKey, operation: Operation) -> None:
        """Tell that the request has been answered."""
        if self._binds:
            super().settle(key, operation)
        if operation.name == "getOrderItems":
            self._after(self._of_thread.number)


class InterruptedByTest(BaseException):
    """What Dagster's interruption is, to a run: an exception in the main thread, at any time."""


@pytest.fixture
def unlimited(partner: Partner) -> Iterator[Simulator]:
    """Orders in pages of 20, without quota."""
    with Simulator(partner, speed=0, page_size_limit=20) as running:
        yield running


@pytest.fixture
def at_amazons_speed(partner: Partner) -> Iterator[Simulator]:
    """Orders in one page, at Amazon's quota: 30 requests for items at once, then one in 2 s."""
    with Simulator(partner, speed=1) as running:
        yield running


def _land(client: SellingPartnerClient) -> list[dict[str, Any]]:
    sink = io.BytesIO()
    (file,) = EndpointExtraction(client, ORDERS, ["ATVPDKIKX0DER"]).files(WINDOW)
    file.write(sink)
    return [json.loads(line) for line in gzip.decompress(sink.getvalue()).splitlines()]


def _running() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "extension requests"]


def test_items_come_while_the_next_page_is_awaited(connect: Connect, unlimited: Simulator) -> None:
    """Requests for items are answered before the next page of orders has been asked for."""
    first_items = threading.Event()

    class PagesWait(WatchedQuota):
        def acquire(self, key: QuotaKey, operation: Operation) -> Turn:
            if operation.name == "getOrders" and unlimited.count("getOrders") == 1:
                assert first_items.wait(PATIENCE_SECONDS)
            return super().acquire(key, operation)

    _land(connect(unlimited, PagesWait(after=lambda _: first_items.set())))

    operations = [call.operation for call in unlimited.calls]
    assert "getOrderItems" in operations[: operations.index("getOrders", 2)]


def test_as_many_at_once_as_the_plan_has_use_for(connect: Connect, unlimited: Simulator) -> None:
    """Sixteen requests are under way together, of the thirty that the bucket holds; no more."""
    together = threading.Barrier(WIDTH)
    under_way: set[int] = set()
    most: list[int] = []

    def before(number: int) -> None:
        under_way.add(number)
        most.append(len(under_way))
        if number <= WIDTH:
            together.wait(PATIENCE_SECONDS)

    _land(connect(unlimited, WatchedQuota(before, under_way.discard)))

    assert max(most) == WIDTH


def test_records_stay_in_amazons_order(connect: Connect, unlimited: Simulator) -> None:
    """However answers overtake each other, the file is the same."""
    together = threading.Barrier(WIDTH)
    answered = [threading.Event() for _ in range(WIDTH + 2)]
    answered[WIDTH + 1].set()

    def last_comes_first(number: int) -> None:
        if number <= WIDTH:
            together.wait(PATIENCE_SECONDS)
            assert answered[number + 1].wait(PATIENCE_SECONDS)

    def after(number: int) -> None:
        answered[min(number, WIDTH + 1)].set()

    overtaken = _land(connect(unlimited, WatchedQuota(last_comes_first, after)))

    client = connect(unlimited, WatchedQuota())
    spec = {"MarketplaceIds": "ATVPDKIKX0DER", "LastUpdatedAfter": WINDOW.start}
    listed = [order["AmazonOrderId"] for order in client.list("/orders/v0/orders", spec)]
    assert overtaken == _land(client)
    assert [order["AmazonOrderId"] for order in overtaken] == listed


def test_the_quota_is_used_up_and_never_exceeded(connect: Connect, partner: Partner) -> None:
    """One request for each page of items, none throttled, at the pace that the bucket allows."""
    speed = 80
    with Simulator(partner, speed=speed) as simulator:
        records = _land(connect(simulator))
        called = [call for call in simulator.calls if call.operation == "getOrderItems"]

    assert {call.status for call in called} == {200}
    assert len({call.path for call in called}) == len(records) == 120
    assert len(called) == sum(-(-len(record["OrderItems"]) // 10) for record in records)
    least_seconds = (len(called) - 30) / (0.5 * speed)
    assert (called[-1].at - called[0].at).total_seconds() < 2 * least_seconds


def test_a_failure_ends_the_others_waits(connect: Connect, at_amazons_speed: Simulator) -> None:
    """When a request fails, none is sent any more: those in line for quota leave it."""
    at_amazons_speed.fault("getOrderItems", status=400)

    with pytest.raises(RequestError, match="400"):
        _land(connect(at_amazons_speed))

    assert _running() == []
    assert at_amazons_speed.count("getOrderItems") <= 31
    assert at_amazons_speed.count("getOrders") == 1


def test_a_failure_ends_the_wait_for_the_next_page(connect: Connect, partner: Partner) -> None:
    """A request for items that fails ends the run while the next page still waits for quota."""
    with Simulator(partner, speed=1, page_size_limit=2) as simulator:
        # The bucket of getOrders is nearly empty: the second page would come in a minute.
        client = connect(simulator)
        for _ in range(19):
            client.request("GET", "/orders/v0/orders", params=_one_page())
        simulator.fault("getOrderItems", status=400)

        with pytest.raises(RequestError, match="400"):
            _land(client)

        assert simulator.count("getOrders") == 20


def test_interruption_leaves_nothing_running(
    connect: Connect, at_amazons_speed: Simulator, interrupted_by: Callable[[], None]
) -> None:
    """Interrupted in its main thread, a run ends although others stand in line for minutes."""

    def before(number: int) -> None:
        if number == 40:
            interrupted_by()

    with pytest.raises(InterruptedByTest):
        _land(connect(at_amazons_speed, WatchedQuota(before, binds=True)))

    assert _running() == []
    assert at_amazons_speed.count("getOrderItems") <= 31


@pytest.fixture
def interrupted_by() -> Iterator[Callable[[], None]]:
    """Interrupt the main thread as a signal does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise InterruptedByTest

    main = threading.main_thread().ident
    assert main is not None
    usual = signal.signal(signal.SIGUSR1, interrupt)
    yield lambda: signal.pthread_kill(main, signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, usual)


def _one_page() -> dict[str, str]:
    return {"MarketplaceIds": "ATVPDKIKX0DER", "CreatedAfter": timestamp(WINDOW.start)}
