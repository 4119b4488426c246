"""Whether the windows that were loaded were over when Amazon was asked.

A partition that is materialized on its own day holds what had happened by then; a cursor that was
set back by hand meanwhile leaves a stretch to be loaded.
"""

import dagster as dg

from asp_dagster.catalog.feeds import Feed
from asp_dagster.checks.check import Check, Judge, Loaded, Table, Verdict, unjudged

NAME = "window_is_complete"


def _judge(loaded: Loaded) -> Verdict:
    if not loaded.dated:
        return unjudged("the run has no window")
    return _cursor(loaded) if loaded.feed.is_incremental else _partitions(loaded)


def _cursor(loaded: Loaded) -> Verdict:
    end, until = max(window.end for window in loaded.dated.values()), loaded.loaded_until
    if until is not None and until >= end:
        return Verdict(passed=True, says="The cursor is past the end of the window.")
    return Verdict(
        passed=False,
        says=f"The window up to {end:%Y-%m-%d %H:%M} UTC is loaded, and the cursor stands before:"
        " the window was chosen to begin behind it, or it was set by hand meanwhile. The next run"
        " goes on from there; let it run.",
    )


def _partitions(loaded: Loaded) -> Verdict:
    asked = loaded.history.numbers(loaded.raw_key, loaded.dated, "window_end")
    ends = {key: window.end.timestamp() for key, window in loaded.dated.items()}
    unknown = sorted(ends.keys() - asked.keys())
    open_ = sorted(key for key, until in asked.items() if until < ends[key])
    metadata = {"open_partitions": dg.MetadataValue.json(open_)}
    if open_:
        return Verdict(
            passed=False,
            says=f"The partition {', '.join(open_)} was not over when Amazon was asked, so it"
            " holds what had happened by then. Materialize it again when it is over, or let a"
            " schedule run it.",
            metadata=metadata,
        )
    if unknown:
        return unjudged("no materialization tells up to when Amazon was asked")
    return Verdict(passed=True, says="Amazon was asked for all of the window.", metadata=metadata)


def _judge_of(feed: Feed, table: Table) -> Judge | None:
    has_windows = feed.is_dated and (feed.is_incremental or feed.partitions)
    return _judge if has_windows and table == feed.tables[0] else None


CHECK = Check(
    name=NAME,
    description="Whether the window was over when Amazon was asked, and the cursor is past it.",
    judge_of=_judge_of,
)
