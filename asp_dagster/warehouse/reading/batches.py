"""The rows of one table on their way to a database: typed Arrow batches, counted.

Here belong how each type of column stands in a batch, and what is known of the batches when they
have been read: how many rows, and whether anything ended them early. Where they come from is said
in `rows`, where they go in `staging`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from asp_dagster.catalog.tables import ColumnType, TableSpec
from asp_dagster.warehouse.reading.columns import RECORD, ROW
from asp_dagster.warehouse.reading.document_columns import DocumentColumns

_STREAM_BYTES = 12 << 20
_FIRST_ROWS = 5
ARROW_TYPES: Mapping[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(18, 4),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", "UTC"),
    "date": pa.date32(),
    "list": pa.list_(pa.string()),
    "json": pa.string(),
}
"""How each type of column stands in a batch."""


@dataclass
class RawRows:
    """The rows of one table in a load's raw files, to be read once.

    Attributes:
        table: The table, with the undeclared columns that it keeps.
        columns: What the columns of the files are to the table, as far as it is looked at.
        row_count: How many rows have been handed out.
        is_finished: Whether that is all there are.
        failure: What ended the reading early, if anything did: a database may not pass it on.
        first: The first of the rows, a few at the most, once they have been handed out.
    """

    table: TableSpec
    batches: Iterator[pa.RecordBatch]
    columns: DocumentColumns = field(default_factory=DocumentColumns)
    row_count: int = field(default=0, init=False)
    is_finished: bool = field(default=False, init=False)
    failure: BaseException | None = field(default=None, init=False)
    first: pa.RecordBatch | None = field(default=None, init=False)

    @property
    def schema(self) -> pa.Schema:
        """What the rows hold: `_row`, `_record`, then the table's columns."""
        columns = {ROW: pa.int64(), RECORD: pa.int64()}
        for name, column in self.table.columns.items():
            columns[name] = ARROW_TYPES[column.type]
        return pa.schema(columns)

    def reader(self) -> pa.RecordBatchReader:
        """Return the rows as an Arrow stream."""
        return pa.RecordBatchReader.from_batches(self.schema, self._watched())

    def readers(self) -> Iterator[pa.RecordBatchReader]:
        """Return the rows as Arrow streams of a few megabytes each, one at the least.

        DuckDB holds the first 200,000 rows of a stream in memory before it stores any.
        """
        batches = self._watched()
        while not self.is_finished and self.failure is None:
            yield pa.RecordBatchReader.from_batches(self.schema, _some(batches))

    def _watched(self) -> Iterator[pa.RecordBatch]:
        """Return the batches, and keep count of them and of what ends them."""
        try:
            for batch in self.batches:
                self.row_count += batch.num_rows
                self.first = self.first or batch.slice(0, _FIRST_ROWS)
                yield batch
            self.is_finished = True
        except GeneratorExit:
            raise
        except BaseException as error:
            # The interruption of a run is among them, and would be swallowed like any other.
            self.failure = error
            raise


def _some(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Return the next few megabytes of the batches, and leave the others."""
    size = 0
    for batch in batches:
        yield batch
        size += batch.nbytes
        if size >= _STREAM_BYTES:
            return
