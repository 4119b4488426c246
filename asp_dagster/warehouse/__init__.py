"""The warehouse: raw files in, tables out, newer rows over older ones and never the reverse.

    warehouse = Warehouse.from_url("duckdb:///data/warehouse.duckdb")
    warehouse.load(
        [orders, order_items],
        raw_files=[Path("2026-11-01.jsonl.gz")],
        raw_format="jsonl",
        schema="sales",
        partition="2026-11-01",
        loaded_at=datetime.now(UTC),
    )
    warehouse.query("SELECT status, count(*) FROM sales.orders GROUP BY status")

A load reads one partition's raw files into typed Arrow batches, streams them into temporary tables,
and merges these: all tables of a feed in one transaction, by the same SQL in DuckDB and PostgreSQL.
A partition may be loaded again and in any order, loads may run side by side, and one that is killed
leaves nothing behind. Memory does not grow with the size of a file.

This floor knows tables and files, neither Amazon nor Dagster. Which tables there are is declared
above it, in the words of `asp_dagster.catalog.tables`.

    warehouse      the door, and the course of a load
    declarations   what the tables of a load must agree on
    reading        raw files -> typed batches, by the three formats and what they are made of:
                   records (jsonl), documents (json), delimited (tsv); columns, paths, raw_files
    merging        staged rows -> tables; creating makes these
    databases      DuckDB and PostgreSQL, and all in which they differ
    errors         what can go wrong, by what to do about it
"""

from asp_dagster.catalog.tables import RawFormat
from asp_dagster.warehouse.databases import Patience
from asp_dagster.warehouse.errors import (
    RawFileError,
    TableSpecError,
    WarehouseBusyError,
    WarehouseError,
    WarehouseFullError,
    WarehouseURLError,
)
from asp_dagster.warehouse.results import LoadResult
from asp_dagster.warehouse.warehouse import Warehouse

__all__ = [
    "LoadResult",
    "Patience",
    "RawFileError",
    "RawFormat",
    "TableSpecError",
    "Warehouse",
    "WarehouseBusyError",
    "WarehouseError",
    "WarehouseFullError",
    "WarehouseURLError",
]
