"""Writes an order down as Orders API v0 does.

Here belongs: that version's shape and words. A caller without a restricted data token sees of the
buyer nothing, of the address the town; with one, what its data elements name. A value Amazon leaves
out is absent, never null.

https://developer-docs.amazon.com/sp-api/docs/orders-api-v0-reference
"""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from asp_dagster.simulator.orders import Item, Order, Status
from asp_dagster.simulator.people import buyer_of
from asp_dagster.simulator.promises import deliver_by, ship_by
from asp_dagster.simulator.wire import instant, present

STATUSES: dict[Status, str] = {
    "PENDING_AVAILABILITY": "PendingAvailability",
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "PartiallyShipped",
    "SHIPPED": "Shipped",
    "CANCELLED": "Canceled",
    "UNFULFILLABLE": "Unfulfillable",
}
CHANNELS = {"AMAZON": "AFN", "MERCHANT": "MFN"}
_WITH_ADDRESS = frozenset({"UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED"})

Json = dict[str, Any]


def render_order(order: Order, data_elements: Collection[str] = ()) -> Json:
    """Return the order without its items, with the personal data that was asked for."""
    personal = {
        "ShippingAddress": _address(order, is_whole="shippingAddress" in data_elements),
        "BuyerInfo": _buyer(order) if "buyerInfo" in data_elements else {},
    }
    shown = {**_identity(order), **_progress(order), **personal}
    return present({**shown, **_promises(order), **_flags(order)})


def render_item(order: Order, item: Item, data_elements: Collection[str] = ()) -> Json:
    """Return one item of the order, with the personal data that was asked for."""
    is_gift = item.gift_wrap_price is not None and "buyerInfo" in data_elements
    message = {"GiftMessageText": buyer_of(order).gift_message} if is_gift else {}
    buyer = {"BuyerInfo": {**_gift_wrap(order, item), **message}}
    return present({**_item_base(order, item), **_item_money(order, item), **buyer})


def _identity(order: Order) -> Json:
    return {
        "AmazonOrderId": order.order_id,
        "SellerOrderId": order.seller_order_id,
        "PurchaseDate": instant(order.created_at),
        "LastUpdateDate": instant(order.last_updated_at),
        "OrderStatus": STATUSES[order.status],
        "FulfillmentChannel": CHANNELS[order.fulfilled_by],
        "SalesChannel": order.marketplace.name,
        "MarketplaceId": order.marketplace.marketplace_id,
        "OrderType": "Preorder" if "PREORDER" in order.programs else "StandardOrder",
    }


def _progress(order: Order) -> Json:
    unshipped = order.units_ordered - order.units_fulfilled if order.shows_prices else 0
    return {
        "OrderTotal": _money(order.total_amount, order),
        "NumberOfItemsShipped": order.units_fulfilled,
        "NumberOfItemsUnshipped": unshipped,
        "PaymentMethod": "Other",
        "PaymentMethodDetails": [order.payment_method],
    }


def _promises(order: Order) -> Json:
    earliest_ship, latest_ship = ship_by(order)
    earliest_delivery, latest_delivery = deliver_by(order)
    return {
        "ShipServiceLevel": f"Std {order.marketplace.country_code} Dom",
        "ShipmentServiceLevelCategory": order.service_level.title().replace("_", ""),
        "EarliestShipDate": instant(earliest_ship),
        "LatestShipDate": instant(latest_ship),
        "EarliestDeliveryDate": instant(earliest_delivery),
        "LatestDeliveryDate": instant(latest_delivery),
    }


def _flags(order: Order) -> Json:
    return {
        "IsBusinessOrder": order.is_business,
        "IsPrime": order.is_prime,
        "IsPremiumOrder": False,
        "IsGlobalExpressEnabled": False,
        "IsReplacementOrder": False,
        "IsSoldByAB": False,
        "IsIBA": False,
        "IsISPU": False,
        "IsAccessPointOrder": False,
        "HasRegulatedItems": False,
    }


def _buyer(order: Order) -> Json:
    if order.status not in _WITH_ADDRESS:
        return {}
    buyer = buyer_of(order)
    return {"BuyerEmail": buyer.email, "BuyerName": buyer.name}


def _address(order: Order, *, is_whole: bool) -> Json | None:
    if order.status not in _WITH_ADDRESS:
        return None
    buyer = buyer_of(order)
    to_whom = {"Name": buyer.name, "AddressLine1": buyer.street, "Phone": buyer.phone}
    return present(
        {
            **(to_whom if is_whole else {}),
            "City": order.town.city,
            "StateOrRegion": order.town.state,
            "PostalCode": order.town.postal_code,
            "CountryCode": order.marketplace.country_code,
        }
    )


def _item_base(order: Order, item: Item) -> Json:
    reason = {"IsBuyerRequestedCancel": "true", "BuyerCancelReason": "Bought by mistake"}
    return {
        "ASIN": item.product.asin,
        "SellerSKU": item.product.sku,
        "OrderItemId": item.order_item_id,
        "Title": item.product.title,
        "QuantityOrdered": item.quantity_ordered,
        "QuantityShipped": item.quantity_fulfilled,
        "ProductInfo": {"NumberOfItems": "1"},
        "IsGift": str(item.gift_wrap_price is not None).lower(),
        "ConditionId": "New",
        "ConditionSubtypeId": "New",
        "IsTransparency": False,
        "PriceDesignation": "BusinessPrice" if order.is_business and item.item_price else None,
        "BuyerRequestedCancel": reason if item.buyer_wants_out else None,
    }


def _item_money(order: Order, item: Item) -> Json:
    tax_collection = {
        "Model": "MarketplaceFacilitator",
        "ResponsibleParty": "Amazon Services, Inc.",
    }
    return {
        "ItemPrice": _money(item.item_price, order),
        "ItemTax": _money(item.item_tax, order),
        "ShippingPrice": _money(item.shipping_price, order),
        "ShippingTax": _money(item.shipping_tax, order),
        "ShippingDiscount": _money(item.shipping_discount, order),
        "PromotionDiscount": _money(item.promotion_discount, order),
        "PromotionIds": list(item.promotion_ids) or None,
        "PointsGranted": _points(order, item),
        "TaxCollection": None if item.item_tax is None else tax_collection,
    }


def _points(order: Order, item: Item) -> Json | None:
    """Return the points granted, which only Japan has: one for each hundred yen."""
    if order.marketplace.currency != "JPY" or not item.item_price:
        return None
    points = int(item.item_price) // 100
    return {"PointsNumber": points, "PointsMonetaryValue": _money(Decimal(points), order)}


def _gift_wrap(order: Order, item: Item) -> Json:
    return present(
        {
            "GiftWrapPrice": _money(item.gift_wrap_price, order),
            "GiftWrapTax": _money(item.gift_wrap_tax, order),
            "GiftWrapLevel": None if item.gift_wrap_price is None else "Standard",
        }
    )


def _money(amount: Decimal | None, order: Order) -> Json | None:
    if amount is None:
        return None
    return {"CurrencyCode": order.marketplace.currency, "Amount": str(amount)}
