"""The jobs of the default feeds: one for each group of assets.

Here belong: what runs together. When it runs is `schedules`' business.

https://docs.dagster.io/guides/build/jobs
"""

from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:  # Dagster has no public name for what `define_asset_job` returns
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition,
    )

_DESCRIPTIONS = {
    "orders": "Orders and their items, from Orders v2026-01-01.",
    "orders_v0": "Orders and their items, from Orders v0, which Amazon removes on 2027-03-27.",
    "reports": "The report feeds: sales and traffic, all orders.",
}


def build_jobs() -> "list[UnresolvedAssetJobDefinition]":
    """Return `orders_job`, `orders_v0_job` and `reports_job`."""
    return [
        dg.define_asset_job(
            f"{group}_job", selection=dg.AssetSelection.groups(group), description=description
        )
        for group, description in _DESCRIPTIONS.items()
    ]
