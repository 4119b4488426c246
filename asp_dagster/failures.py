"""Turns every foreseen error into one Dagster failure that says what happened and what to do.

Here belongs: the only use of Dagster's `Failure`, with its meaning for retries. The sentences
themselves are written where the error is raised.

https://docs.dagster.io/api/dagster/ops#dagster.Failure
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from asp_dagster.landing import LandingError, RawStoreUnavailableError
from asp_dagster.spapi import SellingPartnerError
from asp_dagster.state import StateError, StateUnavailableError
from asp_dagster.warehouse import WarehouseError


@contextmanager
def clear_failures() -> Iterator[None]:
    """Let foreseen errors of the block end the step with one sentence.

    Raises:
        dg.Failure: Retried by a step's retry policy only if waiting can cure the error.
    """
    try:
        yield
    except SellingPartnerError as error:
        raise dg.Failure(str(error), allow_retries=error.is_curable_by_waiting) from error
    except (StateUnavailableError, RawStoreUnavailableError) as error:
        raise dg.Failure(str(error), allow_retries=True) from error
    except (LandingError, WarehouseError, StateError) as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    except OSError as error:
        raise dg.Failure(_disk_sentence(error), allow_retries=False) from error


def _disk_sentence(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return (
            f"The disk is full while writing {error.filename or 'a raw file'}; nothing earlier was"
            " changed. Free some space and materialize the partition again."
        )
    return (
        f"{error.filename or 'A file'} cannot be used: {error.strerror or error}. Check the path"
        " and its permissions, then materialize the partition again."
    )
