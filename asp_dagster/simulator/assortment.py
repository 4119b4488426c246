"""What the simulated selling partner sells.

Here belongs: the making of products. Names are ours and mean nothing; what matters is in their
letters: inch signs, umlauts, and other scripts, which break careless parsers.
"""

from decimal import Decimal
from random import Random

from asp_dagster.simulator.orders import Product

_KINDS = (
    'Wall mount for 19" racks',
    "Kaffeemühle für Körner",
    'Monitor arm, 27"…32"',
    "Crème brûlée ramekins",
    "Echo-free speaker cable",
    "抹茶 whisk set",
    "Niño's night light",
    "Żubrówka grass candle",
    "Kids' raincoat, size 5'",
    "Stainless screws M4 & M5",
    'Tablet sleeve 10.1" “Pro”',
    "Hörgerätebatterien 312",
    "Smörgåsbord board",
    "Garden hose ½ in",
)
_VARIANTS = ("black", "white", "grün", "rosé", "blue", "XL", "pack of 2", "pack of 6")


def assortment(seed: int, size: int) -> tuple[Product, ...]:
    """Return the partner's products: families of one to three ASINs, some under two SKUs."""
    random = Random(f"assortment {seed}")  # noqa: S311 - repeatable, not secret
    products: list[Product] = []
    while len(products) < size:
        products.extend(_family(random, len(products)))
    return tuple(products[:size])


def _family(random: Random, number: int) -> list[Product]:
    """Return one parent product's children."""
    kind = random.choice(_KINDS)
    variants = random.sample(_VARIANTS, random.randint(1, 3))
    parent_asin = _asin(random)
    family = [
        Product(
            asin=_asin(random) if len(variants) > 1 else parent_asin,
            parent_asin=parent_asin,
            sku=f"{number + place:04d}-{variant.upper().replace(' ', '-')}",
            title=f"{kind}, {variant}",
            price=Decimal(random.randint(299, 14999)) / 100,
        )
        for place, variant in enumerate(variants)
    ]
    return family + [_second_sku(family[0])] * (random.random() < 0.2)  # noqa: PLR2004 - one in five


def _second_sku(product: Product) -> Product:
    """Return the same ASIN under the SKU that Amazon's warehouse stocks."""
    return Product(
        asin=product.asin,
        parent_asin=product.parent_asin,
        sku=f"{product.sku}-FBA",
        title=product.title,
        price=product.price,
    )


def _asin(random: Random) -> str:
    letters = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    return "B0" + "".join(random.choice(letters) for _ in range(8))
