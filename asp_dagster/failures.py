"""Turns every foreseen error into one Dagster failure that says what happened and what to do.

Here belongs: the only use of Dagster's `Failure` and `RetryRequested`. The sentences
themselves are written where the error is raised.

https://docs.dagster.io/api/dagster/ops#dagster.Failure
"""

from collections.abc import Iterator
from contextlib import contextmanager

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
    except SellingPartnerError as error:
        raise dg.Failure(str(error), allow_retries=error.is_curable_by_waiting) from error
    except _PASSING as error:
        raise dg.Failure(str(error), allow_retries=True) from error
    except (LandingError, WarehouseError, StateError) as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    except OSError as error:
        raise dg.Failure(str(disk_error(error)), allow_retries=False) from error
