"""Rows that go straight into their table: nothing is to be decided about them one by one.

They are those of a table without a key and without a parent, which replace all rows of their
partition. To stage and then insert them would write each twice. They are appended by position, so
the stored table must have their columns and no others, which somebody else may have added.

Here belongs what is added to the rows on this way. What becomes of the rows before them is said in
`merging`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

import pyarrow as pa

from asp_dagster.warehouse.accounts import ACCOUNT
from asp_dagster.warehouse.origins import LOADED_AT, PARTITION, Origin
from asp_dagster.warehouse.reading.batches import ARROW_TYPES, RawRows


@dataclass(frozen=True)
class StraightRows:
    """The rows of a table on their way into it.

    Attributes:
        rows: The rows as they are read.
        origin: Where they come from.
        columns: The columns of the stored table, in its order.
    """

    rows: RawRows
    origin: Origin
    columns: Sequence[str]

    @property
    def fits(self) -> bool:
        """Whether the stored table has all columns of the rows, and no others."""
        return set(self.columns) == {*self.rows.table.columns, *self._own}

    def readers(self) -> Iterator[pa.RecordBatchReader]:
        """Return the rows as Arrow streams of a few megabytes each, one at the least."""
        for reader in self.rows.readers():
            batches = (self._stored(batch) for batch in reader)
            yield pa.RecordBatchReader.from_batches(self._schema, batches)

    @property
    def _schema(self) -> pa.Schema:
        types = {name: ARROW_TYPES[column.type] for name, column in self.rows.table.columns.items()}
        types |= {name: value.type for name, value in self._own.items()}
        return pa.schema([(name, types[name]) for name in self.columns])

    @property
    def _own(self) -> Mapping[str, pa.Scalar]:
        """The columns that tell of the rows' origin, each with its one value."""
        origin = self.origin
        own = {
            PARTITION: pa.scalar(origin.partition, ARROW_TYPES["text"]),
            LOADED_AT: pa.scalar(origin.loaded_at.astimezone(UTC), ARROW_TYPES["timestamp"]),
        }
        if origin.account:
            own[ACCOUNT] = pa.scalar(origin.account, ARROW_TYPES["text"])
        return own

    def _stored(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch as it is stored, with its origin."""
        own = self._own
        arrays = [
            pa.repeat(own[name], batch.num_rows) if name in own else batch.column(name)
            for name in self.columns
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)
