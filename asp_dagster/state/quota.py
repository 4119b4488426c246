"""Amazon's quota, shared by all processes that use the same state.

Every run, step, thread and machine with the same application, selling partner and endpoint draws on
one bucket for each operation. A process looks at the bucket in a short transaction and sleeps
outside of it: until its turn, as foreseen, and at most a few seconds, since a rate may be corrected
or a bucket emptied meanwhile. Here belong: looking, waiting, and keeping the buckets; how they fill
is `buckets`' matter.

Whose a bucket is, is kept as a hash; nothing that is kept here is secret.

https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
"""

import hashlib
import logging
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select, update

from asp_dagster.spapi import Clock, Operation, QuotaKey, QuotaWaitError, Turn
from asp_dagster.spapi.quota import announce_wait, sleep_seconds
from asp_dagster.state.buckets import Bucket, Reading
from asp_dagster.state.databases import Database
from asp_dagster.state.errors import StateError, StateUnavailableError
from asp_dagster.state.tables import QUOTA_BUCKETS

_log = logging.getLogger(__name__)

_Name = tuple[str, str]

_THE_BUCKET = and_(
    QUOTA_BUCKETS.c.whose == bindparam("bucket_of"),
    QUOTA_BUCKETS.c.operation == bindparam("bucket_for"),
)
_CHANGE = update(QUOTA_BUCKETS).where(_THE_BUCKET)


@dataclass(frozen=True)
class _Look:
    """What a request found when it looked.

    Attributes:
        ticket: Its place in line.
        wait_seconds: How long it still has to wait, if nothing changes; 0 if it has leave.
        bucket: The bucket as it was found.
    """

    ticket: int
    wait_seconds: float
    bucket: Bucket


class SharedQuota:
    """A `Quota` in the shared state. It may be used by many threads.

    Attributes:
        max_wait: The longest that a request waits; longer waits are refused. None: no limit.
    """

    def __init__(self, database: Database, clock: Clock, max_wait: timedelta | None = None) -> None:
        self.max_wait = max_wait
        self._database = database
        self._clock = clock
        self._found = select(QUOTA_BUCKETS, database.server_time.label("server_time"))
        self._found = self._found.where(_THE_BUCKET).with_for_update()
        # Threads of a process take turns here; at the database they would only disturb each other.
        self._turnstile = threading.Lock()
        self._rates: dict[_Name, float] = {}
        self._to_settle: defaultdict[_Name, deque[int]] = defaultdict(deque)

    def acquire(self, key: QuotaKey, operation: Operation) -> Turn:
        """Wait for a token, first come first served among all processes.

        Raises:
            QuotaWaitError: When the wait would be longer than the longest allowed.
            StateError: When the state cannot be used: no request goes unthrottled.
        """
        arrived = self._clock.monotonic()
        first = look = self._look(key, operation)
        try:
            announce_wait(self._clock, operation, look.wait_seconds)
            while look.wait_seconds:
                self._check_patience(operation, arrived, look)
                self._clock.sleep(sleep_seconds(look.wait_seconds))
                look = self._look(key, operation, look.ticket)
        except BaseException:
            self._leave(key, operation, look.ticket)
            raise
        return Turn(
            arrived_at=arrived,
            left_at=self._clock.monotonic(),
            tokens=first.bucket.tokens,
            sent_before=first.bucket.sent,
            sent=look.bucket.sent + 1,
            rate=look.bucket.rate,
        )

    def settle(self, key: QuotaKey, operation: Operation) -> None:
        """Note that a request has ended, if that is worth a transaction."""
        with suppress(IndexError):
            ticket = self._to_settle[_name(key, operation)].popleft()
            self._note(key, operation, lambda bucket: bucket.without(ticket))

    def learn(self, key: QuotaKey, operation: Operation, rate: float) -> None:
        """Use the rate that Amazon reports from now on, in all processes and later runs."""
        if self._rates.get(_name(key, operation)) != rate:
            self._note(key, operation, lambda bucket: replace(bucket, rate=rate))

    def throttled(self, key: QuotaKey, operation: Operation) -> None:
        """Empty the bucket, for all processes."""
        self._note(key, operation, Bucket.emptied)

    def _look(self, key: QuotaKey, operation: Operation, ticket: int | None = None) -> _Look:
        """Take a token if it is the ticket's turn, and else its place in line."""
        looks = []

        def look(bucket: Bucket) -> Bucket:
            own = ticket or bucket.tickets + 1
            wait = bucket.seconds_to_wait(own)
            looks.append(_Look(own, wait, bucket))
            if wait:
                return bucket.with_waiting(own, sleep_seconds(wait))
            return bucket.let_go(own)

        after = self._change(key, operation, look)
        if not looks[-1].wait_seconds and after.may_fill_up:
            self._to_settle[_name(key, operation)].append(looks[-1].ticket)
        return looks[-1]

    def _check_patience(self, operation: Operation, arrived: float, look: _Look) -> None:
        """Refuse a wait that is too long.

        Raises:
            QuotaWaitError: When it is. It is best to come back when the burst is there again:
                whoever comes for the first token has to leave after one request.
        """
        waited = self._clock.monotonic() - arrived
        wait = waited + look.wait_seconds
        if self.max_wait is None or wait <= self.max_wait.total_seconds():
            return
        again = look.bucket.seconds_until_full()
        raise QuotaWaitError(
            f"{operation.name} would have to wait {wait:.0f} s for its quota, longer than"
            f" ASP_MAX_WAIT allows ({self.max_wait.total_seconds():.0f} s); nothing was sent. Try"
            f" again in {again:.0f} s, when the quota has filled up.",
            retry_after=again,
        )

    def _leave(self, key: QuotaKey, operation: Operation, ticket: int) -> None:
        """Give the place in line back; if the state is gone, the place is soon passed over."""
        with suppress(StateError):
            self._change(key, operation, lambda bucket: bucket.without(ticket))

    def _note(
        self, key: QuotaKey, operation: Operation, change: Callable[[Bucket], Bucket]
    ) -> None:
        """Change a bucket after an answer, which is not thrown away if the state is gone.

        What is not noted costs time or a 429; the next request finds the state gone and fails.
        """
        try:
            self._change(key, operation, change)
        except StateUnavailableError as error:
            _log.warning("The quota of %s is not up to date: %s", operation.name, error)

    def _change(
        self, key: QuotaKey, operation: Operation, change: Callable[[Bucket], Bucket]
    ) -> Bucket:
        """Change a bucket, and return it as it is then."""
        name = _name(key, operation)
        with self._turnstile, self._database.transaction() as connection:
            self._database.hurry(connection)
            row = self._row(connection, name, operation)
            now = self._reading(row)
            passed = now.seconds_since(Reading(wall=row.wall, monotonic=row.monotonic))
            bucket = change(_bucket(row, operation).after(passed))
            connection.execute(_CHANGE, {**_names(name), **_values(bucket, operation, now)})
        self._rates[name] = bucket.rate
        return bucket

    def _row(self, connection: Connection, name: _Name, operation: Operation) -> Any:
        """Return a bucket's row, which nobody else can change before this transaction ends."""
        row = connection.execute(self._found, _names(name)).one_or_none()
        if row is None:
            connection.execute(self._new_row(name, operation))
            row = connection.execute(self._found, _names(name)).one()
        return row

    def _new_row(self, name: _Name, operation: Operation) -> Any:
        """Return the statement that makes a full bucket, unless another process just has."""
        bucket = Bucket(rate=operation.rate, burst=operation.burst, tokens=operation.burst)
        now = Reading(wall=self._clock.now().timestamp(), monotonic=self._clock.monotonic())
        values = {"whose": name[0], "operation": name[1], **_values(bucket, operation, now)}
        return self._database.insert(QUOTA_BUCKETS).values(values).on_conflict_do_nothing()

    def _reading(self, row: Any) -> Reading:
        """Return what time it is: the server's, or this machine's."""
        if row.server_time is not None:
            return Reading(wall=row.server_time)
        return Reading(wall=self._clock.now().timestamp(), monotonic=self._clock.monotonic())


def _name(key: QuotaKey, operation: Operation) -> _Name:
    """Return what a bucket is kept under."""
    whose = f"{key.client_id} {key.refresh_token_hash} {key.endpoint}"
    digest = hashlib.sha256(whose.encode()).hexdigest()[:32]
    return digest, f"{operation.method} {operation.path}"


def _names(name: _Name) -> dict[str, str]:
    return {"bucket_of": name[0], "bucket_for": name[1]}


def _bucket(row: Any, operation: Operation) -> Bucket:
    return Bucket(
        rate=row.learned_rate or operation.rate,
        burst=operation.burst,
        tokens=row.tokens,
        age=row.age,
        sent=row.sent,
        tickets=row.tickets,
        waiting=dict(row.waiting),
        under_way=dict(row.under_way),
    )


def _values(bucket: Bucket, operation: Operation, now: Reading) -> dict[str, Any]:
    return {
        "learned_rate": None if bucket.rate == operation.rate else bucket.rate,
        "tokens": bucket.tokens,
        "age": bucket.age,
        "sent": bucket.sent,
        "tickets": bucket.tickets,
        "waiting": list(bucket.waiting.items()),
        "under_way": list(bucket.under_way.items()),
        "wall": now.wall,
        "monotonic": now.monotonic,
    }
