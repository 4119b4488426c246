"""Notifications are read as Amazon writes them, and what is none says why without quoting it."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asp_dagster.catalog.notifications import (
    Notification,
    UnreadableNotificationError,
    read_notification,
)

CHANGE = {
    "NotificationType": "ORDER_CHANGE",
    "PayloadVersion": "1.0",
    "EventTime": "2026-11-22T11:00:00Z",
    "Payload": {
        "OrderChangeNotification": {
            "SellerId": "A3TH9S8BH6GOGM",
            "AmazonOrderId": "903-8868176-2219830",
            "OrderChangeTrigger": {"TimeOfOrderChange": "2026-11-22T12:00:00+01:30"},
        }
    },
    "NotificationMetadata": {"NotificationId": "d0e9e693"},
}
FINISHED = {
    "notificationType": "REPORT_PROCESSING_FINISHED",
    "payloadVersion": "2020-09-04",
    "eventTime": "2026-11-22T11:00:00.5Z",
    "payload": {
        "reportProcessingFinishedNotification": {
            "sellerId": "A3TH9S8BH6GOGM",
            "reportId": "54517018502",
            "processingStatus": "DONE",
            "reportDocumentId": "amzn1.tortuga.3.1",
        }
    },
    "notificationMetadata": {"notificationId": "d0e9e694"},
}


def _with(message: Any, path: str, value: Any) -> Any:
    """Return a message in which one value is another, or is missing if it is None."""
    first, _, rest = path.partition(".")
    changed = {**message, first: _with(message[first], rest, value) if rest else value}
    return {name: entry for name, entry in changed.items() if entry is not None}


@pytest.mark.parametrize(
    ("summary", "marketplace_id"),
    [
        pytest.param({"MarketplaceId": "ATVPDKIKX0DER"}, "ATVPDKIKX0DER", id="there"),
        pytest.param({"MarketplaceId": "no id"}, None, id="none-of-ours"),
        pytest.param({"MarketplaceId": 7}, None, id="no-text"),
        pytest.param("none", None, id="no-summary"),
    ],
)
def test_marketplace_is_read_if_it_is_one(summary: Any, marketplace_id: str | None) -> None:
    """A summary need not be there, nor name a marketplace."""
    message = _with(CHANGE, "Payload.OrderChangeNotification.Summary", summary)

    assert read_notification(json.dumps(message)).marketplace_id == marketplace_id


def test_changed_order_is_read() -> None:
    """What counts is the time of the change, in UTC."""
    assert read_notification(json.dumps(CHANGE)) == Notification(
        notification_id="d0e9e693",
        notification_type="ORDER_CHANGE",
        subject="903-8868176-2219830",
        happened_at=datetime(2026, 11, 22, 10, 30, tzinfo=UTC),
        seller_id="A3TH9S8BH6GOGM",
    )


@pytest.mark.parametrize("trigger", [None, {}, "none"])
def test_time_of_the_event_stands_in(trigger: Any) -> None:
    """Without the time of the change it is the event's."""
    message = _with(CHANGE, "Payload.OrderChangeNotification.OrderChangeTrigger", trigger)

    found = read_notification(json.dumps(message))

    assert found.happened_at == datetime(2026, 11, 22, 11, tzinfo=UTC)


def test_finished_report_is_read() -> None:
    """A report that is done has its document."""
    assert read_notification(json.dumps(FINISHED)) == Notification(
        notification_id="d0e9e694",
        notification_type="REPORT_PROCESSING_FINISHED",
        subject="54517018502",
        happened_at=datetime(2026, 11, 22, 11, 0, 0, 500_000, tzinfo=UTC),
        seller_id="A3TH9S8BH6GOGM",
        document_id="amzn1.tortuga.3.1",
    )


def test_report_that_is_not_done_has_no_document() -> None:
    """Of a fatal report the document would be Amazon's reason, and a vendor is no seller."""
    report = "payload.reportProcessingFinishedNotification"
    message = _with(
        _with(FINISHED, f"{report}.processingStatus", "FATAL"), f"{report}.sellerId", None
    )

    found = read_notification(json.dumps(message))

    assert (found.document_id, found.seller_id) == (None, None)


ORDER = "Payload.OrderChangeNotification"
WRONG = [
    pytest.param("no", "It is no JSON.", id="no-json"),
    pytest.param("[" * 100_000, "It is no JSON.", id="deep"),
    pytest.param("[]", "It is no JSON object.", id="no-object"),
    pytest.param("{}", r"Type \(unreadable\) is not known.", id="no-type"),
    pytest.param({"NotificationType": "PRICING_HEALTH"}, "Type PRICING_HEALTH", id="other-type"),
    pytest.param({"NotificationType": "Jane Doe"}, r"Type \(unreadable\)", id="type-that-is-none"),
    pytest.param(
        _with(CHANGE, "PayloadVersion", "2.0"), "has version 2.0; known is 1.0", id="version"
    ),
    pytest.param(_with(CHANGE, "Payload", None), "It has no Payload.", id="no-payload"),
    pytest.param(_with(CHANGE, ORDER, []), "no OrderChangeNotification", id="no-change"),
    pytest.param(_with(CHANGE, f"{ORDER}.AmazonOrderId", "../1"), "AmazonOrderId", id="order-id"),
    pytest.param(_with(CHANGE, f"{ORDER}.SellerId", 7), "SellerId", id="seller-id"),
    pytest.param(
        _with(CHANGE, "NotificationMetadata.NotificationId", ""), "NotificationId", id="id"
    ),
    pytest.param(_with(FINISHED, "eventTime", None), "time is missing", id="no-time"),
    pytest.param(_with(FINISHED, "eventTime", "soon"), "time is missing", id="time-that-is-none"),
    pytest.param(_with(FINISHED, "eventTime", "2026-11-22T11:00:00"), "no zone", id="no-zone"),
    pytest.param(
        _with(FINISHED, "payload.reportProcessingFinishedNotification.reportDocumentId", None),
        "reportDocumentId",
        id="done-without-document",
    ),
]


@pytest.mark.parametrize(("message", "words"), WRONG)
def test_what_is_no_notification_says_why(message: Any, words: str) -> None:
    """The reason names what is missing or unknown."""
    body = message if isinstance(message, str) else json.dumps(message)

    with pytest.raises(UnreadableNotificationError, match=words):
        read_notification(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.dictionaries(st.sampled_from([*CHANGE, *FINISHED, "OrderChangeNotification"]), inner)
            | st.lists(inner)
        ),
    )
)
def test_any_message_is_read_or_refused(message: Any) -> None:
    """No message ends in a mistake of Python's."""
    with suppress(UnreadableNotificationError):
        read_notification(json.dumps(message))
