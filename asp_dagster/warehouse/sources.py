"""Several sources of the same rows: what each of them knows, and which gives way to which.

A whole source knows every column; a partial one knows some. Of the same state of a row the whole
source's stands, and a partial one's gives way. A newer state always counts: of it a partial source
brings the columns it knows, and leaves the others as they were last known.

Here belongs the value. The statements that follow from it are in `merging`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from asp_dagster.catalog.tables import TableSpec

SOURCE = "_source"
"""The column that tells which source a row came from; without a value, a whole one."""


@dataclass(frozen=True)
class Source:
    """Where the rows of a load come from.

    Attributes:
        name: What the column `_source` holds.
        knows: The columns that a partial source knows, by table; none for a whole one.
    """

    name: str
    knows: Mapping[str, Collection[str]] | None = None

    @property
    def is_partial(self) -> bool:
        """Whether there are columns that the source does not know."""
        return self.knows is not None

    def narrowed(self, spec: TableSpec) -> TableSpec:
        """Return the table with those columns only that the source knows."""
        if self.knows is None:
            return spec
        known = self.knows[spec.name]
        columns = {name: column for name, column in spec.columns.items() if name in known}
        preview = tuple(name for name in spec.preview if name in known)
        return replace(spec, columns=columns, preview=preview)
