"""Columns that come and go: what a load tells of them, and the asset check that warns.

A new or vanished column never fails a load: it is recorded with the materialization, and the check
says what to do. What is new or gone is found out by the warehouse, from the table it has and from
the declaration; only of columns that a declaration leaves out nothing is stored, so these are held
against what an earlier materialization recorded. Here belong the check, its sentences, and that
memory.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.catalog.report_headers import HeaderNames, ReportHeaders
from asp_dagster.checks.check import Check, Judge, Loaded, Table, Verdict

if TYPE_CHECKING:  # only who loads a table pays for loading the warehouse
    from asp_dagster.warehouse import LoadResult

NAME = "columns_unchanged"

_LEFT_OUT = "columns_left_out"
_LOOKED_BACK = 20


def header_names(feed: Feed) -> HeaderNames:
    """Return the canonical headers of a feed's documents; of an endpoint's records, none."""
    source = feed.source
    if not isinstance(source, ReportSpec):
        return HeaderNames()
    return ReportHeaders.load().of(source.report_type)


def column_metadata(results: "Sequence[LoadResult]") -> dict[str, Any]:
    """Return what a materialization records of its documents' columns, where there is anything."""
    original = {
        canonical: header
        for result in results
        for canonical, header in result.document_columns.original.items()
    }
    told: dict[str, Any] = {
        **_told(results),
        **({"original_headers": original} if original else {}),
    }
    return {name: dg.MetadataValue.json(value) for name, value in told.items()}


def _judge(loaded: Loaded) -> Verdict:
    """Tell whether the documents have the columns they had, before the run records its own."""
    told = _told(list(loaded.results.values()))
    before = _left_out_before(loaded.history.instance, loaded.key)
    left_out = told.get(_LEFT_OUT, [])
    new = [] if before is None else [header for header in left_out if header not in before]
    added, missing = told.get("columns_added", []), told.get("columns_missing", [])
    return Verdict(
        passed=not (added or missing or new),
        says=" ".join(_sentences(added, missing, new)),
        metadata={
            "columns_added": dg.MetadataValue.json([*added, *new]),
            "columns_missing": dg.MetadataValue.json(missing),
        },
    )


def _told(results: "Sequence[LoadResult]") -> dict[str, list[str]]:
    """Return what there is to tell of all loads together."""
    found = [result.document_columns for result in results]
    told = {
        "columns_added": _each_once(each.added for each in found),
        "columns_missing": _each_once(each.missing for each in found),
    }
    told = {name: columns for name, columns in told.items() if columns}
    looked_at = [each.left_out for each in found if each.left_out is not None]
    return {**told, _LEFT_OUT: _each_once(looked_at)} if looked_at else told


def _each_once(columns: Iterable[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(name for names in columns for name in names))


def _left_out_before(instance: dg.DagsterInstance, key: dg.AssetKey) -> Collection[str] | None:
    """Return the headers that were left out when this was last recorded; none if it never was."""
    for record in instance.fetch_materializations(key, limit=_LOOKED_BACK).records:
        materialization = record.asset_materialization
        recorded = materialization.metadata.get(_LEFT_OUT) if materialization else None
        if isinstance(recorded, dg.JsonMetadataValue) and isinstance(recorded.data, list):
            return [str(header) for header in recorded.data]
    return None


def _sentences(
    added: Sequence[str], missing: Sequence[str], left_out: Sequence[str]
) -> Iterator[str]:
    if added:
        yield f"The report brings new columns, which are loaded: {', '.join(added)}."
    if left_out:
        yield (
            f"The report brings new columns, which the table leaves out: {', '.join(left_out)};"
            " declare them, or let `other_columns: text` keep them."
        )
    if missing:
        yield (
            f"The report no longer has these columns, which are NULL now: {', '.join(missing)};"
            " if Amazon has renamed one, add the new name to its `path`; if it comes only at"
            " times, declare it `optional`; if it is gone for good, drop it."
        )
    if not (added or left_out or missing):
        yield "The report has the columns it had."


def _judge_of(feed: Feed, _table: Table) -> Judge | None:
    return _judge if isinstance(feed.source, ReportSpec) else None


CHECK = Check(
    name=NAME,
    description="Warns of columns that the report brings for the first time, or no longer has:"
    " Amazon may have renamed one.",
    judge_of=_judge_of,
)
