"""How the tests of personal data look at what is stored and told."""

from pathlib import Path

import dagster as dg

from asp_dagster_tests.outcomes import stored
from asp_dagster_tests.personal_data.feeds import PERSONAL

TOKENS = "createRestrictedDataToken"
"""The operation that gives restricted data tokens."""


def warehouse_text(folder: Path) -> str:
    """Return all that stands in all tables, as text."""
    tables = stored(folder, "select table_schema, table_name from information_schema.tables")
    rows = [
        stored(folder, f'select * from "{each["table_schema"]}"."{each["table_name"]}"')
        for each in tables
    ]
    assert any(rows)
    return str(rows)


def metadata_text(result: dg.ExecuteInProcessResult) -> str:
    """Return what was told of all assets, as text."""
    events = result.get_asset_materialization_events()
    return str([event.asset_materialization for event in events])


def personal(text: str) -> set[str]:
    """Return what a text tells of people."""
    return {each for each in PERSONAL if each in text}
