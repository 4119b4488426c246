"""Where the rows of a load go to and come from, and the columns that tell of it.

Here belong the value and its columns. What becomes of rows by their origin is said in `merging`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from asp_dagster.catalog.tables import ColumnType
from asp_dagster.warehouse.accounts import ACCOUNT
from asp_dagster.warehouse.sources import SOURCE, Source
from asp_dagster.warehouse.sql import literal

PARTITION = "_partition"
"""The stored column that tells which partition brought a row."""

LOADED_AT = "_loaded_at"
"""The stored column that tells when a row was loaded."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where the rows of a load go to and come from.

    Attributes:
        schema: The schema of the tables.
        partition: The partition that the raw files hold.
        loaded_at: When they are loaded, with a time zone.
        account: Whose rows they are, in tables that are shared by several accounts.
        is_snapshot: Whether the raw files hold all there is of the partition.
        source: Which of the tables' sources they are from, where there are several.
    """

    schema: str
    partition: str
    loaded_at: datetime
    account: str | None = None
    is_snapshot: bool = False
    source: Source | None = None

    def __post_init__(self) -> None:
        if self.loaded_at.tzinfo is None:
            raise ValueError(f"{self.loaded_at} is no point in time: give it a time zone.")

    @property
    def columns(self) -> Mapping[str, tuple[ColumnType, str]]:
        """The columns of a row's origin: their types, and the expressions of their values."""
        loaded_at = literal(self.loaded_at.astimezone(UTC).isoformat())
        columns: dict[str, tuple[ColumnType, str]] = {
            PARTITION: ("text", f"CAST({literal(self.partition)} AS TEXT)"),
            LOADED_AT: ("timestamp", f"CAST({loaded_at} AS TIMESTAMP WITH TIME ZONE)"),
        }
        if self.source:
            columns[SOURCE] = ("text", f"CAST({literal(self.source.name)} AS TEXT)")
        if self.account:
            columns[ACCOUNT] = ("text", f"CAST({literal(self.account)} AS TEXT)")
        return columns
