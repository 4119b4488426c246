"""What a check of a table is, what it is given, and what it says.

Here belong the values that all checks share. Which checks there are is said in `every_check`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.tables import InferredTable, TableSpec
from asp_dagster.checks.history import History
from asp_dagster.landing import DataWindow
from asp_dagster.warehouse.accounts import rows_of
from asp_dagster.warehouse.sql import identifier, identifiers, literal

if TYPE_CHECKING:  # only who loads a table pays for loading the warehouse
    import pyarrow as pa

    from asp_dagster.warehouse import LoadResult

Table = TableSpec | InferredTable
Query = Callable[[str], "pa.Table"]

FEW = 5
"""How many keys a check names of those that are wrong."""

_BY_CHANCE = 50


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a check found.

    Attributes:
        passed: Whether all is well.
        says: What was found, and what is to be done if anything.
        metadata: The numbers, and a few keys.
        severity: How grave it is if not.
    """

    passed: bool
    says: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.WARN


def unjudged(reason: str) -> Verdict:
    """Return the verdict on what cannot be judged: it passes, and says why."""
    return Verdict(passed=True, says=f"Not judged: {reason}.", metadata={"not_judged": reason})


def is_beyond_chance(count: int, of: int) -> bool:
    """Tell whether more is wrong than what changes at Amazon meanwhile explains: one in fifty."""
    return count > max(1, of // _BY_CHANCE)


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What a run has loaded into one table.

    Attributes:
        feed: The feed.
        table: The table, as it is declared.
        results: What each partition brought to it, by partition key.
        windows: The partitions' windows.
        schema: The schema of the feed's tables.
        query: Asks the warehouse.
        history: What earlier runs recorded.
        raw_key: The asset key of the feed's raw files.
        key: The table's asset key.
        loaded_until: Up to when an incremental feed is loaded.
        has_single_orders: Whether the run brought orders by their ids, whatever their time.
        now: The time.
    """

    feed: Feed
    table: Table
    results: "Mapping[str, LoadResult]"
    windows: Mapping[str, DataWindow | None]
    schema: str
    query: Query
    history: History
    raw_key: dg.AssetKey
    key: dg.AssetKey
    loaded_until: datetime | None
    has_single_orders: bool
    now: datetime

    @property
    def name(self) -> str:
        """The table's rows as SQL writes them behind FROM; an alias is to follow."""
        return self.table_named(self.table.name)

    @property
    def result(self) -> "LoadResult":
        """What the last partition brought."""
        return list(self.results.values())[-1]

    @property
    def dated(self) -> Mapping[str, DataWindow]:
        """The windows that there are."""
        return {key: window for key, window in self.windows.items() if window}

    @property
    def in_partitions(self) -> str:
        """The condition that a row came with one of the partitions."""
        return f"_partition IN ({', '.join(map(literal, self.windows))})"

    def table_named(self, name: str) -> str:
        """Return another table of the feed's schema, of its account, as SQL writes it."""
        return rows_of(self.schema, name, self.feed.row_account)

    def first(self, sql: str) -> Mapping[str, Any]:
        """Return the one row that a query finds."""
        row: Mapping[str, Any] = self.query(f"{sql} LIMIT 1").to_pylist()[0]
        return row

    def few(self, columns: tuple[str, ...], source: str) -> dg.MetadataValue:
        """Return the first few keys that a source has, as text, in order.

        Args:
            columns: The columns of the key.
            source: What stands behind FROM.
        """
        texts = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in map(identifier, columns))
        sql = f"SELECT {texts} FROM {source} ORDER BY {identifiers(columns)} LIMIT {FEW}"  # noqa: S608 - names are checked by `identifier`
        rows: Sequence[Mapping[str, str]] = self.query(sql).to_pylist()
        return dg.MetadataValue.json([", ".join(map(str, row.values())) for row in rows])


Judge = Callable[[Loaded], Verdict]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check of a table.

    Attributes:
        name: Its name, which stays the same.
        description: What it asks.
        judge_of: Returns what gives the verdict on a table of a feed; none if it is not for it.
    """

    name: str
    description: str
    judge_of: Callable[[Feed, Table], Judge | None]


def windows_as_values(windows: Mapping[str, DataWindow]) -> str:
    """Return windows as the rows of a table `w (name, start_at, end_at)`."""
    rows = ", ".join(
        f"({literal(key)}, {moment(window.start)}, {moment(window.end)})"
        for key, window in windows.items()
    )
    return f"(VALUES {rows}) AS w (name, start_at, end_at)"


def moment(at: datetime) -> str:
    """Return a moment as SQL writes it."""
    return f"CAST({literal(at.isoformat())} AS TIMESTAMP WITH TIME ZONE)"
