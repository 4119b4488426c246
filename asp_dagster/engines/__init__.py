"""The same code location on other engines than one process.

Each module here is a code location like `asp_dagster.definitions`, but something else runs its
steps. It is chosen by its name, in `workspace.yaml` or behind `-m`; nothing else changes. What it
needs comes with an extra: `pip install 'asp_dagster[celery]'`.

    celery        steps are run by Celery's workers, on as many machines as there are workers
    kubernetes    steps are run in pods of their own

Here belongs which executor, and where its settings come from. How machines are set up is in
`deploy/`.
"""
