"""Makes assets of a feed: one that lands its raw files, one that loads its tables.

Here belong: asset keys, spelt nowhere else, and bodies that fetch what they need and pass it on.
What is extracted stands in the feed's declaration, how in `landing` and `warehouse`.

https://docs.dagster.io/guides/build/assets/defining-assets
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from asp_dagster.bulk.loadable import Loadable, added_up, loadable
from asp_dagster.catalog.bulk_orders import bulk_orders
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.catalog.personal_data import personal_columns
from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.catalog.tables import InferredTable, TableSpec
from asp_dagster.checks import build_check_specs, check_emptiness
from asp_dagster.drift import column_check_specs, column_checks, header_names
from asp_dagster.failures import clear_failures
from asp_dagster.incremental import Progress
from asp_dagster.io_managers import RawOutput, RawPartitions
from asp_dagster.landing import DataWindow, EndpointExtraction, Extraction, ReportExtraction
from asp_dagster.logs import shown_in_run
from asp_dagster.metadata import LoadedTable, loading_metadata, table_metadata
from asp_dagster.partitions import partitions_definition
from asp_dagster.plans import plan_of
from asp_dagster.readiness import readiness, readiness_metadata, readiness_warnings
from asp_dagster.resources import WarehouseResource
from asp_dagster.roads import backfill_policy, choose_road
from asp_dagster.spapi import SystemClock
from asp_dagster.waiting import moment_of_asking, submitted
from asp_dagster.windows import loaded_windows, progress_of, windows_to_ask

if TYPE_CHECKING:  # only who loads a table pays for loading the warehouse
    from asp_dagster.warehouse import LoadResult, Note

RAW_IO_MANAGER = "raw"
TABLE_IO_MANAGER = "tables"


def build_feed_assets(feed: Feed) -> list[dg.AssetsDefinition]:
    """Return the assets of a feed: its raw files, and its tables if it declares any."""
    raw = build_raw_asset(feed)
    assets = [raw, build_table_assets(feed)] if feed.tables else [raw]
    policy = backfill_policy(feed)
    return [each.with_attributes(backfill_policy=policy) for each in assets] if policy else assets


def raw_key(feed: Feed) -> dg.AssetKey:
    """Return the key of a feed's raw files."""
    return _key(feed, feed.name)


def table_key(feed: Feed, table: str) -> dg.AssetKey:
    """Return the key of a feed's table; a schema of its own stands before its name."""
    return _key(feed, *([feed.schema] if feed.schema else []), table)


def documents_key(feed: Feed) -> dg.AssetKey:
    """Return the key of the asset that shows a feed's listed reports one by one."""
    return _key(feed, f"{feed.stem}_documents")


def build_raw_asset(feed: Feed) -> dg.AssetsDefinition:
    """Return the asset that lands a feed's raw files."""

    @dg.asset(
        key=raw_key(feed),
        deps=_tables_asked_for(feed),
        group_name=feed.group,
        description=feed.summary,
        owners=feed.owners,
        tags=feed.tags,
        kinds={"amazon", feed.raw_format},
        partitions_def=partitions_definition(feed.partitions),
        required_resource_keys={"amazon", *_resources(feed)},
        io_manager_key=RAW_IO_MANAGER,
        output_required=feed.wait == "in_run",
    )
    def raw_asset(context: dg.AssetExecutionContext) -> Iterator[dg.Output[RawOutput]]:
        with clear_failures(), shown_in_run(context.log):
            extraction = _extraction(feed, context)
            now = moment_of_asking(context) or extraction.client.clock.now()
            windows = windows_to_ask(feed, context, now)
            road = choose_road(feed, extraction, windows, context, now)
            plan = plan_of(road.extraction, windows, context.asset_key, context.instance)
            context.log.info("%s: %s.", feed.name, plan)
            waits = feed.wait == "sensor"
            ready = submitted(extraction, windows, now, context) if waits else road.extraction
        if ready is not None:
            output = RawOutput(feed, ready, windows, progress_of(feed, context))
            told = {**_readiness(feed, windows, context), **road.metadata, **plan.metadata()}
            yield dg.Output(output, metadata=told)

    return raw_asset


def _readiness(
    feed: Feed, windows: Mapping[str, DataWindow | None], context: dg.AssetExecutionContext
) -> Mapping[str, dg.MetadataValue]:
    """Tell when the data are ready, and warn of a run that comes before."""
    ready = readiness(feed, windows)
    for sentence in readiness_warnings(ready, SystemClock().now()):
        context.log.warning(sentence)
    return readiness_metadata(ready)


def build_table_assets(feed: Feed) -> dg.AssetsDefinition:
    """Return the assets that load a feed's tables from its raw files, in one transaction."""

    @dg.multi_asset(
        name="_".join(["load", *_key(feed, feed.stem).path]),
        specs=[table_asset_spec(feed, table) for table in feed.tables],
        ins={"raw": dg.AssetIn(raw_key(feed))},
        check_specs=[
            *build_check_specs(feed, table_key(feed, feed.tables[0].name)),
            *column_check_specs(feed, [table_key(feed, table.name) for table in feed.tables]),
        ],
        partitions_def=partitions_definition(feed.partitions),
        required_resource_keys={"warehouse", *({"state"} if feed.is_incremental else ())},
    )
    def table_assets(
        context: dg.AssetExecutionContext, raw: RawPartitions
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with clear_failures(), shown_in_run(context.log):
            windows = loaded_windows(feed, context, raw)
            loads = [load_partition(feed, raw, key, context.resources.warehouse) for key in windows]
            cursor = _moved_on(context, progress_of(feed, context), windows)
        for table, results in zip(feed.tables, zip(*loads, strict=True), strict=True):
            key = table_key(feed, table.name)
            metadata = {**loading_metadata(table, results, windows), **cursor}
            brought = [load.result for load in results]
            checks = column_checks(feed, key, brought, context.instance)
            yield dg.MaterializeResult(asset_key=key, metadata=metadata, check_results=checks)
        yield from _check_results(feed, context, windows, loads)

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


def _extraction(feed: Feed, context: dg.AssetExecutionContext) -> Extraction:
    resources, source = context.resources, feed.source
    amazon = resources.amazon
    client = amazon.get_client(feed.account, personal_data=feed.pii == "include")
    marketplace_ids = amazon.marketplaces_of(feed.account) if feed.asks_for_marketplaces else ()
    if not isinstance(source, EndpointSpec):
        known = ReportTypes.load().find(source.report_type)
        return ReportExtraction(
            client,
            source,
            feed,
            marketplace_ids,
            resources.state.get_reports(),
            cool_down=known.cool_down or timedelta(0),
            reuse_age=feed.reuse_age,
            run_id=context.run.run_id,
            is_restricted=known.restricted == "yes",
            roles=known.roles,
        )
    values = _values(feed, source, resources) if source.values_from else ()
    seller_id = feed.account.seller_id or amazon.seller_id
    return EndpointExtraction(client, source, marketplace_ids, seller_id, values)


def _values(feed: Feed, source: EndpointSpec, resources: Any) -> Sequence[str]:
    warehouse: WarehouseResource = resources.warehouse
    assert source.values_from is not None  # noqa: S101 - the caller has looked
    schema = feed.table_schema or warehouse.schema_name
    return warehouse.values(schema, source.values_from.table, source.values_from.column)


def load_partition(
    feed: Feed,
    raw: RawPartitions,
    partition_key: str,
    warehouse: WarehouseResource,
    note: "Note | None" = None,
) -> Sequence[LoadedTable]:
    """Load the raw files of one partition into a feed's tables, and note that, all or nothing.

    Raises:
        WarehouseError: As `Warehouse.load` says.
    """
    with raw.files(partition_key) as paths, loadable(feed, paths) as found:
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
    return warehouse.get_warehouse().load(
        feed.tables,
        raw_files=found.files,
        raw_format=feed.raw_format,
        schema=feed.table_schema or warehouse.schema_name,
        partition=partition_key,
        loaded_at=SystemClock().now(),
        is_snapshot=feed.is_snapshot,
        hash_key=warehouse.hash_key,
        encoding_errors=feed.encoding_errors,
        headers=header_names(feed),
        note=note,
        source=found.source,
        personal=personal_columns(feed),
    )


def _check_results(
    feed: Feed,
    context: dg.AssetExecutionContext,
    windows: Mapping[str, DataWindow | None],
    loads: Sequence[Sequence[LoadedTable]],
) -> Iterator[dg.AssetCheckResult]:
    """Yield what the checks of a feed find in what was just loaded."""
    first, warehouse = table_key(feed, feed.tables[0].name), context.resources.warehouse
    if build_check_specs(feed, first):
        of_first = {key: tables[0] for key, tables in zip(windows, loads, strict=True)}
        schema = feed.table_schema or warehouse.schema_name
        yield check_emptiness(first, of_first, windows, warehouse.get_warehouse(), schema)


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
            context.log.warning(
                "The cursor of %s stays at %s, where it was set by hand while this run was under"
                " way.",
                progress.name,
                progress.position.isoformat(),
            )
    return {"cursor": dg.MetadataValue.timestamp(progress.position)}


def table_asset_spec(feed: Feed, table: TableSpec | InferredTable) -> dg.AssetSpec:
    """Return what the UI shows of a table of a feed."""
    return dg.AssetSpec(
        key=table_key(feed, table.name),
        deps=[raw_key(feed)],
        group_name=feed.group,
        description=table.description or feed.summary,
        owners=feed.owners,
        tags=feed.tags,
        kinds={"table"},
        metadata={**table_metadata(table, feed.table_schema), **_unknown_to_reports(feed, table)},
    ).with_io_manager_key(TABLE_IO_MANAGER)


def _unknown_to_reports(feed: Feed, table: TableSpec | InferredTable) -> Mapping[str, Any]:
    """List the columns that stay NULL where rows come by a report."""
    orders = bulk_orders(feed.source) if feed.backfill else None
    if orders is None or isinstance(table, InferredTable):
        return {}
    return {"unknown_to_reports": ", ".join(orders.unknown(table))}
