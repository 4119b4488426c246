"""Erases a feed's tables in the warehouse.

Here belongs what the warehouse must be told of a feed; how rows are erased is said in
`warehouse.erasing`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from asp_dagster import warehouse
from asp_dagster.catalog.feeds import Cadence, Feed
from asp_dagster.catalog.retention import Retentions
from asp_dagster.resources import WarehouseResource

if TYPE_CHECKING:  # only who opens the warehouse pays for loading it
    from asp_dagster.warehouse import TableFinding

# Rather a little early than late: an hour's partition is named by its day here.
_LENGTHS: Mapping[Cadence, timedelta] = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=31),
}


@dataclass(frozen=True)
class TablesRetention:
    """Erases tables.

    Attributes:
        resource: The warehouse.
        retentions: What is personal.
    """

    resource: WarehouseResource
    retentions: Retentions

    def erase(self, feed: Feed, before: datetime, *, is_dry: bool) -> "Sequence[TableFinding]":
        """Erase what is due in a feed's tables; the bulk road's rows stand in the same.

        Raises:
            WarehouseError: The warehouse refuses.
        """
        if not feed.tables:
            return []
        length = _LENGTHS[feed.partitions.every] if feed.partitions else None
        rule = warehouse.TableRule(self.schema(feed), before, length, feed.row_account)
        return self.resource.get_warehouse().erase(
            feed.tables, self.retentions.of_feed(feed), rule, is_dry=is_dry
        )

    def schema(self, feed: Feed) -> str:
        """Return the schema of a feed's tables."""
        return feed.table_schema or self.resource.schema_name

    def purge(self, changed: Sequence[str]) -> None:
        """Let what was erased go from the warehouse's disk too.

        Raises:
            WarehouseError: The warehouse refuses.
        """
        self.resource.get_warehouse().purge(changed)
