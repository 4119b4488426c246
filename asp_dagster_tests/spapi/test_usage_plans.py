"""Every operation is known by method and path, with its usage plan."""

import pytest

from asp_dagster.spapi import Operation, UsagePlans
from asp_dagster.spapi.grantless import GRANTLESS_SCOPES
from asp_dagster.spapi.restricted_operations import RESTRICTED_OPERATIONS

PLANS = UsagePlans.load()


def test_knows_all_operations() -> None:
    """The table holds 384 operations, 75 of them without a published plan."""
    undocumented = [operation for operation in PLANS.operations if not operation.documented]

    assert (len(PLANS.operations), len(undocumented)) == (384, 75)


def test_every_operation_finds_itself() -> None:
    """No template hides another."""
    for operation in PLANS.operations:
        assert PLANS.operation(operation.method, operation.path) is operation


def test_every_grantless_operation_is_in_the_table() -> None:
    """Each of Amazon's grantless operations has its scope, and no other has one."""
    scoped = {(each.method, each.path): each.scope for each in PLANS.operations if each.scope}

    assert scoped == GRANTLESS_SCOPES


def test_every_restricted_operation_is_in_the_table() -> None:
    """Each operation that always answers personal data has its roles, and no other has any."""
    restricted = {
        (each.method, each.path): each.restricted.roles
        for each in PLANS.operations
        if each.restricted
    }

    assert restricted == RESTRICTED_OPERATIONS
    assert all(restricted.values())


@pytest.mark.parametrize(
    ("path", "is_restricted"),
    [
        pytest.param("/orders/v0/orders", False, id="orders"),
        pytest.param("/orders/v0/orders/902-1", False, id="order"),
        pytest.param("/orders/v0/orders/902-1/orderItems", False, id="items"),
        pytest.param("/orders/v0/orders/902-1/address", True, id="address"),
        pytest.param("/orders/2026-01-01/orders", False, id="v2026"),
        pytest.param("/reports/2021-06-30/documents/1", False, id="document"),
        pytest.param(
            "/vendor/directFulfillment/orders/v1/purchaseOrders", True, id="direct fulfillment"
        ),
        pytest.param("/vendor/orders/v1/purchaseOrders", False, id="vendor orders"),
    ],
)
def test_tells_what_is_always_restricted(path: str, is_restricted: bool) -> None:  # noqa: FBT001 - a table's column
    """What is restricted at times only is not restricted here."""
    assert PLANS.operation("GET", path).is_restricted == is_restricted


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/orders/v0/orders", ("getOrders", "ordersV0", 0.0167, 20, True)),
        ("GET", "/orders/v0/orders/902-1", ("getOrder", "ordersV0", 0.5, 30, True)),
        ("GET", "/orders/2026-01-01/orders/9", ("getOrder", "orders_2026-01-01", 0.5, 30, False)),
        (
            "GET",
            "/orders/2026-01-01/orders",
            ("searchOrders", "orders_2026-01-01", 0.0056, 20, False),
        ),
        (
            "POST",
            "/reports/2021-06-30/reports",
            ("createReport", "reports_2021-06-30", 0.0167, 15, False),
        ),
    ],
    ids=["getOrders v0", "getOrder v0", "getOrder v2026", "searchOrders", "createReport"],
)
def test_finds_the_operation_of_a_request(method: str, path: str, expected: tuple[object]) -> None:
    """Two API versions may share an operation id, but not a path."""
    found = PLANS.operation(method, path)

    assert (found.name, found.model, found.rate, found.burst, found.deprecated) == expected


def test_operation_without_a_plan_starts_modestly() -> None:
    """Where Amazon publishes nothing, one request every two seconds is the start."""
    found = PLANS.operation("GET", "/awd/2024-05-09/replenishmentOrders")

    assert (found.rate, found.burst, found.documented) == (0.5, 1, False)


def test_unknown_operation_still_works() -> None:
    """An operation newer than the table gets the modest plan under its path's name."""
    found = PLANS.operation("post", "/brand/new/2027")

    assert found == Operation(name="/brand/new/2027", method="POST", path="/brand/new/2027")
    assert (found.rate, found.burst, found.documented) == (0.5, 1, False)
