"""Every foreseen error becomes one failure with its remedy and its meaning for retries."""

import errno

import dagster as dg
import pytest

from asp_dagster.failures import clear_failures
from asp_dagster.landing import WindowError
from asp_dagster.spapi import ConfigurationError, QuotaWaitError
from asp_dagster.state import StateUnavailableError


def test_full_disk_is_named() -> None:
    """A full disk ends in a sentence that says so and what to do."""
    with (
        pytest.raises(dg.Failure, match=r"x\.part cannot be written.*Free some space"),
        clear_failures(),
    ):
        raise OSError(errno.ENOSPC, "No space left on device", "raw/x.part")


def test_file_that_cannot_be_written_is_named(tmp_path: object) -> None:
    """A path that cannot be used ends in a sentence that names it."""
    with pytest.raises(dg.Failure, match=f"{tmp_path}.*Is a directory"), clear_failures():
        open(str(tmp_path), "w")  # noqa: PTH123, SIM115 - a file that cannot be opened


@pytest.mark.parametrize("error", [WindowError("Too early."), ConfigurationError("Set ASP_X.")])
def test_what_waiting_cannot_cure_is_not_retried(error: Exception) -> None:
    """An error that waiting cannot cure forbids retries and keeps its sentence."""
    with pytest.raises(dg.Failure) as failed, clear_failures():
        raise error

    assert failed.value.description == str(error)
    assert failed.value.allow_retries is False


def test_state_that_is_away_is_asked_again() -> None:
    """A state that cannot be reached for the moment lets a step be tried again."""
    with pytest.raises(dg.Failure) as failed, clear_failures():
        raise StateUnavailableError("Later.")

    assert failed.value.allow_retries is True


def test_long_wait_for_quota_is_left_to_dagster() -> None:
    """A wait longer than allowed asks Dagster to come back when the quota is there again."""
    with pytest.raises(dg.RetryRequested) as asked, clear_failures():
        raise QuotaWaitError("searchOrders would have to wait.", retry_after=178.5)

    assert asked.value.seconds_to_wait == 178.5
    assert asked.value.max_retries > 100


def test_unforeseen_error_stays_itself() -> None:
    """An error nobody foresaw is a bug, and is shown as itself."""
    with pytest.raises(ZeroDivisionError), clear_failures():
        _ = 1 / 0
