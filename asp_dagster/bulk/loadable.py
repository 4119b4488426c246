"""The raw files of a partition as the warehouse loads them: what the API sent, parts of reports.

Parts are translated first. Here belongs which files are loaded together, and which source they are.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from asp_dagster import landing
from asp_dagster.catalog.bulk_orders import API, REPORT, BulkOrders, bulk_orders
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.tables import TableSpec
from asp_dagster.warehouse.sources import Source

if TYPE_CHECKING:  # only who loads a table pays for loading the warehouse
    from asp_dagster.warehouse import LoadResult


@dataclass(frozen=True)
class Loadable:
    """Files that are loaded together.

    Attributes:
        files: The files, in the feed's raw format.
        source: Which source they are, of a feed that has several.
    """

    files: Sequence[Path]
    source: Source | None = None


@contextmanager
def loadable(feed: Feed, files: Sequence[Path]) -> Iterator[list[Loadable]]:
    """Lend a partition's files as they can be loaded, the source that knows less before the other.

    Raises:
        RawFileError: A part of a report cannot be read.
    """
    parts = [file for file in files if file.name.endswith(landing.PART)]
    orders = bulk_orders(feed.source)
    if orders is None or not (parts or feed.backfill):
        yield [Loadable(files)]
        return
    whole = [file for file in files if file not in parts]
    with tempfile.TemporaryDirectory(prefix="asp_dagster_") as folder:
        partial = [_translated(feed, orders, part, Path(folder)) for part in parts if _holds(part)]
        found = [*partial, *([Loadable(whole, Source(API))] if whole else [])]
        yield found or [_nothing(Path(folder))]


def added_up(results: "Sequence[LoadResult]") -> "LoadResult":
    """Return what the loads of a partition's files brought to one table, the last one's preview."""
    return replace(results[-1], rows=sum(result.rows for result in results))


def _holds(file: Path) -> bool:
    """Tell whether a part holds anything."""
    return file.stat().st_size > 0


def _nothing(folder: Path) -> Loadable:
    """Return what is loaded where a partition has parts without anything in them alone."""
    file = folder / "nothing.jsonl"
    file.touch()
    return Loadable([file], Source(API))


def _translated(feed: Feed, orders: BulkOrders, part: Path, folder: Path) -> Loadable:
    """Return a part as records of the API, with what it knows of each table."""
    # Imported here: only who loads a part of a report pays for loading DuckDB and Arrow.
    from asp_dagster.bulk.translation import translate  # noqa: PLC0415

    target = folder / f"{part.name}.jsonl"
    lacking = translate(part, target, orders.version, feed.encoding_errors)
    declared = [table for table in feed.tables if isinstance(table, TableSpec)]
    known = {table.name: orders.known(table, lacking) for table in declared}
    return Loadable([target], Source(REPORT, known))
