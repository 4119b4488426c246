"""What a queue must allow Amazon, so that notifications can be sent to it.

https://developer-docs.amazon.com/sp-api/docs/set-up-notifications-with-amazon-sqs
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

_AMAZON = "437568002678"
_ACTIONS = ("sqs:SendMessage", "sqs:GetQueueAttributes")


def needed_statement(queue_arn: str) -> Mapping[str, Any]:
    """Return the statement that a queue's policy needs."""
    return {
        "Sid": "AmazonSellingPartnerNotifications",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{_AMAZON}:root"},
        "Action": list(_ACTIONS),
        "Resource": queue_arn,
    }


def allows_amazon(policy: str | None) -> bool:
    """Tell whether a queue's policy lets Amazon send; conditions and refusals are not weighed."""
    allowed = {action.lower() for action in _allowed(json.loads(policy or "{}"))}
    return bool(allowed & {"*", "sqs:*"}) or {each.lower() for each in _ACTIONS} <= allowed


def _allowed(policy: Mapping[str, Any]) -> Iterator[str]:
    """Yield the actions that Amazon's account may take."""
    for statement in _list(policy.get("Statement")):
        if statement.get("Effect") == "Allow" and _is_for_amazon(statement.get("Principal")):
            yield from map(str, _list(statement.get("Action")))


def _is_for_amazon(principal: Any) -> bool:
    accounts = _list(principal.get("AWS")) if isinstance(principal, dict) else _list(principal)
    return bool({"*", _AMAZON, f"arn:aws:iam::{_AMAZON}:root"}.intersection(map(str, accounts)))


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
