"""Lengths of time are read as people write them."""

from datetime import timedelta

import pytest

from asp_dagster.catalog.durations import duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30 minutes", timedelta(minutes=30)),
        ("1 hour", timedelta(hours=1)),
        ("2 days", timedelta(days=2)),
        ("1 Week", timedelta(weeks=1)),
    ],
)
def test_length_is_read(text: str, length: timedelta) -> None:
    """A number and a unit, of one or of many."""
    assert duration(text) == length


@pytest.mark.parametrize("text", ["", "soon", "2", "days", "-1 day", "1.5 hours"])
def test_anything_else_is_refused(text: str) -> None:
    """What is no length of time is refused with an example."""
    with pytest.raises(ValueError, match="write 30 minutes, 6 hours or 2 days"):
        duration(text)
