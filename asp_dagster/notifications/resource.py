"""The door to the queue that Amazon's notifications come to."""

import dagster as dg
from pydantic import Field, PrivateAttr

from asp_dagster.notifications.queue import NotificationQueue


class NotificationsResource(dg.ConfigurableResource):  # type: ignore[type-arg] # it stands for itself
    """The queue of SQS that Amazon sends notifications to, if there is one.

    https://docs.dagster.io/guides/build/external-resources/defining-resources
    """

    notifications_queue: str | None = Field(
        default=None, description="The queue's ARN: arn:aws:sqs:us-east-1:123456789012:name"
    )
    sqs_url: str | None = Field(
        default=None, description="The URL of SQS, if it is not the region's own."
    )

    _queue: NotificationQueue | None = PrivateAttr(default=None)

    def get_queue(self) -> NotificationQueue | None:
        """Hand out the queue; none if none is set.

        Raises:
            ConfigurationError: When the ARN is none of a standard queue.
        """
        if self._queue is None and self.notifications_queue:
            self._queue = NotificationQueue(self.notifications_queue, self.sqs_url)
        return self._queue

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002 - Dagster passes it
        """Close the connections at the end of the tick."""
        if self._queue is not None:
            self._queue.close()
