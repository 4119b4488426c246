"""The notifications that came from a queue, until what follows from them is under way.

A message is noted when it is received, and deleted from the queue once Dagster has stored the run
that fetches what it tells of. Until then the state has the handle by which it is deleted. So a
process that dies in between loses nothing: the queue has the message still, or the state has the
note. Amazon sends some messages twice: a notification is noted once, and remembered for longer than
a queue keeps messages. Here belongs keeping that; what is asked for is decided above.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues.html
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, and_, delete, func, select, update

from asp_dagster.catalog.notifications import ORDER_CHANGE, Arrival
from asp_dagster.spapi import Clock
from asp_dagster.state.databases import Database
from asp_dagster.state.tables import NOTIFICATIONS, SET_ASIDE

_REMEMBERED = timedelta(days=15)
"""A queue keeps messages for 14 days at most."""

_MOST_ASIDE = 1000


@dataclass(frozen=True)
class ChangedOrder:
    """A notification that an order has changed, for which no run has been asked yet.

    Attributes:
        notification_id: Amazon's id.
        order_id: The order.
        happened_at: When it changed, aware, in UTC.
    """

    notification_id: str
    order_id: str
    happened_at: datetime


@dataclass(frozen=True)
class AskedRun:
    """A run that was asked for and may not have been stored by Dagster yet.

    Attributes:
        run_key: Its key.
        partition_key: Which partition it fetches for.
        order_ids: The orders, none twice, those that changed first before others.
        receipts: By what their messages are deleted.
    """

    run_key: str
    partition_key: str
    order_ids: Sequence[str]
    receipts: Sequence[str]


@dataclass(frozen=True)
class SetAside:
    """A message that is no notification of ours; what it said is not kept.

    Attributes:
        message_id: The id that SQS gave it.
        reason: Why it is none.
        set_aside_at: When it was received.
    """

    message_id: str
    reason: str
    set_aside_at: datetime


class Notifications:
    """The notifications in a shared state. Each call is one transaction.

    Raises:
        StateError: From every method, when the state cannot be used.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def note(self, queue: str, arrivals: Sequence[Arrival]) -> Sequence[str]:
        """Note what was received, and return the receipts of messages that nobody needs.

        Those are copies of a notification that is settled, or that another message stands for.
        """
        spent = []
        with self._database.transaction() as connection:
            for arrival in arrivals:
                row = {**self._row(queue, arrival), "receipt": arrival.receipt}
                is_same = and_(
                    NOTIFICATIONS.c.receipt.is_not(None),
                    NOTIFICATIONS.c.message_id == arrival.message_id,
                )
                noted = (
                    self._database.insert(NOTIFICATIONS)
                    .values(row)
                    .on_conflict_do_update(
                        index_elements=["notification_id"],
                        set_={"receipt": arrival.receipt},
                        where=is_same,
                    )
                    .returning(NOTIFICATIONS.c.notification_id)
                )
                if connection.execute(noted).first() is None:
                    spent.append(arrival.receipt)
        return spent

    def done(self, queue: str, arrivals: Sequence[Arrival]) -> None:
        """Note what needs no run."""
        with self._database.transaction() as connection:
            for arrival in arrivals:
                row = self._row(queue, arrival)
                connection.execute(
                    self._database.insert(NOTIFICATIONS).values(row).on_conflict_do_nothing()
                )

    def changed_orders(self, queue: str) -> Sequence[ChangedOrder]:
        """Return the changes that no run has been asked for, in the order they happened."""
        found = (
            select(
                NOTIFICATIONS.c.notification_id,
                NOTIFICATIONS.c.subject.label("order_id"),
                NOTIFICATIONS.c.happened_at,
            )
            .where(
                NOTIFICATIONS.c.queue == queue,
                NOTIFICATIONS.c.notification_type == ORDER_CHANGE,
                NOTIFICATIONS.c.run_key.is_(None),
            )
            .order_by(NOTIFICATIONS.c.happened_at, NOTIFICATIONS.c.notification_id)
        )
        with self._database.transaction() as connection:
            rows = connection.execute(found).all()
        return [ChangedOrder(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def ask(self, run_key: str, partition_key: str, notification_ids: Collection[str]) -> None:
        """Note that a run is about to be asked for, before Dagster hears of it."""
        row = {"run_key": run_key, "partition_key": partition_key}
        with self._database.transaction() as connection:
            for notification_id in notification_ids:
                of = NOTIFICATIONS.c.notification_id == notification_id
                connection.execute(update(NOTIFICATIONS).where(of).values(row))

    def asked(self, queue: str) -> Sequence[AskedRun]:
        """Return the runs that were asked for and are not settled."""
        found = (
            select(NOTIFICATIONS)
            .where(
                NOTIFICATIONS.c.queue == queue,
                NOTIFICATIONS.c.run_key.is_not(None),
                NOTIFICATIONS.c.receipt.is_not(None),
            )
            .order_by(NOTIFICATIONS.c.happened_at, NOTIFICATIONS.c.notification_id)
        )
        with self._database.transaction() as connection:
            rows = connection.execute(found).all()
        return [
            _asked_run([row for row in rows if row.run_key == key])
            for key in dict.fromkeys(row.run_key for row in rows)
        ]

    def settle(self, run_key: str) -> None:
        """Note that Dagster has stored a run: its messages are needed no more."""
        of = NOTIFICATIONS.c.run_key == run_key
        with self._database.transaction() as connection:
            connection.execute(update(NOTIFICATIONS).where(of).values(receipt=None))

    def set_aside(self, queue: str, reasons: Mapping[str, str]) -> None:
        """Note messages that are no notifications of ours, and why; of many, the last ones.

        Args:
            queue: The queue's ARN.
            reasons: By the ids that SQS gave the messages.
        """
        now = self._clock.now()
        rows = [
            {"queue": queue, "message_id": message_id, "reason": reason, "set_aside_at": now}
            for message_id, reason in reasons.items()
        ]
        last = select(SET_ASIDE.c.number).order_by(SET_ASIDE.c.number.desc()).limit(_MOST_ASIDE)
        with self._database.transaction() as connection:
            for row in rows:
                connection.execute(
                    self._database.insert(SET_ASIDE)
                    .values(row)
                    .on_conflict_do_nothing(index_elements=["message_id"])
                )
            connection.execute(delete(SET_ASIDE).where(SET_ASIDE.c.number.not_in(last)))

    def aside(self, queue: str) -> Sequence[SetAside]:
        """Return the messages that were set aside, the last ones first."""
        found = (
            select(SET_ASIDE.c.message_id, SET_ASIDE.c.reason, SET_ASIDE.c.set_aside_at)
            .where(SET_ASIDE.c.queue == queue)
            .order_by(SET_ASIDE.c.number.desc())
        )
        with self._database.transaction() as connection:
            rows = connection.execute(found).all()
        return [SetAside(**row._mapping) for row in rows]  # noqa: SLF001 - as above

    def last_noted_at(self, queue: str) -> datetime | None:
        """Return when a notification last came from a queue; none if none is remembered."""
        found = select(func.max(NOTIFICATIONS.c.noted_at)).where(NOTIFICATIONS.c.queue == queue)
        with self._database.transaction() as connection:
            moment: datetime | None = connection.execute(found).scalar()
        return moment

    def forget(self) -> None:
        """Forget what is settled and cannot come again."""
        before = self._clock.now() - _REMEMBERED
        is_settled = NOTIFICATIONS.c.receipt.is_(None)
        with self._database.transaction() as connection:
            connection.execute(
                delete(NOTIFICATIONS).where(is_settled, NOTIFICATIONS.c.noted_at < before)
            )

    def _row(self, queue: str, arrival: Arrival) -> dict[str, str | datetime | None]:
        notification = arrival.notification
        return {
            "notification_id": notification.notification_id,
            "queue": queue,
            "notification_type": notification.notification_type,
            "subject": notification.subject,
            "happened_at": notification.happened_at,
            "noted_at": self._clock.now(),
            "message_id": arrival.message_id,
        }


def _asked_run(rows: Sequence[Row[tuple[object, ...]]]) -> AskedRun:
    first = rows[0]
    return AskedRun(
        str(first.run_key),
        str(first.partition_key),
        list(dict.fromkeys(str(row.subject) for row in rows)),
        [str(row.receipt) for row in rows],
    )
