"""The retention asset: materializing it erases the personal data that are due.

Its check looks anew at what is left. Here belong the asset, its job and its schedule. The schedule
is on from the beginning, unlike those that ask Amazon: to erase in time is a duty, and costs no
quota.

https://docs.dagster.io/guides/build/assets/defining-assets
"""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from pydantic import Field

from asp_dagster.assets import RAW_IO_MANAGER
from asp_dagster.declared import OWN_FEEDS, feeds_of
from asp_dagster.failures import clear_failures
from asp_dagster.logs import shown_in_run
from asp_dagster.retention.rule import KEEP_DAYS, KEEP_TAG, Rule
from asp_dagster.spapi import SystemClock

RETENTION = "personal_data_retention"
NOTHING_OVERDUE = "no_personal_data_overdue"

_DESCRIPTION = (
    "Personal data no longer than Amazon allows: what is due is taken out of raw files and tables;"
    " see docs/retention.md. Amazon is not asked."
)


class RetentionConfig(dg.Config):
    """How a run erases."""

    keep_days: int = Field(
        default=KEEP_DAYS,
        ge=0,
        le=36500,
        description="How many days after delivery personal data are kept, unless their feed has the"
        f" tag {KEEP_TAG}; 0 erases all there are.",
    )
    dry_run: bool = Field(default=False, description="Only count what would be erased.")
    reread: bool = Field(
        default=False,
        description="Read raw files again that are known to hold nothing that is due.",
    )


def build_retention(folder: Path = OWN_FEEDS) -> dg.Definitions:
    """Return the retention asset with its job and its schedule.

    Args:
        folder: The folder of the feeds' folders with their `defs.yaml`, read when the asset runs.
    """
    asset = _build_asset(folder)
    job = dg.define_asset_job(
        f"{RETENTION}_job", selection=dg.AssetSelection.assets(asset), description=_DESCRIPTION
    )
    schedule = dg.ScheduleDefinition(
        job=job,
        cron_schedule="0 4 * * *",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every day at 4:00 UTC; on from the beginning.",
    )
    return dg.Definitions(assets=[asset], jobs=[job], schedules=[schedule])


def _build_asset(folder: Path) -> dg.AssetsDefinition:
    @dg.asset(
        name=RETENTION,
        group_name="privacy",
        description=_DESCRIPTION,
        kinds={"privacy"},
        owners=["team:privacy"],
        required_resource_keys={"state", "warehouse", RAW_IO_MANAGER},
        check_specs=[
            dg.AssetCheckSpec(
                NOTHING_OVERDUE,
                asset=RETENTION,
                description="Whether no personal value is left that is due, read anew.",
            )
        ],
    )
    def personal_data_retention(
        context: dg.AssetExecutionContext, config: RetentionConfig
    ) -> Iterator[dg.MaterializeResult[None]]:
        # Imported here: it loads the warehouse, the state and what reads files.
        from asp_dagster.retention.course import Course, Places  # noqa: PLC0415

        resources = context.resources
        places = Places(getattr(resources, RAW_IO_MANAGER), resources.warehouse, resources.state)
        with clear_failures(), shown_in_run(context.log):
            proof = Course(places, feeds_of(folder), _rule(config)).run()
        check = dg.AssetCheckResult(
            passed=not proof.overdue,
            check_name=NOTHING_OVERDUE,
            metadata={"overdue": proof.overdue},
        )
        yield dg.MaterializeResult(metadata=proof.metadata(), check_results=[check])

    return personal_data_retention


def _rule(config: RetentionConfig) -> Rule:
    return Rule(
        SystemClock().now(),
        config.keep_days,
        is_dry=config.dry_run,
        reads_all=config.reread,
    )
