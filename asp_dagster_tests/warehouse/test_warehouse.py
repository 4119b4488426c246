"""A load is one transaction, whoever else loads and whatever ends it, and says what it did."""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi
import pyarrow as pa
import pytest

from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.warehouse import (
    LoadResult,
    Origin,
    RawData,
    RawFileError,
    Warehouse,
    WarehouseError,
)
from asp_dagster.warehouse.reading.batches import RawRows

Load = Callable[..., list[LoadResult]]
Rows = Callable[[str], list[tuple[Any, ...]]]
Order = Callable[..., dict[str, Any]]
Write = Callable[[str, Sequence[Any]], Path]
Start = Callable[..., subprocess.Popen[bytes]]

STATE = (
    "SELECT o.order_id, CAST(o.updated_at AS DATE)::text, i.item_id, i.quantity "
    "FROM amazon.orders o LEFT JOIN amazon.order_items i ON i.order_id = o.order_id"
)


def test_results(load: Load, order: Order) -> None:
    """A load returns, for each table, its name, its rows, and a preview of texts and numbers."""
    orders, items = load("one", order("B", 1, total=9.5, x=1, y=2), order("A", 2))

    assert (orders.table, orders.rows) == ("amazon.orders", 2)
    assert orders.preview.to_pylist() == [
        {
            "order_id": "B",
            "updated_at": "2026-11-01 00:00:00+00",
            "total": "9.5000",
            "items_count": 2,
        },
        {"order_id": "A", "updated_at": "2026-11-02 00:00:00+00", "total": None, "items_count": 0},
    ]
    assert (items.table, items.rows) == ("amazon.order_items", 2)
    assert items.preview.column_names == ["order_id", "item_id"]


def test_times_are_utc(
    new_postgres_url: str, feed: Callable[..., list[LoadResult]], order: Order
) -> None:
    """Times are shown in UTC, whatever time zone the database is set to."""
    warehouse = Warehouse.from_url(new_postgres_url)
    with closing(adbc_driver_postgresql.dbapi.connect(new_postgres_url)) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            ((database,),) = cursor.fetchall()
            cursor.execute(f"ALTER DATABASE {database} SET TimeZone = 'America/New_York'")
        connection.commit()

    orders, _ = feed(warehouse, "one", order("A", 1))

    assert orders.preview["updated_at"].to_pylist() == ["2026-11-01 00:00:00+00"]


def test_preview_is_short(load: Load, order: Order) -> None:
    """A preview has no more than five rows."""
    orders, _ = load("one", *(order(str(number), 1) for number in range(9)))

    assert orders.preview["order_id"].to_pylist() == ["0", "1", "2", "3", "4"]


def test_no_preview_unasked(warehouse: Warehouse, write_records: Write) -> None:
    """A table without key shows nothing, unless its declaration says what may be shown."""
    table = TableSpec(name="lines", columns={"buyer": ColumnSpec(path="buyer")})

    (result,) = warehouse.load(
        [table],
        RawData([write_records("one", [{"buyer": "Jane Doe"}])], "jsonl"),
        Origin(schema="amazon", partition="one", loaded_at=datetime.now(UTC)),
    )

    assert (result.rows, result.preview.num_columns) == (1, 0)


def test_empty_file(load: Load, rows: Rows) -> None:
    """A partition without records makes the tables, and changes nothing else."""
    results = load("one")

    assert [result.rows for result in results] == [0, 0]
    assert rows(STATE) == []


def test_several_files(
    warehouse: Warehouse,
    write_records: Write,
    orders: TableSpec,
    order_items: TableSpec,
    order: Order,
    rows: Rows,
) -> None:
    """Several files of a partition load as one, and the later file wins a tie."""
    files = [
        write_records("one", [order("A", 1, x=1), order("B", 1, x=1)]),
        write_records("two", [order("A", 1, y=2)]),
    ]

    warehouse.load(
        [orders, order_items],
        RawData(files, "jsonl"),
        Origin(schema="amazon", partition="one", loaded_at=datetime.now(UTC)),
    )

    assert rows(STATE) == [("A", "2026-11-01", "y", 2), ("B", "2026-11-01", "x", 1)]


def test_numbers_of_a_query(load: Load, order: Order, warehouse: Warehouse) -> None:
    """A query returns decimals as decimals, also where there are none."""
    load("one", order("A", 1, total=10.25), order("B", 1))

    table = warehouse.query("SELECT total FROM amazon.orders ORDER BY order_id")
    nothing = warehouse.query("SELECT total FROM amazon.orders WHERE order_id = 'B'")

    assert table["total"].to_pylist() == [Decimal("10.2500"), None]
    assert pa.types.is_decimal(nothing.schema.field("total").type)


def test_refused_file_changes_nothing(load: Load, order: Order, rows: Rows) -> None:
    """A file that is refused at its last line leaves all tables as they were."""
    load("one", order("A", 1, x=1))
    records = [order(str(number), 2, x=2) for number in range(9)]

    with pytest.raises(
        RawFileError, match=r"two\.jsonl\.gz, line 10: column quantity of table order"
    ):
        load("two", *records, order("A", 2, x="misfit"))

    assert rows(STATE) == [("A", "2026-11-01", "x", 1)]


def test_interrupted_reading(
    load: Load, rows: Rows, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interruption while rows are read ends the load as what it is, and changes nothing."""
    load("one", order("A", 1, x=1))

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("asp_dagster.warehouse.reading.rows.record_rows", interrupt)
    with pytest.raises(KeyboardInterrupt):
        load("two", order("A", 2))

    assert rows(STATE) == [("A", "2026-11-01", "x", 1)]


def test_rows_lost_on_the_way(load: Load, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """A load whose rows do not all arrive in the database is refused."""
    whole = RawRows.readers

    def without_one(rows: RawRows) -> Iterator[pa.RecordBatchReader]:
        return (reader.read_all().slice(1).to_reader() for reader in whole(rows))

    monkeypatch.setattr(RawRows, "readers", without_one)

    with pytest.raises(WarehouseError, match="Of 2 rows read for table orders 1 arrived"):
        load("one", order("A", 1), order("B", 1))


def test_text_a_database_cannot_store(
    new_postgres_url: str, feed: Callable[..., list[LoadResult]], order: Order
) -> None:
    """What the database refuses of the rows ends the load with the database's reason."""
    with pytest.raises(WarehouseError, match="refused: invalid byte sequence"):
        feed(Warehouse.from_url(new_postgres_url), "one", order("A\0", 1))


def test_killed_load(load: Load, order: Order, rows: Rows, start_loading: Start) -> None:
    """A load that is killed before its commit leaves the previous state, and can be repeated."""
    load("one", order("A", 1, x=1), order("B", 1, x=1))
    newer = [order("A", 2, y=2), order("C", 2, z=3)]
    process = start_loading("two", *newer, pause=True)
    assert process.stdout
    assert process.stdout.readline() == b"merged\n"

    process.kill()
    process.wait()

    assert rows(STATE) == [("A", "2026-11-01", "x", 1), ("B", "2026-11-01", "x", 1)]
    load("two", *newer)
    assert rows(STATE) == [
        ("A", "2026-11-02", "y", 2),
        ("B", "2026-11-01", "x", 1),
        ("C", "2026-11-02", "z", 3),
    ]


def test_processes_side_by_side(order: Order, rows: Rows, start_loading: Start) -> None:
    """Processes that load at the same time, from nothing, all succeed, and nothing is lost."""
    processes = [
        start_loading(str(day), order("shared", day, x=day), order(f"own-{day}", day, x=1))
        for day in (1, 2, 3)
    ]

    assert [process.wait() for process in processes] == [0, 0, 0]
    assert rows(STATE) == [
        ("own-1", "2026-11-01", "x", 1),
        ("own-2", "2026-11-02", "x", 1),
        ("own-3", "2026-11-03", "x", 1),
        ("shared", "2026-11-03", "x", 3),
    ]


def test_no_raw_files(warehouse: Warehouse, orders: TableSpec) -> None:
    """A load without any file is refused, rather than taken for an empty partition."""
    with pytest.raises(RawFileError, match="There is no raw file for table orders"):
        warehouse.load(
            [orders],
            RawData([], "jsonl"),
            Origin(schema="amazon", partition="one", loaded_at=datetime.now(UTC)),
        )


def test_time_without_zone() -> None:
    """A load time without time zone is refused."""
    with pytest.raises(ValueError, match="is no point in time: give it a time zone"):
        Origin(
            schema="amazon",
            partition="one",
            loaded_at=datetime(2026, 11, 1),  # noqa: DTZ001 - that is the mistake
        )


def test_threads_side_by_side(load: Load, order: Order, rows: Rows) -> None:
    """Threads that load at the same time all succeed, and nothing is lost."""
    days = [1, 2, 3, 4]

    with ThreadPoolExecutor(len(days)) as threads:
        list(threads.map(lambda day: load(str(day), order("A", day), order(f"{day}", day)), days))

    assert rows("SELECT order_id, _partition FROM amazon.orders") == [
        *((str(day), str(day)) for day in days),
        ("A", "4"),
    ]


def test_statements_of_others_count_together_or_not_at_all(warehouse: Warehouse) -> None:
    """A table of somebody's own is made by several statements; a refused one undoes the others."""
    warehouse.execute("CREATE SCHEMA own", "CREATE TABLE own.days AS SELECT 7 AS day")

    with pytest.raises(WarehouseError):
        warehouse.execute("INSERT INTO own.days VALUES (8)", "INSERT INTO own.nothing VALUES (9)")

    assert warehouse.query("SELECT day FROM own.days").to_pylist() == [{"day": 7}]
