"""The sensors of feeds that do not wait in the run: each starts a run when reports are made.

Here belong: the sensor, its ticks, and the runs it asks for. How Amazon is asked is `landing`'s
work. One look serves all sensors of a selling partner, in whatever code location they are; a tick
whose turn it is not only reads what others saw.

https://docs.dagster.io/guides/automate/sensors
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING

import dagster as dg

from asp_dagster import landing
from asp_dagster.assets import raw_key
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.report_records import WaitingReport
from asp_dagster.run_tags import PARTITION
from asp_dagster.spapi import SellingPartnerError, StoppedError, stopped_by
from asp_dagster.waiting import ASKED_AT, REPORTS

if TYPE_CHECKING:  # Dagster has no public name for what `define_asset_job` returns
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition,
    )

    from asp_dagster.landing import OpenReports

_log = logging.getLogger(__name__)

_INTERVAL_SECONDS = 60
# Dagster gives a tick 60 seconds; one that waits for quota is continued by a later one.
_LONGEST_LOOK_SECONDS = 40.0


def build_report_sensor(feed: Feed, job: "UnresolvedAssetJobDefinition") -> dg.SensorDefinition:
    """Return the sensor of a feed that does not wait in the run: on unless it is turned off.

    Args:
        feed: The feed.
        job: The job that lands and loads it.
    """
    asset = raw_key(feed).to_user_string()

    @dg.sensor(
        name=f"{job.name.removesuffix('_job')}_reports_sensor",
        job=job,
        description=f"Starts {job.name} for each report of {asset} that Amazon has made.",
        minimum_interval_seconds=_INTERVAL_SECONDS,
        # What a run leaves to a sensor that is off would never land.
        default_status=dg.DefaultSensorStatus.RUNNING,
        required_resource_keys={"amazon", "state"},
    )
    def report_sensor(
        context: dg.SensorEvaluationContext,
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        waiting = context.resources.state.get_reports().waiting
        if not waiting.of_asset(asset):
            yield dg.SkipReason("No report is waited for.")
            return
        refusal = _look(
            landing.OpenReports(context.resources.amazon.get_client(feed.account), waiting)
        )
        requests = list(run_requests(waiting.of_asset(asset)))
        if refusal and not requests:
            raise refusal
        yield from requests
        if not requests:
            yield dg.SkipReason("Amazon is still making the reports that are waited for.")

    return report_sensor


def run_requests(reports: Sequence[WaitingReport]) -> Iterator[dg.RunRequest]:
    """Yield a run for each partition whose reports have all ended, in whatever way.

    It has the same key in every tick until a run takes the reports over, so it is started once.
    """
    by_partition = sorted(reports, key=lambda report: report.partition_key)
    for partition_key, group in groupby(by_partition, lambda report: report.partition_key):
        of_partition = list(group)
        if all(report.ended_at for report in of_partition):
            asked_at = max(report.asked_at for report in of_partition).isoformat()
            # By its tag, since Dagster knows no partition yet that is not over, which may be run.
            partition = {PARTITION: partition_key} if partition_key else {}
            report_ids = ", ".join(report.report_id for report in of_partition)
            yield dg.RunRequest(
                run_key=f"{of_partition[0].asset} {partition_key or 'latest'} asked at {asked_at}",
                tags={**partition, ASKED_AT: asked_at, REPORTS: report_ids},
            )


def _look(reports: "OpenReports") -> SellingPartnerError | None:
    """Look how far the reports are; return what went wrong, which must not stop what is ready."""
    try:
        with _within(_LONGEST_LOOK_SECONDS):
            reports.look()
    except SellingPartnerError as error:
        _log.warning("Amazon could not be asked how far reports are: %s", error)
        return error
    return None


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Let waits of the block end after a time; what was seen by then is noted."""
    stop = threading.Event()
    timer = threading.Timer(seconds, stop.set)
    timer.daemon = True
    timer.start()
    try:
        with stopped_by(stop):
            yield
    except StoppedError:
        _log.info("The look at reports is broken off after %.0f s: quota is short.", seconds)
    finally:
        timer.cancel()
