"""The people behind simulated orders, who are nobody.

Here belongs: personal data that can be told from real data at a glance, so that a test can prove
that it was not asked for.
"""

from dataclasses import dataclass

from asp_dagster.simulator.orders import Order


@dataclass(frozen=True, slots=True)
class Buyer:
    """Someone who does not exist."""

    name: str
    email: str
    company: str | None
    street: str
    phone: str
    gift_message: str


def buyer_of(order: Order) -> Buyer:
    """Return the order's buyer."""
    number = order.number
    return Buyer(
        name=f"Synthetic Buyer {number}",
        email=f"synthetic-buyer-{number}@marketplace.example",
        company=f"Synthetic Company {number}" if order.is_business else None,
        street=f"{number} Synthetic Street",
        phone=f"+1 555 0100 ext. {number}",
        gift_message=f"Congratulations from Synthetic Buyer {number}",
    )
