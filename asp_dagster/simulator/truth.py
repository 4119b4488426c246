"""What a correct reader of the orders APIs must end up with.

Here belong: the rows that tables are compared with, in the words of v2026-01-01 and with None where
Amazon leaves a value out. Both API versions must lead to the same rows.
"""

from collections.abc import Iterator
from typing import Any

from asp_dagster.simulator.orders import Order

Row = dict[str, Any]


def order_row(order: Order) -> Row:
    """Return the order's one row."""
    total_amount = order.total_amount
    return {
        "order_id": order.order_id,
        "seller_order_id": order.seller_order_id,
        "marketplace_id": order.marketplace.marketplace_id,
        "sales_channel": order.marketplace.name,
        "created_at": order.created_at,
        "last_updated_at": order.last_updated_at,
        "status": order.status,
        "fulfilled_by": order.fulfilled_by,
        "service_level": order.service_level,
        "is_business": order.is_business,
        "is_prime": order.is_prime,
        "total_amount": total_amount,
        "currency": None if total_amount is None else order.marketplace.currency,
        "items_count": len(order.items),
        "units_ordered": order.units_ordered,
    }


def order_item_rows(order: Order) -> Iterator[Row]:
    """Yield a row for each of the order's items."""
    for item in order.items:
        yield {
            "order_id": order.order_id,
            "order_item_id": item.order_item_id,
            "asin": item.product.asin,
            "sku": item.product.sku,
            "title": item.product.title,
            "quantity_ordered": item.quantity_ordered,
            "quantity_fulfilled": item.quantity_fulfilled,
            "item_price": item.item_price,
            "item_tax": item.item_tax,
            "shipping_price": item.shipping_price,
            "promotion_discount": item.promotion_discount,
            "currency": order.marketplace.currency if order.shows_prices else None,
            "last_updated_at": order.last_updated_at,
        }
