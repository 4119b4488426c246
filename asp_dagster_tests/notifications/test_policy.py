"""What a queue's policy must say for Amazon to send."""

import json
from typing import Any

import pytest

from asp_dagster.notifications.policy import allows_amazon, needed_statement

ARN = "arn:aws:sqs:us-east-1:123456789012:amazon"
NEEDED = needed_statement(ARN)


def test_needed_statement_names_amazon_and_the_queue() -> None:
    """It lets one account send to this queue and look at it, and nothing else."""
    assert NEEDED["Principal"] == {"AWS": "arn:aws:iam::437568002678:root"}
    assert NEEDED["Action"] == ["sqs:SendMessage", "sqs:GetQueueAttributes"]
    assert NEEDED["Resource"] == ARN


POLICIES = [
    pytest.param(None, False, id="none"),
    pytest.param({}, False, id="empty"),
    pytest.param({"Statement": [NEEDED]}, True, id="needed"),
    pytest.param({"Statement": NEEDED}, True, id="one-statement"),
    pytest.param({"Statement": {**NEEDED, "Effect": "Deny"}}, False, id="deny"),
    pytest.param({"Statement": {**NEEDED, "Action": "SQS:*"}}, True, id="all-actions"),
    pytest.param({"Statement": {**NEEDED, "Action": "sqs:SendMessage"}}, False, id="half"),
    pytest.param(
        {"Statement": [{**NEEDED, "Action": action} for action in NEEDED["Action"]]},
        True,
        id="two-statements",
    ),
    pytest.param({"Statement": {**NEEDED, "Principal": "*"}}, True, id="anybody"),
    pytest.param(
        {"Statement": {**NEEDED, "Principal": {"AWS": ["1", "437568002678"]}}}, True, id="account"
    ),
    pytest.param({"Statement": {**NEEDED, "Principal": {"AWS": "1"}}}, False, id="another"),
]


@pytest.mark.parametrize(("policy", "expected"), POLICIES)
def test_policy_is_read(policy: Any, expected: bool) -> None:  # noqa: FBT001 - a table of claims
    """Amazon may send where one account, or anybody, has both rights."""
    assert allows_amazon(json.dumps(policy) if policy is not None else None) is expected
