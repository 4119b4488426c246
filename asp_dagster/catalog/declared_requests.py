"""One declared request, together with what is known about the operation it calls.

Here belongs the value that the rules of `endpoint_checks` look at: an endpoint and each of its
extensions become one, so that every rule is written once for both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Self

from asp_dagster.catalog.endpoints import (
    EndpointSpec,
    ExtensionSpec,
    PagingSpec,
    ParameterValue,
)
from asp_dagster.catalog.operations import KnownOperation, Operations, counterpart
from asp_dagster.catalog.retirements import Retirement, Retirements
from asp_dagster.spapi.paging_rules import PagingRule, PagingRules
from asp_dagster.spapi.usage_plans import UsagePlans

PLACEHOLDERS = (
    "marketplace_ids",
    "marketplace_id",
    "seller_id",
    "window_start",
    "window_end",
    "window_until",
)
"""What may stand in single braces in a path, a parameter or a body, and is filled at run time."""


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """All tables that come with the package, and the day they are looked at."""

    operations: Operations
    retirements: Retirements
    paging: PagingRules
    plans: UsagePlans
    today: date

    @classmethod
    def load(cls, today: date) -> Self:
        """Read the tables."""
        return cls(
            operations=Operations.load(),
            retirements=Retirements.load(),
            paging=PagingRules.load(),
            plans=UsagePlans.load(),
            today=today,
        )


@dataclass(frozen=True, kw_only=True)
class DeclaredRequest:
    """A request as an endpoint or an extension declares it.

    Attributes:
        place: Where it is declared: empty for the endpoint, `extend_resources.0` for an extension.
        method: HTTP method.
        path: The declared path.
        params: The declared parameters.
        results_key: Where the records are said to be.
        paging: How it is said to be paged.
        filled: Keys of the declaration that name a parameter, and the parameter.
        is_extension: Whether it is one request per record.
        knowledge: What is known of all operations.
    """

    place: str
    method: str
    path: str
    params: Mapping[str, ParameterValue]
    results_key: str | None
    paging: PagingSpec | None
    filled: Mapping[str, str]
    is_extension: bool
    knowledge: Knowledge

    @classmethod
    def of_endpoint(cls, source: EndpointSpec, knowledge: Knowledge) -> Self:
        """Return the request of an endpoint."""
        named = {
            "updated_at_param": source.updated_at_param,
            "updated_before_param": source.updated_before_param,
            "values_from.param": source.values_from.param if source.values_from else None,
        }
        return cls(
            place="",
            method=source.method,
            path=source.path,
            params=source.params,
            results_key=source.results_key,
            paging=source.paging,
            filled={key: name for key, name in named.items() if name},
            is_extension=False,
            knowledge=knowledge,
        )

    @classmethod
    def of_extension(cls, extension: ExtensionSpec, place: str, knowledge: Knowledge) -> Self:
        """Return the request that an extension sends for a record."""
        return cls(
            place=place,
            method="GET",
            path=extension.path,
            params=extension.params,
            results_key=extension.results_key,
            paging=extension.paging,
            filled={},
            is_extension=True,
            knowledge=knowledge,
        )

    @property
    def is_listed(self) -> bool:
        """Whether any table has heard of the operation."""
        plan = self.knowledge.plans.operation(self.method, self.path)
        return self.operation is not None or bool(plan.model)

    @property
    def operation(self) -> KnownOperation | None:
        """The operation it calls, if a model describes it."""
        return self.knowledge.operations.find(self.method, self.path)

    @property
    def retirement(self) -> Retirement | None:
        """The end of the operation, past or to come."""
        return self.knowledge.retirements.find(self.path)

    @property
    def paging_rule(self) -> PagingRule:
        """How Amazon's table says it is paged."""
        return self.knowledge.paging.rule(self.method, self.path)

    @property
    def given(self) -> set[str]:
        """The parameters that Amazon will receive, page tokens and derived bounds included."""
        end = counterpart(self.filled.get("updated_at_param", ""), self.operation)
        return {*self.params, *self.filled.values(), self.paging_rule.token_param, end or ""}

    def at(self, key: str) -> str:
        """Return the dotted place of a key of the declaration."""
        return f"{self.place}.{key}" if self.place else key


def known_placeholders() -> str:
    """Return the placeholders as a sentence lists them."""
    return ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)


def meant(name: str, known: Mapping[str, object] | list[str]) -> str:
    """Return the end of a sentence about an unknown name: the one meant, and those there are."""
    names = list(known)
    spelt = {each.casefold(): each for each in names}
    close = get_close_matches(name.casefold(), spelt, n=1)
    hint = f"; did you mean {spelt[close[0]]!r}?" if close else ""
    return f"{hint or ';'} known: {', '.join(names) or 'none'}"
