"""Of a snapshot the partition's rows that are gone are deleted, and no others.

Every test runs against both databases.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.tables import InferredTable, TableSpec
from asp_dagster.warehouse import LoadResult, Origin, RawData, Warehouse

Rows = Callable[[str], list[tuple[Any, ...]]]
Order = Callable[..., dict[str, Any]]

INFERRED = InferredTable(name="orders", key=("id",), newest_by="updated")


@pytest.fixture(params=["declared", "inferred"])
def snapshot(
    request: pytest.FixtureRequest,
    warehouse: Warehouse,
    write_records: Callable[..., Path],
    orders: TableSpec,
    order_items: TableSpec,
) -> Callable[..., list[LoadResult]]:
    """Load a snapshot of orders, into declared tables and into an inferred one."""
    item_tables = [order_items, replace(order_items, name="keyless_items", key=())]
    specs = [orders, *item_tables] if request.param == "declared" else [INFERRED]

    def run(partition: str, *records: Any, is_snapshot: bool = True) -> list[LoadResult]:
        return warehouse.load(
            specs,
            RawData([write_records(partition, records)], "jsonl"),
            Origin(
                schema="amazon",
                partition=partition,
                loaded_at=datetime.now(UTC),
                is_snapshot=is_snapshot,
            ),
        )

    return run


@pytest.fixture
def state(warehouse: Warehouse) -> Callable[[], Any]:
    """Return the keys of all rows: of the orders, and of each table of items."""

    def run() -> Any:
        tables = warehouse.query(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'amazon'"
        ).to_pylist()
        found = {}
        for table in sorted(row["table_name"] for row in tables):
            rows = warehouse.query(f"SELECT * FROM amazon.{table}").to_pylist()
            found[table] = sorted(row.get("order_id") or row["id"] for row in rows)
        orders = found.pop("orders")
        return orders, list(found.values())

    return run


def keys(found: tuple[list[str], list[list[str]]]) -> tuple[set[str], set[str]]:
    """Return the orders, and those that have items."""
    orders, items = found
    assert all(one == items[0] for one in items)
    return set(orders), set(items[0])


def test_gone_rows(snapshot: Callable[..., Any], state: Any, order: Order) -> None:
    """What a snapshot does not have any more is deleted with its children."""
    snapshot("one", order("A", 1, x=1), order("B", 1, x=1))
    snapshot("one", order("A", 1, x=1))

    assert keys(state()) == ({"A"}, {"A"})


def test_empty_snapshot(snapshot: Callable[..., Any], state: Any, order: Order) -> None:
    """A snapshot of nothing empties the partition."""
    snapshot("one", order("A", 1, x=1))
    snapshot("one")

    assert keys(state()) == (set(), set())


def test_other_partitions(snapshot: Callable[..., Any], state: Any, order: Order) -> None:
    """The rows of other partitions stay."""
    snapshot("one", order("A", 1, x=1))
    snapshot("two", order("B", 1, x=1))

    assert keys(state()) == ({"A", "B"}, {"A", "B"})


def test_older_snapshot(snapshot: Callable[..., Any], state: Any, order: Order, rows: Rows) -> None:
    """A stored row that is newer than the snapshot's is neither replaced nor deleted."""
    snapshot("one", order("A", 2, total=2, x=1))
    snapshot("one", order("A", 1, total=1, y=1))

    assert keys(state()) == ({"A"}, {"A"})
    assert [int(total) for (total,) in rows("SELECT total FROM amazon.orders")] == [2]


def test_no_snapshot(snapshot: Callable[..., Any], state: Any, order: Order) -> None:
    """Without a snapshot nothing is deleted."""
    snapshot("one", order("A", 1, x=1))
    snapshot("one", order("B", 1, x=1), is_snapshot=False)

    assert keys(state()) == ({"A", "B"}, {"A", "B"})
