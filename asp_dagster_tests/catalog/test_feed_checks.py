"""A feed whose parts contradict each other is refused; a doubtful one is told of."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feed_checks import check_feed
from asp_dagster.catalog.feeds import Account, Feed, PartitionsSpec, ReportSpec
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec

TODAY = date(2026, 11, 23)
KEYED = InferredTable(name="orders", key=("orderId",))
KEYLESS = InferredTable(name="orders")
DECLARED = TableSpec(name="orders", columns={"order_id": ColumnSpec(path="orderId")})
KEYED_COLUMNS = replace(DECLARED, key=("order_id",))
ITEMS = TableSpec(
    name="items",
    columns={"order_id": ColumnSpec(path="^.orderId")},
    rows="orderItems",
    parent="orders",
)
DAILY = PartitionsSpec(every="daily")
AMERICA = "https://sellingpartnerapi-na.amazon.com"
GERMANY = "A1PA6795UKMFR9"
SOURCE = EndpointSpec(
    path="/orders/2026-01-01/orders",
    updated_at_param="lastUpdatedAfter",
    updated_before_param="lastUpdatedBefore",
)
ORDERS = Feed(name="raw_orders", group="orders", source=SOURCE, raw_format="jsonl", tables=(KEYED,))
REPORT = Feed(
    name="listings", group="reports", source=ReportSpec(report_type="GET_X"), raw_format="tsv"
)


def _report(**changes: Any) -> Feed:
    return replace(REPORT, source=ReportSpec(report_type="GET_X", **changes))


WRONG = {
    "name": (replace(ORDERS, name="raw orders"), "name: 'raw orders' is no name"),
    "account": (replace(ORDERS, account=Account(name="a/b")), "account: 'a/b' is no name"),
    "table": (replace(ORDERS, tables=(replace(KEYED, name="Orders"),)), "table: 'Orders' cannot"),
    "schema": (replace(ORDERS, schema="my schema"), "schema: 'my schema' cannot"),
    "rows-of-lines": (
        replace(REPORT, tables=(InferredTable(name="listings", rows="a.b"),)),
        "rows: 'a.b' is a place in a document",
    ),
    "characters-of-what-has-none": (
        replace(ORDERS, encoding_errors="replace"),
        "encoding_errors: is for delimited text",
    ),
    "rows-of-what-has-none": (
        replace(REPORT, raw_format="pdf", tables=(InferredTable(name="listings"),)),
        "table: a PDF has no rows",
    ),
    "column": (
        replace(ORDERS, tables=(replace(KEYED, columns={"BuyerEmail": "drop"}),)),
        "columns.BuyerEmail: is no column's name",
    ),
    "no-id": (replace(ORDERS, tables=(KEYLESS,)), "record_config.id_field: is missing"),
    "no-key-of-declared-columns": (
        replace(ORDERS, tables=(DECLARED,)),
        "tables.orders.key: is missing; without `partitions` a record may come in two runs",
    ),
    "lookback-without-key-of-declared-columns": (
        replace(ORDERS, tables=(DECLARED,), partitions=DAILY, lookback=timedelta(days=1)),
        "lookback: needs tables.orders.key",
    ),
    "lookback-without-id": (
        replace(ORDERS, tables=(KEYLESS,), partitions=DAILY, lookback=timedelta(days=1)),
        "lookback: needs record_config.id_field",
    ),
    "lookback-without-date": (
        replace(ORDERS, source=replace(SOURCE, updated_at_param=None), lookback=timedelta(days=1)),
        "lookback: needs updated_at_param",
    ),
    "output-of-partitions": (
        replace(REPORT, output="listings.tsv", partitions=DAILY),
        "output: 'listings.tsv' would name the files of all partitions alike",
    ),
    "output-of-marketplaces": (
        replace(REPORT, output="listings.tsv", one_marketplace_per_report=True),
        "would name the files of all marketplaces alike",
    ),
    "window-without-partitions": (
        _report(data_end_time="{window_end}"),
        "report_spec.dataEndTime: {window_end} needs `partitions`",
    ),
    "window-of-params-without-partitions": (
        replace(ORDERS, source=EndpointSpec(path="/x", params={"a": "{window_start}"})),
        "params: {window_…} needs `partitions`, or updated_at_param",
    ),
    "window-of-a-body-without-partitions": (
        replace(
            ORDERS, source=EndpointSpec(path="/x", method="POST", body={"a": ["{window_end}"]})
        ),
        "body: {window_…} needs `partitions`",
    ),
    "window-as-the-first-runs-beginning": (
        replace(ORDERS, source=replace(SOURCE, params={"lastUpdatedAfter": "{window_start}"})),
        "params.lastUpdatedAfter: is where the first run begins; write a date",
    ),
    "report-of-another-region": (
        replace(REPORT, account=Account(endpoint=AMERICA, marketplaces=(GERMANY,))),
        f"marketplaces: Marketplace {GERMANY} (DE) belongs to the EU endpoint",
    ),
    "report-asked-for-another-region": (
        replace(_report(marketplace_ids=(GERMANY,)), account=Account(endpoint=AMERICA)),
        f"report_spec.marketplaceIds: Marketplace {GERMANY} (DE) belongs to the EU endpoint",
    ),
    "report-asked-for-another-region-as-text": (
        replace(_report(marketplace_ids=f"{GERMANY},X"), account=Account(endpoint=AMERICA)),
        f"report_spec.marketplaceIds: Marketplace {GERMANY} (DE) belongs to the EU endpoint",
    ),
    "report-of-no-endpoint": (
        replace(REPORT, account=Account(endpoint="amazon.com")),
        "endpoint: 'amazon.com' is no URL",
    ),
}


@pytest.mark.parametrize(("feed", "words"), WRONG.values(), ids=WRONG)
def test_contradiction_is_refused(feed: Feed, words: str) -> None:
    """A feed that cannot be meant is refused, naming the key."""
    with pytest.raises(DeclarationError) as refused:
        check_feed(feed, today=TODAY)

    assert words in str(refused.value)


RIGHT = {
    "incremental": ORDERS,
    "declared-columns": replace(ORDERS, tables=(KEYED_COLUMNS,)),
    "declared-columns-of-a-list": replace(ORDERS, tables=(KEYED_COLUMNS, ITEMS)),
    "declared-columns-of-partitions": replace(ORDERS, tables=(DECLARED,), partitions=DAILY),
    "dropped-column": replace(ORDERS, tables=(replace(KEYED, columns={"a__b": "drop"}),)),
    "window-of-partitions": replace(
        ORDERS,
        source=EndpointSpec(
            path="/orders/2026-01-01/orders", params={"createdAfter": "{window_start}"}
        ),
        partitions=DAILY,
    ),
    "window-of-a-cursor": replace(
        ORDERS, source=replace(SOURCE, params={"createdBefore": "{window_end}"})
    ),
    "raw-only": replace(ORDERS, tables=()),
    "partitioned-without-id": replace(ORDERS, tables=(KEYLESS,), partitions=DAILY),
    "look-back": replace(ORDERS, lookback=timedelta(days=1)),
    "report": REPORT,
    "report-of-its-region": replace(
        REPORT, account=Account(endpoint=AMERICA, marketplaces=("ATVPDKIKX0DER",))
    ),
    "report-of-a-day": replace(_report(data_start_time="{window_start}"), partitions=DAILY),
    "file-a-day": replace(REPORT, output="listings-{partition}.tsv", partitions=DAILY),
    "file-a-marketplace": replace(
        REPORT, output="{marketplace_id}.tsv", one_marketplace_per_report=True
    ),
}


@pytest.mark.parametrize("feed", RIGHT.values(), ids=RIGHT)
def test_right_feed_passes(feed: Feed) -> None:
    """A feed that can be meant passes, and there is nothing to say of it."""
    assert not check_feed(feed, today=TODAY)


def test_open_window_is_told_of() -> None:
    """Partitions whose windows have no end overlap: somebody should know."""
    feed = replace(ORDERS, source=replace(SOURCE, updated_before_param=None), partitions=DAILY)

    [warning] = check_feed(feed, today=TODAY)

    assert "updated_before_param" in warning


def test_foreign_endpoint_of_a_report_is_told_of() -> None:
    """Credentials that leave for another host than Amazon's: somebody should know."""
    feed = replace(REPORT, account=Account(endpoint="https://proxy.example.com"))

    [warning] = check_feed(feed, today=TODAY)

    assert "endpoint: https://proxy.example.com is none of Amazon's" in warning


def test_feed_says_what_it_is() -> None:
    """In its own words, or else by what it asks for."""
    feeds = (ORDERS, REPORT, replace(REPORT, description="Listings."))

    assert [feed.summary for feed in feeds] == [
        "The records of GET /orders/2026-01-01/orders, as Amazon sent them.",
        "The report GET_X, as Amazon made it.",
        "Listings.",
    ]


def test_feed_says_whether_it_asks_for_marketplaces() -> None:
    """The account's marketplaces count only where a placeholder stands for them."""
    params = replace(SOURCE, params={"marketplaceIds": "{marketplace_ids}"})
    own = _report(marketplace_ids=("A1PA6795UKMFR9",))

    feeds = (ORDERS, replace(ORDERS, source=params), REPORT, own)
    assert [feed.asks_for_marketplaces for feed in feeds] == [False, True, True, False]


def test_feed_says_how_it_goes_on() -> None:
    """Dated without partitions: where it ended; neither: everything anew."""
    snapshot = replace(ORDERS, source=EndpointSpec(path="/sellers/v1/marketplaceParticipations"))

    assert [each.is_incremental for each in (ORDERS, snapshot, REPORT)] == [True, False, False]
    assert [each.is_snapshot for each in (ORDERS, snapshot, REPORT)] == [False, True, True]
    assert not replace(snapshot, partitions=DAILY).is_snapshot
