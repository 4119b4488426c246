"""Wrong declarations of several selling partners, and the words in which each is refused.

Here belongs the table alone; what is done with it is said in `test_wrong_declarations`.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from asp_dagster.components import SellingPartners
from asp_dagster_tests.wrong_declarations import Wrong

ACME = {"name": "acme"}


def partners(*others: Mapping[str, Any]) -> tuple[type[dg.Component], Mapping[str, Any]]:
    """Selling partners beside one that is right, with a feed that is right."""
    return SellingPartners, {"accounts": [ACME, *others], "feeds": ["orders"]}


def feeds(*others: Any) -> tuple[type[dg.Component], Mapping[str, Any]]:
    """Feeds beside one that is right, of a selling partner that is right."""
    return SellingPartners, {"accounts": [ACME], "feeds": ["orders", *others]}


WRONG_PARTNERS: Mapping[str, Wrong] = {
    "unknown-key-of-a-partner": (
        *partners({"name": "globex", "endpont": "https://x"}),
        ["accounts.1.endpont: unknown key", "endpoint"],
    ),
    "partner-without-a-name": (*partners({}), ["accounts.1.name: is missing"]),
    "name-that-is-no-schema": (
        *partners({"name": "globex-eu"}),
        ["accounts.1.name: 'globex-eu' cannot name asset keys and a schema"],
    ),
    "partners-of-one-schema": (
        *partners({"name": "Acme"}),
        ["accounts.1.name: is that of accounts.0 too"],
    ),
    "without-a-feed-that-is-not": (
        *partners({"name": "globex", "without": ["listings"]}),
        ["accounts.1.without: no feed is called 'listings'; known: orders"],
    ),
    "no-partner": (
        SellingPartners,
        {"accounts": [], "feeds": ["orders"]},
        ["accounts: is empty"],
    ),
    "endpoint-that-is-none": (
        *partners(
            {
                "name": "globex",
                "endpoint": "https://sellingpartnerapi-eu.amazon.com",
                "marketplaces": ["ATVPDKIKX0DER"],
            }
        ),
        ["accounts.1 (globex), feeds.0 (orders): ", "ATVPDKIKX0DER"],
    ),
    "feeds-that-are-none": (
        SellingPartners,
        {"accounts": [ACME], "feeds": "orders"},
        ["feeds: Input should be a valid list"],
    ),
    "feed-that-is-not-ready": (
        *feeds("fba_inventry"),
        ["feeds.1.feed: no ready feed is called 'fba_inventry'", "did you mean fba_inventory"],
    ),
    "feed-of-another-component": (
        *feeds({"type": "asp_dagster.MittoJobs", "folder": "x"}),
        ["feeds.1.type: 'asp_dagster.MittoJobs' is none of a feed", "asp_dagster.AmazonSPReport"],
    ),
    "feed-that-says-nothing": (*feeds({"partitions": "daily"}), ["feeds.1.type: is missing"]),
    "feed-with-an-account": (
        *feeds({"feed": "fba_inventory", "endpoint": "https://x"}),
        ["feeds.1.endpoint: is not a single feed's here"],
    ),
    "feed-with-a-wrong-key": (
        *feeds({"feed": "fba_inventory", "partition": "daily", "colums": {}}),
        ["feeds.1.partition: unknown key; did you mean partitions", "feeds.1.colums: unknown key"],
    ),
    "feed-with-a-wrong-value": (
        *feeds({"feed": "fba_inventory", "partitions": "dayly"}),
        ["feeds.1.partitions.every: "],
    ),
    "feed-without-a-name": (
        *feeds({"type": "asp_dagster.AmazonSPApi", "path": "/fba/inventory/v1/summaries"}),
        ["feeds.1.name: is missing"],
    ),
    "feeds-of-one-name": (
        *feeds({"feed": "orders", "partitions": "weekly"}),
        ["feeds.1.name: is 'orders', as that of feeds.0"],
    ),
}
