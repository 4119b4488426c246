"""What the asset checks of listed reports find out.

Here belong: whether reports keep coming, whether they are looked for before Amazon forgets them,
and whether sums come out.

https://docs.dagster.io/guides/test/asset-checks
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from asp_dagster.assets import raw_key, table_key, table_keys
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.listed_reports import SumSpec
from asp_dagster.catalog.report_types import ReportType
from asp_dagster.checks.running import raw_check_specs, table_check_specs
from asp_dagster.listed.feeds import ListedFeed
from asp_dagster.resources import WarehouseResource
from asp_dagster.warehouse.accounts import rows_of
from asp_dagster.warehouse.sql import identifier, identifiers

if TYPE_CHECKING:  # only a run pays for loading what asks Amazon for data
    from asp_dagster.landing import Look

KEEP_COMING = "reports_keep_coming"
LOOKED_IN_TIME = "looked_in_time"

_MOST_SHOWN = 100


def warn_after(report_type: ReportType) -> timedelta:
    """Return after how long without a look, or a report, somebody should know: 45 of 90 days."""
    return report_type.retention / 2


def fail_after(report_type: ReportType) -> timedelta:
    """Return after how long it becomes pressing: 75 of 90 days."""
    return report_type.retention * 5 / 6


def sum_check_name(declared: SumSpec) -> str:
    """Return the name of a sum's check: `settlement_lines_amount_sums_to_total_amount`."""
    return f"{declared.table}_{declared.column}_sums_to_{declared.total}"


def own_check_names(listed: ListedFeed) -> list[str]:
    """Return the names of the checks that only listed reports have."""
    return [KEEP_COMING, LOOKED_IN_TIME, *map(sum_check_name, listed.sums)]


def check_specs(listed: ListedFeed) -> list[dg.AssetCheckSpec]:
    """Return the checks of listed reports and their tables, but those that are turned off."""
    return [spec for spec in _all_specs(listed) if listed.feed.has_check(spec.name)]


def _all_specs(listed: ListedFeed) -> Iterator[dg.AssetCheckSpec]:
    name, days = listed.report_type.name, warn_after(listed.report_type).days
    yield dg.AssetCheckSpec(
        KEEP_COMING,
        asset=raw_key(listed.feed),
        description=f"Whether the newest {name} is younger than {days} days.",
    )
    yield dg.AssetCheckSpec(
        LOOKED_IN_TIME,
        asset=raw_key(listed.feed),
        description=f"Whether {name} was looked for within {days} days, before Amazon forgets any.",
    )
    yield from raw_check_specs(listed.feed, raw_key(listed.feed))
    yield from table_check_specs(listed.feed, table_keys(listed.feed))
    for declared in listed.sums:
        yield dg.AssetCheckSpec(
            sum_check_name(declared),
            asset=table_key(listed.feed, declared.parent.name),
            description=f"Whether {declared.total} is the sum of"
            f" {declared.table}.{declared.column}.",
        )


def look_checks(
    key: dg.AssetKey, report_type: ReportType, look: "Look", last_look: datetime | None
) -> Iterator[dg.AssetCheckResult]:
    """Yield what a look says about the reports and about the looking.

    Args:
        key: The raw asset.
        report_type: What is known of the type.
        look: The look.
        last_look: When the one before was; none if there was none.
    """
    newest = look.newest
    age = look.at - newest.created_at if newest else None
    days = report_type.retention.days
    yield _check(
        key,
        KEEP_COMING,
        report_type,
        age or (report_type.retention if newest is None else timedelta(0)),
        f"The newest {report_type.name} was made {age.days} days ago."
        if age is not None
        else f"Amazon lists no {report_type.name} of the last {days} days. Where there should be"
        f" some, the application may lack its role: {_roles(report_type)}.",
    )
    gap = look.at - last_look if last_look else timedelta(0)
    yield _check(key, LOOKED_IN_TIME, report_type, gap, _gap_sentence(report_type, gap, last_look))


def _check(
    key: dg.AssetKey, name: str, report_type: ReportType, age: timedelta, sentence: str
) -> dg.AssetCheckResult:
    is_pressing = age >= fail_after(report_type)
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=age < warn_after(report_type),
        severity=dg.AssetCheckSeverity.ERROR if is_pressing else dg.AssetCheckSeverity.WARN,
        description=sentence,
        metadata={"days": age.days},
    )


def _roles(report_type: ReportType) -> str:
    return " or ".join(report_type.roles) or "see Amazon's page of the type"


def _gap_sentence(report_type: ReportType, gap: timedelta, last_look: datetime | None) -> str:
    days = report_type.retention.days
    if last_look is None:
        return f"This is the first look: Amazon lists the reports of the last {days} days."
    if gap >= report_type.retention:
        return (
            f"Nobody had looked for {gap.days} days, and Amazon forgets a report after {days}:"
            f" those made from {last_look:%Y-%m-%d} on may be missing. Seller Central still has"
            " them; the money of settlements is also told by listTransactions of the Finances API."
        )
    return (
        f"The look before was {gap.days} days ago; Amazon forgets a report after {days}. A schedule"
        " that runs the job each day loses none."
    )


def sum_check(
    key: dg.AssetKey, feed: Feed, declared: SumSpec, warehouse: WarehouseResource
) -> dg.AssetCheckResult:
    """Return whether the rows of a table add up to what their parents say, in the warehouse.

    Raises:
        WarehouseError: The warehouse refused.
    """
    schema = feed.table_schema or warehouse.schema_name
    sql = _difference_query(schema, declared, feed.row_account)
    wrong = warehouse.get_warehouse().query(sql).to_pylist()
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=sum_check_name(declared),
        passed=not wrong,
        severity=dg.AssetCheckSeverity.ERROR,
        description=_sum_sentence(declared, wrong),
        metadata={"wrong": len(wrong), "differences": dg.MetadataValue.json(wrong)},
    )


def _sum_sentence(declared: SumSpec, wrong: Sequence[Mapping[str, Any]]) -> str:
    what = f"{declared.table}.{declared.column}"
    if not wrong:
        return f"Each {declared.total} of {declared.parent.name} is the sum of its {what}."
    first = wrong[0]
    named = ", ".join(str(first[name]) for name in declared.parent.key)
    return (
        f"Of {len(wrong)}{' or more' if len(wrong) == _MOST_SHOWN else ''} rows of"
        f" {declared.parent.name} the {declared.total} is not the sum of {what}: {named} says"
        f" {first['total'] or 'nothing'}, its lines sum to {first['lines']}. Look at the raw file"
        " that `_partition` names; if it says so too, ask Amazon's support."
    )


def _difference_query(schema: str, declared: SumSpec, account: str | None) -> str:
    """Return the query of the parents whose total is not the sum, with both and the difference."""
    keys = identifiers(declared.parent.key)
    parent, child = (
        rows_of(schema, name, account) for name in (declared.parent.name, declared.table)
    )
    total, column = identifier(declared.total), identifier(declared.column)
    return (
        f"SELECT {identifiers(declared.parent.key, 'p.')}, CAST(p.total AS VARCHAR) AS total, "  # noqa: S608 - names are checked by `identifier`
        f"CAST(coalesce(c.lines, 0) AS VARCHAR) AS lines, "
        f"CAST(p.total - coalesce(c.lines, 0) AS VARCHAR) AS difference "
        f"FROM (SELECT {keys}, CAST({total} AS DECIMAL(38, 4)) AS total FROM {parent} AS t) AS p "
        f"LEFT JOIN (SELECT {keys}, CAST(sum({column}) AS DECIMAL(38, 4)) AS lines "
        f"FROM {child} AS t GROUP BY {keys}) AS c USING ({keys}) "
        f"WHERE p.total IS DISTINCT FROM coalesce(c.lines, 0) "
        f"ORDER BY {keys} LIMIT {_MOST_SHOWN}"
    )
