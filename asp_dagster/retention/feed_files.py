"""The raw files of a feed, how each is written, and the moment it counts from.

A file of a partition counts from the partition's end. Any other (a snapshot, a window of an
incremental feed, a listed report, a file with a name of its own) counts from its writing. Here
belongs finding them; `io_managers` gives them their names.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg

from asp_dagster.assets import raw_key
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.retention import Retentions
from asp_dagster.landing import PART
from asp_dagster.landing.erasing.raw_files import Form
from asp_dagster.landing.outputs import output_pattern
from asp_dagster.landing.raw_file import RawFile
from asp_dagster.partitions import partitions_definition


@dataclass(frozen=True)
class FeedFile:
    """A raw file of a feed.

    Attributes:
        file: The file.
        form: How it is written.
        ends_at: When its partition ends, if it is a partition's.
    """

    file: RawFile
    form: Form
    ends_at: datetime | None


def files_of(feed: Feed, landed: Sequence[RawFile], retentions: Retentions) -> Iterator[FeedFile]:
    """Yield a feed's files among all that have landed."""
    of_feed = Form(feed.raw_format, retentions.of_feed(feed))
    of_parts = Form("tsv", retentions.of_parts(feed))
    cut = None if feed.output else partitions_definition(feed.partitions)
    for file in landed:
        if is_of(feed, file.name):
            form = of_parts if file.name.endswith(PART) else of_feed
            yield FeedFile(file, form, _ends_at(feed, cut, file.name))


def is_of(feed: Feed, name: str) -> bool:
    """Tell whether a file is a feed's."""
    if feed.output:
        return output_pattern(feed.output, feed.extension).fullmatch(name) is not None
    return name.startswith(_folder(feed))


def _folder(feed: Feed) -> str:
    return f"{'/'.join(raw_key(feed).path)}/"


def _ends_at(
    feed: Feed, cut: dg.TimeWindowPartitionsDefinition | None, name: str
) -> datetime | None:
    if cut is None:
        return None
    stem = name.removeprefix(_folder(feed)).partition("/")[0]
    key = stem.removesuffix(PART).removesuffix(feed.extension)
    try:
        window = cut.time_window_for_partition_key(key)
    except ValueError:  # somebody else's file
        return None
    return window.end.astimezone(UTC)
