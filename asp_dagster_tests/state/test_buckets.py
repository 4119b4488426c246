"""A shared bucket keeps to Amazon's, whoever asks, dies, comes late, or sets the clocks."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asp_dagster.spapi.quota import sleep_seconds
from asp_dagster.state.buckets import ARRIVAL_SECONDS, GRACE_SECONDS, Bucket, Reading

LOOKS_APART_SECONDS = 5.0


class AmazonsBucket:
    """The bucket at Amazon's end, in exact arithmetic: it counts a request when it arrives."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = Fraction(rate), Fraction(burst)
        self._tokens, self._updated = self._burst, Fraction(0)

    def seconds_until_token(self, now: float) -> float:
        """Return how long a request that arrives now would have been too early."""
        refilled = self._tokens + (Fraction(now) - self._updated) * self._rate
        self._tokens, self._updated = min(refilled, self._burst), Fraction(now)
        return float(max(Fraction(0), (1 - self._tokens) / self._rate))

    def count(self) -> None:
        """Spend a token."""
        self._tokens -= 1


@dataclass(frozen=True)
class Request:
    """What becomes of one request.

    Attributes:
        pause: How long after the one before it is wanted, in the time of a token.
        there: How long it travels to Amazon.
        back: How long its answer takes.
        late: How much later than meant its process wakes up each time.
        dies: When its process is killed: as it waits, before it sends, or before the answer.
    """

    pause: float
    there: float
    back: float
    late: float
    dies: Literal["never", "waiting", "sending", "sent"]


@dataclass(frozen=True)
class Jump:
    """What happens to the machine's clocks, and how long after the jump before.

    Attributes:
        pause: How long after, in the time of a token.
        wall: By how much the time of day is set forward or back, likewise.
        is_restart: Whether the machine starts anew.
    """

    pause: float
    wall: float
    is_restart: bool


@dataclass
class World:
    """Processes with one bucket between them, and Amazon, event by event."""

    bucket: Bucket
    amazons: AmazonsBucket
    time: float = 0.0
    wall_ahead: float = 0.0
    started_at: float = -1000.0
    left: dict[int, float] = field(default_factory=dict)
    too_early: float = 0.0

    def __post_init__(self) -> None:
        self._events: list[tuple[float, int, Iterator[float]]] = []
        self._numbers = count()
        self._read = self._reading()

    def add(self, start: float, story: Iterator[float]) -> None:
        """Let a story begin; it yields how long it is until it goes on."""
        heapq.heappush(self._events, (start, next(self._numbers), story))

    def run(self, longest: float) -> None:
        """Let all stories end, or stop when they have taken too long."""
        while self._events and self.time <= longest:
            self.time, number, story = heapq.heappop(self._events)
            pause = next(story, None)
            if pause is not None:
                heapq.heappush(self._events, (self.time + pause, number, story))

    def request(self, number: int, request: Request) -> Iterator[float]:
        """Tell what happens to a request."""
        self._let_time_pass()
        ticket = self.bucket.tickets + 1
        while wait := self.bucket.seconds_to_wait(ticket):
            self.bucket = self.bucket.with_waiting(ticket, sleep_seconds(wait))
            if request.dies == "waiting":
                return
            yield sleep_seconds(wait) + request.late
            self._let_time_pass()
        self.bucket = self.bucket.let_go(ticket)
        self.left[number] = self.time
        if request.dies == "sending":
            return
        yield request.there
        self.too_early = max(self.too_early, self.amazons.seconds_until_token(self.time))
        self.amazons.count()
        if request.dies == "sent":
            return
        yield request.back
        self._let_time_pass()
        self.bucket = self.bucket.without(ticket)

    def jump(self, jump: Jump) -> Iterator[float]:
        """Tell what happens to the clocks."""
        self.wall_ahead += jump.wall
        if jump.is_restart:
            self.started_at = self.time
        yield from ()

    def _let_time_pass(self) -> None:
        now = self._reading()
        self.bucket = self.bucket.after(now.seconds_since(self._read))
        self._read = now

    def _reading(self) -> Reading:
        monotonic = self.time - self.started_at
        return Reading(wall=1e9 + self.time + self.wall_ahead, monotonic=monotonic)


rates = st.sampled_from([0.0056, 0.0167, 0.5, 1.0, 2.0, 10.0])
bursts = st.integers(1, 6)
pauses = st.just(0.0) | st.floats(0.0, 400.0)
tokens = st.just(0.0) | st.floats(0.0, 3.0)
travels = st.just(0.0) | st.floats(0.0, 3.0) | st.floats(0.0, ARRIVAL_SECONDS - 0.001)
requests = st.builds(
    Request,
    pause=tokens,
    there=travels,
    back=st.just(0.0) | st.floats(0.0, 60.0),
    late=st.just(0.0) | st.floats(0.0, 2 * GRACE_SECONDS),
    dies=st.sampled_from(["never", "never", "never", "waiting", "sending", "sent"]),
)
jumps = st.builds(
    Jump,
    pause=tokens,
    wall=st.just(0.0) | st.floats(-1e3, 1e3),
    is_restart=st.booleans(),
)


@settings(deadline=None)
@given(
    rate=rates,
    burst=bursts,
    stories=st.lists(requests, min_size=3, max_size=40),
    clocks=st.lists(jumps, max_size=4),
)
def test_nobody_is_early_and_nobody_waits_for_ever(
    rate: float, burst: int, stories: list[Request], clocks: list[Jump]
) -> None:
    """Whoever dies and whatever the clocks do: no 429, and all who live get their turn in time."""
    world = World(Bucket(rate=rate, burst=burst, tokens=burst), AmazonsBucket(rate, burst))
    start = 0.0
    for number, request in enumerate(stories):
        start += request.pause / rate
        world.add(start, world.request(number, request))
    moment = 0.0
    for jump in clocks:
        moment += jump.pause / rate
        world.add(moment, world.jump(replace(jump, wall=jump.wall / rate)))
    # Besides a token each: what a request under way may keep back, a place held for the dead, the
    # lateness of each, and what a clock that was set may hide between two looks.
    slack = ARRIVAL_SECONDS + 3 * GRACE_SECONDS + 2 * LOOKS_APART_SECONDS
    longest = (1 / rate + slack) * (len(stories) + len(clocks))
    world.run(start + longest + 100)

    assert world.too_early < 1e-6
    alive = {number for number, each in enumerate(stories) if each.dies != "waiting"}
    assert alive <= world.left.keys()
    assert max(world.left.values()) <= start + longest


@given(rate=rates, burst=bursts, pauses=st.lists(pauses, min_size=3, max_size=30))
def test_bucket_is_exact(rate: float, burst: int, pauses: list[float]) -> None:
    """When nothing takes time, each waits exactly as long as Amazon's bucket demands."""
    ours, amazons, now = (
        Bucket(rate=rate, burst=burst, tokens=burst),
        AmazonsBucket(rate, burst),
        0.0,
    )
    for ticket, pause in enumerate(pauses, start=1):
        now += pause
        wait = ours.after(now - ours.age).seconds_to_wait(ticket)

        assert wait == pytest.approx(amazons.seconds_until_token(now), abs=1e-6)

        now += wait + 1e-9
        amazons.seconds_until_token(now)
        amazons.count()
        ours = ours.after(now - ours.age).let_go(ticket).without(ticket)


@given(
    rate=rates,
    burst=st.integers(1, 40),
    steps=st.lists(st.tuples(st.floats(0.0, 20.0), st.booleans()), min_size=3, max_size=40),
)
def test_what_need_not_be_settled_costs_nothing(
    rate: float, burst: int, steps: list[tuple[float, bool]]
) -> None:
    """A request that need not be settled keeps no token back, whatever comes after it."""
    told = untold = Bucket(rate=rate, burst=burst, tokens=burst)
    for ticket, (pause, wants) in enumerate(steps, start=1):
        told, untold = told.after(pause), untold.after(pause)

        assert untold.tokens == pytest.approx(told.tokens, abs=1e-6)

        if wants and not told.seconds_to_wait(ticket) and not untold.seconds_to_wait(ticket):
            told, untold = told.let_go(ticket).without(ticket), untold.let_go(ticket)
            if untold.may_fill_up:
                untold = untold.without(ticket)


def _waiting(bucket: Bucket, *tickets: int) -> Bucket:
    for ticket in tickets:
        wait = bucket.seconds_to_wait(ticket)
        bucket = bucket.with_waiting(ticket, sleep_seconds(wait))
    return bucket


def test_first_come_first_served() -> None:
    """Tokens go out in the order of arrival, even if a later waiter looks first."""
    bucket = _waiting(Bucket(rate=1.0, burst=3, tokens=0.0), 1, 2)

    later = bucket.after(1.5)

    assert [later.seconds_to_wait(ticket) for ticket in (2, 1)] == [0.5, 0.0]
    assert later.let_go(1).seconds_to_wait(2) == 0.5


def test_a_waiter_that_is_gone_is_passed_over() -> None:
    """One that does not look again as promised keeps nobody back, and costs no token."""
    bucket = _waiting(Bucket(rate=1.0, burst=5, tokens=0.0), 1, 2).after(1.0 + GRACE_SECONDS + 0.1)

    assert bucket.tokens == pytest.approx(4.1)
    assert bucket.seconds_to_wait(2) == 0.0
    assert set(bucket.waiting) == {2}


def test_a_waiter_that_comes_late_has_its_old_place() -> None:
    """One that was passed over and comes after all is before those who came after it."""
    bucket = _waiting(Bucket(rate=0.1, burst=1, tokens=0.0), 1, 2).after(9.0)
    assert not bucket.waiting

    bucket = _waiting(bucket, 2, 1)

    assert [bucket.seconds_to_wait(ticket) for ticket in (1, 2)] == pytest.approx([1.0, 11.0])


def test_a_dead_request_costs_its_token_and_no_more() -> None:
    """A request whose process was killed keeps the bucket from being full until it has expired."""
    bucket = Bucket(rate=1.0, burst=3, tokens=3.0).let_go(1)

    assert bucket.after(10).tokens == 2.0
    assert bucket.after(ARRIVAL_SECONDS + 1).tokens == 3.0


READINGS = [
    pytest.param(Reading(wall=100, monotonic=50), 40, id="both"),
    pytest.param(Reading(wall=3660, monotonic=50), 40, id="set-forward"),
    pytest.param(Reading(wall=-3600, monotonic=50), 40, id="set-back"),
    pytest.param(Reading(wall=100, monotonic=4), 4, id="started-anew"),
    pytest.param(Reading(wall=-3600, monotonic=4), 0, id="started-anew-and-set-back"),
    pytest.param(Reading(wall=61, monotonic=9000), 1, id="another-machine"),
    pytest.param(Reading(wall=100), 40, id="server"),
    pytest.param(Reading(wall=50), 0, id="server-set-back"),
]


@pytest.mark.parametrize(("now", "seconds"), READINGS)
def test_no_more_time_passes_than_surely_has(now: Reading, seconds: float) -> None:
    """Of the time of day and the machine's own seconds, the less counts."""
    assert now.seconds_since(Reading(wall=60, monotonic=10)) == seconds
