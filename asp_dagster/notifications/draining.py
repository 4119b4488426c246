"""Empties a queue into the state: what a message says is noted, and the rest is set aside.

Here belongs what becomes of each message. No message of a changed order is deleted here, unless
another copy of it has been dealt with: that is done when Dagster has stored the run that follows.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from logging import Logger
from typing import TYPE_CHECKING

from asp_dagster.catalog.notifications import (
    ORDER_CHANGE,
    Arrival,
    Notification,
    UnreadableNotificationError,
    read_notification,
)
from asp_dagster.notifications.listeners import Audience
from asp_dagster.notifications.queue import Message, NotificationQueue
from asp_dagster.spapi import Clock

if TYPE_CHECKING:  # only who opens the state pays for loading it
    from asp_dagster.state import Notifications, ReportLedger


@dataclass(frozen=True)
class Drained:
    """What has come of it.

    Attributes:
        received: How many messages.
        is_all: Whether the queue had no more.
    """

    received: int
    is_all: bool


@dataclass(frozen=True, kw_only=True)
class Drain:
    """Empties one queue, for a while at most.

    Attributes:
        queue: The queue.
        notifications: Where what came is noted.
        reports: Where reports are noted to have ended.
        audience: Who is told of what.
        clock: Tells when to stop.
        log: Where it is told what is set aside.
        most_messages: When to stop at the latest.
    """

    queue: NotificationQueue
    notifications: "Notifications"
    reports: "ReportLedger"
    audience: Audience
    clock: Clock
    log: Logger
    most_messages: int = 10_000

    def run(self, until: float) -> Drained:
        """Receive what is there until it is time to stop, and return how much it was.

        Args:
            until: When to stop, by the clock's seconds.

        Raises:
            QueueError: When SQS refuses, or does not answer.
            StateError: When the state cannot be used; nothing of the batch is deleted then.
        """
        received = 0
        while received < self.most_messages and self.clock.monotonic() < until:
            messages = self.queue.receive()
            if not messages:
                return Drained(received, is_all=True)
            received += len(messages)
            self._take(_Sorted.of(messages, self.audience))
        return Drained(received, is_all=False)

    def _take(self, found: "_Sorted") -> None:
        """Note a batch, and only then delete what nobody needs any more."""
        arn, strange = self.queue.arn, [each.receipt for each in found.unserved]
        if found.reasons:
            self.log.warning("%d messages are no notifications: set aside.", len(found.reasons))
            reasons = {message.message_id: reason for message, reason in found.reasons}
            self.notifications.set_aside(arn, reasons)
        if found.unserved:
            self._tell_once([each.notification for each in found.unserved])
        if found.reports:
            self._end_reports(found.reports)
            self.notifications.done(arn, found.reports)
        spent = self.notifications.note(arn, found.orders)
        done = [each.receipt for each in found.reports]
        poison = [message.receipt for message, _ in found.reasons]
        self.queue.delete([*spent, *done, *strange, *poison])

    def _tell_once(self, unserved: Sequence[Notification]) -> None:
        """Note whose notifications nobody listens to, and tell of those that are new."""
        whose = Counter((each.seller_id or "", each.marketplace_id or "") for each in unserved)
        for new in self.notifications.unserved(self.queue.arn, whose):
            self.log.warning("%s", self.audience.why_not(*new))

    def _end_reports(self, finished: Sequence[Arrival]) -> None:
        """Note which reports that are waited for have ended: nobody needs to ask for that."""
        waiting, ended = self.reports.waiting, {}
        for arrival in finished:
            found = arrival.notification
            for report in (each for asset in arrival.feeds for each in waiting.of_asset(asset)):
                if report.report_id == found.subject and report.ended_at is None:
                    ended[report.number] = found.document_id
        if ended:
            waiting.ended(ended)


@dataclass(frozen=True)
class _Sorted:
    """A batch of messages by what they are.

    Attributes:
        orders: The changed orders, with the feeds that fetch them.
        reports: The finished reports, with the feeds that may wait for them.
        unserved: What nobody listens to.
        reasons: The messages that are none, and why.
    """

    orders: Sequence[Arrival]
    reports: Sequence[Arrival]
    unserved: Sequence[Arrival]
    reasons: Sequence[tuple[Message, str]]

    @classmethod
    def of(cls, messages: Sequence[Message], audience: Audience) -> "_Sorted":
        orders: list[Arrival] = []
        reports: list[Arrival] = []
        unserved: list[Arrival] = []
        reasons: list[tuple[Message, str]] = []
        for message in messages:
            try:
                found = read_notification(message.body)
            except UnreadableNotificationError as error:
                reasons.append((message, str(error)))
                continue
            feeds = audience.of(found)
            arrival = Arrival(found, message.message_id, message.receipt, feeds)
            if found.notification_type == ORDER_CHANGE:
                (orders if feeds else unserved).append(arrival)
            elif feeds or not found.seller_id or audience.knows(found.seller_id):
                reports.append(arrival)  # one that no sensor waits for is a run's that waits itself
            else:
                unserved.append(arrival)
        return cls(orders, reports, unserved, reasons)
