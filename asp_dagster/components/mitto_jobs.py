"""The component of Mitto's job files.

Here belongs: `MittoJobs`. What a job file says in our words is read in `asp_dagster.mitto`.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from dagster.components.resolved.errors import ResolutionException  # it has no public name
from pydantic import Field

from asp_dagster import keys, mitto
from asp_dagster.catalog.declarations import DeclarationError, DeclarationWarning
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.personal_checks import personal_data_asked_for
from asp_dagster.components.declaration import DeclaredComponent
from asp_dagster.components.declared_feeds import FeedComponent
from asp_dagster.components.endpoint_feeds import AmazonSPApi
from asp_dagster.components.report_feeds import AmazonSPReport, AmazonSPReportFile

if TYPE_CHECKING:
    from asp_dagster.mitto import MittoJob

_JOB_COMPONENTS: Mapping[str, type[FeedComponent]] = {
    "AmazonSPApi": AmazonSPApi,
    "AmazonSPReport": AmazonSPReport,
    "AmazonSPReportFile": AmazonSPReportFile,
}
_KEPT = (
    "asks for personal data, which is kept in tables as Amazon sends it, as Mitto does; to hash or"
    " drop it, declare the job as a component, with `pii: include` and `personal_columns: hash`"
)


class MittoJobs(DeclaredComponent):
    """Makes an asset of each job file of Mitto's Amazon plugin, as it is.

    What a job file has no word for is said here, for all jobs of the folder.
    """

    folder: str = Field(description="The folder of the job files, from the project's root.")
    group: str = Field(default="mitto", description="The asset group.")
    account: str | None = Field(default=None, description="As in AmazonSPApi.")
    credentials: keys.Credentials = None
    endpoint: str | None = Field(
        default=None, description="Goes before the endpoint of the job files."
    )
    marketplaces: list[str] = Field(default_factory=list, description="As in AmazonSPApi.")
    partitions: keys.Partitions = None
    cron_schedule: str | None = Field(default=None, description="As in AmazonSPApi.")

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Return the assets, the job and the schedule of every job file."""
        jobs = mitto.read_jobs(context.project_root / self.folder)
        for job in jobs:
            if job.warning:
                warnings.warn(job.warning, DeclarationWarning, stacklevel=2)
        return dg.Definitions.merge(*map(self._definitions, jobs))

    def _definitions(self, job: "MittoJob") -> dg.Definitions:
        """Return the assets and the job of a job file, which all that is said of it names."""
        place = f"{job.file}: {job.place}: " if job.place else f"{job.file}: "
        try:
            with warnings.catch_warnings(record=True) as told:
                component = self._component(job)
                definitions = component.definitions(job.file)
                if component.pii == "include":
                    warnings.warn(_KEPT, DeclarationWarning, stacklevel=2)
        except (DeclarationError, ResolutionException) as error:
            raise mitto.MittoJobError(f"{place}{str(error).replace('attributes.', '')}") from None
        for each in told:
            warnings.warn(f"{place}{each.message}", each.category, stacklevel=2)
        return definitions

    def declared(self, project_root: Path) -> list[Feed]:
        """Return what all job files declare, as values."""
        jobs = mitto.read_jobs(project_root / self.folder)
        return [self._component(job).declared(job.name) for job in jobs]

    def _component(self, job: "MittoJob") -> FeedComponent:
        """Return the component that does what a job file says."""
        attributes = {"name": job.name, "group": self.group, **job.attributes}
        component = _JOB_COMPONENTS[job.component].from_attributes_dict(attributes=attributes)
        ours = {
            "account": self.account,
            "credentials": self.credentials,
            "endpoint": self.endpoint,
            "marketplaces": self.marketplaces,
            "partitions": self.partitions,
            "cron_schedule": self.cron_schedule,
        }
        meant = component.model_copy(update={key: value for key, value in ours.items() if value})
        asks_for_people = any(personal_data_asked_for(meant.declared(job.name)))
        return meant.model_copy(update={"pii": "include"}) if asks_for_people else meant
