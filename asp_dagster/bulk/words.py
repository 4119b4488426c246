"""The words of the all-orders reports in those of each version of the Orders API.

A word that is not listed stays as the report has it. `Pending` covers what the API tells apart as
PENDING and PENDING_AVAILABILITY; `Shipped - Delivered to Buyer` and the like are all shipped.

https://developer-docs.amazon.com/sp-api/docs/order-tracking-reports-attributes
"""

from collections.abc import Mapping

from asp_dagster.catalog.bulk_orders import Version
from asp_dagster.spapi import MARKETPLACES

SHIPPED_SOMEHOW = "Shipped - "
"""How the report's words begin for a shipped order of which it knows more."""

STATUSES: Mapping[Version, Mapping[str, str]] = {
    "v2026": {
        "PendingAvailability": "PENDING_AVAILABILITY",
        "Pending": "PENDING",
        "Unshipped": "UNSHIPPED",
        "Shipping": "PARTIALLY_SHIPPED",
        "PartiallyShipped": "PARTIALLY_SHIPPED",
        "Shipped": "SHIPPED",
        "Cancelled": "CANCELLED",
        "Canceled": "CANCELLED",
        "Unfulfillable": "UNFULFILLABLE",
    },
    "v0": {"Shipping": "PartiallyShipped", "Cancelled": "Canceled"},
}
CHANNELS: Mapping[Version, Mapping[str, str]] = {
    "v2026": {"Amazon": "AMAZON", "Merchant": "MERCHANT"},
    "v0": {"Amazon": "AFN", "Merchant": "MFN"},
}
SERVICE_LEVELS: Mapping[Version, Mapping[str, str]] = {
    "v2026": {
        "Expedited": "EXPEDITED",
        "FreeEconomy": "FREE_ECONOMY",
        "NextDay": "NEXT_DAY",
        "Priority": "PRIORITY",
        "SameDay": "SAME_DAY",
        "SecondDay": "SECOND_DAY",
        "Scheduled": "SCHEDULED",
        "Standard": "STANDARD",
    },
    "v0": {},
}
MARKETPLACE_IDS: Mapping[str, str] = {
    each.domain.capitalize(): each.marketplace_id for each in MARKETPLACES
}
"""Marketplace ids by sales channel: `Amazon.com`. Another channel, `Non-Amazon US`, has none."""
