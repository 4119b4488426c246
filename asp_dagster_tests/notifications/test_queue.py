"""A queue is named by its ARN, and what is wrong with it is said with the remedy."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from asp_dagster.notifications.queue import NotificationQueue, QueueError
from asp_dagster.spapi import ConfigurationError

ACCOUNT = "arn:aws:sqs:us-east-1:123456789012"

ACTS = [
    pytest.param(lambda queue: queue.receive(), id="receive"),
    pytest.param(lambda queue: queue.look(), id="look"),
    pytest.param(lambda queue: queue.delete(["receipt"]), id="delete"),
    pytest.param(lambda queue: queue.depth(), id="depth"),
    pytest.param(lambda queue: queue.policy(), id="policy"),
]


@pytest.mark.parametrize(
    "arn", ["amazon", f"{ACCOUNT}:amazon.fifo", f"{ACCOUNT}:a/b", "arn:aws:s3:::b"]
)
def test_arn_of_no_standard_queue_is_refused(arn: str) -> None:
    """Amazon sends to standard queues only; nothing is asked before that is sure."""
    with pytest.raises(ConfigurationError, match="no standard queue"):
        NotificationQueue(arn)


@pytest.mark.parametrize("act", ACTS)
def test_queue_that_is_not_there(aws_endpoint: str, act: Callable[[Any], Any]) -> None:
    """The error names the queue, what SQS says, and the rights that are needed."""
    queue = NotificationQueue(f"{ACCOUNT}:nowhere", aws_endpoint)

    with pytest.raises(
        QueueError, match=r"nowhere refuses \(.*NonExistentQueue\).*sqs:ReceiveMessage"
    ):
        act(queue)
    queue.close()


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", "127.0.0.1:9", "sqs"])
def test_server_that_is_not_there(endpoint: str) -> None:
    """Without an answer, or a URL, the error says what to check."""
    queue = NotificationQueue(f"{ACCOUNT}:amazon", endpoint)

    with pytest.raises(QueueError, match=r"cannot be asked .*ASP_SQS_URL"):
        queue.depth()
    queue.close()


def test_no_message_is_in_a_log(
    queue: Any, arn: str, aws_endpoint: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What a message says, a postal code say, is not logged when botocore logs for debugging."""
    queue.send_message(MessageBody="12345 Anytown")
    found = NotificationQueue(arn, aws_endpoint)
    with caplog.at_level(logging.DEBUG):
        [message] = found.receive()
    found.close()

    assert message.body == "12345 Anytown"
    assert "Anytown" not in caplog.text


def test_what_is_looked_at_stays(queue: Any, arn: str, aws_endpoint: str) -> None:
    """Looking leaves a message to be received, and tells when it was sent."""
    queue.send_message(MessageBody="text")
    found = NotificationQueue(arn, aws_endpoint)

    [seen], [received] = found.look(), found.receive()

    assert (seen.message_id, seen.sent_at) == (received.message_id, received.sent_at)
    assert (found.depth().waiting, found.depth().hidden) == (0, 1)
    found.close()
