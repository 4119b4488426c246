"""The changed orders that notifications told of, until a run has fetched them.

A change stands here once for each feed that fetches it. It is open until a run is asked for, asked
for until Dagster has stored the run, and stored until the run is over. Then it is gone, unless the
run failed and it is to be asked for again. Here belongs keeping that; what is asked for, and when,
is decided above.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Update,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from asp_dagster.catalog.notifications import Arrival
from asp_dagster.spapi import Clock
from asp_dagster.state.databases import Database
from asp_dagster.state.tables import CHANGED_ORDERS


@dataclass(frozen=True)
class ChangedOrder:
    """A notification that an order has changed, for which a run can be asked.

    Attributes:
        notification_id: Amazon's id.
        order_id: The order.
        happened_at: When it changed, aware, in UTC.
        failures: How many runs that were to fetch it have failed.
    """

    notification_id: str
    order_id: str
    happened_at: datetime
    failures: int = 0


@dataclass(frozen=True)
class AskedRun:
    """A run that was asked for.

    Attributes:
        run_key: Its key.
        feed: The feed whose run it is.
        partition_key: Which partition it fetches for.
        order_ids: The orders, none twice, those that changed first before others.
        failures: How many runs that were to fetch the same have failed before.
        stored_at: When Dagster was seen to have stored it, aware, in UTC; none before.
    """

    run_key: str
    feed: str
    partition_key: str
    order_ids: Sequence[str]
    failures: int = 0
    stored_at: datetime | None = None


class ChangedOrders:
    """The changed orders in a shared state. Each call is one transaction.

    Raises:
        StateError: From every method, when the state cannot be used.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, connection: Connection, queue: str, arrival: Arrival) -> None:
        """Note a change for each feed that fetches it, within somebody's transaction."""
        notification = arrival.notification
        for feed in arrival.feeds:
            row = {
                "notification_id": notification.notification_id,
                "feed": feed,
                "queue": queue,
                "order_id": notification.subject,
                "happened_at": notification.happened_at,
            }
            connection.execute(
                self._database.insert(CHANGED_ORDERS).values(row).on_conflict_do_nothing()
            )

    def open(self, queue: str, feed: str, now: datetime) -> Sequence[ChangedOrder]:
        """Return the changes that a run may be asked for by now, in the order they happened."""
        names = ChangedOrder.__dataclass_fields__
        is_due = or_(CHANGED_ORDERS.c.due_at.is_(None), CHANGED_ORDERS.c.due_at <= now)
        found = (
            select(*(CHANGED_ORDERS.c[name] for name in names))
            .where(CHANGED_ORDERS.c.queue == queue, CHANGED_ORDERS.c.feed == feed)
            .where(CHANGED_ORDERS.c.run_key.is_(None), is_due)
            .order_by(CHANGED_ORDERS.c.happened_at, CHANGED_ORDERS.c.notification_id)
        )
        with self._database.transaction() as connection:
            rows = connection.execute(found).all()
        return [ChangedOrder(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def waiting(self, queue: str) -> int:
        """Return how many changes wait for a run, those that are not due yet among them."""
        found = (
            select(func.count())
            .select_from(CHANGED_ORDERS)
            .where(CHANGED_ORDERS.c.queue == queue, CHANGED_ORDERS.c.run_key.is_(None))
        )
        with self._database.transaction() as connection:
            return int(connection.execute(found).scalar_one())

    def ask(
        self, run_key: str, feed: str, partition_key: str, notification_ids: Collection[str]
    ) -> None:
        """Note that a run is about to be asked for, before Dagster hears of it.

        What somebody else has asked for meanwhile is left to that run.
        """
        asked = (
            update(CHANGED_ORDERS)
            .where(CHANGED_ORDERS.c.notification_id == bindparam("of"))
            .where(CHANGED_ORDERS.c.feed == feed, CHANGED_ORDERS.c.run_key.is_(None))
            .values(run_key=run_key, partition_key=partition_key)
        )
        with self._database.transaction() as connection:
            connection.execute(asked, [{"of": each} for each in notification_ids])

    def asked(self, queue: str) -> Sequence[AskedRun]:
        """Return the runs that were asked for and that Dagster may not have stored yet."""
        return self._runs(queue, CHANGED_ORDERS.c.stored_at.is_(None))

    def stored(self, run_key: str) -> None:
        """Note that Dagster has stored a run."""
        with self._database.transaction() as connection:
            connection.execute(_of_run(run_key).values(stored_at=self._clock.now()))

    def under_way(self, queue: str) -> Sequence[AskedRun]:
        """Return the runs that Dagster has stored, and that are not known to be over."""
        return self._runs(queue, CHANGED_ORDERS.c.stored_at.is_not(None))

    def over(self, run_key: str) -> None:
        """Forget what a run was to fetch: it is over."""
        with self._database.transaction() as connection:
            connection.execute(delete(CHANGED_ORDERS).where(CHANGED_ORDERS.c.run_key == run_key))

    def failed(self, run_key: str, due_at: datetime) -> None:
        """Note that a run has failed: what it was to fetch is asked for again.

        Args:
            run_key: Its key.
            due_at: When, at the earliest, aware.
        """
        again = {"run_key": None, "stored_at": None, "due_at": due_at}
        with self._database.transaction() as connection:
            connection.execute(
                _of_run(run_key).values(failures=CHANGED_ORDERS.c.failures + 1, **again)
            )

    def keep(self, queue: str, feeds: Collection[str]) -> int:
        """Forget what only feeds that are no longer there were to fetch; return how much it was."""
        others = CHANGED_ORDERS.c.feed.not_in(feeds)
        with self._database.transaction() as connection:
            return connection.execute(
                delete(CHANGED_ORDERS).where(CHANGED_ORDERS.c.queue == queue, others)
            ).rowcount

    def _runs(self, queue: str, condition: ColumnElement[bool]) -> Sequence[AskedRun]:
        found = (
            select(CHANGED_ORDERS)
            .where(CHANGED_ORDERS.c.queue == queue, CHANGED_ORDERS.c.run_key.is_not(None))
            .where(condition)
            .order_by(CHANGED_ORDERS.c.happened_at, CHANGED_ORDERS.c.notification_id)
        )
        with self._database.transaction() as connection:
            rows = connection.execute(found).all()
        return [
            _asked_run([row for row in rows if row.run_key == key])
            for key in dict.fromkeys(row.run_key for row in rows)
        ]


def _of_run(run_key: str) -> Update:
    return update(CHANGED_ORDERS).where(CHANGED_ORDERS.c.run_key == run_key)


def _asked_run(rows: Sequence[Row[tuple[object, ...]]]) -> AskedRun:
    first: Any = rows[0]
    return AskedRun(
        first.run_key,
        first.feed,
        first.partition_key,
        list(dict.fromkeys(str(row.order_id) for row in rows)),
        first.failures,
        first.stored_at,
    )
