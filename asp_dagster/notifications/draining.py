"""Empties a queue into the state: what a message says is noted, and the rest is set aside.

Here belongs what becomes of each message. No message of a changed order is deleted here, unless
another copy of it has been dealt with: that is done when Dagster has stored the run that follows.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asp_dagster.catalog.notifications import (
    ORDER_CHANGE,
    REPORT_PROCESSING_FINISHED,
    Arrival,
    Notification,
    UnreadableNotificationError,
    read_notification,
)
from asp_dagster.notifications.queue import Message, NotificationQueue
from asp_dagster.spapi import Clock

if TYPE_CHECKING:  # only who opens the state pays for loading it
    from asp_dagster.state import Notifications, ReportLedger

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Drain:
    """Empties one queue, for a while at most.

    Attributes:
        queue: The queue.
        notifications: Where what came is noted.
        reports: Where reports are noted to have ended.
        whose: The selling partner whose reports they are.
        seller_id: Whose notifications are taken; without it, anybody's.
        clock: Tells when to stop.
        most_messages: When to stop at the latest.
        longest_seconds: The same; Dagster gives a tick 60 seconds, of which the last receive, and
            what comes after it, may take the rest.
    """

    queue: NotificationQueue
    notifications: "Notifications"
    reports: "ReportLedger"
    whose: str
    seller_id: str | None
    clock: Clock
    most_messages: int = 10_000
    longest_seconds: float = 40.0

    def run(self) -> int:
        """Receive what is there until it is time to stop, and return how many messages.

        Raises:
            QueueError: When SQS refuses, or does not answer.
            StateError: When the state cannot be used; nothing of the batch is deleted then.
        """
        received, end = 0, self.clock.monotonic() + self.longest_seconds
        while received < self.most_messages and self.clock.monotonic() < end:
            messages = self.queue.receive()
            if not messages:
                break
            received += len(messages)
            self._take(_Sorted.of(messages, self.seller_id))
        return received

    def _take(self, found: "_Sorted") -> None:
        """Note a batch, and only then delete what nobody needs any more."""
        queue = self.queue.arn
        if found.reasons:
            _log.warning("%d messages are no notifications: set aside.", len(found.reasons))
            reasons = {message.message_id: reason for message, reason in found.reasons}
            self.notifications.set_aside(queue, reasons)
        if found.reports:
            self._end_reports([each.notification for each in found.reports])
            self.notifications.done(queue, found.reports)
        spent = self.notifications.note(queue, found.orders)
        done = [each.receipt for each in found.reports]
        self.queue.delete([*spent, *done, *(message.receipt for message, _ in found.reasons)])

    def _end_reports(self, finished: Sequence[Notification]) -> None:
        """Note which reports that are waited for have ended: nobody needs to ask for that."""
        documents = {each.subject: each.document_id for each in finished}
        ended = {
            report.number: documents[report.report_id]
            for report in self.reports.waiting.open(self.whose)
            if report.report_id in documents
        }
        if ended:
            self.reports.waiting.ended(ended)


@dataclass(frozen=True)
class _Sorted:
    """A batch of messages by what they are.

    Attributes:
        orders: The changed orders.
        reports: The finished reports.
        reasons: The messages that are none, and why.
    """

    orders: Sequence[Arrival]
    reports: Sequence[Arrival]
    reasons: Sequence[tuple[Message, str]]

    @classmethod
    def of(cls, messages: Sequence[Message], seller_id: str | None) -> "_Sorted":
        arrivals, reasons = [], []
        for message in messages:
            try:
                found = _read(message, seller_id)
            except UnreadableNotificationError as error:
                reasons.append((message, str(error)))
            else:
                arrivals.append(Arrival(found, message.message_id, message.receipt))
        orders, reports = (
            [each for each in arrivals if each.notification.notification_type == name]
            for name in (ORDER_CHANGE, REPORT_PROCESSING_FINISHED)
        )
        return cls(orders, reports, reasons)


def _read(message: Message, seller_id: str | None) -> Notification:
    found = read_notification(message.body)
    if seller_id and found.seller_id and found.seller_id != seller_id:
        raise UnreadableNotificationError("It is of another seller than ASP_SELLER_ID.")
    return found
