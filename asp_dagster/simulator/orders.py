"""What an order is, in the words of the Orders API v2026-01-01.

Here belong: the plain values every version of the API and every report is rendered from, and the
money rules they share. How Amazon writes them down is the renderers' business.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from asp_dagster.simulator.marketplaces import Marketplace, Town

Status = Literal[
    "PENDING_AVAILABILITY",
    "PENDING",
    "UNSHIPPED",
    "PARTIALLY_SHIPPED",
    "SHIPPED",
    "CANCELLED",
    "UNFULFILLABLE",
]
FulfilledBy = Literal["AMAZON", "MERCHANT"]

WITHOUT_PRICES: frozenset[Status] = frozenset({"PENDING_AVAILABILITY", "PENDING", "CANCELLED"})
"""Amazon shows no price, tax, shipping or promotion before payment, nor after a cancellation."""


@dataclass(frozen=True, slots=True)
class Product:
    """One thing the partner sells, under one of its SKUs."""

    asin: str
    parent_asin: str
    sku: str
    title: str
    price: Decimal

    def unit_price(self, marketplace: Marketplace) -> Decimal:
        """Return what one costs in this marketplace's currency."""
        return rounded(self.price * marketplace.price_factor, marketplace)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an order. Money is for all its units; None is what Amazon leaves out.

    Attributes:
        order_item_id: Amazon's id, with leading zeros.
        product: What was bought.
        quantity_ordered: Units; 0 once cancelled.
        quantity_fulfilled: Units that have left.
        item_price: Price of all units before tax and discount.
        item_tax: Tax on that price.
        shipping_price: What the buyer pays for the parcel.
        shipping_tax: Tax on that price.
        gift_wrap_price: What the buyer pays for wrapping.
        gift_wrap_tax: Tax on that price.
        promotion_discount: All that is taken off, a positive amount, shipping included.
        shipping_discount: The part of it that is taken off shipping.
        promotion_ids: The promotions behind the discount.
        buyer_wants_out: Whether the buyer asked to cancel.
        parcels: In how many equal parcels the units leave.
    """

    order_item_id: str
    product: Product
    quantity_ordered: int
    quantity_fulfilled: int
    item_price: Decimal | None
    item_tax: Decimal | None
    shipping_price: Decimal | None = None
    shipping_tax: Decimal | None = None
    gift_wrap_price: Decimal | None = None
    gift_wrap_tax: Decimal | None = None
    promotion_discount: Decimal | None = None
    shipping_discount: Decimal | None = None
    promotion_ids: tuple[str, ...] = ()
    buyer_wants_out: bool = False
    parcels: int = 1

    @property
    def tax(self) -> Decimal | None:
        """All tax of the item, or None if Amazon states none."""
        return total((self.item_tax, self.shipping_tax, self.gift_wrap_tax))

    @property
    def total(self) -> Decimal | None:
        """What the buyer pays for the item, or None if it has no price."""
        paid = total((self.item_price, self.shipping_price, self.gift_wrap_price, self.tax))
        return None if paid is None else paid - (self.promotion_discount or Decimal(0))

    def without_prices(self) -> "Item":
        """Return the item as Amazon shows it before payment."""
        return Item(
            order_item_id=self.order_item_id,
            product=self.product,
            quantity_ordered=self.quantity_ordered,
            quantity_fulfilled=self.quantity_fulfilled,
            item_price=None,
            item_tax=None,
            buyer_wants_out=self.buyer_wants_out,
        )


@dataclass(frozen=True, slots=True)
class Order:
    """One order as the partner's books have it.

    Attributes:
        number: The order's place in the partner's life, from 0; synthetic names derive from it.
        order_id: Amazon's id in 3-7-7 form.
        seller_order_id: The partner's own id, if it gave one.
        marketplace: Where it was bought.
        town: Where it goes.
        created_at: When it was bought, to the millisecond.
        last_updated_at: When anything about it last changed, to the millisecond.
        status: Amazon's fulfillment status.
        fulfilled_by: Who ships.
        service_level: The speed the buyer chose.
        programs: Amazon's programs it belongs to: `PRIME`, `AMAZON_BUSINESS`, `PREORDER`.
        payment_method: How it was paid.
        booked_items: Its items with prices, whether or not Amazon shows them yet.
    """

    number: int
    order_id: str
    seller_order_id: str | None
    marketplace: Marketplace
    town: Town
    created_at: datetime
    last_updated_at: datetime
    status: Status
    fulfilled_by: FulfilledBy
    service_level: str
    programs: tuple[str, ...]
    payment_method: str
    booked_items: tuple[Item, ...]

    @property
    def shows_prices(self) -> bool:
        """Whether Amazon shows money on this order."""
        return self.status not in WITHOUT_PRICES

    @property
    def items(self) -> tuple[Item, ...]:
        """The items as Amazon shows them."""
        if self.shows_prices:
            return self.booked_items
        return tuple(item.without_prices() for item in self.booked_items)

    @property
    def total_amount(self) -> Decimal | None:
        """What the buyer pays in all, or None while Amazon shows no money."""
        if not self.shows_prices:
            return None
        nothing = Decimal(0) * self.marketplace.smallest_coin
        return total(item.total for item in self.booked_items) or nothing

    @property
    def units_ordered(self) -> int:
        """Units over all items."""
        return sum(item.quantity_ordered for item in self.booked_items)

    @property
    def units_fulfilled(self) -> int:
        """Units that have left."""
        return sum(item.quantity_fulfilled for item in self.booked_items)

    @property
    def is_business(self) -> bool:
        """Whether an Amazon Business customer bought it."""
        return "AMAZON_BUSINESS" in self.programs

    @property
    def is_prime(self) -> bool:
        """Whether a Prime customer bought it."""
        return "PRIME" in self.programs


def with_status(order: Order, status: Status) -> Order:
    """Return the order in another status, its items' quantities with it.

    An order of one unit has no part to ship: it is shipped.
    """
    if status == "PARTIALLY_SHIPPED" and order.units_ordered <= 1:
        status = "SHIPPED"
    items = _items_in(status, order.booked_items)
    return replace(order, status=status, booked_items=items)


def _items_in(status: Status, items: Sequence[Item]) -> tuple[Item, ...]:
    if status == "CANCELLED":
        return tuple(replace(item, quantity_ordered=0, quantity_fulfilled=0) for item in items)
    if status == "SHIPPED":
        return tuple(replace(item, quantity_fulfilled=item.quantity_ordered) for item in items)
    if status == "PARTIALLY_SHIPPED":
        first = replace(items[0], quantity_fulfilled=max(1, items[0].quantity_ordered // 2))
        return (first, *items[1:])
    return tuple(items)


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Add up the amounts that are there, or return None if none is."""
    there = [amount for amount in amounts if amount is not None]
    return sum(there[1:], there[0]) if there else None


def rounded(amount: Decimal, marketplace: Marketplace) -> Decimal:
    """Round to what the marketplace's currency can pay."""
    return amount.quantize(marketplace.smallest_coin)
