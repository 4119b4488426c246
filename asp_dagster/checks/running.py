"""Which checks there are, which of them a feed has, and running them.

A check can fail no run: where the warehouse refuses its question, it passes and says why it could
not judge.

https://docs.dagster.io/guides/test/asset-checks
"""

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import dagster as dg

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.catalog.feeds import Feed
from asp_dagster.checks import (
    columns,
    completeness,
    emptiness,
    last_modified,
    order_items,
    order_reports,
    order_totals,
    removals,
    row_counts,
    secret_age,
    unique_keys,
)
from asp_dagster.checks.check import Check, Judge, Loaded, Query, Table, Verdict, unjudged
from asp_dagster.checks.history import History
from asp_dagster.checks.raw_check import Asking, RawCheck
from asp_dagster.landing import DataWindow
from asp_dagster.warehouse import WarehouseError

if TYPE_CHECKING:  # only who loads a table pays for loading the warehouse
    import pyarrow as pa

    from asp_dagster.warehouse import LoadResult, Warehouse

CHECKS: Sequence[Check] = (
    unique_keys.CHECK,
    last_modified.CHECK,
    completeness.CHECK,
    row_counts.CHECK,
    columns.CHECK,
    emptiness.CHECK,
    order_items.CHECK,
    order_totals.CHECK,
    order_reports.CHECK,
)
RAW_CHECKS: Sequence[RawCheck] = (secret_age.CHECK, removals.CHECK)


def refuse_unknown(switches: bool | Mapping[str, bool], others: Collection[str] = ()) -> None:  # noqa: FBT001 - as it is declared
    """Refuse a declaration that turns a check off, or on, that there is not.

    Args:
        switches: What is declared.
        others: The names of further checks of the feed.

    Raises:
        DeclarationError: With the names there are.
    """
    names = [*(each.name for each in CHECKS), *(each.name for each in RAW_CHECKS)]
    known = sorted([*names, *others])
    for name in switches if isinstance(switches, Mapping) else ():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}" if near else ""
            raise DeclarationError(
                f"checks.{name}: there is no such check{hint}; known: {', '.join(known)}"
            )


def raw_check_specs(feed: Feed, raw_key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """Return the checks of a feed's raw files."""
    return [
        dg.AssetCheckSpec(check.name, asset=raw_key, description=check.description)
        for check in RAW_CHECKS
        if feed.has_check(check.name) and check.judge_of(feed)
    ]


def raw_check_results(asking: Asking, raw_key: dg.AssetKey) -> Iterator[dg.AssetCheckResult]:
    """Yield what the checks of a feed's raw files find, before Amazon is asked."""
    for check in RAW_CHECKS:
        judge = check.judge_of(asking.feed)
        if judge and asking.feed.has_check(check.name):
            yield _result(raw_key, check.name, judge(asking))


def warned_of(
    results: Iterable[dg.AssetCheckResult], log: dg.DagsterLogManager
) -> Iterator[dg.AssetCheckResult]:
    """Yield what checks found, and log what did not pass."""
    for result in results:
        if not result.passed:
            log.warning("%s: %s", result.check_name, result.description)
        yield result


def table_check_specs(feed: Feed, keys: Sequence[dg.AssetKey]) -> list[dg.AssetCheckSpec]:
    """Return the checks of a feed's tables, whose asset keys are in the order of the tables."""
    return [
        dg.AssetCheckSpec(check.name, asset=key, description=check.description)
        for key, table in zip(keys, feed.tables, strict=True)
        for check, _ in _checks_of(feed, table)
    ]


@dataclass(frozen=True, kw_only=True)
class LoadedFeed:
    """What a run has loaded of a feed.

    Attributes:
        feed: The feed.
        raw_key: The asset key of its raw files.
        keys: The asset keys of its tables, in their order.
        results: What each partition brought to each table, by partition key.
        windows: The partitions' windows.
        warehouse: Where the tables are.
        schema: Their schema.
        instance: Where earlier runs are recorded.
        loaded_until: Up to when an incremental feed is loaded.
        has_single_orders: Whether the run brought orders by their ids, whatever their time.
        now: The time.
    """

    feed: Feed
    raw_key: dg.AssetKey
    keys: Sequence[dg.AssetKey]
    results: "Mapping[str, Sequence[LoadResult]]"
    windows: Mapping[str, DataWindow | None]
    warehouse: "Warehouse"
    schema: str
    instance: dg.DagsterInstance
    loaded_until: datetime | None = None
    has_single_orders: bool = False
    now: datetime

    def check_results(self) -> list[dg.AssetCheckResult]:
        """Return what the checks find, by one connection to the warehouse.

        It is to be asked for before the run records its own materializations.
        """
        try:
            with self.warehouse.queries() as query:
                return list(self._results(query))
        except WarehouseError as error:
            return list(self._results(_refusing(error)))

    def _results(self, query: Query) -> Iterator[dg.AssetCheckResult]:
        for number, table in enumerate(self.feed.tables):
            loaded = self._loaded(number, table, query)
            for check, judge in _checks_of(self.feed, table):
                yield _result(loaded.key, check.name, _verdict(judge, loaded))

    def _loaded(self, number: int, table: Table, query: Query) -> Loaded:
        return Loaded(
            feed=self.feed,
            table=table,
            results={key: results[number] for key, results in self.results.items()},
            windows=self.windows,
            schema=self.schema,
            query=query,
            history=History(self.instance),
            raw_key=self.raw_key,
            key=self.keys[number],
            loaded_until=self.loaded_until,
            has_single_orders=self.has_single_orders,
            now=self.now,
        )


def _checks_of(feed: Feed, table: Table) -> Iterator[tuple[Check, Judge]]:
    for check in CHECKS:
        judge = check.judge_of(feed, table)
        if judge and feed.has_check(check.name):
            yield check, judge


def _verdict(judge: Judge, loaded: Loaded) -> Verdict:
    try:
        return judge(loaded)
    except WarehouseError as error:
        return unjudged(f"the warehouse refused: {error}")


def _refusing(error: WarehouseError) -> Query:
    """Return what asks a warehouse that could not be opened."""

    def refuse(_sql: str) -> "pa.Table":
        raise error

    return refuse


def _result(key: dg.AssetKey, name: str, verdict: Verdict) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=verdict.passed,
        severity=verdict.severity,
        description=verdict.says,
        metadata=verdict.metadata,
    )
