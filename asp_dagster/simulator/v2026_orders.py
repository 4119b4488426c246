"""Writes an order down as Orders API v2026-01-01 does.

Here belongs: that version's shape and words. A part that was not asked for, and a value Amazon
leaves out, is absent, never null.

https://developer-docs.amazon.com/sp-api/reference/orders-v2026-01-01
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from asp_dagster.simulator.orders import Item, Order
from asp_dagster.simulator.people import buyer_of
from asp_dagster.simulator.promises import deliver_by, ship_by
from asp_dagster.simulator.wire import instant, present

INCLUDED_DATA = (
    "BUYER",
    "RECIPIENT",
    "PROCEEDS",
    "EXPENSE",
    "PROMOTION",
    "CANCELLATION",
    "FULFILLMENT",
    "PACKAGES",
    "TAX",
    "PAYMENT",
    "FULFILLMENT_ORDERS",
)

_PERSONAL = frozenset(
    {"buyerName", "buyerEmail", "giftMessage", "name", "addressLine1", "postalCode", "phone"}
)

Json = dict[str, Any]


def render_order(
    order: Order, included: Collection[str], *, has_restricted_roles: bool = True
) -> Json:
    """Return the order with the parts that were asked for, and that the application may see."""
    whole = _whole(order, included)
    return whole if has_restricted_roles else _without_personal_fields(whole)


def _whole(order: Order, included: Collection[str]) -> Json:
    parts = {
        "buyer": ("BUYER", _buyer),
        "recipient": ("RECIPIENT", _recipient),
        "proceeds": ("PROCEEDS", _proceeds),
        "payment": ("PAYMENT", _payment),
        "fulfillment": ("FULFILLMENT", _fulfillment),
        "packages": ("PACKAGES", _packages),
    }
    asked = {name: part(order) for name, (data, part) in parts.items() if data in included}
    items = [_item(order, item, included) for item in order.items]
    return present({**_base(order), **asked, "orderItems": items})


def _without_personal_fields(value: Any) -> Any:
    """Return the same without what only a restricted role shows: Amazon leaves that out."""
    if isinstance(value, list):
        return [_without_personal_fields(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without_personal_fields(inner)
        for name, inner in value.items()
        if name not in _PERSONAL
    }


def _base(order: Order) -> Json:
    return {
        "orderId": order.order_id,
        "orderAliases": _aliases(order),
        "createdTime": instant(order.created_at),
        "lastUpdatedTime": instant(order.last_updated_at),
        "programs": list(order.programs) or None,
        "salesChannel": {
            "channelName": "AMAZON",
            "marketplaceId": order.marketplace.marketplace_id,
            "marketplaceName": order.marketplace.name,
        },
    }


def _aliases(order: Order) -> list[Json] | None:
    if order.seller_order_id is None:
        return None
    return [{"aliasId": order.seller_order_id, "aliasType": "SELLER_ORDER_ID"}]


def _buyer(order: Order) -> Json:
    buyer = buyer_of(order)
    email = buyer.email if order.fulfilled_by == "MERCHANT" else None
    return present(
        {"buyerName": buyer.name, "buyerEmail": email, "buyerCompanyName": buyer.company}
    )


def _recipient(order: Order) -> Json:
    buyer, town = buyer_of(order), order.town
    address = {
        "name": buyer.name,
        "addressLine1": buyer.street,
        "phone": buyer.phone,
        "city": town.city,
        "stateOrRegion": town.state,
        "postalCode": town.postal_code,
        "countryCode": order.marketplace.country_code,
        "addressType": "COMMERCIAL" if order.is_business else "RESIDENTIAL",
    }
    return {"deliveryAddress": present(address)}


def _proceeds(order: Order) -> Json | None:
    total = order.total_amount
    return None if total is None else {"grandTotal": _money(total, order)}


def _payment(order: Order) -> Json | None:
    total = order.total_amount
    if total is None:
        return None
    execution = {"paymentMethod": order.payment_method, "paymentAmount": _money(total, order)}
    return {"paymentExecutions": [execution]}


def _fulfillment(order: Order) -> Json:
    return {
        "fulfillmentStatus": order.status,
        "fulfilledBy": order.fulfilled_by,
        "fulfillmentServiceLevel": order.service_level,
        "shipByWindow": _range(ship_by(order)),
        "deliverByWindow": _range(deliver_by(order)),
    }


def _packages(order: Order) -> list[Json] | None:
    """Return the order's parcel: Amazon tells only of those that the merchant ships."""
    shipped = [item for item in order.items if item.quantity_fulfilled]
    if order.fulfilled_by == "AMAZON" or not shipped:
        return None
    contents = [
        {"orderItemId": item.order_item_id, "quantity": item.quantity_fulfilled} for item in shipped
    ]
    return [
        {
            "packageReferenceId": "1",
            "createdTime": instant(order.last_updated_at - timedelta(hours=1)),
            "packageStatus": {"status": "SHIPPED"},
            "carrier": "Simulated Parcel Service",
            "shipTime": instant(order.last_updated_at),
            "shippingService": order.service_level.title(),
            "trackingNumber": f"SIM{order.number:012d}",
            "packageItems": contents,
        }
    ]


def _item(order: Order, item: Item, included: Collection[str]) -> Json:
    parts = {
        "proceeds": ("PROCEEDS", _item_proceeds),
        "expense": ("EXPENSE", _item_expense),
        "promotion": ("PROMOTION", _item_promotion),
        "cancellation": ("CANCELLATION", _item_cancellation),
        "fulfillment": ("FULFILLMENT", _item_fulfillment),
        "tax": ("TAX", _item_tax),
    }
    asked = {name: part(order, item) for name, (data, part) in parts.items() if data in included}
    base = {
        "orderItemId": item.order_item_id,
        "quantityOrdered": item.quantity_ordered,
        "product": _product(order, item),
    }
    return present({**base, **asked})


def _product(order: Order, item: Item) -> Json:
    return present(
        {
            "asin": item.product.asin,
            "title": item.product.title,
            "sellerSku": item.product.sku,
            "condition": {"conditionType": "NEW", "conditionSubtype": "NEW"},
            "price": _price(order, item),
        }
    )


def _price(order: Order, item: Item) -> Json | None:
    if item.item_price is None:
        return None
    unit_price = item.product.unit_price(order.marketplace)
    designation = "BUSINESS_PRICE" if order.is_business else None
    return present({"unitPrice": _money(unit_price, order), "priceDesignation": designation})


def _item_proceeds(order: Order, item: Item) -> Json | None:
    total = item.total
    if total is None:
        return None
    discounts = (("SHIPPING", item.shipping_discount),)
    taxes = (
        ("ITEM", item.item_tax),
        ("SHIPPING", item.shipping_tax),
        ("GIFT_WRAP", item.gift_wrap_tax),
    )
    breakdowns = (
        _breakdown(order, "ITEM", item.item_price),
        _breakdown(order, "SHIPPING", item.shipping_price),
        _breakdown(order, "GIFT_WRAP", item.gift_wrap_price),
        _breakdown(order, "TAX", item.tax, taxes),
        _breakdown(order, "DISCOUNT", item.promotion_discount, discounts),
    )
    there = [breakdown for breakdown in breakdowns if breakdown is not None]
    return {"proceedsTotal": _money(total, order), "breakdowns": there}


def _breakdown(
    order: Order,
    kind: str,
    subtotal: Decimal | None,
    details: Sequence[tuple[str, Decimal | None]] = (),
) -> Json | None:
    if subtotal is None:
        return None
    detailed = [
        {"subtype": subtype, "value": _money(amount, order)}
        for subtype, amount in details
        if amount is not None
    ]
    breakdown = {"type": kind, "subtotal": _money(subtotal, order)}
    return present({**breakdown, "detailedBreakdowns": detailed or None})


def _item_expense(order: Order, item: Item) -> Json | None:
    """Return the points granted, which only Japan has: one for each hundred yen."""
    if order.marketplace.currency != "JPY" or not item.item_price:
        return None
    points = int(item.item_price) // 100
    value = _money(Decimal(points), order)
    granted = {"pointsNumber": points, "pointsMonetaryValue": value}
    return {"pointsCost": {"pointsGranted": granted}}


def _item_promotion(_order: Order, item: Item) -> Json | None:
    if not item.promotion_ids:
        return None
    return {"breakdowns": [{"promotionId": each} for each in item.promotion_ids]}


def _item_cancellation(order: Order, item: Item) -> Json | None:
    request = {"requester": "BUYER", "cancelReason": "Bought by mistake"}
    execution = {"cancelledBy": "AMAZON", "cancelReason": "Payment failed"}
    cancellation = {
        "cancellationRequest": request if item.buyer_wants_out else None,
        "cancellationExecution": execution if order.status == "CANCELLED" else None,
    }
    return present(cancellation) or None


def _item_fulfillment(order: Order, item: Item) -> Json:
    is_wrapped = item.gift_wrap_price is not None
    gift = {"giftMessage": buyer_of(order).gift_message, "giftWrapLevel": "Standard"}
    return present(
        {
            "quantityFulfilled": item.quantity_fulfilled,
            "quantityUnfulfilled": item.quantity_ordered - item.quantity_fulfilled,
            "packing": {"giftOption": gift} if is_wrapped else None,
        }
    )


def _item_tax(_order: Order, item: Item) -> Json | None:
    if item.item_tax is None:
        return None
    collection = {"model": "MARKETPLACE_FACILITATOR", "responsibleParty": "Amazon Services, Inc."}
    return {"taxCollections": [collection]}


def _money(amount: Decimal, order: Order) -> Json:
    return {"amount": str(amount), "currencyCode": order.marketplace.currency}


def _range(window: tuple[Any, Any]) -> Json:
    return {"earliestDateTime": instant(window[0]), "latestDateTime": instant(window[1])}
