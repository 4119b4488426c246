"""What Dagster's UI shows of a feed's assets before anything is materialized.

Here belong: icons, tags, the link to Amazon's page, code versions, and when an asset is late. What
a materialization tells is in `metadata`; what each means is told in docs/ui.md.

https://docs.dagster.io/guides/build/assets/metadata-and-tags
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import dagster as dg

from asp_dagster.catalog.amazon_pages import OnAmazon
from asp_dagster.catalog.digests import digest
from asp_dagster.catalog.feeds import Cadence, Feed
from asp_dagster.catalog.tables import InferredTable, RawFormat, TableSpec

_PREFIX = "asp_dagster"
_TAG_VALUE = re.compile(r"[A-Za-z0-9_.-]{1,63}")
# The UI has an icon for these; what it has none for is told beside that of a file.
_KINDS: Mapping[RawFormat, frozenset[str]] = {
    "jsonl": frozenset({"json"}),
    "json": frozenset({"json"}),
    "csv": frozenset({"csv"}),
    "tsv": frozenset({"file", "tsv"}),
    "xml": frozenset({"file", "xml"}),
    "xlsx": frozenset({"excel"}),
    "pdf": frozenset({"pdf"}),
    "zip": frozenset({"file", "zip"}),
}
_EVERY: Mapping[Cadence, timedelta] = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=31),
}


def raw_kinds(feed: Feed) -> set[str]:
    """Return the icons of a feed's raw files: whose they are, and what they are."""
    return {"amazon", *_KINDS[feed.raw_format]}


@dataclass(frozen=True)
class Looks:
    """What all assets of a feed show alike.

    Attributes:
        page: Amazon's page on what the feed asks for.
        tags: What Amazon calls it, and the declared tags.
    """

    page: str
    tags: dict[str, str]

    @classmethod
    def of(cls, feed: Feed) -> Self:
        """Return what a feed's declaration, and the tables of the package, say."""
        known = OnAmazon.of(feed.source)
        words = {f"{_PREFIX}/{name}": word for name, word in known.words.items()}
        fitting = {name: word for name, word in words.items() if _TAG_VALUE.fullmatch(word)}
        return cls(known.page, {**fitting, **feed.tags})

    def description(self, text: str) -> str:
        """Return a description with the link to Amazon's page below it."""
        return f"{text}\n\n[Amazon's page on it]({self.page})"


def raw_code_version(feed: Feed) -> str:
    """Return what changes when a declaration changes what lands; no credentials are in it."""
    account = feed.account
    return digest(
        feed.source,
        feed.raw_format,
        feed.partitions,
        feed.lookback,
        feed.one_marketplace_per_report,
        feed.output,
        feed.pii,
        (account.endpoint, account.marketplaces, account.seller_id),
    )


def table_code_version(feed: Feed, table: TableSpec | InferredTable) -> str:
    """Return what changes when a feed's declaration changes what a table holds."""
    return digest(table, feed.table_schema, feed.encoding_errors, feed.personal_columns)


def freshness(feed: Feed) -> dg.FreshnessPolicy | None:
    """Return when a feed's assets are late: as declared, or a partition's length after the next.

    Reports whose figures come days later are asked for days later, but as often; so that shifts
    each materialization, and lengthens no stretch between two.
    """
    if isinstance(feed.freshness, timedelta):
        return dg.FreshnessPolicy.time_window(fail_window=feed.freshness)
    if feed.freshness == "none" or feed.partitions is None:
        return None
    every = _EVERY[feed.partitions.every]
    return dg.FreshnessPolicy.time_window(fail_window=every * 2, warn_window=every * 1.25)
