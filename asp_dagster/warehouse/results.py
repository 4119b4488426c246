"""What a load brought to each table.

Here belongs the value that a load returns. What it is made of is found out in `merging` and
`warehouse`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from asp_dagster.warehouse.reading.document_columns import DocumentColumns


@dataclass(frozen=True, kw_only=True)
class LoadResult:
    """What a load brought to one table.

    Attributes:
        table: The table's name with its schema: `amazon.orders`.
        rows: How many rows the raw files hold for it. Those that are older than stored rows count.
        preview: The first rows, five at most, in the columns that may be shown: numbers and texts.
        key: The columns that identify a row; of an inferred table, as they are called there.
        newest_by: The column that tells the newer of two rows with the same key, if one does.
        columns: The table's columns as they are after the load, the types by name: those of
            `asp_dagster.catalog.tables`, or the database's for a column that is not ours.
        replaced_characters: How many characters of the raw files stand for bytes that are none;
            None where such bytes would have been refused.
        document_columns: What the columns of the raw files are to those of the table: new, gone,
            left out, translated.
        children: Of an inferred table, what the load brought to its child tables.
    """

    table: str
    rows: int
    preview: pa.Table
    key: tuple[str, ...] = ()
    newest_by: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    replaced_characters: int | None = None
    document_columns: DocumentColumns = field(default_factory=DocumentColumns)
    children: tuple["LoadResult", ...] = ()
