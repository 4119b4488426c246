"""What a load notes of itself: a row in a table of its own, in the transaction of the load.

So the row is there exactly if the load is. Here belongs the value; what is noted, and why, is said
above.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from asp_dagster.catalog.tables import TableSpec
from asp_dagster.warehouse.reading.columns import RECORD, ROW


@dataclass(frozen=True)
class Note:
    """A row that tells of a load.

    Attributes:
        table: The table that it goes into, merged by key.
        row: Returns its values by column, from the numbers of rows that the load's tables get.
    """

    table: TableSpec
    row: Callable[[Sequence[int]], Mapping[str, str | int]]

    def batch(self, row_counts: Sequence[int]) -> pa.RecordBatch:
        """Return the row as it is staged: `_row`, `_record`, then the table's columns."""
        values = self.row(row_counts)
        row = {ROW: 1, RECORD: 1, **{name: values[name] for name in self.table.columns}}
        return pa.RecordBatch.from_pylist([row])
