"""What Amazon's models say about every operation: its parameters, and what its answer holds.

Here belong: the rows of `operations.csv` and the look-up of the one that a declared path means.
The table is written by `scripts/write_operations.py`. Usage plans and paging, which are needed to
call an operation, are `spapi`'s; checking a declaration is the work of `endpoint_checks`.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, Self, cast

from asp_dagster.spapi.path_templates import PathTemplates

Kind = Literal["text", "integer", "number", "boolean", "list-of-text"]

_UPPER_BOUNDS = {"After": "Before", "Since": "Until", "Start": "End", "From": "To"}
"""The word that makes a parameter a lower bound, and what its upper bound has in its place."""


@dataclass(frozen=True, kw_only=True)
class QueryParameter:
    """One query parameter of an operation.

    Attributes:
        name: Amazon's name; case matters.
        kind: What it takes.
        is_required: Whether Amazon refuses a request without it.
        most: How many entries a list may have; None if Amazon does not say.
    """

    name: str
    kind: Kind
    is_required: bool
    most: int | None = None


@dataclass(frozen=True, kw_only=True)
class KnownOperation:
    """One operation, as Amazon's model describes it.

    Attributes:
        name: Amazon's operation id.
        model: The model that describes it: `ordersV0`.
        method: HTTP method.
        path: Path template: `/orders/v0/orders/{orderId}`.
        reads: Whether it leaves everything at Amazon as it is.
        is_deprecated: Whether the model says that it will be removed.
        parameters: Its query parameters by name.
        places: Dotted places in its answer that hold an object or a list of objects; one that ends
            in `*` stands for anything below. Empty where the answer says nothing of that kind.
    """

    name: str
    model: str
    method: str
    path: str
    reads: bool
    is_deprecated: bool
    parameters: Mapping[str, QueryParameter]
    places: Sequence[str]


class Operations:
    """All operations of Amazon's models, found by method and declared path."""

    def __init__(self, operations: Iterable[KnownOperation]) -> None:
        self.all = tuple(operations)
        self._templates = PathTemplates(
            (operation.method, operation.path, operation) for operation in self.all
        )

    @classmethod
    @cache
    def load(cls) -> Self:
        """Read the table that comes with the package."""
        table = files("asp_dagster.catalog") / "operations.csv"
        rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
        return cls(map(_operation, rows))

    def find(self, method: str, path: str) -> KnownOperation | None:
        """Return the operation that a request calls, or none if no model describes it.

        Args:
            method: HTTP method, in any case.
            path: Concrete path without query; `{}` or `{seller_id}` may stand for a segment.
        """
        return self._templates.find(method, path)


def counterpart(parameter: str, operation: KnownOperation | None) -> str | None:
    """Return the upper bound that belongs to a lower bound in time, or none.

    `LastUpdatedAfter` gives `LastUpdatedBefore` if the operation has it; an operation that no model
    describes gives none.
    """
    taken: Mapping[str, QueryParameter] = operation.parameters if operation else {}
    words = re.split(r"(?=[A-Z])", parameter)
    for number, word in enumerate(words):
        upper = _UPPER_BOUNDS.get(word.capitalize())
        if upper:
            spelt = upper if word[0].isupper() else upper.lower()
            candidate = "".join([*words[:number], spelt, *words[number + 1 :]])
            if candidate in taken:
                return candidate
    return None


def _operation(row: Mapping[str, str]) -> KnownOperation:
    parameters = map(_parameter, row["parameters"].split())
    return KnownOperation(
        name=row["operation"],
        model=row["model"],
        method=row["method"],
        path=row["path"],
        reads=row["reads"] == "yes",
        is_deprecated=row["deprecated"] == "yes",
        parameters={parameter.name: parameter for parameter in parameters},
        places=tuple(row["answer"].split()),
    )


def _parameter(text: str) -> QueryParameter:
    """Read `name:kind`, with `[20]` where a list is limited and `!` where it is required."""
    name, _, kind = text.removesuffix("!").rpartition(":")
    kind, _, most = kind.removesuffix("]").partition("[")
    return QueryParameter(
        name=name,
        kind=cast("Kind", kind),
        is_required=text.endswith("!"),
        most=int(most) if most else None,
    )
