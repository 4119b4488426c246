"""Amazon's usage plans: how often each operation may be called.

Here belong: the 384 operations of `usage_plans.csv` and the look-up of the one a request calls.
Keeping to a plan is the work of `quota`.

https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
"""

import csv
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Self

from asp_dagster.spapi.grantless import GRANTLESS_SCOPES
from asp_dagster.spapi.path_templates import PathTemplates
from asp_dagster.spapi.restricted_operations import (
    DATA_ELEMENTS,
    RESTRICTED_OPERATIONS,
    RestrictedResource,
)

# Amazon publishes no plan for 75 operations. One request every two seconds is what most of the
# modest ones allow; the rate header corrects it after the first answer.
DEFAULT_RATE = 0.5
DEFAULT_BURST = 1


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One call of an API version, with its usage plan.

    Attributes:
        name: Amazon's operation id; several API versions may use the same.
        method: HTTP method.
        path: Path template: `/orders/v0/orders/{orderId}`.
        model: Amazon's model that describes it: `ordersV0`. Empty if unknown.
        rate: Requests per second that the plan restores.
        burst: Requests that may be saved up.
        documented: Whether Amazon publishes the plan; otherwise rate and burst are our defaults.
        deprecated: Whether Amazon has announced its end.
        scope: A grantless operation's scope; None for what a selling partner authorises.
        restricted: What its restricted data token is got for, if it is called with one.
    """

    name: str
    method: str
    path: str
    model: str = ""
    rate: float = DEFAULT_RATE
    burst: int = DEFAULT_BURST
    documented: bool = False
    deprecated: bool = False
    scope: str | None = None
    restricted: RestrictedResource | None = None

    @property
    def is_restricted(self) -> bool:
        """Whether it is called with a restricted data token."""
        return self.restricted is not None


class UsagePlans:
    """All operations, found by what a request says: method and concrete path."""

    def __init__(self, operations: tuple[Operation, ...]) -> None:
        self.operations = operations
        self._templates = PathTemplates(
            (operation.method, operation.path, operation) for operation in operations
        )

    @classmethod
    @cache
    def load(cls) -> Self:
        """Read the table that comes with the package."""
        table = files("asp_dagster.spapi") / "usage_plans.csv"
        rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
        return cls(tuple(map(_operation, rows)))

    def with_personal_data(self) -> Self:
        """Return the same, each operation called with a token for what it has of personal data."""
        return type(self)(tuple(map(_with_personal_data, self.operations)))

    def operation(self, method: str, path: str) -> Operation:
        """Return the operation that a request calls.

        An operation newer than the table gets the default plan, and its path for a name.

        Args:
            method: HTTP method, in any case.
            path: Concrete path without query: `/orders/v0/orders/902-3159896-1390916`.
        """
        found = self._templates.find(method, path)
        return found or Operation(name=path, method=method.upper(), path=path)


def _operation(row: dict[str, str]) -> Operation:
    documented, place = bool(row["rate"]), (row["method"], row["path"])
    return Operation(
        name=row["operation"],
        method=row["method"],
        path=row["path"],
        model=row["model"],
        rate=float(row["rate"]) if documented else DEFAULT_RATE,
        burst=int(row["burst"]) if documented else DEFAULT_BURST,
        documented=documented,
        deprecated=row["deprecated"] == "yes",
        scope=GRANTLESS_SCOPES.get(place),
        restricted=_restricted(*place),
    )


def _with_personal_data(operation: Operation) -> Operation:
    place = operation.method, operation.path
    if place not in DATA_ELEMENTS:
        return operation
    elements, roles = DATA_ELEMENTS[place]
    return replace(operation, restricted=RestrictedResource(*place, elements, roles))


def _restricted(method: str, path: str) -> RestrictedResource | None:
    roles = RESTRICTED_OPERATIONS.get((method, path))
    return None if roles is None else RestrictedResource(method, path, roles=roles)
