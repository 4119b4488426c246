"""What a ready feed costs in calls of Amazon's API.

Here belongs: counting, from the declaration, the paging table and the usage plans; nothing of it is
written down twice. How it is shown is said in `listing`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from asp_dagster.catalog.declarations import parse
from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec, ParameterValue
from asp_dagster.feeds.ready import (
    ENDPOINTS,
    LISTED_REPORTS,
    component_of,
    default_feed_names,
    ready_feed,
)
from asp_dagster.spapi.paging_rules import PagingRules
from asp_dagster.spapi.usage_plans import Operation, UsagePlans

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_REPORTS = "/reports/2021-06-30/reports"
_DOCUMENT = "/reports/2021-06-30/documents/{}"
_ENDPOINT_KEYS = EndpointSpec.__dataclass_fields__.keys()


@dataclass(frozen=True)
class Calls:
    """The calls of one operation that a run of a feed makes.

    Attributes:
        operation: The operation, with its usage plan.
        per: What takes a call each: `("marketplace", "20 items")`; nothing where one call is all.
    """

    operation: Operation
    per: Sequence[str]

    def __str__(self) -> str:
        """Say it: `1 per marketplace and 20 items`."""
        return f"1 per {' and '.join(self.per) or 'run'}"


@dataclass(frozen=True)
class FeedCost:
    """What one run of a feed asks for.

    Attributes:
        name: The feed's name.
        description: What it is.
        window: Which stretch of time a run asks for.
        calls: The calls it makes: for its list, then for each extension of a record.
        is_default: Whether it is on without being declared.
    """

    name: str
    description: str
    window: str
    calls: Sequence[Calls]
    is_default: bool = False


def feed_cost(name: str) -> FeedCost:
    """Return what a run of a ready feed costs.

    Raises:
        DeclarationError: When there is no such feed; it lists those there are.
    """
    component = component_of(name)
    declared = ready_feed(name, component)
    return FeedCost(
        name,
        declared["description"],
        "what is new, at each run" if component == LISTED_REPORTS else window_of(declared),
        _calls_of_component(name, component, declared),
        is_default=name in default_feed_names(),
    )


def _calls_of_component(name: str, component: str, declared: Mapping[str, Any]) -> Sequence[Calls]:
    if component == ENDPOINTS:
        endpoint = {key: value for key, value in declared.items() if key in _ENDPOINT_KEYS}
        return calls_of(parse(EndpointSpec, endpoint, place=name))
    if component == LISTED_REPORTS:
        return _of_listed()
    return _of_report(["marketplace"] if declared.get("one_marketplace_per_report") else [])


def _of_listed() -> Sequence[Calls]:
    """Return the calls for reports that are found: a look, and the document of each new one."""
    look, document = (_plans().operation("GET", path) for path in (_REPORTS, _DOCUMENT))
    return Calls(look, ["100 reports"]), Calls(document, ["new report"])


def _of_report(each: Sequence[str]) -> Sequence[Calls]:
    """Return the calls for a report that is asked for, each time for each of these."""
    return (
        Calls(_plans().operation("POST", _REPORTS), [*each, "report"]),
        Calls(_plans().operation("GET", f"{_REPORTS}/{{}}"), [*each, "look at a report"]),
        Calls(_plans().operation("GET", _DOCUMENT), [*each, "report"]),
    )


def window_of(declared: Mapping[str, Any]) -> str:
    """Say which stretch of time a run of a declared feed asks for."""
    lookback = declared.get("lookback")
    if declared.get("partitions"):
        return f"{declared['partitions']}{f', reaching back {lookback}' if lookback else ''}"
    if declared.get("updated_at_param"):
        return "since the last run" + (f", less {lookback}" if lookback else "")
    return "all, at each run"


def calls_of(spec: EndpointSpec) -> Sequence[Calls]:
    """Return the calls that a run makes: for its list, then for each extension of a record."""
    return tuple(_calls(spec))


def _calls(spec: EndpointSpec) -> Iterator[Calls]:
    request = _Request(spec.method, spec.path, spec.params, spec.results_key)
    rounds = ["marketplace"] if "{marketplace_id}" in str((spec.path, spec.params)) else []
    if spec.values_from:
        values = spec.values_from
        rounds.append(f"{values.per_request} values of {values.table}.{values.column}")
    else:
        rounds.extend(request.page)
    yield Calls(request.operation, rounds)
    for extension in spec.extend_resources:
        yield from _extension_calls(extension)


def _extension_calls(extension: ExtensionSpec) -> Iterator[Calls]:
    request = _Request("GET", extension.path, extension.params, extension.results_key)
    thing = _words(extension.path_variables[-1].rpartition(".")[2].removesuffix("Id"))
    yield Calls(request.operation, [thing, *request.page])
    for further in extension.extend_resources:
        yield from _extension_calls(further)


@dataclass(frozen=True)
class _Request:
    """A declared request, and what the tables say about it."""

    method: str
    path: str
    params: Mapping[str, ParameterValue] = field(repr=False)
    results_key: str | None

    @property
    def operation(self) -> Operation:
        return _plans().operation(self.method, self.path)

    @property
    def page(self) -> Sequence[str]:
        """What fits into one page, `100 transactions`; nothing where one page is all there is."""
        rule = _rules().rule(self.method, self.path)
        if rule.next_page == "none":
            return ()
        size = self.params.get(rule.page_size_param)
        place = self.results_key or rule.results_key
        things = _things(place.rpartition(".")[2])
        return (f"{size} {things}" if size else f"page of {things}",)


def _things(name: str) -> str:
    """Return what a list of this name holds: of `ItemData`, `items`."""
    words = _words(name)
    singular = words.removesuffix(" list").removesuffix(" data")
    if singular != words:
        return f"{singular}s"
    return words if words.endswith("s") else f"{words} entries"


def _words(name: str) -> str:
    """Return the words that Amazon's name is made of: `inboundPlans` is `inbound plans`."""
    return " ".join(word if word.isupper() else word.lower() for word in _WORD.findall(name))


@cache
def _plans() -> UsagePlans:
    return UsagePlans.load()


@cache
def _rules() -> PagingRules:
    return PagingRules.load()
