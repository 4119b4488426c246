"""Rows of many tables at once, put by as Arrow batches until a database takes them, one by one.

The rows of records and those within their lists come out in one go, but a database is handed one
table at a time. So each table's rows wait in a temporary file. Here belongs this, and nothing of
what the rows mean.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from asp_dagster.catalog.tables import ColumnType
from asp_dagster.warehouse.reading.batches import ARROW_TYPES
from asp_dagster.warehouse.reading.columns import RECORD, ROW

# How many values wait in memory, over all tables.
_MOST_CELLS = 400_000


class Spool:
    """The rows of one table, in a file."""

    def __init__(self, file: Path, columns: Mapping[str, ColumnType]) -> None:
        """Make an empty spool.

        Args:
            file: Where the rows go, each batch behind the last.
            columns: The columns' types by name, besides `_row` and `_record`.
        """
        types = {name: ARROW_TYPES[type_] for name, type_ in columns.items()}
        self.schema = pa.schema({ROW: pa.int64(), RECORD: pa.int64(), **types})
        self.row_count = 0
        self._file = file
        self._waiting: list[Sequence[Any]] = []

    @property
    def width(self) -> int:
        """How many values a row has, besides `_row` and `_record`."""
        return len(self.schema) - 2

    def add(self, record: int, values: Sequence[Any]) -> None:
        """Add a row of a record."""
        self.row_count += 1
        self._waiting.append((self.row_count, record, *values))

    def write(self) -> None:
        """Write the waiting rows to the file."""
        if not self._waiting:
            return
        columns = zip(*self._waiting, strict=True)
        arrays = [
            pa.array(values, field.type) for values, field in zip(columns, self.schema, strict=True)
        ]
        batch = pa.record_batch(arrays, schema=self.schema)
        self._waiting = []
        with self._file.open("ab") as sink:
            sink.write(len(message := batch.serialize()).to_bytes(8))
            sink.write(message)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Return the rows that were written."""
        if not self.row_count:
            return
        with self._file.open("rb") as source:
            while size := source.read(8):
                message = source.read(int.from_bytes(size))
                yield pa.ipc.read_record_batch(message, self.schema)


class Spools:
    """The spools of several tables, which share a bound on the rows in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._spools: list[Spool] = []
        self._cells = 0

    def spool(self, columns: Mapping[str, ColumnType]) -> Spool:
        """Return a new spool."""
        spool = Spool(self._folder / f"{len(self._spools)}.arrow", columns)
        self._spools.append(spool)
        return spool

    def add(self, spool: Spool, record: int, values: Sequence[Any]) -> None:
        """Add a row to a spool, and write all when too many wait."""
        spool.add(record, values)
        self._cells += len(values) + 2
        if self._cells > _MOST_CELLS:
            self.write()

    def write(self) -> None:
        """Write the waiting rows of all spools."""
        for spool in self._spools:
            spool.write()
        self._cells = 0
