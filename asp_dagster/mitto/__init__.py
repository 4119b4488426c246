"""Mitto's job files, read and put into our components' words.

Here belong: reading the files and naming what each of their keys means. What the components do with
it is `components`; no job of Mitto's is ever run by Mitto's rules.

https://zuarbase.net/docs/runner/plugins/mitto-plugin-amazon-selling-partner-api/latest/job_configuration.html
"""

from typing import TYPE_CHECKING

from asp_dagster.on_demand import on_demand

if TYPE_CHECKING:
    from asp_dagster.mitto.jobs import MittoJob, read_jobs
    from asp_dagster.mitto.sections import MittoJobError
else:  # only who has job files pays for loading what reads them
    __getattr__ = on_demand(
        __name__, {"jobs": ["MittoJob", "read_jobs"], "sections": ["MittoJobError"]}
    )

__all__ = ["MittoJob", "MittoJobError", "read_jobs"]
