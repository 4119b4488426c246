"""Mitto's job files, read and put into our components' words.

Here belong: reading the files and naming what each of their keys means. What the components do with
it is `components`; no job of Mitto's is ever run by Mitto's rules.

https://zuarbase.net/docs/runner/plugins/mitto-plugin-amazon-selling-partner-api/latest/job_configuration.html
"""

from asp_dagster.mitto.jobs import MittoJob, read_jobs
from asp_dagster.mitto.sections import MittoJobError

__all__ = ["MittoJob", "MittoJobError", "read_jobs"]
