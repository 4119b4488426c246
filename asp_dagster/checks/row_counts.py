"""Whether a day brought about as many rows as the same weekday did before.

The counts are those that the runs recorded: the table itself cannot tell, since an order's row goes
to the day on which it last changed.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import median

from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.tables import TableSpec
from asp_dagster.checks.check import Check, Judge, Loaded, Table, Verdict, unjudged
from asp_dagster.metadata import ROW_COUNT

NAME = "rows_as_usual"

_WEEKS = 8
_FEWEST_VALUES = 3
_LEAST_SHARE = 0.5
_FEWEST_ROWS = 20
"""A handful of rows a day halves by chance."""


def _judge(loaded: Loaded) -> Verdict:
    over = [key for key, window in loaded.dated.items() if window.is_over(loaded.now)]
    if not over:
        return unjudged("the day is not over")
    before = {key: _same_weekdays(key) for key in over}
    wanted = {day for days in before.values() for day in days}
    counts = loaded.history.numbers(loaded.key, wanted, ROW_COUNT)
    usual = {key: _usual(counts, days) for key, days in before.items()}
    known = {key: value for key, value in usual.items() if value is not None}
    if not known:
        return unjudged(f"fewer than {_FEWEST_VALUES} of the {_WEEKS} weeks before are known")
    rows = {key: loaded.results[key].rows for key in known}
    few = sorted(
        key
        for key, value in known.items()
        if value >= _FEWEST_ROWS and rows[key] < _LEAST_SHARE * value
    )
    shown = few[0] if few else max(known)
    metadata = {"partition": shown, "rows": rows[shown], "usual_rows": known[shown]}
    if not few:
        return Verdict(
            passed=True, says="There are about as many rows as usual.", metadata=metadata
        )
    return Verdict(
        passed=False,
        says=f"{', '.join(few)} brought less than half the rows of the same weekday in the"
        f" {_WEEKS} weeks before: {rows[shown]}, where {known[shown]:g} are usual. Materialize it"
        " again; if it stays so, compare with Seller Central, and look whether a marketplace or a"
        " role is gone.",
        metadata=metadata,
    )


def _same_weekdays(key: str) -> Sequence[str]:
    day = date.fromisoformat(key)
    return [(day - timedelta(weeks=week)).isoformat() for week in range(1, _WEEKS + 1)]


def _usual(counts: Mapping[str, float], days: Sequence[str]) -> float | None:
    known = [counts[day] for day in days if day in counts]
    return median(known) if len(known) >= _FEWEST_VALUES else None


def _judge_of(feed: Feed, table: Table) -> Judge | None:
    is_daily = feed.partitions is not None and feed.partitions.every == "daily"
    has_parent = isinstance(table, TableSpec) and table.parent is not None
    return _judge if is_daily and feed.is_dated and not has_parent else None


CHECK = Check(
    name=NAME,
    description="Whether a day brought at least half the rows that the same weekday used to.",
    judge_of=_judge_of,
)
