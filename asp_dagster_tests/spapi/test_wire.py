"""Values are written as Amazon reads them."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from asp_dagster.spapi import ConfigurationError
from asp_dagster.spapi.wire import json_body, query_params, timestamp


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), "2026-01-02T03:04:05.678Z"),
        (datetime(2026, 1, 2, 1, tzinfo=timezone(timedelta(hours=2))), "2026-01-01T23:00:00Z"),
    ],
    ids=["seconds", "milliseconds", "another zone"],
)
def test_writes_times_in_utc(moment: datetime, written: str) -> None:
    """A moment is written in UTC with Z, milliseconds only where there are any."""
    assert timestamp(moment) == written


def test_refuses_a_time_without_a_zone() -> None:
    """A wall-clock reading is no moment."""
    with pytest.raises(ConfigurationError, match="has no time zone"):
        timestamp(datetime(2026, 1, 2))  # noqa: DTZ001 - the mistake under test


def test_writes_nested_values_of_lists() -> None:
    """Entries of a list are written like single values."""
    params = {"list": [True, 1, "a"], "tuple": ("a", datetime(2026, 1, 2, tzinfo=UTC))}

    assert query_params(params) == {"list": "true,1,a", "tuple": "a,2026-01-02T00:00:00Z"}


def test_writes_times_in_bodies() -> None:
    """A time inside a JSON body is written like any other."""
    body = json_body({"from": datetime(2026, 1, 2, tzinfo=UTC)})

    assert json.loads(body) == {"from": "2026-01-02T00:00:00Z"}


def test_refuses_what_json_cannot_hold() -> None:
    """A value without a JSON form is an error, not a guess."""
    with pytest.raises(TypeError, match="cannot hold Decimal"):
        json_body({"amount": Decimal("1.10")})
