"""Which columns of a declared table hold what Amazon says at a place.

Here belongs finding a column by its path, for a user's own feed may call it anything.
"""

from asp_dagster.catalog.tables import TableSpec


def column_at(table: TableSpec, path: str) -> str | None:
    """Return the column that takes its value from a place, as it is; none if there is none."""
    found = (
        name
        for name, column in table.columns.items()
        if path in column.paths and column.measure == "value" and not column.hashed
    )
    return next(found, None)


def count_of(table: TableSpec, path: str) -> str | None:
    """Return the column that counts the entries of a list; none if there is none."""
    found = (
        name
        for name, column in table.columns.items()
        if path in column.paths and column.measure == "count"
    )
    return next(found, None)
