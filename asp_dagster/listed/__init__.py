"""Reports that are found, not asked for: settlements, and what a schedule or somebody had made.

Here belongs what one run does with them:

    feeds        what is declared, and the way to what Amazon lists
    assets       the run: look, land what is new, load what is not loaded
    partitions   each report as a partition, for people and for assets of one's own
    loads        which reports are loaded, and loading the others
    metadata     what a materialization tells
    checks       whether reports keep coming, are looked for in time, and add up

How Amazon is asked is `landing.listed_reports`' work, how it is declared the component's.
"""

from typing import TYPE_CHECKING

from asp_dagster.on_demand import on_demand

if TYPE_CHECKING:
    from asp_dagster.listed.assets import build_listed_assets
    from asp_dagster.listed.checks import own_check_names
    from asp_dagster.listed.feeds import ListedFeed
    from asp_dagster.listed.partitions import documents_spec
else:  # only who declares such reports pays for loading what lists them
    __getattr__ = on_demand(
        __name__,
        {
            "assets": ["build_listed_assets"],
            "checks": ["own_check_names"],
            "feeds": ["ListedFeed"],
            "partitions": ["documents_spec"],
        },
    )

__all__ = ["ListedFeed", "build_listed_assets", "documents_spec", "own_check_names"]
