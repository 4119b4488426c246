"""The connection check as a Dagster job, which a schedule or the UI can start.

https://docs.dagster.io/guides/build/jobs/op-jobs
"""

from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from asp_dagster.assets import RAW_IO_MANAGER
from asp_dagster.declared import OWN_FEEDS, feeds_of
from asp_dagster.doctor.findings import Finding


def build_doctor_job(folder: Path = OWN_FEEDS) -> dg.JobDefinition:
    """Return `doctor_job`, which fails if a run of the folder's feeds would.

    Args:
        folder: The folder of the feeds' folders with their `defs.yaml`, read when the job runs.
    """

    @dg.op(
        description="Looks at credentials, marketplaces, roles, clock, state, warehouse, raw path.",
        required_resource_keys={"amazon", "state", "warehouse", RAW_IO_MANAGER},
    )
    def check_connection(context: dg.OpExecutionContext) -> None:
        # Imported here: it loads the warehouse and what sends requests.
        from asp_dagster.doctor.examination import Patient, examine  # noqa: PLC0415

        resources = context.resources
        raw = getattr(resources, RAW_IO_MANAGER)
        patient = Patient(resources.amazon, resources.state, resources.warehouse, raw)
        _report(context, list(examine(patient, feeds_of(folder))))

    @dg.job(name="doctor_job", description="The connection check: is all there that runs need?")
    def doctor_job() -> None:
        check_connection()

    return doctor_job


def _report(context: dg.OpExecutionContext, findings: Sequence[Finding]) -> None:
    for finding in findings:
        say = context.log.info if finding.status in {"ok", "skipped"} else context.log.warning
        say("%s", finding.line)
    failed = [finding for finding in findings if finding.status == "failed"]
    if failed:
        raise dg.Failure(
            "\n".join(finding.line for finding in failed),
            metadata={"failed": len(failed), "looks": len(findings)},
            allow_retries=False,
        )
