"""Rows go in by key, by parent, or by partition; newer never gives way to older.

Every test runs against both databases.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse import LoadResult, Origin, RawData, Warehouse

Load = Callable[..., list[LoadResult]]
Rows = Callable[[str], list[tuple[Any, ...]]]
Order = Callable[..., dict[str, Any]]

ORDERS = "SELECT order_id, CAST(updated_at AS DATE)::text, items_count FROM amazon.orders"
ITEMS = "SELECT order_id, item_id, quantity FROM amazon.order_items"


def test_new_rows(load: Load, rows: Rows, order: Order) -> None:
    """Rows with new keys are inserted, each with the partition and the time of its load."""
    load("2026-11-01", order("A", 1, total=10.5, x=1), order("B", 1))

    found = rows("SELECT order_id, total, _partition, _loaded_at FROM amazon.orders")

    loaded_at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert [(id_, total and str(total), *origin) for id_, total, *origin in found] == [
        ("A", "10.5000", "2026-11-01", loaded_at),
        ("B", None, "2026-11-01", loaded_at),
    ]


def test_newer_row_replaces(load: Load, rows: Rows, order: Order) -> None:
    """A newer row replaces the stored one as a whole."""
    load("one", order("A", 1, x=1))
    load("two", order("A", 2, x=1, y=1))

    assert rows(ORDERS) == [("A", "2026-11-02", 2)]


def test_older_partition_changes_nothing(load: Load, rows: Rows, order: Order) -> None:
    """An older partition that is loaded again changes neither rows nor their children."""
    load("one", order("A", 1, x=1, y=1))
    load("two", order("A", 2, z=1))
    load("one", order("A", 1, x=1, y=1))

    assert rows(ORDERS) == [("A", "2026-11-02", 1)]
    assert rows(ITEMS) == [("A", "z", 1)]
    assert rows("SELECT _partition FROM amazon.order_items") == [("two",)]


def test_same_partition_again(load: Load, rows: Rows, order: Order) -> None:
    """A partition that is loaded again adds nothing, and what it now says of a version counts."""
    load("one", order("A", 1, x=1), order("B", 1, y=1))
    load("one", order("A", 1, x=2), order("B", 1, y=1))

    assert rows(ITEMS) == [("A", "x", 2), ("B", "y", 1)]
    assert len(rows(ORDERS)) == 2


def test_newest_of_a_file(load: Load, rows: Rows, order: Order) -> None:
    """Of several versions in one file the newest counts, wherever it stands, with its children."""
    load("one", order("A", 2, x=2), order("A", 3, x=3, y=3), order("A", 1, x=1, z=1))

    assert rows(ORDERS) == [("A", "2026-11-03", 2)]
    assert rows(ITEMS) == [("A", "x", 3), ("A", "y", 3)]


def test_later_line_of_two_as_new(load: Load, rows: Rows, order: Order) -> None:
    """Of two versions that are equally new the later in the file counts, with its children."""
    load("one", order("A", 1, x=1), order("A", 1, y=2))

    assert rows(ITEMS) == [("A", "y", 2)]


def test_lost_children(load: Load, rows: Rows, order: Order) -> None:
    """A parent that lost a child, or all of them, loses them in the table; others keep theirs."""
    load("one", order("A", 1, x=1, y=1), order("B", 1, x=1), order("C", 1, x=1))
    load("two", order("A", 2, y=5), order("B", 2))

    assert rows(ITEMS) == [("A", "y", 5), ("C", "x", 1)]


def test_same_child_twice(load: Load, rows: Rows, order: Order) -> None:
    """Of a child that stands in its record twice the later counts."""
    record = order("A", 1, x=1)
    load("one", {**record, "items": [*record["items"], {"id": "x", "quantity": 2}]})

    assert rows(ITEMS) == [("A", "x", 2)]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param((1, None), "2026-11-01", id="value-then-none"),
        pytest.param((None, 1), "2026-11-01", id="none-then-value"),
        pytest.param((None, None), None, id="none-twice"),
    ],
)
def test_unknown_age(
    load: Load, rows: Rows, order: Order, days: tuple[int | None, ...], expected: str | None
) -> None:
    """A row that does not say how new it is never beats one that does."""
    for number, day in enumerate(days):
        load(str(number), order("A", day, **{f"item{number}": 1}))

    winner = days.index(1) if 1 in days else 1
    assert rows(ORDERS) == [("A", expected, 1)]
    assert rows(ITEMS) == [("A", f"item{winner}", 1)]


def test_unknown_age_in_one_file(load: Load, rows: Rows, order: Order) -> None:
    """The same holds within a file."""
    load("one", order("A", 1, x=1), order("A", None, y=1))

    assert rows(ITEMS) == [("A", "x", 1)]


def test_key_without_age(
    warehouse: Warehouse,
    write_records: Callable[..., Path],
    orders: TableSpec,
    order: Order,
    rows: Rows,
) -> None:
    """Where nothing tells the newer of two rows, the load counts, and its later line."""
    spec = replace(orders, newest_by=None)
    for name, days in [("one", [3]), ("two", [2, 1])]:
        warehouse.load(
            [spec],
            RawData([write_records(name, [order("A", day) for day in days])], "jsonl"),
            Origin(schema="amazon", partition=name, loaded_at=datetime.now(UTC)),
        )

    assert rows(ORDERS) == [("A", "2026-11-01", 0)]


def test_children_without_key(
    warehouse: Warehouse,
    write_records: Callable[..., Path],
    orders: TableSpec,
    order_items: TableSpec,
    order: Order,
    rows: Rows,
) -> None:
    """Children without a key are replaced with their parent too, nothing deduplicated."""
    item = {"id": "x", "quantity": 1}
    for name, day, items in [("one", 2, [item]), ("two", 3, [item, item]), ("one", 1, [])]:
        record = {**order("A", day), "items": items}
        warehouse.load(
            [orders, replace(order_items, key=())],
            RawData([write_records(name, [record])], "jsonl"),
            Origin(schema="amazon", partition=name, loaded_at=datetime.now(UTC)),
        )

    assert rows(ITEMS) == [("A", "x", 1), ("A", "x", 1)]


def test_rows_of_a_partition(warehouse: Warehouse, rows: Rows, tmp_path: Path) -> None:
    """A table without key replaces the partition's rows, and keeps rows that are alike."""
    spec = TableSpec(name="lines", columns={"sku": ColumnSpec(path="sku")})
    for partition, skus in [("o'clock", "AAB"), ("other", "A"), ("o'clock", "AA")]:
        file = tmp_path / "report.tsv"
        file.write_text("\n".join(["sku", *skus]))
        warehouse.load(
            [spec],
            RawData([file], "tsv"),
            Origin(schema="amazon", partition=partition, loaded_at=datetime.now(UTC)),
        )

    assert rows("SELECT _partition, sku FROM amazon.lines") == [
        ("o'clock", "A"),
        ("o'clock", "A"),
        ("other", "A"),
    ]


def test_parent_and_children_of_a_delimited_file(
    warehouse: Warehouse, rows: Rows, tmp_path: Path
) -> None:
    """Lines of a delimited file can be both a parent, once each, and its children, all of them."""
    order_id, day = ColumnSpec(path="order"), ColumnSpec(path="day", type="date")
    parent = TableSpec(
        name="orders",
        columns={"order_id": order_id, "day": day},
        key=("order_id",),
        newest_by="day",
    )
    child = TableSpec(
        name="order_items",
        columns={"order_id": order_id, "item_id": ColumnSpec(path="item")},
        key=("order_id", "item_id"),
        parent="orders",
    )
    file = tmp_path / "report.tsv"
    file.write_text("order\tday\titem\nA\t2026-11-01\tx\nA\t2026-11-01\ty\n")

    warehouse.load(
        [child, parent],
        RawData([file], "tsv"),
        Origin(schema="amazon", partition="one", loaded_at=datetime.now(UTC)),
    )

    assert rows("SELECT order_id FROM amazon.orders") == [("A",)]
    assert rows("SELECT item_id FROM amazon.order_items") == [("x",), ("y",)]


VERSIONS = st.lists(st.integers(1, 4), min_size=1, max_size=3)
PARTITIONS = st.lists(
    st.dictionaries(st.sampled_from("ABC"), VERSIONS, min_size=1), min_size=2, max_size=4
)
ITEM_NAMES = st.frozensets(st.sampled_from("xyz"))


@pytest.fixture
def schemas() -> Any:
    """Names of schemas that are not there yet."""
    return (f"schema_{number}" for number in count())


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    partitions=PARTITIONS,
    again=st.lists(st.integers(0, 3), max_size=2),
    items=st.fixed_dictionaries(dict.fromkeys(range(1, 5), ITEM_NAMES)),
)
def test_any_sequence_ends_in_the_newest_state(  # noqa: PLR0913, PLR0917 - fixtures, and what is drawn
    load: Load,
    rows: Rows,
    order: Order,
    schemas: Any,
    partitions: Sequence[dict[str, list[int]]],
    again: Sequence[int],
    items: dict[int, frozenset[str]],
) -> None:
    """Partitions loaded in any order, some twice, leave each order at its newest version."""
    schema = next(schemas)
    newest: dict[str, int] = {}
    for number in [*range(len(partitions)), *(index % len(partitions) for index in again)]:
        records = [
            order(order_id, day, **dict.fromkeys(items[day], day))
            for order_id, days in partitions[number].items()
            for day in days
        ]
        load(str(number), *records, schema=schema)
        for order_id, days in partitions[number].items():
            newest[order_id] = max(newest.get(order_id, 0), *days)

    expected = {(id_, item, day) for id_, day in newest.items() for item in items[day]}
    assert set(rows(f"SELECT order_id, item_id, quantity FROM {schema}.order_items")) == expected
    assert rows(f"SELECT order_id, items_count FROM {schema}.orders") == sorted(
        (id_, len(items[day])) for id_, day in newest.items()
    )
