"""A queue of SQS, as far as notifications need it.

Here belong: receiving, deleting and looking, and what boto3's errors mean. What messages say is
not known here. boto3 is loaded when a queue is first asked.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from asp_dagster.spapi import ConfigurationError
from asp_dagster.spapi.silent_logs import BOTOCORE, without_logs

_ARN = re.compile(r"arn:aws[\w-]*:sqs:([\w-]+):([0-9]{12}):([\w-]{1,80})", re.ASCII)
_AT_ONCE = 10
# A long poll is answered as soon as there is a message, so it costs nothing while messages come. A
# short one asks some of the queue's servers only, and may find none where there are many.
_WAIT_SECONDS = 1
# Longer than it takes until the next tick deletes them, so that no tick receives them again.
_HIDDEN_SECONDS = 600


class QueueError(Exception):
    """A queue that cannot be used; the text says why, and what would help."""


@dataclass(frozen=True)
class Message:
    """A message as it was received.

    Attributes:
        message_id: The id that SQS gave it.
        receipt: By what it is deleted.
        body: What it says.
        sent_at: When it was sent, aware.
    """

    message_id: str
    receipt: str
    body: str
    sent_at: datetime


@dataclass(frozen=True)
class Depth:
    """How many messages a queue has, about.

    Attributes:
        waiting: Those that can be received.
        hidden: Those that were received and are not deleted.
    """

    waiting: int
    hidden: int


class NotificationQueue:
    """A standard queue, reached with boto3's own credentials.

    Attributes:
        arn: Its ARN.

    Raises:
        QueueError: From every method, when SQS refuses, or does not answer.
    """

    def __init__(self, arn: str, endpoint: str | None = None) -> None:
        """Prepare it; nothing is sent yet.

        Args:
            arn: The ARN.
            endpoint: The URL of SQS, if it is not the region's own.

        Raises:
            ConfigurationError: When the ARN is that of no standard queue.
        """
        found = _ARN.fullmatch(arn)
        if found is None:
            raise ConfigurationError(
                f"ASP_NOTIFICATIONS_QUEUE is {arn!r}, which is the ARN of no standard queue of SQS:"
                " write arn:aws:sqs:us-east-1:123456789012:name."
            )
        self.arn = arn
        self._region, self._account, self._name = found.groups()
        self._endpoint = endpoint

    def receive(self) -> Sequence[Message]:
        """Receive up to ten messages, which nobody else gets for ten minutes.

        None are there only if none has come for a second.
        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
        """
        return self._receive(WaitTimeSeconds=_WAIT_SECONDS, VisibilityTimeout=_HIDDEN_SECONDS)

    def look(self) -> Sequence[Message]:
        """Look at up to ten messages, and leave them to be received."""
        return self._receive(WaitTimeSeconds=0, VisibilityTimeout=0)

    def delete(self, receipts: Sequence[str]) -> None:
        """Delete messages; one whose handle is spent stays, and is received again."""
        with self._explained():
            for first in range(0, len(receipts), _AT_ONCE):
                entries = [
                    {"Id": str(number), "ReceiptHandle": receipt}
                    for number, receipt in enumerate(receipts[first : first + _AT_ONCE])
                ]
                self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)

    def depth(self) -> Depth:
        """Return how many messages there are."""
        names = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"
        found = self._attributes(*names)
        return Depth(*(int(found.get(name, 0)) for name in names))

    def policy(self) -> str | None:
        """Return the policy; none if the queue has none."""
        return self._attributes("Policy").get("Policy")

    def close(self) -> None:
        """Close the connections, if there are any."""
        if "_client" in self.__dict__:
            self._client.close()

    def _receive(self, **options: int) -> Sequence[Message]:
        with self._explained():
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_AT_ONCE,
                AttributeNames=["SentTimestamp"],
                **options,
            )
        return [_message(each) for each in answer.get("Messages", ())]

    def _attributes(self, *names: str) -> dict[str, str]:
        with self._explained():
            answer = self._client.get_queue_attributes(
                QueueUrl=self._url, AttributeNames=list(names)
            )
        attributes: dict[str, str] = answer.get("Attributes", {})
        return attributes

    @cached_property
    def _client(self) -> Any:
        import boto3  # type: ignore[import-untyped] # noqa: PLC0415 - only who reads a queue pays
        from botocore.config import Config  # type: ignore[import-untyped] # noqa: PLC0415 - as above

        patience = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
        return boto3.client(
            "sqs", region_name=self._region, endpoint_url=self._endpoint, config=patience
        )

    @cached_property
    def _url(self) -> str:
        answer = self._client.get_queue_url(
            QueueName=self._name, QueueOwnerAWSAccountId=self._account
        )
        return str(answer["QueueUrl"])

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say what an error of boto3's means; its own text, or its log, could quote a message."""
        from botocore import exceptions as aws  # type: ignore[import-untyped] # noqa: PLC0415 - as above

        try:
            with without_logs(BOTOCORE):
                yield
        except aws.ClientError as error:
            code = error.response.get("Error", {}).get("Code", "unknown")
            raise QueueError(
                f"The queue {self.arn} refuses ({code}). Check that it exists, and that boto3's"
                " credentials may sqs:GetQueueUrl, sqs:GetQueueAttributes, sqs:ReceiveMessage and"
                " sqs:DeleteMessage."
            ) from None
        except (aws.BotoCoreError, ValueError) as error:  # a URL that is none is the latter
            raise QueueError(
                f"The queue {self.arn} cannot be asked ({type(error).__name__}). Check boto3's"
                " credentials, the network, and ASP_SQS_URL if it is set."
            ) from None


def _message(received: dict[str, Any]) -> Message:
    milliseconds = int(received.get("Attributes", {}).get("SentTimestamp", 0))
    return Message(
        received["MessageId"],
        received["ReceiptHandle"],
        received["Body"],
        datetime.fromtimestamp(milliseconds / 1000, UTC),
    )
