"""A small feed to load into both databases: orders and their items."""

import gzip
import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import asp_dagster.warehouse
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec
from asp_dagster.warehouse import LoadResult, Origin, RawData, RawFormat, Warehouse
from asp_dagster.warehouse.reading.rows import raw_rows

Record = Mapping[str, Any]


@pytest.fixture
def warehouse(warehouse_url: str) -> Warehouse:
    """A new warehouse, of each kind in turn."""
    return Warehouse.from_url(warehouse_url)


@pytest.fixture
def orders() -> TableSpec:
    """A table merged by key."""
    return TableSpec(
        name="orders",
        columns={
            "order_id": ColumnSpec(path="id"),
            "updated_at": ColumnSpec(path="updated", type="timestamp"),
            "total": ColumnSpec(path="total", type="decimal"),
            "items_count": ColumnSpec(path="items", measure="count", type="integer"),
        },
        key=("order_id",),
        newest_by="updated_at",
        preview=("order_id", "updated_at", "total", "items_count"),
    )


@pytest.fixture
def order_items() -> TableSpec:
    """A table whose rows come and go with the parent's."""
    return TableSpec(
        name="order_items",
        columns={
            "order_id": ColumnSpec(path="^.id"),
            "item_id": ColumnSpec(path="id"),
            "quantity": ColumnSpec(path="quantity", type="integer"),
        },
        rows="items",
        key=("order_id", "item_id"),
        parent="orders",
    )


@pytest.fixture
def order() -> Callable[..., Record]:
    """Make an order: its id, the day of November it was updated, and its items' quantities."""

    def make(order_id: str, day: int | None, total: float | None = None, **items: int) -> Record:
        return {
            "id": order_id,
            "updated": day and f"2026-11-{day:02}T00:00:00Z",
            "total": total,
            "items": [{"id": item, "quantity": quantity} for item, quantity in items.items()],
        }

    return make


@pytest.fixture
def write_records(tmp_path: Path) -> Callable[[str, Sequence[Record]], Path]:
    """Write records to a raw file."""

    def write(name: str, records: Sequence[Record]) -> Path:
        file = tmp_path / f"{name}.jsonl.gz"
        lines = "".join(json.dumps(record) + "\n" for record in records)
        file.write_bytes(gzip.compress(lines.encode()))
        return file

    return write


@pytest.fixture
def feed(
    orders: TableSpec,
    order_items: TableSpec,
    write_records: Callable[[str, Sequence[Record]], Path],
) -> Callable[..., list[LoadResult]]:
    """Load a partition of orders into both tables of the feed, in a given warehouse."""

    def run(
        warehouse: Warehouse, partition: str, *records: Record, schema: str = "amazon"
    ) -> list[LoadResult]:
        return warehouse.load(
            [orders, order_items],
            RawData([write_records(partition, records)], "jsonl"),
            Origin(
                schema=schema, partition=partition, loaded_at=datetime(2026, 11, 23, 12, tzinfo=UTC)
            ),
        )

    return run


@pytest.fixture
def load(
    warehouse: Warehouse, feed: Callable[..., list[LoadResult]]
) -> Callable[..., list[LoadResult]]:
    """Load a partition of orders into both tables of the feed, in each kind of warehouse."""
    return partial(feed, warehouse)


@pytest.fixture
def rows(warehouse: Warehouse) -> Callable[[str], list[tuple[Any, ...]]]:
    """Return what a query finds, in order."""

    def run(sql: str) -> list[tuple[Any, ...]]:
        return sorted(tuple(row.values()) for row in warehouse.query(sql).to_pylist())

    return run


@pytest.fixture
def start_loading(
    warehouse_url: str,
    orders: TableSpec,
    order_items: TableSpec,
    write_records: Callable[[str, Sequence[Record]], Path],
) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a process that loads a partition, and end it after the test if it is still there."""
    with ExitStack() as started:

        def start(partition: str, *records: Record, pause: bool = False) -> subprocess.Popen[bytes]:
            process = started.enter_context(
                subprocess.Popen(
                    [sys.executable, Path(__file__).with_name("loading.py")],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env={"PYTHONPATH": str(Path(asp_dagster.warehouse.__file__).parents[2])},
                )
            )
            started.callback(process.kill)
            assert process.stdin
            file = write_records(partition, records)
            process.stdin.write(pickle.dumps((warehouse_url, [orders, order_items], file, pause)))
            process.stdin.close()
            return process

        yield start


@pytest.fixture
def read() -> Callable[..., list[dict[str, Any]]]:
    """Read a table's rows out of raw files, without the columns that only staging has."""

    def run(table: TableSpec, raw_format: RawFormat, *files: Path) -> list[dict[str, Any]]:
        with raw_rows(table, files, raw_format) as raw:
            return raw.reader().read_all().drop_columns(["_row", "_record"]).to_pylist()

    return run


@pytest.fixture
def infer(warehouse: Warehouse, tmp_path: Path) -> Callable[..., LoadResult]:
    """Load one raw file into an inferred table, in each kind of warehouse."""

    def run(
        table: InferredTable,
        content: str | Sequence[Record],
        *,
        raw_format: RawFormat = "jsonl",
        partition: str = "one",
        is_snapshot: bool = False,
        hash_key: str | None = None,
    ) -> LoadResult:
        file = tmp_path / f"raw.{raw_format}"
        if not isinstance(content, str):
            content = "".join(json.dumps(record) + "\n" for record in content)
        file.write_text(content)
        (result,) = warehouse.load(
            [table],
            RawData([file], raw_format, hash_key=hash_key),
            Origin(
                schema="amazon",
                partition=partition,
                loaded_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
                is_snapshot=is_snapshot,
            ),
        )
        return result

    return run
