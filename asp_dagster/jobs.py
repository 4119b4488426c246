"""The jobs: one for each feed, and one for feeds that are run together.

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

_GROUPS = {"reports": "The report feeds: sales and traffic, all orders."}


def build_feed_job(
    feed: Feed, assets: Sequence[dg.AssetsDefinition]
) -> "UnresolvedAssetJobDefinition":
    """Return the job of one feed: `orders_job`, and `acme_orders_job` for the account acme."""
    account = [feed.account.name] if feed.account.name else []
    return dg.define_asset_job(
        "_".join([*account, feed.stem, "job"]),
        selection=dg.AssetSelection.assets(*assets),
        description=feed.description or None,
    )


def build_group_jobs() -> "list[UnresolvedAssetJobDefinition]":
    """Return the jobs of the default groups that hold several feeds: `reports_job`."""
    return [
        dg.define_asset_job(
            f"{group}_job", selection=dg.AssetSelection.groups(group), description=description
        )
        for group, description in _GROUPS.items()
    ]
