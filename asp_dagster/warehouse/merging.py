"""From staged rows to tables: one set of SQL statements for both databases.

Every table of a load is staged first, each in a temporary table. Then it is decided, before any
table changes, which staged rows are taken in:

    a table with a key      of each key the newest row, the later one of two as new, unless the
                            stored row is newer
    a table with a parent   the rows of the raw record from which the parent's row is taken in,
                            of each key the last
    a table with neither    all rows

Then the rows they replace are removed (the stored rows of the parents that are taken in; the rows
of the partition), and what is taken in is merged by key, or inserted where there is none. A row
without a value in `newest_by` is older than any with one.

Here belong the statements. In which transaction they run is said in `warehouse`; in what the two
databases differ, in `databases`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa
from adbc_driver_manager.dbapi import Cursor

from asp_dagster.catalog.tables import ColumnType, TableSpec
from asp_dagster.warehouse.columns import RECORD, ROW
from asp_dagster.warehouse.errors import TableSpecError, WarehouseError
from asp_dagster.warehouse.sql import identifier, identifiers, literal

PREVIEW_ROWS = 5

_PARTITION = "_partition"
_LOADED_AT = "_loaded_at"


@dataclass(frozen=True)
class Origin:
    """Where the rows of a load come from and go to.

    Attributes:
        schema: The schema of the tables.
        partition: The partition the raw files hold.
        loaded_at: When they are loaded.
    """

    schema: str
    partition: str
    loaded_at: datetime


@dataclass(frozen=True)
class StagedTable:
    """A table of a load whose rows stand in a temporary table.

    Attributes:
        spec: The table, with all its columns.
        number: Its number in the load, which names its temporary tables.
        rows: How many rows are staged.
    """

    spec: TableSpec
    number: int
    row_count: int
