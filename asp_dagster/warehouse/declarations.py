"""What the tables of a load must agree on, and the order in which they are loaded.

Here belong the checks that need no raw file and no database: columns that other parts of a table's
specification name, and parents. A path is checked where it is read.
"""

from collections.abc import Sequence

from asp_dagster.catalog.tables import TableSpec
from asp_dagster.warehouse.errors import TableSpecError
from asp_dagster.warehouse.sql import identifier


def parents_first(specs: Sequence[TableSpec]) -> list[TableSpec]:
    """Return the tables of a load with each parent before its children.

    Raises:
        TableSpecError: A table names a column it does not have, or a parent that is not one.
    """
    by_name = {spec.name: spec for spec in specs}
    if len(by_name) < len(specs):
        raise TableSpecError("Two tables of the feed have the same name: rename one of them.")
    for spec in specs:
        _check_names(spec)
        if spec.parent is not None:
            _check_parent(spec, by_name.get(spec.parent))
    return sorted(specs, key=lambda spec: spec.parent is not None)


def _check_names(spec: TableSpec) -> None:
    """Refuse names that cannot be columns, and mentions of columns that are not there."""
    for name in (spec.name, *spec.columns):
        identifier(name)
        if name.startswith("_"):
            raise TableSpecError(
                f"{name!r} cannot be a name in table {spec.name}: a first "
                "underscore marks the columns we add, such as _partition."
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
