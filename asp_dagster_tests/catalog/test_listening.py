"""Feeds listen to notifications if a changed order can be fetched by its id, and loaded alone."""

from dataclasses import replace
from typing import Any

import pytest

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed, PartitionsSpec, ReportSpec
from asp_dagster.catalog.listening import listening_mistakes, listens
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec

NEWEST = EndpointSpec(path="/orders/2026-01-01/orders", updated_at_param="lastUpdatedAfter")
V0 = EndpointSpec(path="/orders/v0/orders", updated_at_param="LastUpdatedAfter")
COLUMNS = {"order_id": ColumnSpec(path="orderId")}


def _feed(source: Any = NEWEST, every: Any = "daily", **changes: Any) -> Feed:
    partitions = PartitionsSpec(every=every) if every else None
    common: dict[str, Any] = {"name": "raw_orders", "group": "orders", "raw_format": "jsonl"}
    return Feed(source=source, partitions=partitions, **common, **changes)


def _items(**changes: Any) -> TableSpec:
    return TableSpec(name="items", columns=COLUMNS, **changes)


@pytest.mark.parametrize(
    ("feed", "is_told"),
    [
        pytest.param(_feed(), True, id="newest"),
        pytest.param(_feed(notifications=False), False, id="turned-off"),
        pytest.param(_feed(V0), False, id="v0"),
        pytest.param(_feed(V0, notifications=True), True, id="v0-declared"),
        pytest.param(_feed(every=None), False, id="newest-that-cannot"),
        pytest.param(_feed(ReportSpec(report_type="GET_X")), False, id="report"),
    ],
)
def test_newest_orders_listen_and_others_if_they_say_so(feed: Feed, is_told: bool) -> None:  # noqa: FBT001 - the table's
    """Nobody need say that the orders of the newest version listen, if they can."""
    assert listens(feed) is is_told


@pytest.mark.parametrize(
    "tables",
    [
        pytest.param([], id="raw-files-only"),
        pytest.param([InferredTable(name="t", key=("orderId",), newest_by="at")], id="inferred"),
        pytest.param([_items(parent="orders")], id="child"),
        pytest.param([_items(key=("order_id",), newest_by="order_id")], id="declared"),
    ],
)
def test_feed_that_can_listen_has_no_mistakes(tables: Any) -> None:
    """Rows that are identified and dated, and those of a parent, can be loaded by themselves."""
    assert list(listening_mistakes(_feed(tables=tuple(tables)))) == []


@pytest.mark.parametrize(
    ("feed", "words"),
    [
        pytest.param(_feed(ReportSpec(report_type="GET_X")), "is for the orders of", id="report"),
        pytest.param(
            _feed(replace(NEWEST, updated_at_param="createdAfter")),
            "lastUpdatedAfter",
            id="created",
        ),
        pytest.param(_feed(every=None), "hourly, daily or weekly", id="no-partitions"),
        pytest.param(_feed(every="monthly"), "hourly, daily or weekly", id="monthly"),
        pytest.param(
            _feed(replace(NEWEST, params={"fulfilledBy": ["AMAZON"]})), "fulfilledBy", id="choice"
        ),
        pytest.param(_feed(tables=(InferredTable(name="t"),)), "identifies and dates", id="no-key"),
        pytest.param(_feed(tables=(_items(key=("order_id",)),)), "dates a row", id="no-date"),
    ],
)
def test_feed_that_cannot_listen_is_told_why(feed: Feed, words: str) -> None:
    """What keeps a feed from it is said in the words of its declaration."""
    [mistake] = listening_mistakes(feed)

    assert mistake.startswith("notifications: ")
    assert words in mistake
