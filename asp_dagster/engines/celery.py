"""The code location whose steps Celery's workers run.

Where broker and result backend are is read from the environment of each process, when it starts a
run or takes a step: `ASP_CELERY_BROKER`, `ASP_CELERY_BACKEND`.

https://docs.dagster.io/api/libraries/dagster-celery
"""

from dagster_celery import celery_executor

from asp_dagster.definitions import build_definitions

defs = build_definitions(
    executor=celery_executor.configured(
        {"broker": {"env": "ASP_CELERY_BROKER"}, "backend": {"env": "ASP_CELERY_BACKEND"}}
    )
)
