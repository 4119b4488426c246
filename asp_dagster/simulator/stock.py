"""What the partner has in Amazon's warehouses.

Here belong: the quantities, which follow from the partner's seed and from the orders that Amazon
ships. How Amazon writes them down is `fba_inventory`'s business.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random

from asp_dagster.simulator.marketplaces import Marketplace
from asp_dagster.simulator.orders import Item, Order, Product
from asp_dagster.simulator.partner import Partner
from asp_dagster.simulator.truth import Row

_MOST = 400
_SHARE_UNDER_TWO_LABELS = 0.1


@dataclass(frozen=True)
class Stock:
    """Units of one SKU under one label, for one marketplace.

    Attributes:
        product: What it is, with the SKU.
        fn_sku: The label that Amazon's warehouses know it by.
        condition: Amazon's word for its condition.
        fulfillable: Units that can be sold.
        pending: Units that belong to customers' orders but have not left.
        inbound: Units on their way to the warehouse.
        last_updated_at: When an order last changed it; None if none ever did.
    """

    product: Product
    fn_sku: str
    condition: str
    fulfillable: int
    pending: int
    inbound: int
    last_updated_at: datetime | None

    @property
    def total(self) -> int:
        """All units, those on their way included."""
        return self.fulfillable + self.pending + self.inbound


def stock_of(partner: Partner, marketplace: Marketplace) -> Iterator[Stock]:
    """Yield what the partner has for a marketplace, by SKU."""
    sold = _sold(partner.books.by_id.values(), marketplace)
    for product in sorted(partner.products, key=lambda each: each.sku):
        draw = Random(f"stock {partner.seed} {marketplace.marketplace_id} {product.sku}")  # noqa: S311 - repeatable, not secret
        yield _labelled(product, draw, sold.get(product.sku, ()))
        if draw.random() < _SHARE_UNDER_TWO_LABELS:
            # Units that came before the product had a label of the seller's own.
            yield Stock(product, product.asin, "NewItem", draw.randint(1, 9), 0, 0, None)


def stock_rows(partner: Partner) -> list[Row]:
    """Return the truth about the partner's stock: one row for each marketplace, SKU and label."""
    return [
        {
            "marketplace_id": marketplace.marketplace_id,
            "seller_sku": stock.product.sku,
            "fn_sku": stock.fn_sku,
            "asin": stock.product.asin,
            "fulfillable": stock.fulfillable,
            "pending": stock.pending,
            "total": stock.total,
        }
        for marketplace in partner.marketplaces
        for stock in stock_of(partner, marketplace)
    ]


def _labelled(product: Product, draw: Random, lines: Iterable[tuple[Order, Item]]) -> Stock:
    """Return the stock of a SKU after the orders for it."""
    orders = list(lines)
    ordered = sum(item.quantity_ordered for _, item in orders)
    left = sum(item.quantity_fulfilled for _, item in orders)
    return Stock(
        product=product,
        fn_sku=f"X00{draw.randrange(10**7):07d}",
        condition="NewItem",
        fulfillable=max(0, draw.randint(_MOST // 2, _MOST) - ordered),
        pending=ordered - left,
        inbound=draw.choice((0, 0, 0, draw.randint(1, _MOST))),
        last_updated_at=max((order.last_updated_at for order, _ in orders), default=None),
    )


def _sold(
    orders: Iterable[Order], marketplace: Marketplace
) -> Mapping[str, list[tuple[Order, Item]]]:
    """Return what was ordered of each SKU from Amazon's warehouses."""
    sold: dict[str, list[tuple[Order, Item]]] = defaultdict(list)
    for order in orders:
        if order.marketplace == marketplace and order.fulfilled_by == "AMAZON":
            for item in order.booked_items:
                sold[item.product.sku].append((order, item))
    return sold
