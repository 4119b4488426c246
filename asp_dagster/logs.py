"""Shows a run what the floors below Dagster log.

Here belongs: the bridge from Python's logging to a run's log. What is worth a line is decided where
it happens.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

_PACKAGE = "asp_dagster"
_TOLD_TO_END = (
    "This run was told to end, and ends here: what has landed is kept, no table has changed since"
    " the last load, and the next run of the partition goes on where this one was."
)


class _Forward(logging.Handler):
    """Passes each record on to a run's log, as text: Dagster formats it anew."""

    def __init__(self, run_log: dg.DagsterLogManager) -> None:
        super().__init__(logging.INFO)
        self._run_log = run_log

    def emit(self, record: logging.LogRecord) -> None:
        """Log the record's message at its level."""
        self._run_log.log(record.levelno, record.getMessage())


@contextmanager
def shown_in_run(run_log: dg.DagsterLogManager) -> Iterator[None]:
    """Show what the package logs during the block in the run's log: waits, retries, progress.

    A run that is told to end in the block says what becomes of its work.
    """
    logger = logging.getLogger(_PACKAGE)
    handler, level = _Forward(run_log), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    except dg.DagsterExecutionInterruptedError:
        run_log.warning(_TOLD_TO_END)
        raise
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
