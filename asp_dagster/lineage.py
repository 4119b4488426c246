"""From which field of the raw files each column of a declared table comes.

Here belongs the way from a column's path, which starts at its row, to the field's place in the
record. A table that makes itself has no declared columns, and tells no such thing.

https://docs.dagster.io/guides/build/assets/metadata-and-tags/column-level-lineage
"""

from collections.abc import Iterator

import dagster as dg

from asp_dagster.catalog.tables import ColumnSpec, TableSpec

_OUTWARD = "^."


def column_lineage(table: TableSpec, raw_key: dg.AssetKey) -> dg.TableColumnLineage:
    """Return the fields of the raw files that each column is read from.

    Args:
        table: The declared table.
        raw_key: The key of the raw files.
    """
    return dg.TableColumnLineage(
        {
            name: [dg.TableColumnDep(raw_key, field) for field in fields]
            for name, column in table.columns.items()
            if (fields := fields_of(table, column))
        }
    )


def fields_of(table: TableSpec, column: ColumnSpec) -> list[str]:
    """Return the fields that a column is read from, in the order in which they are tried."""
    return list(_fields(table, column.paths))


def _fields(table: TableSpec, paths: tuple[str, ...]) -> Iterator[str]:
    levels = table.rows.removesuffix("[]").split("[].") if table.rows else []
    for path in paths:
        inner = path
        outward = 0
        while inner.startswith(_OUTWARD):
            inner, outward = inner.removeprefix(_OUTWARD), outward + 1
        around = levels[: len(levels) - outward]
        if inner != "^":
            yield ".".join([*(f"{level}[]" for level in around), inner])
