"""The retention of personal data: an asset that erases them when they are due, and proves it.

Here belongs the choice of what is looked at, and the proof. What is personal stands in `catalog`,
taking it out of a file in `landing.erasing`, out of a table in `warehouse.erasing`. Amazon is never
asked.

    rule         how long personal data are kept
    feed_files   the raw files of a feed, and what they count from
    raw_files    erasing them, each only if something in it may be due
    tables       erasing a feed's tables
    proof        what was found and done, as metadata
    course       the whole of it, in order
    assets       the asset, its check, its job and its schedule
"""

from asp_dagster.retention.assets import build_retention

__all__ = ["build_retention"]
