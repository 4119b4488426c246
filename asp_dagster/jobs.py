"""The jobs: one for each feed, and one for the default reports together.

Here belong: what runs together. When it runs is `schedules`' business.

https://docs.dagster.io/guides/build/jobs
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg

from asp_dagster.catalog.feeds import Feed

if TYPE_CHECKING:  # Dagster has no public name for what `define_asset_job` returns
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition,
    )

_REPORTS = dg.AssetSelection.assets("raw_sales_and_traffic", "raw_all_orders")


def build_feed_job(
    feed: Feed, assets: Sequence[dg.AssetsDefinition]
) -> "UnresolvedAssetJobDefinition":
    """Return the job of one feed: `orders_job`, and `acme_orders_job` for the account acme."""
    return dg.define_asset_job(
        job_name(feed),
        selection=dg.AssetSelection.assets(*assets),
        description=feed.summary,
    )


def job_name(feed: Feed) -> str:
    """Return the name of a feed's job."""
    return f"{feed.full_name}_job"


def build_reports_job() -> "UnresolvedAssetJobDefinition":
    """Return `reports_job`: the default report feeds, and none that is added to their group."""
    return dg.define_asset_job(
        "reports_job",
        selection=_REPORTS.downstream(depth=1) & dg.AssetSelection.groups("reports"),
        description="The default report feeds: sales and traffic, all orders.",
    )
