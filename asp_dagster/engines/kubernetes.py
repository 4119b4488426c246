"""The code location whose steps run in pods of their own.

Image, secrets and service account are those of the run's own pod, as Dagster's chart sets them.

https://docs.dagster.io/api/libraries/dagster-k8s
"""

from dagster_k8s import k8s_job_executor

from asp_dagster.definitions import build_definitions

defs = build_definitions(executor=k8s_job_executor)
