"""Trying again is bounded, varied, and only for what waiting cures."""

from typing import Any

import pytest

from asp_dagster.spapi import BrokenDocumentError, DocumentError, RetryPolicy, SellingPartnerError
from asp_dagster.spapi.retry import keep_trying


class Flaky:
    """Fails as often as it is told, then gives its answer."""

    def __init__(self, *errors: SellingPartnerError) -> None:
        self._errors = list(errors)

    def __call__(self) -> str:
        """Fail, or answer."""
        if self._errors:
            raise self._errors.pop(0)
        return "answer"


@pytest.mark.parametrize(
    ("jitter", "pauses"),
    [(0.0, [0.5, 1.0, 2.0, 4.0, 4.0]), (1.0, [1.0, 2.0, 4.0, 8.0, 8.0])],
    ids=["shortest", "longest"],
)
def test_pauses_double_up_to_a_bound(jitter: float, pauses: list[float]) -> None:
    """A pause lies between half and whole of a doubling, bounded length."""
    policy = RetryPolicy(base_seconds=1, max_seconds=8, jitter=lambda: jitter)

    assert [policy.pause_seconds(attempts, None) for attempts in range(1, 6)] == pauses


def test_amazons_wish_is_longer_than_any_bound() -> None:
    """Retry-After wins over our own bound if it is longer, and only then."""
    policy = RetryPolicy(max_seconds=8, jitter=lambda: 1.0)

    assert (policy.pause_seconds(1, 100.0), policy.pause_seconds(9, 0.5)) == (100.0, 8.0)


def test_pauses_differ_by_default() -> None:
    """Without being told otherwise, two clients do not pause in step."""
    policy = RetryPolicy()

    assert len({policy.pause_seconds(5, None) for _ in range(20)}) > 1


def test_repeats_until_it_works(clock: Any) -> None:
    """Curable errors are repeated, and each is told of with its pause."""
    noted: list[float] = []
    attempt = Flaky(BrokenDocumentError("1"), BrokenDocumentError("2"))

    result = keep_trying(
        attempt, RetryPolicy(jitter=lambda: 1.0), clock, lambda _, pause: noted.append(pause)
    )

    assert (result, noted, clock.sleeps) == ("answer", [1.0, 2.0], [1.0, 2.0])


@pytest.mark.parametrize(
    ("error", "policy"),
    [
        pytest.param(DocumentError("x"), RetryPolicy(), id="incurable"),
        pytest.param(BrokenDocumentError("x"), RetryPolicy(max_attempts=1), id="switched off"),
        pytest.param(BrokenDocumentError("x"), RetryPolicy(max_elapsed_seconds=0.4), id="late"),
    ],
)
def test_ends_with_the_error_itself(
    clock: Any, error: SellingPartnerError, policy: RetryPolicy
) -> None:
    """What cannot be repeated is raised at once, unchanged."""
    with pytest.raises(SellingPartnerError) as caught:
        keep_trying(Flaky(error), policy, clock, lambda *_: None)

    assert caught.value is error
    assert clock.sleeps == []
