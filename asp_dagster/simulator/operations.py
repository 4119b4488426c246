"""What an operation is, and how a request finds its own.

Here belong: usage plans, path templates and the choice among them. What an operation answers is
written where its API is.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from urllib.parse import unquote

from asp_dagster.simulator.wire import Answer

_VARIABLE = re.compile(r"\{([^}]+)\}")


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """How often an operation may be called: requests per second, and the bucket's size.

    https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
    """

    rate: float
    burst: int


@dataclass(frozen=True, slots=True)
class OperationRequest:
    """A request that has reached its operation.

    Attributes:
        path: The path's variables by name.
        query: The query's parameters in their order.
        body: The body as sent.
        now: The moment of the request.
        base_url: Where the simulator is reached.
        data_elements: What of personal data the caller's token opens.
    """

    path: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    body: bytes
    now: datetime
    base_url: str
    data_elements: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Operation:
    """One call of an API version.

    Attributes:
        name: Amazon's name: `getOrders`.
        method: The HTTP method.
        template: The path with its variables: `/orders/v0/orders/{orderId}`.
        plan: Its usage plan.
        handle: What answers it.
        is_restricted: Whether only a restricted data token opens it.
    """

    name: str
    method: str
    template: str
    plan: UsagePlan
    handle: Callable[[OperationRequest], Answer] = field(repr=False, compare=False)
    is_restricted: bool = False

    @property
    def literal_length(self) -> int:
        """How much of the template is fixed text."""
        return len(_VARIABLE.sub("", self.template))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = _VARIABLE.split(self.template)
        return re.compile("([^/]+)".join(map(re.escape, parts[::2])))

    def variables(self, path: str) -> Mapping[str, str] | None:
        """Return the path's variables, or None if it is not this operation's path."""
        found = self._pattern.fullmatch(path)
        if found is None:
            return None
        names = _VARIABLE.findall(self.template)
        return dict(zip(names, map(unquote, found.groups()), strict=True))


class Operations:
    """The operations the simulator answers, found by method and path.

    Where several templates fit, the one with the longest fixed text wins; among equals, the first.
    """

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._by_shape: dict[tuple[str, int], list[Operation]] = {}
        for each in operations:
            shape = each.method, each.template.count("/")
            self._by_shape.setdefault(shape, []).append(each)
        for candidates in self._by_shape.values():
            candidates.sort(key=lambda each: -each.literal_length)

    @property
    def names(self) -> frozenset[str]:
        """The names of all operations."""
        return frozenset(each.name for shape in self._by_shape.values() for each in shape)

    def find(self, method: str, path: str) -> tuple[Operation, Mapping[str, str]] | None:
        """Return the operation of a raw, still encoded path, and the path's variables."""
        for operation in self._by_shape.get((method, path.count("/")), ()):
            variables = operation.variables(path)
            if variables is not None:
                return operation, variables
        return None
