"""Listed reports as partitions: one for each that has landed, by Amazon's id of it.

A run begins without knowing which reports there are, so the assets that it makes have none: a job
of theirs could not be started before the first report is known. Beside them stands an asset that no
run is started for, `settlements_documents`, with a partition for each report. There one sees report
by report what has landed, and assets of one's own may have the same partitions. Here belong that
asset, and keeping its partitions.

https://docs.dagster.io/guides/build/partitions-and-backfills/partitioning-assets#dynamic-partitions
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from asp_dagster.assets import documents_key, raw_key
from asp_dagster.catalog.feeds import Feed
from asp_dagster.looks import Looks, raw_kinds
from asp_dagster.metadata import LandedFile


def documents_partitions(feed: Feed) -> dg.DynamicPartitionsDefinition:
    """Return the partitions, one for each report; they are called as the raw asset is."""
    return dg.DynamicPartitionsDefinition(name=_partitions_name(feed))


def documents_spec(feed: Feed) -> dg.AssetSpec:
    """Return the asset that shows the reports."""
    return dg.AssetSpec(
        key=documents_key(feed),
        deps=[raw_key(feed)],
        partitions_def=documents_partitions(feed),
        group_name=feed.group,
        description=f"A partition for each report of {raw_key(feed).to_user_string()} that has"
        " landed, by Amazon's id of it. The runs of that asset add them.",
        owners=feed.owners,
        tags=Looks.of(feed).tags,
        kinds=raw_kinds(feed),
    )


def show_documents(
    context: dg.AssetExecutionContext,
    feed: Feed,
    landed: Sequence[str],
    files: Mapping[str, LandedFile],
) -> None:
    """Add a partition for each report that has none, and tell of each that is new.

    Args:
        context: Dagster's.
        feed: The feed.
        landed: The ids of all reports that have landed.
        files: Those that this run has landed, by their ids.
    """
    known = set(context.instance.get_dynamic_partitions(_partitions_name(feed)))
    context.instance.add_dynamic_partitions(_partitions_name(feed), list(landed))
    for report_id in landed:
        if report_id in files or report_id not in known:
            context.log_event(
                dg.AssetMaterialization(
                    documents_key(feed),
                    partition=report_id,
                    metadata=_told(files[report_id]) if report_id in files else {},
                )
            )


def _told(file: LandedFile) -> dict[str, Any]:
    """Return what is told of a report."""
    [preview] = file.landed.preview
    return {
        "dagster/partition_row_count": file.landed.rows,
        "bytes": file.size_bytes,
        "path": dg.MetadataValue.path(file.location),
        **{name: str(value) for name, value in preview.items() if value},
    }


def _partitions_name(feed: Feed) -> str:
    return "/".join(raw_key(feed).path)
