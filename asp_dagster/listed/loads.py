"""Which listed reports are loaded, and loading those that are not.

What has landed is told by the raw files, what is loaded by a table of its own in the warehouse,
`<feed>_reports`, with a row for each report. The rows of the tables could not tell: the same
settlement may come in two reports, and the second takes over the rows of the first. The row is
written in the transaction of the load, so whenever a run is killed, the next goes on where it
ended. Here belongs this book-keeping; the loads are the warehouse's.

https://docs.dagster.io/guides/build/assets/defining-assets
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asp_dagster import warehouse
from asp_dagster.assets import raw_key
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.tables import ColumnSpec, TableSpec
from asp_dagster.io_managers import RawPartitions
from asp_dagster.loading import load_partition
from asp_dagster.metadata import LoadedTable
from asp_dagster.resources import WarehouseResource
from asp_dagster.warehouse import RawFileError
from asp_dagster.warehouse.accounts import rows_of
from asp_dagster.warehouse.sql import literal

if TYPE_CHECKING:  # only a run pays for loading what asks Amazon for data
    from asp_dagster.landing import RawStore


def register_of(feed: Feed) -> TableSpec:
    """Return the table that tells which reports of a feed are loaded."""
    return TableSpec(
        name=f"{feed.stem}_reports",
        description="A row for each report that is loaded into the tables.",
        key=("report_id",),
        preview=("report_id", "row_count"),
        columns={
            "report_id": ColumnSpec(
                path="report_id", description="Amazon's id, which `_partition` is in the tables."
            ),
            "row_count": ColumnSpec(
                path="row_count", type="integer", description="The rows it brought."
            ),
        },
    )


def landed_reports(feed: Feed, store: "RawStore") -> list[str]:
    """Return the ids of the reports that have landed, in the order in which Amazon counts."""
    folder = f"{'/'.join(raw_key(feed).path)}/"
    names = (name.removeprefix(folder) for name in store.names(folder))
    found = [
        name.removesuffix(feed.extension)
        for name in names
        if name.endswith(feed.extension) and "/" not in name and not name.startswith(".")
    ]
    return sorted(found, key=lambda report_id: (len(report_id), report_id))


@dataclass
class ListedLoads:
    """The loads of one run.

    Attributes:
        feed: The feed.
        warehouse: Where its tables are.
        raw: The way to its raw files.
        loaded: What has been loaded in this run, by the id of the report.
        refused: Why reports could not be loaded, by their ids.
    """

    feed: Feed
    warehouse: WarehouseResource
    raw: RawPartitions
    loaded: dict[str, Sequence[LoadedTable]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def schema(self) -> str:
        """The schema of the tables."""
        return self.feed.table_schema or self.warehouse.schema_name

    def run(self, landed: Sequence[str], *, rebuild: bool = False) -> None:
        """Load what has landed and is not loaded; one that cannot be read stops no other.

        Args:
            landed: The ids of the reports that have landed.
            rebuild: Whether to load all of them.

        Raises:
            TableSpecError: A table cannot be read as it is declared, or needs a hash key.
            WarehouseError: The warehouse refused.
        """
        known = frozenset() if rebuild else self.known()
        for report_id in landed:
            if report_id not in known:
                try:
                    self.loaded[report_id] = self._load(report_id)
                except RawFileError as error:
                    self.refused[report_id] = str(error)

    def known(self) -> frozenset[str]:
        """Return the ids of the reports that are loaded; none if a table of theirs is gone."""
        register = register_of(self.feed).name
        wanted = {register, *(table.name for table in self.feed.tables)}
        there = self._query(
            "SELECT table_name FROM information_schema.tables"  # noqa: S608 - quoted by `literal`
            f" WHERE table_schema = {literal(self.schema)}"
        )
        if not wanted <= set(there):
            return frozenset()
        rows = rows_of(self.schema, register, self.feed.row_account)
        return frozenset(self._query(f"SELECT report_id FROM {rows} AS r"))  # noqa: S608 - as above

    def of_table(self, number: int) -> Sequence[LoadedTable]:
        """Return what has been loaded into the feed's table of a number."""
        return [tables[number] for tables in self.loaded.values()]

    def rows_in(self, table: str) -> int:
        """Return how many rows of a table are of the reports that have been loaded."""
        if not self.loaded:
            return 0
        rows = rows_of(self.schema, table, self.feed.row_account)
        ids = ", ".join(map(literal, self.loaded))
        sql = f"SELECT count(*) FROM {rows} AS r WHERE _partition IN ({ids})"  # noqa: S608 - as above
        return int(next(self._query(sql)))

    def _load(self, report_id: str) -> Sequence[LoadedTable]:
        def row(row_counts: Sequence[int]) -> Mapping[str, str | int]:
            return {"report_id": report_id, "row_count": max(row_counts)}

        note = warehouse.Note(register_of(self.feed), row)
        return load_partition(self.feed, self.raw, report_id, self.warehouse, note)

    def _query(self, sql: str) -> Iterator[str]:
        found = self.warehouse.get_warehouse().query(sql)
        yield from map(str, found.column(0).to_pylist())
