"""Turns every foreseen error into one Dagster failure that says what happened and what to do.

Here belongs: the only use of Dagster's `Failure` and `RetryRequested`. The sentences
themselves are written where the error is raised.

Dagster's run retries look at a run's tags alone, not at the failure. So a run that fails of what
waiting does not cure is tagged to be retried no more before it ends.

https://docs.dagster.io/api/dagster/ops#dagster.Failure
https://docs.dagster.io/deployment/execution/run-retries
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import dagster as dg

from asp_dagster.disks import disk_error
from asp_dagster.landing import LandingError, RawStoreUnavailableError
from asp_dagster.spapi import QuotaWaitError, SellingPartnerError
from asp_dagster.state import StateError, StateUnavailableError
from asp_dagster.warehouse import (
    WarehouseBusyError,
    WarehouseError,
    WarehouseUnavailableError,
)

CAUSE, REQUEST_ID = "cause", "request_id"
"""What a failure says of itself beside its sentence: the class of the error, and Amazon's id."""

CURABLE = "asp_dagster/curable_by_waiting"
"""The tag of a run that failed: whether trying again later may help."""

_MAX_RETRIES = "dagster/max_retries"

# Each return uses up what has filled up meanwhile: a thousand are six weeks of searchOrders.
_MOST_RETURNS = 1000
_PASSING = (
    RawStoreUnavailableError,
    StateUnavailableError,
    WarehouseBusyError,
    WarehouseUnavailableError,
)


@contextmanager
def clear_failures() -> Iterator[None]:
    """Let foreseen errors of the block end the step with one sentence.

    Raises:
        dg.Failure: Retried by a step's retry policy only if waiting can cure the error.
        dg.RetryRequested: The quota asks for a longer wait than is allowed; the step is tried again
            when it has filled up, and holds no slot of a pool until then.
    """
    try:
        yield
    except QuotaWaitError as error:
        raise dg.RetryRequested(_MOST_RETURNS, seconds_to_wait=error.retry_after) from error
    except dg.Failure as failure:
        _note_retries(is_curable=failure.allow_retries)
        raise
    except SellingPartnerError as error:
        raise _failure(error, is_curable=error.is_curable_by_waiting) from error
    except _PASSING as error:
        raise _failure(error, is_curable=True) from error
    except (LandingError, WarehouseError, StateError) as error:
        raise _failure(error, is_curable=False) from error
    except OSError as error:
        raise _failure(disk_error(error), is_curable=False) from error


def _failure(error: Exception, *, is_curable: bool) -> dg.Failure:
    _note_retries(is_curable=is_curable)
    request_id = getattr(error, "request_id", "")
    return dg.Failure(
        str(error),
        metadata={
            CAUSE: type(error).__name__,
            **({REQUEST_ID: request_id} if request_id else {}),
        },
        allow_retries=is_curable,
    )


def _note_retries(*, is_curable: bool) -> None:
    """Let Dagster retry the run only if waiting can cure what a step of it failed of.

    A run of several selling partners is retried if it helps any: one's revoked token must not keep
    another's outage from being waited out.
    """
    with suppress(dg.DagsterInvariantViolationError):  # outside of a run
        context = dg.OpExecutionContext.get()
        instance, run = context.instance, context.instance.get_run_by_id(context.run.run_id)
        noted = run.tags.get(CURABLE) if run else None
        if is_curable:
            retries = str(instance.run_retries_max_retries)
            restored = {_MAX_RETRIES: retries} if noted == "false" else {}
            instance.add_run_tags(context.run.run_id, {CURABLE: "true", **restored})
        elif noted != "true":
            instance.add_run_tags(context.run.run_id, {CURABLE: "false", _MAX_RETRIES: "0"})
