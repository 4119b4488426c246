"""What the tables of a load must agree on, and the order in which they are loaded.

Here belong the checks that need no raw file and no database: columns that other parts of a table's
specification name, and parents. A path is checked where it is read.
"""

from collections.abc import Sequence

from asp_dagster.catalog.tables import InferredTable, TableSpec
from asp_dagster.warehouse.errors import TableSpecError
from asp_dagster.warehouse.sql import identifier


def parents_first(specs: Sequence[TableSpec]) -> list[TableSpec]:
    """Return the tables of a load with each parent before its children.

    Raises:
        TableSpecError: A table names a column it does not have, or a parent that is not one.
    """
    by_name = {spec.name: spec for spec in specs}
    if len(by_name) < len(specs):
        raise _same_name()
    for spec in specs:
        _check_names(spec)
        if spec.parent is not None:
            _check_parent(spec, by_name.get(spec.parent))
    return sorted(specs, key=lambda spec: spec.parent is not None)


def check_inferred(specs: Sequence[TableSpec | InferredTable]) -> None:
    """Refuse inferred tables whose names cannot be tables', or are given twice.

    Raises:
        TableSpecError: There is such a name.
    """
    names = [spec.name for spec in specs]
    for spec in specs:
        if isinstance(spec, InferredTable):
            _check_name(spec.name, spec.name)
            if names.count(spec.name) > 1:
                raise _same_name()


def _same_name() -> TableSpecError:
    """Return the error of two tables with one name."""
    return TableSpecError("Two tables of the feed have the same name: rename one of them.")


def _check_name(name: str, table: str) -> None:
    """Refuse a name that cannot be a table's or a column's."""
    identifier(name)
    if name.startswith("_"):
        raise TableSpecError(
            f"{name!r} cannot be a name in table {table}: a first underscore marks the columns we "
            "add, such as _partition."
        )


def _check_names(spec: TableSpec) -> None:
    """Refuse names that cannot be columns, and mentions of columns that are not there."""
    for name in (spec.name, *spec.columns):
        _check_name(name, spec.name)
    for name, column in spec.columns.items():
        if column.hashed and column.type != "text":
            raise TableSpecError(
                f"Column {name} of table {spec.name} is hashed, but of type {column.type}: a hash "
                "is a text, so let its type be text."
            )
    newest_by = (spec.newest_by,) if spec.newest_by else ()
    for name in (*spec.key, *newest_by, *spec.preview):
        if name not in spec.columns:
            raise TableSpecError(
                f"Table {spec.name} has no column {name}, only {', '.join(spec.columns)}."
            )


def _check_parent(spec: TableSpec, parent: TableSpec | None) -> None:
    """Refuse a parent that is not loaded together with its child, or does not identify it."""
    if parent is None or not parent.key or parent.parent:
        raise TableSpecError(
            f"Table {spec.name} has the parent {spec.parent}: that must be a table with a key and "
            "without a parent, loaded together with it."
        )
    missing = [name for name in parent.key if name not in spec.columns]
    if missing:
        raise TableSpecError(
            f"Table {spec.name} lacks {', '.join(missing)}, the key of its parent {spec.parent}: "
            "declare it under the same name."
        )
