"""A request by Amazon's name of the operation, `searchOrders`, in place of method and path.

Here belongs: finding the operation, and filling its path. Amazon's names are not unique: what
several APIs or versions call alike has to be asked for by its path.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote

from asp_dagster.spapi.errors import ConfigurationError
from asp_dagster.spapi.usage_plans import Operation, UsagePlans


@dataclass(frozen=True)
class NamedRequest:
    """What a name and its parameters stand for.

    Attributes:
        method: HTTP method.
        path: Concrete path.
        params: The parameters that are not in the path.
    """

    method: str
    path: str
    params: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, plans: UsagePlans, name: str, params: Mapping[str, Any]) -> Self:
        """Return the request that an operation's name stands for.

        Args:
            plans: All operations.
            name: Amazon's name: `getOrderItems`.
            params: Parameters by Amazon's names, those of the path among them.

        Raises:
            ConfigurationError: When there is no such operation, or several, or the path needs a
                parameter that is not there.
        """
        operation = _operation(plans, name)
        wanted = re.findall(r"{(\w+)}", operation.path)
        if missing := [each for each in wanted if not params.get(each)]:
            raise ConfigurationError(
                f"{name} is asked for by {operation.path}, and {', '.join(missing)} is not given:"
                " give it among the params."
            )
        values = {each: quote(str(params[each]), safe="") for each in wanted}
        others = {each: value for each, value in params.items() if each not in values}
        return cls(operation.method, operation.path.format(**values), others)


def _operation(plans: UsagePlans, name: str) -> Operation:
    found = [operation for operation in plans.operations if operation.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        paths = ", ".join(sorted(f"{each.method} {each.path}" for each in found))
        raise ConfigurationError(
            f"Amazon calls several operations {name}: give the path of one of {paths}."
        )
    near = difflib.get_close_matches(name, sorted({each.name for each in plans.operations}), n=3)
    hint = f"did you mean {' or '.join(near)}" if near else "a path begins with /"
    raise ConfigurationError(f"Amazon has no operation {name!r}; {hint}?")
