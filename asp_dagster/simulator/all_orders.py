"""The all-orders report: its lines, and the document Amazon makes of them.

Here belongs: GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL. Amazon separates by tabs and
quotes nothing, so that an inch sign in a title stands alone. An item that leaves in two equal
parcels makes two equal lines.

https://developer-docs.amazon.com/sp-api/docs/order-reports-attributes
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from asp_dagster.simulator.books import Books
from asp_dagster.simulator.orders import Item, Order

Line = dict[str, str]

HEADER = (
    "amazon-order-id",
    "merchant-order-id",
    "purchase-date",
    "last-updated-date",
    "order-status",
    "fulfillment-channel",
    "sales-channel",
    "order-channel",
    "url",
    "ship-service-level",
    "product-name",
    "sku",
    "asin",
    "item-status",
    "quantity",
    "currency",
    "item-price",
    "item-tax",
    "shipping-price",
    "shipping-tax",
    "gift-wrap-price",
    "gift-wrap-tax",
    "item-promotion-discount",
    "ship-promotion-discount",
    "ship-city",
    "ship-state",
    "ship-postal-code",
    "ship-country",
    "promotion-ids",
    "is-business-order",
    "purchase-order-number",
    "price-designation",
    "order-item-id",
)

_ORDER_STATUSES = {
    "PENDING_AVAILABILITY": "Pending",
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "Shipping",
    "SHIPPED": "Shipped",
    "CANCELLED": "Cancelled",
    "UNFULFILLABLE": "Unfulfillable",
}


def lines(
    books: Books, start: datetime, end: datetime, marketplace_ids: Sequence[str]
) -> Iterator[Line]:
    """Yield the lines of all orders that last changed from start to before end."""
    for order in books.by_last_update.between(start, end):
        if order.marketplace.marketplace_id in marketplace_ids:
            for item in order.items:
                line = _order_cells(order) | _item_cells(order, item)
                yield from [line] * _parcels(order, item)


def document(lines: Iterable[Line]) -> bytes:
    """Return the report as Amazon writes it: UTF-8, tabs, no quotes."""
    table = [HEADER, *(tuple(line[name] for name in HEADER) for line in lines)]
    return "".join("\t".join(row) + "\r\n" for row in table).encode()


def _order_cells(order: Order) -> Line:
    return {
        "amazon-order-id": order.order_id,
        "merchant-order-id": order.seller_order_id or "",
        "purchase-date": order.created_at.isoformat(timespec="seconds"),
        "last-updated-date": order.last_updated_at.isoformat(timespec="seconds"),
        "order-status": _ORDER_STATUSES[order.status],
        "fulfillment-channel": "Amazon" if order.fulfilled_by == "AMAZON" else "Merchant",
        "sales-channel": order.marketplace.name,
        "order-channel": "",
        "url": "",
        "ship-service-level": order.service_level.title().replace("_", ""),
        "ship-city": order.town.city,
        "ship-state": order.town.state or "",
        "ship-postal-code": order.town.postal_code,
        "ship-country": order.marketplace.country_code,
        "is-business-order": str(order.is_business).lower(),
        "purchase-order-number": "",
        "currency": order.marketplace.currency if order.shows_prices else "",
    }


def _item_cells(order: Order, item: Item) -> Line:
    parcels = _parcels(order, item)
    return {
        "product-name": item.product.title,
        "sku": item.product.sku,
        "asin": item.product.asin,
        "item-status": _item_status(order, item),
        "quantity": str(item.quantity_ordered // parcels),
        "item-price": _part(item.item_price, parcels),
        "item-tax": _part(item.item_tax, parcels),
        "shipping-price": _part(item.shipping_price, parcels),
        "shipping-tax": _part(item.shipping_tax, parcels),
        "gift-wrap-price": _part(item.gift_wrap_price, parcels),
        "gift-wrap-tax": _part(item.gift_wrap_tax, parcels),
        "item-promotion-discount": _part(_off_item(item), parcels),
        "ship-promotion-discount": _part(item.shipping_discount, parcels),
        "promotion-ids": ",".join(item.promotion_ids),
        "price-designation": "Business Price" if order.is_business else "",
        "order-item-id": item.order_item_id,
    }


def _item_status(order: Order, item: Item) -> str:
    if order.status == "CANCELLED":
        return "Cancelled"
    return "Shipped" if item.quantity_fulfilled else "Unshipped"


def _off_item(item: Item) -> Decimal | None:
    """Return the discount without its shipping part: here the two stand apart."""
    if item.promotion_discount is None:
        return None
    return item.promotion_discount - (item.shipping_discount or 0)


def _parcels(order: Order, item: Item) -> int:
    """Return how many equal lines the item makes: one, unless its money divides to the coin."""
    coin = order.marketplace.smallest_coin
    amounts = (
        item.item_price,
        item.item_tax,
        item.shipping_price,
        item.shipping_tax,
        item.gift_wrap_price,
        item.gift_wrap_tax,
        item.promotion_discount,
        item.shipping_discount,
    )
    evenly = all(not amount or not amount % (coin * item.parcels) for amount in amounts)
    return item.parcels if order.status == "SHIPPED" and evenly else 1


def _part(amount: Decimal | None, parcels: int) -> str:
    """Write one parcel's share of an amount."""
    return "" if amount is None else str(amount / parcels)
