"""Draws orders from a seed.

Here belong: the mix of statuses, sizes, prices and times a partner's orders have, and how ids are
made. What happens to orders later is `changes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar

from asp_dagster.simulator.marketplaces import Marketplace
from asp_dagster.simulator.orders import (
    FulfilledBy,
    Item,
    Order,
    Product,
    Status,
    rounded,
    with_status,
)

_Value = TypeVar("_Value")

_INSTANT = timedelta(milliseconds=1)
_SETTLES_WITHIN = timedelta(days=5)

_STATUSES: Sequence[tuple[Status, int]] = (
    ("SHIPPED", 68),
    ("UNSHIPPED", 13),
    ("PENDING", 7),
    ("CANCELLED", 7),
    ("PARTIALLY_SHIPPED", 3),
    ("PENDING_AVAILABILITY", 1),
    ("UNFULFILLABLE", 1),
)
_ITEM_COUNTS = ((1, 700), (2, 150), (3, 90), (5, 40), (10, 5), (11, 5), (20, 5), (25, 5))
_QUANTITIES = ((1, 80), (2, 12), (3, 4), (4, 2), (12, 2))
_SERVICE_LEVELS = (
    ("STANDARD", 50),
    ("EXPEDITED", 18),
    ("SECOND_DAY", 14),
    ("NEXT_DAY", 10),
    ("FREE_ECONOMY", 5),
    ("SCHEDULED", 2),
    ("SAME_DAY", 1),
)
_DISCOUNTS = (("unstated", 50), ("none", 30), ("item", 15), ("item and shipping", 5))
_SHIPPING = Decimal("4.99")
_PAYMENT_METHODS = (("CreditCard", 80), ("GiftCertificate", 12), ("Invoice", 8))

_FEATURED: Sequence[tuple[Status, int]] = (
    ("SHIPPED", 23),
    ("PENDING", 2),
    ("CANCELLED", 1),
    ("PARTIALLY_SHIPPED", 2),
    ("UNSHIPPED", 10),
    ("SHIPPED", 1),
    ("UNSHIPPED", 11),
    ("PENDING_AVAILABILITY", 1),
)
"""Status and item count of a partner's first orders, so that a small partner has some of each."""


@dataclass(frozen=True)
class Era:
    """The stretch of time in which orders change last.

    Attributes:
        opening: When the oldest order may have been made.
        start: First moment of a last change.
        end: The moment after the last one.
    """

    opening: datetime
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Draw:
    """Draws one partner's orders.

    Attributes:
        random: Where chance comes from.
        seed: The partner's seed, from which ids are spread.
        products: What it sells.
        marketplaces: Where it sells.
    """

    random: Random
    seed: int
    products: Sequence[Product]
    marketplaces: Sequence[Marketplace]

    def order(self, number: int, era: Era) -> Order:
        """Draw the order with this number, last changed within the era."""
        random = self.random
        status, item_count = self._status_and_size(number)
        marketplace = random.choice(self.marketplaces)
        fulfilled_by: FulfilledBy = "AMAZON" if self._happens(0.65) else "MERCHANT"
        programs = self._programs(status, fulfilled_by)
        created_at, last_updated_at = self._times(number, era)
        order = Order(
            number=number,
            order_id=self._order_id(number, marketplace),
            seller_order_id=f"S-{number:06d}" if fulfilled_by == "MERCHANT" else None,
            marketplace=marketplace,
            town=random.choice(marketplace.towns),
            created_at=created_at,
            last_updated_at=last_updated_at,
            status="UNSHIPPED",
            fulfilled_by=fulfilled_by,
            service_level=self._one_of(_SERVICE_LEVELS),
            programs=programs,
            payment_method=self._one_of(_PAYMENT_METHODS),
            booked_items=self._items(number, item_count, marketplace),
        )
        return with_status(order, status)

    def _status_and_size(self, number: int) -> tuple[Status, int]:
        if number < len(_FEATURED):
            return _FEATURED[number]
        return self._one_of(_STATUSES), self._one_of(_ITEM_COUNTS)

    def _programs(self, status: Status, fulfilled_by: FulfilledBy) -> tuple[str, ...]:
        prime_share = 0.7 if fulfilled_by == "AMAZON" else 0.05
        chances = (
            ("PRIME", self._happens(prime_share)),
            ("AMAZON_BUSINESS", self._happens(0.12)),
            ("PREORDER", status == "PENDING_AVAILABILITY"),
        )
        return tuple(program for program, belongs in chances if belongs)

    def _times(self, number: int, era: Era) -> tuple[datetime, datetime]:
        """Return when the order was made and last changed.

        Most change in the days after they were made; one in ten was made long before. Some change
        exactly at midnight or in the last millisecond of a day, where a careless window counts them
        twice or not at all.
        """
        span = (era.end - era.start) // _INSTANT
        last_updated_at = era.start + _INSTANT * int(self.random.random() * span)
        midnight = last_updated_at.replace(hour=0, minute=0, second=0, microsecond=0)
        match number % 97:
            case 1:
                last_updated_at = max(era.start, midnight)
            case 2:
                last_updated_at = max(era.start, midnight - _INSTANT)
        usual = max(era.start, last_updated_at - _SETTLES_WITHIN)
        earliest = era.opening if self._happens(0.1) else usual
        age = (last_updated_at - earliest) // _INSTANT
        return earliest + _INSTANT * int(self.random.random() * age), last_updated_at

    def _order_id(self, number: int, marketplace: Marketplace) -> str:
        digits = _spread(number, self.seed)
        return f"{self.random.choice(marketplace.order_prefixes)}-{digits[:7]}-{digits[7:]}"

    def _items(self, number: int, count: int, marketplace: Marketplace) -> tuple[Item, ...]:
        first = number * 32
        return tuple(
            self._item(_spread(first + place, self.seed + 1), marketplace) for place in range(count)
        )

    def _item(self, order_item_id: str, marketplace: Marketplace) -> Item:
        product = self.random.choice(self.products)
        quantity = self._one_of(_QUANTITIES)
        item_price = product.unit_price(marketplace) * quantity
        shipping = rounded(_SHIPPING * marketplace.price_factor, marketplace)
        shipping_price = self.random.choice((None, None, shipping, shipping * 0))
        gift_wrap_price = rounded(shipping / 2, marketplace) if self._happens(0.05) else None
        item = Item(
            order_item_id=order_item_id,
            product=product,
            quantity_ordered=quantity,
            quantity_fulfilled=0,
            item_price=item_price,
            item_tax=_tax(item_price, marketplace),
            shipping_price=shipping_price,
            shipping_tax=_tax(shipping_price, marketplace),
            gift_wrap_price=gift_wrap_price,
            gift_wrap_tax=_tax(gift_wrap_price, marketplace),
            buyer_wants_out=self._happens(0.02),
            parcels=2 if quantity % 2 == 0 and self._happens(0.25) else 1,
        )
        return self._discounted(item, item_price, marketplace)

    def _discounted(self, item: Item, item_price: Decimal, marketplace: Marketplace) -> Item:
        """Draw what is taken off: nothing stated, nothing, or something with its promotions."""
        match self._one_of(_DISCOUNTS):
            case "unstated":
                return item
            case "none":
                return replace(item, promotion_discount=item_price * 0)
            case "item":
                off_shipping = None
            case _:
                off_shipping = item.shipping_price
        off_item = rounded(item_price / 10, marketplace)
        promotions = (f"PROMO-{self.random.randint(100, 999)} 10% off", "FREE-SHIPPING")
        return replace(
            item,
            promotion_discount=off_item + (off_shipping or 0),
            shipping_discount=off_shipping,
            promotion_ids=promotions if off_shipping else promotions[:1],
        )

    def _happens(self, share: float) -> bool:
        """Decide something that is true of this share of all cases."""
        return self.random.random() < share

    def _one_of(self, weighted: Sequence[tuple[_Value, int]]) -> _Value:
        """Choose a value by its weight."""
        values, weights = zip(*weighted, strict=True)
        chosen: _Value = self.random.choices(values, weights)[0]
        return chosen


def _tax(price: Decimal | None, marketplace: Marketplace) -> Decimal | None:
    if price is None or not marketplace.tax_rate:
        return None
    return rounded(price * marketplace.tax_rate, marketplace)


def _spread(number: int, seed: int) -> str:
    """Turn a running number into fourteen digits that look random and never repeat.

    The multiplier shares no factor with ten, so that different numbers stay different.
    """
    return f"{(number * 61_803_398_874_989 + seed * 27_182_818_284_591) % 10**14:014d}"
