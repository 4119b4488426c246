"""All who use a state share one quota: burst, rate, line and what Amazon says of them."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from asp_dagster.spapi import Operation, QuotaKey, QuotaWaitError
from asp_dagster.state import SharedQuota, State, StateUnavailableError

KEY = QuotaKey.of("amzn1.application", "Atzr|the-refresh-token", "https://endpoint")
OPERATION = Operation(name="getThing", method="GET", path="/thing", rate=0.5, burst=3)
QUICK = Operation(name="getThing", method="GET", path="/thing", rate=50.0, burst=3)


@dataclass
class MachineClock:
    """A machine's clocks, which a test moves; sleeping moves them too."""

    wall: datetime = datetime(2026, 11, 1, tzinfo=UTC)
    seconds: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        """Return the time of day."""
        return self.wall

    def monotonic(self) -> float:
        """Return seconds since the start."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.slept.append(seconds)
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds


@pytest.fixture
def machine() -> MachineClock:
    """The clocks of the machine."""
    return MachineClock()


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The URL of a new state in a file."""
    return f"sqlite:///{tmp_path / 'state.db'}"


@pytest.fixture
def opened(file: str, machine: MachineClock) -> Iterator[Callable[..., SharedQuota]]:
    """Open the quota as another process would, by the machine's scripted clocks."""
    states = []

    def open_quota(max_wait: timedelta | None = None) -> SharedQuota:
        states.append(State.from_url(file, clock=machine))
        return states[-1].quota(max_wait)

    yield open_quota
    for state in states:
        state.close()


def _use(quota: SharedQuota, times: int, operation: Operation = OPERATION) -> list[float]:
    """Send requests one after the other; return how long each waited."""
    waits = []
    for _ in range(times):
        waits.append(quota.acquire(KEY, operation).waited_seconds)
        quota.settle(KEY, operation)
    return waits


def test_processes_share_a_bucket(opened: Callable[..., SharedQuota]) -> None:
    """What one process took the next does not find."""
    first, second = opened(), opened()

    assert _use(first, 2) == [0, 0]
    assert _use(second, 3) == pytest.approx([0, 2, 2])


def test_burst_is_there_again_after_idling(
    opened: Callable[..., SharedQuota], machine: MachineClock
) -> None:
    """A later run finds the whole burst, and no more."""
    _use(opened(), 3)
    machine.sleep(1000)

    assert _use(opened(), 4) == pytest.approx([0, 0, 0, 2])


def test_buckets_are_apart(opened: Callable[..., SharedQuota]) -> None:
    """Another partner, endpoint, operation or grantless call has a bucket of its own."""
    quota = opened()
    _use(quota, 3)
    others = [
        (QuotaKey.of("amzn1.application", "Atzr|other", "https://endpoint"), OPERATION),
        (QuotaKey.of("amzn1.application", "Atzr|the-refresh-token", "https://sandbox"), OPERATION),
        (QuotaKey.of("amzn1.application", "", "https://endpoint"), OPERATION),
        (KEY, Operation(name="getThing", method="POST", path="/thing", rate=0.5, burst=3)),
    ]

    waits = [quota.acquire(key, operation).waited_seconds for key, operation in others]

    assert waits == [0, 0, 0, 0]


@pytest.mark.parametrize(("rate", "wait"), [(5.0, 0.2), (0.1, 10.0)], ids=["up", "down"])
def test_learned_rate_is_remembered(
    opened: Callable[..., SharedQuota], rate: float, wait: float
) -> None:
    """The rate that Amazon reports to one process later processes use too."""
    first = opened()
    _use(first, 3)

    first.learn(KEY, OPERATION, rate)

    assert _use(opened(), 1) == pytest.approx([wait])


def test_known_rate_costs_no_transaction(opened: Callable[..., SharedQuota], file: str) -> None:
    """What a process knows already is not written again with each answer."""
    quota = opened()
    _use(quota, 1)
    log = Path(file.removeprefix("sqlite:///") + "-wal")
    before = log.stat().st_mtime_ns

    quota.learn(KEY, OPERATION, OPERATION.rate)

    assert log.stat().st_mtime_ns == before


def test_throttling_of_one_empties_the_bucket_of_all(opened: Callable[..., SharedQuota]) -> None:
    """After a 429 nothing is left of a burst that everybody thought was there."""
    first, second = opened(), opened()
    _use(first, 1)

    first.throttled(KEY, OPERATION)

    assert _use(second, 2) == pytest.approx([2, 2])


@pytest.mark.parametrize(
    ("change", "wait"),
    [
        pytest.param(lambda quota: quota.learn(KEY, OPERATION, 0.05), 15, id="slower"),
        pytest.param(lambda quota: quota.learn(KEY, OPERATION, 0.5), 6, id="faster"),
        pytest.param(lambda quota: quota.throttled(KEY, OPERATION), 15, id="throttled"),
    ],
)
def test_waiter_notices_what_others_learn(
    opened: Callable[..., SharedQuota],
    machine: MachineClock,
    change: Callable[[SharedQuota], None],
    wait: float,
) -> None:
    """Whoever waits when another process learns something waits by it, after five seconds."""
    waiting, learning = opened(), opened()
    _use(learning, 3)
    learning.learn(KEY, OPERATION, 0.1)
    sleep, changes = machine.sleep, [change]

    def sleep_and_change(seconds: float) -> None:
        sleep(seconds)
        if changes:
            changes.pop()(learning)

    machine.sleep = sleep_and_change  # type: ignore[method-assign]

    assert waiting.acquire(KEY, OPERATION).waited_seconds == pytest.approx(wait, abs=0.01)


@pytest.mark.parametrize(
    ("wall", "seconds"),
    [
        pytest.param(timedelta(days=365), 0.0, id="set-forward"),
        pytest.param(timedelta(days=-365), 0.0, id="set-back"),
        pytest.param(timedelta(0), -1000.0, id="started-anew"),
    ],
)
def test_clocks_that_are_set_bring_nothing(
    opened: Callable[..., SharedQuota],
    machine: MachineClock,
    wall: timedelta,
    seconds: float,
) -> None:
    """Setting the time of day or starting the machine anew neither fills a bucket nor locks it."""
    _use(opened(), 3)
    machine.wall += wall
    machine.seconds += seconds

    assert _use(opened(), 2) == pytest.approx([2, 2])


def test_interrupted_wait_takes_nothing(
    opened: Callable[..., SharedQuota], machine: MachineClock
) -> None:
    """A waiter that is stopped leaves its place in line and costs no token."""
    quota = opened()
    _use(quota, 3)
    sleep = machine.sleep

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    machine.sleep = interrupt  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        quota.acquire(KEY, OPERATION)
    machine.sleep = sleep  # type: ignore[method-assign]

    assert _use(opened(), 1) == pytest.approx([2])


def test_answers_that_never_come_expire(
    opened: Callable[..., SharedQuota], machine: MachineClock
) -> None:
    """Requests of killed processes keep back what their tokens were, and that for a while only."""
    quota = opened()
    for _ in range(3):
        quota.acquire(KEY, OPERATION)
    machine.sleep(60)

    assert _use(opened(), 4) == pytest.approx([0, 0, 0, 2])


def test_long_wait_is_refused_with_the_time_to_come_back(
    opened: Callable[..., SharedQuota],
) -> None:
    """A wait longer than allowed ends before it begins, and says when the burst is back."""
    quota = opened(timedelta(seconds=1))
    _use(quota, 3)

    with pytest.raises(QuotaWaitError, match=r"getThing .* 2 s .*ASP_MAX_WAIT.* 6 s") as refused:
        quota.acquire(KEY, OPERATION)

    assert refused.value.retry_after == pytest.approx(6)
    assert _use(opened(), 1) == pytest.approx([2])


def test_allowed_wait_is_waited(opened: Callable[..., SharedQuota]) -> None:
    """A wait within what is allowed is no reason to stop."""
    assert _use(opened(timedelta(seconds=2.1)), 4) == pytest.approx([0, 0, 0, 2])


def test_long_wait_is_announced(
    opened: Callable[..., SharedQuota], machine: MachineClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A wait of more than five seconds is logged with operation, length and end, once."""
    slow = Operation(name="searchThings", method="GET", path="/things", rate=0.01, burst=1)
    quota = opened()
    _use(quota, 1, slow)

    with caplog.at_level(logging.INFO):
        quota.acquire(KEY, slow)

    until = f"{machine.now():%Y-%m-%d %H:%M:%S} UTC"
    assert caplog.messages == [f"searchThings waits 100 s for its quota, until {until}"]


def test_turn_tells_what_the_bucket_has_let_go(opened: Callable[..., SharedQuota]) -> None:
    """A turn counts the requests of all processes, so that the bucket's use can be told."""
    first, second = opened(), opened()
    _use(first, 2)

    turn = second.acquire(KEY, OPERATION)

    assert (turn.tokens, turn.sent_before, turn.sent, turn.rate) == (1.0, 2, 3, 0.5)


def test_both_databases_keep_the_pace(url: str) -> None:
    """By the real clocks, of the machine or the server, nobody is early."""
    with State.from_url(url) as state, State.from_url(url) as other:
        quotas = [state.quota(), other.quota()]
        turns = []
        for number in range(10):
            quota = quotas[number % 2]
            turns.append(quota.acquire(KEY, QUICK))
            quota.settle(KEY, QUICK)

    earliest = (10 - QUICK.burst) / QUICK.rate
    assert turns[-1].left_at - turns[0].arrived_at >= earliest - 1e-3
    assert turns[-1].sent == 10


def test_no_secret_is_kept(url: str, tmp_path: Path) -> None:
    """Neither the refresh token nor the application's id can be read from the state."""
    with State.from_url(url) as state:
        quota = state.quota()
        quota.acquire(KEY, OPERATION)
        quota.learn(KEY, OPERATION, 7.0)
        database = state._database
        with database.transaction() as connection:
            rows = connection.execute(text("SELECT * FROM asp_quota_buckets")).all()

    everything = repr(rows) + "".join(
        path.read_bytes().decode(errors="replace") for path in tmp_path.rglob("*") if path.is_file()
    )
    assert "GET /thing" in everything
    assert not [each for each in ("Atzr", "refresh-token", "amzn1") if each in everything]


def test_nothing_is_sent_without_the_state() -> None:
    """A state that cannot be reached gives nobody leave."""
    with State.from_url("postgresql://someone:hidden@127.0.0.1:9/states") as state:
        quota = state.quota()

        with pytest.raises(StateUnavailableError, match="cannot be used") as failed:
            quota.acquire(KEY, OPERATION)

    assert "hidden" not in str(failed.value)


def test_answer_is_kept_when_the_state_goes_away(
    new_postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be noted after an answer is logged; the answer is not thrown away."""
    with State.from_url(new_postgres_url) as state:
        quota = state.quota()
        quota.acquire(KEY, OPERATION)
        state.close()
        state._database._engine = create_engine("postgresql+psycopg://someone@127.0.0.1:9/states")

        quota.settle(KEY, OPERATION)
        quota.throttled(KEY, OPERATION)

        assert "The quota of getThing is not up to date" in caplog.messages[0]
        with pytest.raises(StateUnavailableError):
            quota.acquire(KEY, OPERATION)
