"""Notifications that are understood, and what is taken from one: whose, about what, and when.

Here belongs reading a message as Amazon wrote it. Receiving messages, and what follows from one, is
decided above. What it says besides, such as a postal code, is not taken.

https://developer-docs.amazon.com/sp-api/docs/notification-type-values
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

ORDER_CHANGE = "ORDER_CHANGE"
REPORT_PROCESSING_FINISHED = "REPORT_PROCESSING_FINISHED"

NOTIFICATION_TYPES: Mapping[str, str] = {
    ORDER_CHANGE: "1.0",
    REPORT_PROCESSING_FINISHED: "2020-09-04",
}
"""The types that can be subscribed to, and the version of what they say."""

_TYPE = re.compile(r"[A-Z0-9_]{1,60}", re.ASCII)
_VERSION = re.compile(r"[0-9.\-]{1,20}", re.ASCII)
_ORDER_ID = re.compile(r"[A-Z0-9]{3}-[0-9]{7}-[0-9]{7}", re.ASCII)
_WORD = re.compile(r"[\w.\-]{1,200}", re.ASCII)


class UnreadableNotificationError(Exception):
    """A message that is no notification of ours; the text says why, and nothing of what it says."""


@dataclass(frozen=True, kw_only=True)
class Notification:
    """What is taken from a notification.

    Attributes:
        notification_id: Amazon's id, the same in each copy.
        notification_type: One of `NOTIFICATION_TYPES`.
        subject: The order's id, or the report's.
        happened_at: When it changed or ended, aware, in UTC.
        seller_id: Whose it is; none of a vendor's report.
        marketplace_id: Where the order was placed; none of a report.
        document_id: The report's document; none unless it is done.
    """

    notification_id: str
    notification_type: str
    subject: str
    happened_at: datetime
    seller_id: str | None = None
    marketplace_id: str | None = None
    document_id: str | None = None


@dataclass(frozen=True)
class Arrival:
    """A notification, and the message that it came in.

    Attributes:
        notification: What it says.
        message_id: The id that the queue gave the message; a copy that Amazon sent has another.
        receipt: By what the message is deleted, until it is received again.
        feeds: The feeds that fetch what it tells of.
    """

    notification: Notification
    message_id: str
    receipt: str
    feeds: Sequence[str] = ()


def read_notification(body: str) -> Notification:
    """Read a message.

    Raises:
        UnreadableNotificationError: When it is none of the types and versions that are known, or
            lacks what makes it one.
    """
    envelope = _object(body)
    name = str(envelope.get("NotificationType") or envelope.get("notificationType"))
    version = str(envelope.get("PayloadVersion") or envelope.get("payloadVersion"))
    if name not in NOTIFICATION_TYPES:
        raise UnreadableNotificationError(f"Type {_shown(_TYPE, name)} is not known.")
    if version != NOTIFICATION_TYPES[name]:
        shown = _shown(_VERSION, version)
        raise UnreadableNotificationError(
            f"{name} has version {shown}; known is {NOTIFICATION_TYPES[name]}."
        )
    return _order_change(envelope) if name == ORDER_CHANGE else _report_finished(envelope)


def _order_change(envelope: Mapping[str, Any]) -> Notification:
    change = _at(envelope, "Payload", "OrderChangeNotification")
    trigger = change.get("OrderChangeTrigger")
    times = trigger if isinstance(trigger, dict) else {}
    summary = change.get("Summary")
    return Notification(
        notification_id=_text(_at(envelope, "NotificationMetadata"), "NotificationId", _WORD),
        notification_type=ORDER_CHANGE,
        subject=_text(change, "AmazonOrderId", _ORDER_ID),
        happened_at=_time(times.get("TimeOfOrderChange") or envelope.get("EventTime")),
        seller_id=_text(change, "SellerId", _WORD),
        marketplace_id=_marketplace(summary if isinstance(summary, dict) else {}),
    )


def _report_finished(envelope: Mapping[str, Any]) -> Notification:
    finished = _at(envelope, "payload", "reportProcessingFinishedNotification")
    is_done = finished.get("processingStatus") == "DONE"
    return Notification(
        notification_id=_text(_at(envelope, "notificationMetadata"), "notificationId", _WORD),
        notification_type=REPORT_PROCESSING_FINISHED,
        subject=_text(finished, "reportId", _WORD),
        happened_at=_time(envelope.get("eventTime")),
        seller_id=_text(finished, "sellerId", _WORD) if finished.get("sellerId") else None,
        document_id=_text(finished, "reportDocumentId", _WORD) if is_done else None,
    )


def _object(body: str) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableNotificationError("It is no JSON.") from None
    if not isinstance(value, dict):
        raise UnreadableNotificationError("It is no JSON object.")
    return value


def _at(envelope: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    found: Any = envelope
    for name in path:
        found = found.get(name)
        if not isinstance(found, dict):
            raise UnreadableNotificationError(f"It has no {name}.")
    within: Mapping[str, Any] = found
    return within


def _text(fields: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise UnreadableNotificationError(f"Its {name} is missing, or is none.")
    return value


def _marketplace(summary: Mapping[str, Any]) -> str | None:
    """Return the marketplace that a summary names; what is none is left out."""
    value = summary.get("MarketplaceId")
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def _time(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise UnreadableNotificationError("Its time is missing, or is none.") from None
    if found.tzinfo is None:
        raise UnreadableNotificationError("Its time has no zone.")
    return found.astimezone(UTC)


def _shown(pattern: re.Pattern[str], text: str) -> str:
    """Return a name that stands in a message, if it can be one and tells of nobody."""
    return text if pattern.fullmatch(text) else "(unreadable)"
