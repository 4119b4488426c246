"""Loads the raw files of a partition into the tables of its feed.

Here belongs what a load is given: how the files are to be read, and where the rows go. How they get
there is the warehouse's work.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from asp_dagster.bulk.loadable import Loadable, added_up, loadable
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.personal_data import personal_columns
from asp_dagster.checks.columns import header_names
from asp_dagster.io_managers import RawPartitions
from asp_dagster.metadata import LoadedTable
from asp_dagster.resources import WarehouseResource
from asp_dagster.spapi import SystemClock

if TYPE_CHECKING:  # only who loads a table pays for loading the warehouse
    from asp_dagster.warehouse import LoadResult, Note


def load_partition(
    feed: Feed,
    raw: RawPartitions,
    partition_key: str,
    warehouse: WarehouseResource,
    note: "Note | None" = None,
    *,
    part: str | None = None,
) -> Sequence[LoadedTable]:
    """Load the raw files of one partition into a feed's tables, and note that, all or nothing.

    Of a run that landed a file beside the partition's own, only that one.

    Raises:
        WarehouseError: As `Warehouse.load` says.
    """
    with raw.files(partition_key, part) as paths, loadable(feed, paths) as found:
        loads = [_load(feed, each, partition_key, warehouse, note) for each in found]
        size = sum(path.stat().st_size for path in paths)
    return [LoadedTable(added_up(results), size) for results in zip(*loads, strict=True)]


def _load(
    feed: Feed,
    found: Loadable,
    partition_key: str,
    warehouse: WarehouseResource,
    note: "Note | None",
) -> "Sequence[LoadResult]":
    from asp_dagster.warehouse import Origin, RawData  # noqa: PLC0415 - only who loads pays for it

    data = RawData(
        found.files,
        feed.raw_format,
        hash_key=warehouse.hash_key,
        encoding_errors=feed.encoding_errors,
        headers=header_names(feed),
        personal=personal_columns(feed),
    )
    origin = Origin(
        schema=feed.table_schema or warehouse.schema_name,
        partition=partition_key,
        loaded_at=SystemClock().now(),
        account=feed.row_account,
        is_snapshot=feed.is_snapshot,
        source=found.source,
    )
    return warehouse.get_warehouse().load(feed.tables, data, origin, note)
