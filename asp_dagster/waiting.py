"""How a run that does not wait leaves its reports to a sensor, and how another takes them over.

Here belong: what such a run shows of itself, and the tag by which the second run asks for exactly
what the first did. The sensor is in `sensors`, what follows from a report's end in `landing`.

A run that leaves its reports ends well and materializes nothing: the asset has no output, so the
tables behind it are skipped, and the reports are shown as an observation.

https://docs.dagster.io/guides/build/assets/asset-observations
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import dagster as dg

from asp_dagster import landing
from asp_dagster.landing import DataWindow
from asp_dagster.windows import SNAPSHOT

if TYPE_CHECKING:  # only who lands reports pays for loading them
    from asp_dagster.landing import Extraction, ReportExtraction, Submission
    from asp_dagster.state import ReportLedger

ASKED_AT = "asp_dagster/asked_at"
"""The tag of a run that fetches what another asked for: up to when that one asked for data."""

REPORTS = "asp_dagster/reports"
"""The tag of a run that fetches what another asked for: Amazon's ids of the reports."""


def moment_of_asking(context: dg.AssetExecutionContext) -> datetime | None:
    """Return up to when the run that asked for the reports asked for data; none if it is this."""
    tag = context.run.tags.get(ASKED_AT)
    return datetime.fromisoformat(tag) if tag else None


def submitted(
    extraction: "Extraction",
    windows: Mapping[str, DataWindow | None],
    now: datetime,
    context: dg.AssetExecutionContext,
) -> "ReportExtraction | None":
    """Ask for the reports of a run, and return what lands them; none if they are left to a sensor.

    All reports of a run are landed together, so that no partition counts as materialized that is
    not.

    Args:
        extraction: The reports.
        windows: The windows of the run.
        now: Up to when it asks for data.
        context: Dagster's.
    """
    assert isinstance(extraction, landing.ReportExtraction)  # noqa: S101 - only reports are waited for
    memory: ReportLedger = context.resources.state.get_reports()
    asset = context.asset_key.to_user_string()
    memory.waiting.take(asset, [_partition(name) for name in windows])
    submission = extraction.submitted(windows)
    if submission.is_finished:
        return extraction.with_finished(submission)
    reports = {_partition(name): each for name, each in submission.ended_by_window.items()}
    memory.waiting.leave(extraction.client.identity, asset, reports, asked_at=now)
    _tell(submission, context)
    return None


def _partition(name: str) -> str:
    """Return the partition that a window is called by; a snapshot has none."""
    return "" if name == SNAPSHOT else name


def _tell(submission: "Submission", context: dg.AssetExecutionContext) -> None:
    """Show what was asked for, without claiming that anything has landed."""
    by_window: dict[str, list[str]] = {}
    for report in submission.reports:
        by_window.setdefault(report.window, []).append(report.report_id)
    for name, report_ids in by_window.items():
        context.log_event(
            dg.AssetObservation(
                context.asset_key,
                partition=_partition(name) or None,
                description="Asked for; a sensor starts the run that lands it when it is made.",
                metadata={"reports_asked_for": dg.MetadataValue.json(report_ids)},
            )
        )
    context.log.info(
        "Nothing lands in this run: %d reports are asked for. The sensor of this feed starts a run"
        " when they are made; see that it is turned on.",
        len(submission.reports),
    )
