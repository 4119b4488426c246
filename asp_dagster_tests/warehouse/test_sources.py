"""A partial source gives way to a whole one of the same state, and to none that is older.

Every test runs against both databases.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from asp_dagster.catalog.tables import TableSpec
from asp_dagster.warehouse import Origin, RawData, Source, Warehouse

Load = Callable[..., None]
Rows = Callable[[str], list[tuple[Any, ...]]]
Order = Callable[..., dict[str, Any]]

WHOLE = Source("api")
PARTIAL = Source(
    "report",
    {
        "orders": {"order_id", "updated_at", "items_count"},
        "order_items": {"order_id", "item_id", "quantity"},
    },
)
ORDERS = "SELECT order_id, CAST(updated_at AS DATE)::text, total, _source FROM amazon.orders"
ITEMS = "SELECT item_id, quantity, _source FROM amazon.order_items"


@pytest.fixture
def load(
    warehouse: Warehouse,
    orders: TableSpec,
    order_items: TableSpec,
    write_records: Callable[[str, Sequence[Any]], Path],
) -> Load:
    """Load orders from one of the sources."""

    def run(source: Source | None, *records: Any, partition: str = "one") -> None:
        warehouse.load(
            [orders, replace(order_items, preview=("quantity",))],
            RawData([write_records(partition, records)], "jsonl"),
            Origin(
                schema="amazon",
                partition=partition,
                loaded_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
                source=source,
            ),
        )

    return run


def test_partial_source_leaves_out_what_it_does_not_know(
    load: Load, rows: Rows, order: Order
) -> None:
    """What a partial source cannot know is NULL, though the raw record may hold something."""
    load(PARTIAL, order("A", 1, total=5, x=2))

    assert rows(ORDERS) == [("A", "2026-11-01", None, "report")]
    assert rows(ITEMS) == [("x", 2, "report")]


def test_whole_source_enriches_the_same_state(load: Load, rows: Rows, order: Order) -> None:
    """A whole source replaces the rows of a partial one, items included."""
    load(PARTIAL, order("A", 1, line=2))
    load(WHOLE, order("A", 1, total=5, x=2))

    assert rows("SELECT CAST(total AS INT), _source FROM amazon.orders") == [(5, "api")]
    assert rows(ITEMS) == [("x", 2, "api")]


@pytest.mark.parametrize("day", [1, 2], ids=["older", "the same"])
def test_partial_source_downgrades_nothing(load: Load, rows: Rows, order: Order, day: int) -> None:
    """An older state, and the same one, of a partial source change nothing of a whole one's row."""
    load(WHOLE, order("A", 2, total=5, x=2))
    load(PARTIAL, order("A", day, line=9), partition="two")

    assert rows("SELECT CAST(total AS INT), _source, _partition FROM amazon.orders") == [
        (5, "api", "one")
    ]
    assert rows(ITEMS) == [("x", 2, "api")]


def test_row_from_before_there_were_sources_is_a_whole_one(
    load: Load, rows: Rows, order: Order
) -> None:
    """A row that says nothing of its source gives way to no partial one of the same state."""
    load(None, order("A", 2, total=5, x=2))
    load(PARTIAL, order("A", 2, line=9))

    assert rows("SELECT CAST(total AS INT), _source FROM amazon.orders") == [(5, None)]
    assert rows(ITEMS) == [("x", 2, None)]


def test_newer_state_of_a_partial_source_counts(load: Load, rows: Rows, order: Order) -> None:
    """It brings the columns it knows, leaves the others, and takes items away that are gone."""
    load(WHOLE, order("A", 1, total=5, x=2, y=1))
    load(PARTIAL, order("A", 2, x=3), partition="two")

    found = rows(
        "SELECT CAST(updated_at AS DATE)::text, CAST(total AS INT), items_count, _source"
        " FROM amazon.orders"
    )
    assert found == [("2026-11-02", 5, 1, "report")]
    assert rows(ITEMS) == [("x", 3, "report")]


def test_partial_source_replaces_itself(load: Load, rows: Rows, order: Order) -> None:
    """The same state of the same partial source is loaded again."""
    load(PARTIAL, order("A", 1, x=2))
    load(PARTIAL, order("A", 1, x=3))

    assert rows(ITEMS) == [("x", 3, "report")]


def test_sources_in_any_order_end_alike(load: Load, rows: Rows, order: Order) -> None:
    """Whichever state is loaded first, the table ends with the newest of the best source."""
    states = [(PARTIAL, 1), (WHOLE, 2), (PARTIAL, 2), (WHOLE, 1), (PARTIAL, 2), (WHOLE, 2)]
    for source, day in states:
        load(source, order("A", day, total=day, x=day))

    assert rows("SELECT CAST(total AS INT), _source FROM amazon.orders") == [(2, "api")]
    assert rows(ITEMS) == [("x", 2, "api")]
