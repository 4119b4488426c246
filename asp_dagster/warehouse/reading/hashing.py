"""Keyed hashes in the batches of declared tables.

Here belongs replacing a column's texts. How a hash is made is said in `values`; the key is never
part of a statement or a message.
"""

from collections.abc import Iterator

import pyarrow as pa

from asp_dagster.catalog.tables import TableSpec
from asp_dagster.warehouse.inferring.concealing import needs_key
from asp_dagster.warehouse.inferring.values import keyed_hash


def hashed(
    table: TableSpec, batches: Iterator[pa.RecordBatch], hash_key: str | None
) -> Iterator[pa.RecordBatch]:
    """Return the batches with the hashes of what the table's hashed columns hold.

    Raises:
        TableSpecError: There is no key to hash with.
    """
    names = [name for name, column in table.columns.items() if column.hashed]
    if not names:
        return batches
    needs_key(table.name, hash_key)
    return (_hashed(batch, names, hash_key or "") for batch in batches)


def _hashed(batch: pa.RecordBatch, names: list[str], hash_key: str) -> pa.RecordBatch:
    """Return a batch with some of its columns' texts replaced by hashes."""
    for name in names:
        texts = batch.column(name).to_pylist()
        hashes = [None if text is None else keyed_hash(text, hash_key) for text in texts]
        position = batch.schema.get_field_index(name)
        batch = batch.set_column(position, name, pa.array(hashes, pa.string()))
    return batch
