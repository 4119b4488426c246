"""The end of an API version is found by the declared path."""

from datetime import date

import pytest

from asp_dagster.catalog.retirements import Retirements


@pytest.mark.parametrize(
    ("path", "removed_on"),
    [
        pytest.param("/orders/v0/orders", date(2027, 3, 27), id="operation"),
        pytest.param("/orders/v0/orders/{}/orderItems", date(2027, 3, 27), id="braces"),
        pytest.param("/reports/2020-09-04/reports/1", date(2024, 6, 27), id="whole-version"),
        pytest.param("/finances/v0/financialEvents", date(2027, 8, 27), id="finances"),
    ],
)
def test_end_is_found_by_path(path: str, removed_on: date) -> None:
    """An operation, or anything below a removed version, has its day and its successor."""
    found = Retirements.load().find(path)

    assert found is not None
    assert found.removed_on == removed_on
    assert found.successor


@pytest.mark.parametrize(
    "path",
    [
        "/orders/2026-01-01/orders",
        "/orders/v0/orders/{}/regulatedInfo",
        "/finances/v0/financialEventGroups",
        "/reports/2021-06-30/reports",
    ],
)
def test_what_stays_has_no_end(path: str) -> None:
    """An operation that Amazon keeps has no end, though its neighbours may have."""
    assert Retirements.load().find(path) is None
