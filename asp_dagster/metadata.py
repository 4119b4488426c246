"""What a materialization reports, under names that stay the same.

Here belong: the metadata of landing and loading; numbers as numbers, so that Dagster's UI plots
them over partitions.

https://docs.dagster.io/guides/build/assets/metadata-and-tags
"""

import html
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dagster as dg

from asp_dagster import landing
from asp_dagster.catalog.tables import ColumnSpec, InferredTable, TableSpec
from asp_dagster.checks.columns import column_metadata
from asp_dagster.landing import DataWindow
from asp_dagster.lineage import column_lineage, fields_of

if TYPE_CHECKING:  # only who lands or loads pays for loading them
    from asp_dagster.landing import Landed
    from asp_dagster.spapi import CallStatistics, Pace
    from asp_dagster.warehouse import LoadResult

Metadata = dict[str, Any]

ROW_COUNT = "dagster/partition_row_count"
"""How many rows a partition has, under the name that Dagster plots."""

SCHEMA = "asp_dagster/schema"
"""Where a table asset says in which schema its table is, unless it is the warehouse's own."""


ACCOUNT = "asp_dagster/account"
"""Where a table asset says whose rows are its own, of a table that several accounts share."""


@dataclass(frozen=True)
class LandedFile:
    """A raw file that is in its place."""

    location: str
    size_bytes: int
    landed: "Landed"


@dataclass(frozen=True)
class LoadedTable:
    """What one partition brought to one table, and the size of the raw files it came from."""

    result: "LoadResult"
    raw_bytes: int


def landing_metadata(
    files: Sequence[LandedFile],
    windows: Mapping[str, DataWindow | None],
    used: "CallStatistics",
    pace: "Pace",
) -> Metadata:
    """Describe what was landed and what it cost.

    Args:
        files: The raw files, in order.
        windows: What was asked for, by partition key.
        used: The calls made meanwhile.
        pace: How well the quota was used meanwhile.
    """
    preview = [row for file in files for row in file.landed.preview]
    return {
        **_row_metadata(sum(file.landed.rows for file in files), windows),
        **_window_metadata(windows),
        "empty_by_amazons_word": any(file.landed.is_empty for file in files),
        "records_not_found": sum(file.landed.missing for file in files),
        "personal_data_missing": any(file.landed.lacks_personal_data for file in files),
        "rows_resumed": sum(file.landed.resumed for file in files),
        "extensions_reused": sum(file.landed.extensions_reused for file in files),
        "api_calls": used.calls,
        "calls_throttled": used.throttled,
        "quota_wait_seconds": round(used.wait_seconds, 3),
        **_efficiency_metadata(pace),
        "calls_by_operation": dg.MetadataValue.json(dict(used.by_operation)),
        "bytes": sum(file.size_bytes for file in files),
        "path": dg.MetadataValue.path(_joined([file.location for file in files])),
        "preview": _preview(preview),
    }


def loading_metadata(
    table: TableSpec | InferredTable,
    loads: Sequence[LoadedTable],
    windows: Mapping[str, DataWindow | None],
) -> Metadata:
    """Describe what was loaded into one table, over all partitions of the run."""
    preview = [row for load in loads for row in load.result.preview.to_pylist()]
    return {
        **_row_metadata(sum(load.result.rows for load in loads), windows),
        **_window_metadata(windows),
        # Loading asks Amazon for nothing; the zeros keep the plots of both halves alike.
        "api_calls": 0,
        "calls_throttled": 0,
        "quota_wait_seconds": 0.0,
        "bytes": sum(load.raw_bytes for load in loads),
        "dagster/table_name": loads[0].result.table,
        "preview": _preview(preview),
        **_replaced_metadata(loads),
        **column_metadata([load.result for load in loads]),
        **(_found_metadata(loads) if isinstance(table, InferredTable) else {}),
    }


def table_metadata(
    table: TableSpec | InferredTable,
    schema: str | None,
    raw_key: dg.AssetKey,
    account: str | None = None,
) -> Metadata:
    """Describe a table before anything is loaded: its columns, their types, meanings, origins.

    Args:
        table: The table.
        schema: Its schema, if that is not the warehouse's own.
        raw_key: The asset key of its raw files.
        account: Whose rows it is about, if several accounts share it.
    """
    told = {SCHEMA: schema, ACCOUNT: account}
    place = {name: value for name, value in told.items() if value}
    if isinstance(table, InferredTable):
        return place
    columns = [
        dg.TableColumn(name, type=column.type, description=_described(table, column))
        for name, column in table.columns.items()
    ]
    return {
        **place,
        "dagster/column_schema": dg.TableSchema(columns=columns),
        "dagster/column_lineage": column_lineage(table, raw_key),
    }


def _described(table: TableSpec, column: ColumnSpec) -> str | None:
    """Tell what a column means and where it comes from: the open-source UI draws no lineage."""
    fields = " or ".join(fields_of(table, column))
    return " ".join(filter(None, [column.description, fields and f"From {fields}."])) or None


def _found_metadata(loads: Sequence[LoadedTable]) -> Metadata:
    """Describe what was found in the data: columns, and tables of the lists in its records."""
    children: Counter[str] = Counter()
    for load in loads:
        children.update({child.table: child.rows for child in load.result.children})
    columns = [dg.TableColumn(name, type=type_) for name, type_ in loads[-1].result.columns.items()]
    return {
        "dagster/column_schema": dg.TableSchema(columns=columns),
        "child_tables": dg.MetadataValue.json(dict(children)),
    }


def _replaced_metadata(loads: Sequence[LoadedTable]) -> Metadata:
    """Count the characters that stand for bytes that are none, where such bytes do not fail."""
    counts = [load.result.replaced_characters for load in loads]
    known = [count for count in counts if count is not None]
    return {"replaced_characters": sum(known)} if known else {}


def _efficiency_metadata(pace: "Pace") -> Metadata:
    """Tell how near landing came to Amazon's speed limit, if that was what set the pace."""
    efficiency = pace.efficiency
    return {} if efficiency is None else {"quota_efficiency": round(efficiency, 4)}


def _row_metadata(rows: int, windows: Mapping[str, DataWindow | None]) -> Metadata:
    """Count the rows; of one partition only where the run has no more than one."""
    count = {ROW_COUNT: rows} if len(windows) == 1 else {}
    return {"rows": rows, **count}


def _window_metadata(windows: Mapping[str, DataWindow | None]) -> Metadata:
    dated = list(filter(None, windows.values()))
    if not dated:
        return {}
    return {
        "window_start": dg.MetadataValue.timestamp(min(window.start for window in dated)),
        "window_end": dg.MetadataValue.timestamp(max(window.end for window in dated)),
    }


def _joined(locations: Sequence[str]) -> str:
    return locations[0] if len(locations) == 1 else "\n".join(locations)


def _preview(rows: Sequence[Mapping[str, Any]]) -> dg.MetadataValue:
    """Show the first few rows as a Markdown table."""
    if not rows:
        return dg.MetadataValue.md("No rows.")
    header = list(rows[0])
    cells = [[_cell(row.get(name)) for name in header] for row in rows[: landing.PREVIEW_ROWS]]
    lines = [header, ["---"] * len(header), *cells]
    return dg.MetadataValue.md("\n".join(f"| {' | '.join(line)} |" for line in lines))


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return html.escape(text).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
