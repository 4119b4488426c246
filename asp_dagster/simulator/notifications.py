"""What the simulated Amazon sends to queues: that orders have changed, that reports have ended.

Here belong: which notifications are due, and the ways in which Amazon's best effort falls short of
once and in order. Who has subscribed is `subscriptions`, what they read `notification_messages`.

https://developer-docs.amazon.com/sp-api/docs/notifications-api-v1-use-case-guide
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from threading import Lock
from typing import Any

from asp_dagster.simulator.books import Books
from asp_dagster.simulator.notification_messages import (
    ORDER_CHANGE,
    REPORT_PROCESSING_FINISHED,
    Json,
    order_change,
    report_finished,
)
from asp_dagster.simulator.partner import Partner
from asp_dagster.simulator.report_ledger import ReportLedger
from asp_dagster.simulator.subscriptions import Subscription, Subscriptions

_BATCH = 10


@dataclass(frozen=True)
class Delivery:
    """How reliably notifications arrive.

    Attributes:
        seed: What everything follows from.
        duplicates: The share that arrives twice.
        losses: The share that never arrives.
        is_in_order: Whether they arrive as they happened.
    """

    seed: int = 0
    duplicates: float = 0.0
    losses: float = 0.0
    is_in_order: bool = True

    def of(self, messages: Sequence[Json]) -> list[Json]:
        """Return what arrives of messages."""
        random = Random(f"delivery {self.seed}")  # noqa: S311 - repeatable, not secret
        arrived = [each for each in messages if random.random() >= self.losses]
        arrived += [each for each in arrived if random.random() < self.duplicates]
        if not self.is_in_order:
            random.shuffle(arrived)
        return arrived


@dataclass
class Notifications:
    """Sends the notifications of one partner.

    Attributes:
        partner: Whose orders change.
        reports: Its reports.
        subscriptions: What is subscribed to.
    """

    partner: Partner
    reports: ReportLedger
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    _told: Books = field(init=False, repr=False)
    _told_reports: set[str] = field(default_factory=set, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        self._told = self.partner.books

    @property
    def seller_id(self) -> str:
        """The partner as notifications name it."""
        return f"A{self.partner.seed:013d}"

    def send(self, sqs_url: str, now: datetime, delivery: Delivery | None = None) -> int:
        """Send what has happened since the last time, and return how many messages arrived.

        Args:
            sqs_url: The endpoint of SQS.
            now: The present moment.
            delivery: How reliable it is; without it, each arrives once and in order.
        """
        sent = 0
        with self._lock:
            for each in self.subscriptions.by_type.values():
                of_type = {ORDER_CHANGE: self._changed, REPORT_PROCESSING_FINISHED: self._finished}
                messages = list(of_type[each.notification_type](each, now))
                arrived = (delivery or Delivery()).of(messages)
                post(sqs_url, self.subscriptions.destinations[each.destination_id].arn, arrived)
                sent += len(arrived)
            self._told = self.partner.books
        return sent

    def _changed(self, subscription: Subscription, now: datetime) -> Iterator[Json]:
        """Yield a notification for each order that differs from when it was last told of."""
        known = self._told.by_id
        for order in self.partner.books.by_last_update.orders:
            if known.get(order.order_id) != order:
                yield order_change(order, self.seller_id, subscription.subscription_id, now)

    def _finished(self, subscription: Subscription, now: datetime) -> Iterator[Json]:
        """Yield a notification for each report that has ended since the subscription began."""
        for report in reversed(self.reports.newest_first()):
            is_new = report.report_id not in self._told_reports
            if is_new and subscription.since <= report.finished_at <= now:
                self._told_reports.add(report.report_id)
                yield report_finished(report, self.seller_id, subscription.subscription_id, now)


def post(sqs_url: str, arn: str, messages: Sequence[Any]) -> None:
    """Put messages into a queue, with boto3's own credentials: text as it is, the rest as JSON."""
    import boto3  # type: ignore[import-untyped] # noqa: PLC0415 - only who sends pays for loading it

    region, _account, name = arn.split(":")[3:]
    client = boto3.client("sqs", endpoint_url=sqs_url, region_name=region)
    queue = client.get_queue_url(QueueName=name)["QueueUrl"]
    bodies = [each if isinstance(each, str) else json.dumps(each) for each in messages]
    for first in range(0, len(bodies), _BATCH):
        entries = [
            {"Id": str(number), "MessageBody": body}
            for number, body in enumerate(bodies[first : first + _BATCH])
        ]
        client.send_message_batch(QueueUrl=queue, Entries=entries)
    client.close()
