"""What came of a run: its assets, its failure, and what stands in the warehouse.

Here belongs what several tests read of a run.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from asp_dagster.warehouse import Warehouse

Row = Mapping[str, Any]


def stored(folder: Path, sql: str) -> list[Row]:
    """The rows that a query finds in the warehouse of a test's folder."""
    return Warehouse.from_url(f"duckdb:///{folder / 'warehouse.duckdb'}").query(sql).to_pylist()


def materialized(result: dg.ExecuteInProcessResult) -> list[str]:
    """The keys of the assets that were materialized, in order."""
    events = result.get_asset_materialization_events()
    return [event.asset_key.to_user_string() for event in events if event.asset_key]


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    """The sentence of the first step that failed."""
    failed = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    assert failed, "nothing failed"
    data = failed[0].step_failure_data
    assert data.user_failure_data is not None, data.error
    return data.user_failure_data.description or ""
