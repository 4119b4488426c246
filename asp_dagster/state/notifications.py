"""The notifications that came from a queue, until what follows from them is under way.

A message is noted when it is received, and deleted from the queue once Dagster has stored the run
that fetches what it tells of. Until then the state has the handle by which it is deleted. So a
process that dies in between loses nothing: the queue has the message still, or the state has the
note. Amazon sends some messages twice: a notification is noted once, and remembered for longer than
a queue keeps messages. Here belongs keeping that, and what came that nobody can use; what is asked
for is decided above, and kept in `changed_orders`.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues.html
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, func, select, update

from asp_dagster.catalog.notifications import Arrival
from asp_dagster.spapi import Clock
from asp_dagster.state.changed_orders import ChangedOrders
from asp_dagster.state.databases import Database
from asp_dagster.state.tables import CHANGED_ORDERS, NOTIFICATIONS, SET_ASIDE, UNSERVED

_REMEMBERED = timedelta(days=15)
"""A queue keeps messages for 14 days at most."""

_MOST_ASIDE = 1000


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


@dataclass(frozen=True)
class Unserved:
    """Whose notifications came that no feed listens to, and were deleted.

    Attributes:
        seller_id: The seller.
        marketplace_id: The marketplace; empty if none was named.
        messages: How many came.
        last_at: When the last one was received.
    """

    seller_id: str
    marketplace_id: str
    messages: int
    last_at: datetime


class Notifications:
    """The notifications in a shared state. Each call is one transaction.

    Attributes:
        changes: The changed orders that they told of.

    Raises:
        StateError: From every method, when the state cannot be used.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.changes = ChangedOrders(database, clock)

    def note(self, queue: str, arrivals: Sequence[Arrival]) -> Sequence[str]:
        """Note what was received, and return the receipts of messages that nobody needs.

        Those are copies of a notification that is settled, or that another message stands for.
        """
        spent = []
        with self._database.transaction() as connection:
            for arrival in arrivals:
                if self._is_new(connection, queue, arrival):
                    self.changes.add(connection, queue, arrival)
                elif not self._is_received_again(connection, arrival):
                    spent.append(arrival.receipt)
        return spent

    def spent(self, queue: str, at_most: int) -> Sequence[str]:
        """Return receipts of messages whose changes all have a run that Dagster has stored."""
        is_needed = exists().where(
            CHANGED_ORDERS.c.notification_id == NOTIFICATIONS.c.notification_id,
            CHANGED_ORDERS.c.stored_at.is_(None),
        )
        found = (
            select(NOTIFICATIONS.c.receipt)
            .where(NOTIFICATIONS.c.queue == queue, NOTIFICATIONS.c.receipt.is_not(None))
            .where(~is_needed)
            .limit(at_most)
        )
        with self._database.transaction() as connection:
            return [str(receipt) for receipt in connection.execute(found).scalars()]

    def deleted(self, receipts: Collection[str]) -> None:
        """Note that messages are deleted."""
        of = NOTIFICATIONS.c.receipt.in_(receipts)
        with self._database.transaction() as connection:
            connection.execute(update(NOTIFICATIONS).where(of).values(receipt=None))

    def done(self, queue: str, arrivals: Sequence[Arrival]) -> None:
        """Note what needs no run."""
        with self._database.transaction() as connection:
            for arrival in arrivals:
                row = self._row(queue, arrival)
                connection.execute(
                    self._database.insert(NOTIFICATIONS).values(row).on_conflict_do_nothing()
                )

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

    def unserved(
        self, queue: str, messages: Mapping[tuple[str, str], int]
    ) -> Sequence[tuple[str, str]]:
        """Note how many messages came that no feed listens to; return whose were not known yet.

        Args:
            queue: The queue's ARN.
            messages: How many, by seller and marketplace.
        """
        now = self._clock.now()
        known = {(each.seller_id, each.marketplace_id) for each in self.all_unserved(queue)}
        with self._database.transaction() as connection:
            for (seller_id, marketplace_id), count in messages.items():
                row = {"queue": queue, "seller_id": seller_id, "marketplace_id": marketplace_id}
                noted = self._database.insert(UNSERVED).values(**row, messages=count, last_at=now)
                connection.execute(
                    noted.on_conflict_do_update(
                        index_elements=list(row),
                        set_={"messages": UNSERVED.c.messages + count, "last_at": now},
                    )
                )
        return [whose for whose in messages if whose not in known]

    def all_unserved(self, queue: str) -> Sequence[Unserved]:
        """Return whose notifications came that no feed listens to, the last ones first."""
        names = Unserved.__dataclass_fields__
        found = (
            select(*(UNSERVED.c[name] for name in names))
            .where(UNSERVED.c.queue == queue)
            .order_by(UNSERVED.c.last_at.desc(), UNSERVED.c.seller_id, UNSERVED.c.marketplace_id)
        )
        with self._database.transaction() as connection:
            rows = connection.execute(found).all()
        return [Unserved(**row._mapping) for row in rows]  # noqa: SLF001 - as above

    def last_noted_at(self, queue: str) -> datetime | None:
        """Return when a notification last came from a queue; none if none is remembered."""
        found = select(func.max(NOTIFICATIONS.c.noted_at)).where(NOTIFICATIONS.c.queue == queue)
        with self._database.transaction() as connection:
            moment: datetime | None = connection.execute(found).scalar()
        return moment

    def forget(self) -> None:
        """Forget what is settled and cannot come again, and who has long not been heard of."""
        before = self._clock.now() - _REMEMBERED
        is_settled = NOTIFICATIONS.c.receipt.is_(None)
        with self._database.transaction() as connection:
            connection.execute(
                delete(NOTIFICATIONS).where(is_settled, NOTIFICATIONS.c.noted_at < before)
            )
            connection.execute(delete(UNSERVED).where(UNSERVED.c.last_at < before))

    def _is_new(self, connection: Connection, queue: str, arrival: Arrival) -> bool:
        """Note a notification, and tell whether it was not known before."""
        noted = (
            self._database.insert(NOTIFICATIONS)
            .values({**self._row(queue, arrival), "receipt": arrival.receipt})
            .on_conflict_do_nothing()
            .returning(NOTIFICATIONS.c.notification_id)
        )
        return connection.execute(noted).first() is not None

    def _is_received_again(self, connection: Connection, arrival: Arrival) -> bool:
        """Note the newer receipt of a message that is still needed, and tell whether it is."""
        again = (
            update(NOTIFICATIONS)
            .where(NOTIFICATIONS.c.notification_id == arrival.notification.notification_id)
            .where(NOTIFICATIONS.c.message_id == arrival.message_id)
            .where(NOTIFICATIONS.c.receipt.is_not(None))
            .values(receipt=arrival.receipt)
        )
        return connection.execute(again).rowcount > 0

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
