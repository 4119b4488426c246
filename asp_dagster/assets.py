"""Makes assets of a feed: one that lands its raw files, one that loads its tables.

Here belong: asset keys, spelt nowhere else, and bodies that fetch what they need and pass it on.
What is extracted stands in the feed's declaration, how in `landing` and `warehouse`.

https://docs.dagster.io/guides/build/assets/defining-assets
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from asp_dagster.catalog.feeds import EndpointSpec, Feed
from asp_dagster.catalog.tables import TableSpec
from asp_dagster.failures import clear_failures
from asp_dagster.io_managers import RawOutput, RawPartitions
from asp_dagster.landing import EndpointExtraction, Extraction, ReportExtraction
from asp_dagster.logs import shown_in_run
from asp_dagster.metadata import LoadedTable, loading_metadata, table_metadata
from asp_dagster.partitions import daily_partitions, partition_windows
from asp_dagster.resources import AmazonSPResource, WarehouseResource
from asp_dagster.spapi import SystemClock

RAW_IO_MANAGER = "raw"
TABLE_IO_MANAGER = "tables"


def build_feed_assets(feed: Feed) -> list[dg.AssetsDefinition]:
    """Return the assets of a feed: its raw files, and its tables if it declares any."""
    raw = build_raw_asset(feed)
    return [raw, build_table_assets(feed)] if feed.tables else [raw]


def build_raw_asset(feed: Feed) -> dg.AssetsDefinition:
    """Return the asset that lands a feed's raw files, one a day."""

    @dg.asset(
        name=feed.name,
        group_name=feed.group,
        description=feed.description,
        kinds={"amazon", feed.raw_format},
        partitions_def=daily_partitions(),
        io_manager_key=RAW_IO_MANAGER,
    )
    def raw_asset(context: dg.AssetExecutionContext, amazon: AmazonSPResource) -> RawOutput:
        windows = partition_windows(context)
        with clear_failures():
            extraction = _extraction(feed, amazon)
        return RawOutput(extraction, windows, feed.extension)

    return raw_asset


def build_table_assets(feed: Feed) -> dg.AssetsDefinition:
    """Return the assets that load a feed's tables from its raw files, in one transaction."""

    @dg.multi_asset(
        name=f"load_{feed.name.removeprefix('raw_')}",
        specs=[_table_asset_spec(feed, table) for table in feed.tables],
        ins={"raw": dg.AssetIn(feed.name)},
        partitions_def=daily_partitions(),
    )
    def table_assets(
        context: dg.AssetExecutionContext, raw: RawPartitions, warehouse: WarehouseResource
    ) -> Iterator[dg.MaterializeResult[None]]:
        windows = partition_windows(context)
        with clear_failures(), shown_in_run(context.log):
            loads = [_load(feed, raw, key, warehouse) for key in windows]
        for table, results in zip(feed.tables, zip(*loads, strict=True), strict=True):
            metadata = loading_metadata(results, windows)
            yield dg.MaterializeResult(asset_key=table.name, metadata=metadata)

    return table_assets


def _extraction(feed: Feed, amazon: AmazonSPResource) -> Extraction:
    client, marketplace_ids = amazon.get_client(), amazon.marketplaces
    if isinstance(feed.source, EndpointSpec):
        return EndpointExtraction(client, feed.source, marketplace_ids)
    return ReportExtraction(client, feed.source, feed, marketplace_ids)


def _load(
    feed: Feed, raw: RawPartitions, partition_key: str, warehouse: WarehouseResource
) -> Sequence[LoadedTable]:
    with raw.files(partition_key) as paths:
        results = warehouse.get_warehouse().load(
            feed.tables,
            raw_files=paths,
            raw_format=feed.raw_format,
            schema=warehouse.schema_name,
            partition=partition_key,
            loaded_at=SystemClock().now(),
        )
        size = sum(path.stat().st_size for path in paths)
    return [LoadedTable(result, size) for result in results]


def _table_asset_spec(feed: Feed, table: TableSpec) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=table.name,
        deps=[feed.name],
        group_name=feed.group,
        description=table.description,
        kinds={"table"},
        metadata=table_metadata(table),
    ).with_io_manager_key(TABLE_IO_MANAGER)
