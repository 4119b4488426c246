"""The warehouse: raw files in, tables out, newer rows over older ones and never the reverse.

    warehouse = Warehouse.from_url("duckdb:///data/warehouse.duckdb")
    warehouse.load(
        [orders, order_items],
        RawData([Path("2026-11-01.jsonl.gz")], "jsonl"),
        Origin(schema="sales", partition="2026-11-01", loaded_at=datetime.now(UTC)),
    )
    warehouse.query("SELECT status, count(*) FROM sales.orders GROUP BY status")

A load reads one partition's raw files into typed Arrow batches, streams them into temporary tables,
and merges these: all tables of a feed in one transaction, by the same SQL in DuckDB and PostgreSQL.
A partition may be loaded again and in any order, loads may run side by side, and one that is killed
leaves nothing behind. Memory does not grow with the size of a file.

A table is declared column by column (`TableSpec`), or found in the data (`InferredTable`): then its
columns, their types and the child tables of its lists follow from the records, and only ever widen.

    warehouse.load([InferredTable(name="orders", key=("AmazonOrderId",))], ...)
    warehouse.query("SELECT * FROM sales.orders__order_items")

This floor knows tables and files, neither Amazon nor Dagster. Which tables there are is said above
it, in the words of `asp_dagster.catalog.tables`.

    warehouse      the door, and the course of a load; results: what it returns;
                   notes: what it writes down of itself
    declarations   what the tables of a load must agree on
    staging        the rows of each table -> temporary tables; straight: those of a table without a
                   key -> the table
    merging        temporary tables -> tables; creating makes these; origins: what a row tells of
                   where it comes from; accounts: several partners' rows in one table; sources:
                   several of the same rows, and which gives way
    databases      what a load needs of a database; duckdb_files and postgresql: all in which the
                   two differ; turns: how long a load waits; sql and urls: how names are quoted,
                   and URLs shown
    errors         what can go wrong, by what to do about it

    erasing        personal values of stored rows, once they are due
    reading        a declared table: raw files -> typed batches, by their formats
    inferring      an inferred table: raw files -> shape -> tables and columns -> rows
"""

from typing import TYPE_CHECKING

from asp_dagster.catalog.tables import RawFormat
from asp_dagster.on_demand import on_demand
from asp_dagster.warehouse.errors import (
    RawFileError,
    TableSpecError,
    WarehouseBusyError,
    WarehouseError,
    WarehouseFullError,
    WarehouseUnavailableError,
    WarehouseURLError,
)

if TYPE_CHECKING:
    from asp_dagster.warehouse.erasing.erasure import TableFinding, TableRule
    from asp_dagster.warehouse.notes import Note
    from asp_dagster.warehouse.origins import Origin
    from asp_dagster.warehouse.results import LoadResult
    from asp_dagster.warehouse.sources import Source
    from asp_dagster.warehouse.staging import RawData
    from asp_dagster.warehouse.turns import Patience
    from asp_dagster.warehouse.warehouse import Warehouse
else:  # only who loads or queries a table pays for loading DuckDB and Arrow
    __getattr__ = on_demand(
        __name__,
        {
            "erasing.erasure": ["TableFinding", "TableRule"],
            "notes": ["Note"],
            "origins": ["Origin"],
            "results": ["LoadResult"],
            "sources": ["Source"],
            "staging": ["RawData"],
            "turns": ["Patience"],
            "warehouse": ["Warehouse"],
        },
    )

__all__ = [
    "LoadResult",
    "Note",
    "Origin",
    "Patience",
    "RawData",
    "RawFileError",
    "RawFormat",
    "Source",
    "TableFinding",
    "TableRule",
    "TableSpecError",
    "Warehouse",
    "WarehouseBusyError",
    "WarehouseError",
    "WarehouseFullError",
    "WarehouseURLError",
    "WarehouseUnavailableError",
]
