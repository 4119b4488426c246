"""What a notification says: the messages ORDER_CHANGE and REPORT_PROCESSING_FINISHED.

Here belong: their shapes, which differ in the case of their keys. When one is sent, and to whom, is
`notifications`.

https://developer-docs.amazon.com/sp-api/docs/notification-type-values
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from asp_dagster.simulator.orders import Item, Order
from asp_dagster.simulator.report_ledger import Report
from asp_dagster.simulator.v0_orders import CHANNELS, STATUSES
from asp_dagster.simulator.wire import instant, present

ORDER_CHANGE = "ORDER_CHANGE"
REPORT_PROCESSING_FINISHED = "REPORT_PROCESSING_FINISHED"
VERSIONS: Mapping[str, str] = {ORDER_CHANGE: "1.0", REPORT_PROCESSING_FINISHED: "2020-09-04"}
"""The types that are simulated, and the version of what they say."""

_APPLICATION = "amzn1.sellerapps.app.simulator"

Json = dict[str, Any]


def order_change(order: Order, seller_id: str, subscription_id: str, now: datetime) -> Json:
    """Return the notification that an order has changed."""
    change = {
        "NotificationLevel": "OrderLevel",
        "SellerId": seller_id,
        "AmazonOrderId": order.order_id,
        "OrderChangeType": "OrderStatusChange",
        "OrderChangeTrigger": {
            "TimeOfOrderChange": instant(order.last_updated_at),
            "ChangeReason": "Order status change",
        },
        "Summary": _summary(order),
    }
    return {
        "NotificationVersion": "1.0",
        "NotificationType": ORDER_CHANGE,
        "PayloadVersion": VERSIONS[ORDER_CHANGE],
        "EventTime": instant(order.last_updated_at),
        "Payload": {"OrderChangeNotification": change},
        "NotificationMetadata": {
            "ApplicationId": _APPLICATION,
            "SubscriptionId": subscription_id,
            "PublishTime": instant(now),
            "NotificationId": str(uuid.uuid4()),
        },
    }


def report_finished(report: Report, seller_id: str, subscription_id: str, now: datetime) -> Json:
    """Return the notification that a report has ended."""
    finished = present(
        {
            "sellerId": seller_id,
            "accountId": f"amzn1.merchant.o.{seller_id}",
            "reportId": report.report_id,
            "reportType": report.request.report_type,
            "processingStatus": report.status(now),
            "reportDocumentId": report.document_id,
        }
    )
    return {
        "notificationVersion": VERSIONS[REPORT_PROCESSING_FINISHED],
        "notificationType": REPORT_PROCESSING_FINISHED,
        "payloadVersion": VERSIONS[REPORT_PROCESSING_FINISHED],
        "eventTime": instant(report.finished_at),
        "payload": {"reportProcessingFinishedNotification": finished},
        "notificationMetadata": {
            "applicationId": _APPLICATION,
            "subscriptionId": subscription_id,
            "publishTime": instant(now),
            "notificationId": str(uuid.uuid4()),
        },
    }


def _summary(order: Order) -> Json:
    return {
        "MarketplaceId": order.marketplace.marketplace_id,
        "OrderStatus": STATUSES[order.status],
        "PurchaseDate": instant(order.created_at),
        "DestinationPostalCode": None,
        "FulfillmentType": CHANNELS[order.fulfilled_by],
        "OrderType": "StandardOrder",
        "OrderItems": [_item(item) for item in order.items],
    }


def _item(item: Item) -> Json:
    return {
        "OrderItemId": item.order_item_id,
        "SellerSKU": item.product.sku,
        "SupplySourceId": None,
        "Quantity": item.quantity_ordered,
        "QuantityShipped": item.quantity_fulfilled,
    }
