"""Makes assets of a feed: one that lands its raw files, one that loads its tables.

Here belong: asset keys, spelt nowhere else, and bodies that fetch what they need and pass it on.
What is extracted stands in the feed's declaration, how in `landing` and `warehouse`.

https://docs.dagster.io/guides/build/assets/defining-assets
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from asp_dagster import landing
from asp_dagster.automation import WHEN_LANDED
from asp_dagster.catalog.bulk_orders import bulk_orders
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.catalog.tables import InferredTable, TableSpec
from asp_dagster.checks.raw_check import Asking
from asp_dagster.checks.running import (
    LoadedFeed,
    raw_check_results,
    raw_check_specs,
    table_check_specs,
    warned_of,
)
from asp_dagster.extractions import extraction_of
from asp_dagster.failures import clear_failures
from asp_dagster.incremental import Progress
from asp_dagster.io_managers import RawOutput, RawPartitions
from asp_dagster.landing import DataWindow
from asp_dagster.launchpad import Choices
from asp_dagster.loading import load_partition
from asp_dagster.located import feed_metadata
from asp_dagster.logs import shown_in_run
from asp_dagster.looks import Looks, freshness, raw_code_version, raw_kinds, table_code_version
from asp_dagster.metadata import ROW_COUNT, LoadedTable, loading_metadata, table_metadata
from asp_dagster.partitions import partitions_definition
from asp_dagster.plans import plan_of
from asp_dagster.pools import partner_pool, warehouse_pool
from asp_dagster.readiness import readiness, readiness_metadata, readiness_warnings
from asp_dagster.roads import ORDER_IDS, backfill_policy, choose_road, part_of
from asp_dagster.spapi import SystemClock
from asp_dagster.waiting import moment_of_asking, submitted
from asp_dagster.windows import loaded_windows, progress_of, windows_ahead, windows_to_ask

if TYPE_CHECKING:  # only who asks Amazon pays for loading what does
    from asp_dagster.landing import Extraction

RAW_IO_MANAGER = "raw"
TABLE_IO_MANAGER = "tables"


def build_feed_assets(feed: Feed) -> list[dg.AssetsDefinition]:
    """Return the assets of a feed: its raw files, and its tables if it declares any."""
    looks = Looks.of(feed)
    raw = _build_raw_asset(feed, looks)
    assets = [raw, _build_table_assets(feed, looks)] if feed.tables else [raw]
    policy = backfill_policy(feed)
    return [each.with_attributes(backfill_policy=policy) for each in assets] if policy else assets


def raw_key(feed: Feed) -> dg.AssetKey:
    """Return the key of a feed's raw files."""
    return _key(feed, feed.name)


def table_key(feed: Feed, table: str) -> dg.AssetKey:
    """Return the key of a feed's table; a schema of its own stands before its name."""
    return _key(feed, *([feed.schema] if feed.schema else []), table)


def table_keys(feed: Feed) -> list[dg.AssetKey]:
    """Return the keys of a feed's tables, in their order."""
    return [table_key(feed, table.name) for table in feed.tables]


def documents_key(feed: Feed) -> dg.AssetKey:
    """Return the key of the asset that shows a feed's listed reports one by one."""
    return _key(feed, f"{feed.stem}_documents")


def _build_raw_asset(feed: Feed, looks: Looks) -> dg.AssetsDefinition:
    """Return the asset that lands a feed's raw files."""

    @dg.asset(
        key=raw_key(feed),
        deps=_tables_asked_for(feed),
        group_name=feed.group,
        description=looks.description(feed.summary),
        owners=feed.owners,
        tags=looks.tags,
        kinds=raw_kinds(feed),
        code_version=raw_code_version(feed),
        freshness_policy=freshness(feed),
        check_specs=raw_check_specs(feed, raw_key(feed)),
        metadata=feed_metadata(feed),
        partitions_def=partitions_definition(feed.partitions),
        required_resource_keys={"amazon", *_resources(feed)},
        io_manager_key=RAW_IO_MANAGER,
        output_required=feed.wait == "in_run",
        pool=partner_pool(feed.account),
    )
    def raw_asset(
        context: dg.AssetExecutionContext, config: Choices
    ) -> Iterator[dg.Output[RawOutput] | dg.AssetCheckResult]:
        yield from warned_of(_raw_checks(feed, context), context.log)
        with clear_failures(), shown_in_run(context.log):
            chosen = config.applied(feed, context.resources.amazon)
            extraction = extraction_of(chosen, context, max_wait=config.longest_wait)
            now = moment_of_asking(context) or extraction.client.clock.now()
            windows = windows_to_ask(feed, context, now, config.window)
            road = choose_road(feed, extraction, windows, context, now)
            plan = plan_of(road.extraction, windows, context.asset_key, context.instance)
            context.log.info("%s: %s.", feed.name, plan)
            ready: Extraction | None
            if feed.wait == "sensor":
                ready = submitted(extraction, windows, now, context)
            else:
                following = [*windows.values(), *windows_ahead(context)]
                ready = landing.asked_ahead(road.extraction, following)
        if ready is not None:
            told = {**_readiness(feed, windows, context), **road.metadata, **plan.metadata()}
            output = RawOutput(chosen, ready, windows, progress_of(feed, context), told)
            # Amazon's data may change while the declaration does not.
            context.set_data_version(context.asset_key, dg.DataVersion(context.run.run_id))
            yield dg.Output(output)

    return raw_asset


def _raw_checks(feed: Feed, context: dg.AssetExecutionContext) -> Iterator[dg.AssetCheckResult]:
    today = SystemClock().now().date()
    asking = Asking(feed=feed, amazon=context.resources.amazon, today=today)
    return raw_check_results(asking, raw_key(feed))


def _readiness(
    feed: Feed, windows: Mapping[str, DataWindow | None], context: dg.AssetExecutionContext
) -> Mapping[str, dg.MetadataValue]:
    """Tell when the data are ready, and warn of a run that comes before."""
    ready = readiness(feed, windows)
    for sentence in readiness_warnings(ready, SystemClock().now()):
        context.log.warning(sentence)
    return readiness_metadata(ready)


def _build_table_assets(feed: Feed, looks: Looks) -> dg.AssetsDefinition:
    """Return the assets that load a feed's tables from its raw files, in one transaction."""
    keys = table_keys(feed)

    @dg.multi_asset(
        name="_".join(["load", *_key(feed, feed.stem).path]),
        specs=[table_asset_spec(feed, table, looks) for table in feed.tables],
        ins={"raw": dg.AssetIn(raw_key(feed))},
        check_specs=table_check_specs(feed, keys),
        partitions_def=partitions_definition(feed.partitions),
        required_resource_keys={"warehouse", *({"state"} if feed.is_incremental else ())},
        pool=warehouse_pool(),
    )
    def table_assets(
        context: dg.AssetExecutionContext, raw: RawPartitions
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with clear_failures(), shown_in_run(context.log):
            windows = loaded_windows(feed, context, raw)
            part, warehouse = part_of(context), context.resources.warehouse
            loads = [load_partition(feed, raw, key, warehouse, part=part) for key in windows]
            cursor = _moved_on(context, progress_of(feed, context), windows)
            checks = _table_checks(feed, context, windows, loads)
        for table, key, results in zip(feed.tables, keys, zip(*loads, strict=True), strict=True):
            metadata = {**loading_metadata(table, results, windows), **cursor}
            _count_partitions(context, key, dict(zip(windows, results, strict=True)))
            yield dg.MaterializeResult(asset_key=key, metadata=metadata)
        yield from warned_of(checks, context.log)

    return table_assets


def _key(feed: Feed, *names: str) -> dg.AssetKey:
    return dg.AssetKey([*([feed.account.name] if feed.account.name else []), *names])


def _tables_asked_for(feed: Feed) -> list[dg.AssetKey]:
    source = feed.source
    values = source.values_from if isinstance(source, EndpointSpec) else None
    return [_key(feed, values.table)] if values else []


def _resources(feed: Feed) -> set[str]:
    """Return what landing needs besides Amazon."""
    keys = {"warehouse"} if _tables_asked_for(feed) else set()
    remembers = feed.is_incremental or feed.backfill or isinstance(feed.source, ReportSpec)
    return keys | ({"state"} if remembers else set())


def _table_checks(
    feed: Feed,
    context: dg.AssetExecutionContext,
    windows: Mapping[str, DataWindow | None],
    loads: Sequence[Sequence[LoadedTable]],
) -> Sequence[dg.AssetCheckResult]:
    """Return what the checks of a feed find in what was just loaded."""
    warehouse, progress = context.resources.warehouse, progress_of(feed, context)
    loaded = LoadedFeed(
        feed=feed,
        raw_key=raw_key(feed),
        keys=table_keys(feed),
        results={
            key: [load.result for load in tables]
            for key, tables in zip(windows, loads, strict=True)
        },
        windows=windows,
        warehouse=warehouse.get_warehouse(),
        schema=feed.table_schema or warehouse.schema_name,
        instance=context.instance,
        loaded_until=progress.position if progress else None,
        has_single_orders=ORDER_IDS in context.run.tags,
        now=SystemClock().now(),
    )
    return loaded.check_results()


def _count_partitions(
    context: dg.AssetExecutionContext, key: dg.AssetKey, loads: Mapping[str, LoadedTable]
) -> None:
    """Record the rows of each partition where the run has several; of one, it is known."""
    if context.has_partition_key_range:
        for partition_key, load in loads.items():
            count = {ROW_COUNT: load.result.rows}
            context.add_asset_metadata(count, asset_key=key, partition_key=partition_key)


def _moved_on(
    context: dg.AssetExecutionContext,
    progress: Progress | None,
    windows: Mapping[str, DataWindow | None],
) -> Mapping[str, Any]:
    """Move the cursor to the end of what is loaded, and tell where it stands."""
    if progress is None:
        return {}
    for window in filter(None, windows.values()):
        if not progress.move_on(window) and progress.position < window.end:
            context.log.warning(progress.stays)
    return {"cursor": dg.MetadataValue.timestamp(progress.position)}


def table_asset_spec(feed: Feed, table: TableSpec | InferredTable, looks: Looks) -> dg.AssetSpec:
    """Return what the UI shows of a table of a feed."""
    return dg.AssetSpec(
        key=table_key(feed, table.name),
        deps=[raw_key(feed)],
        group_name=feed.group,
        description=looks.description(table.description or feed.summary),
        owners=feed.owners,
        tags=looks.tags,
        kinds={"table"},
        automation_condition=WHEN_LANDED,
        code_version=table_code_version(feed, table),
        freshness_policy=freshness(feed),
        metadata={
            **table_metadata(table, feed.table_schema, raw_key(feed), feed.row_account),
            **_unknown_to_reports(feed, table),
        },
    ).with_io_manager_key(TABLE_IO_MANAGER)


def _unknown_to_reports(feed: Feed, table: TableSpec | InferredTable) -> Mapping[str, Any]:
    """List the columns that stay NULL where rows come by a report."""
    orders = bulk_orders(feed.source) if feed.backfill else None
    if orders is None or isinstance(table, InferredTable):
        return {}
    return {"unknown_to_reports": ", ".join(orders.unknown(table))}
