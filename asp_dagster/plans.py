"""What a run is going to cost, told before it asks Amazon for anything.

Here belongs: the estimate, from the windows of the run, the usage plans, and what the asset's last
materialization took. Amazon is not asked for it.

https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import dagster as dg

from asp_dagster import landing
from asp_dagster.catalog.endpoints import ExtensionSpec
from asp_dagster.landing import DataWindow
from asp_dagster.landing.costs import seconds_at_least

if TYPE_CHECKING:  # only a run pays for loading what asks Amazon for data
    from asp_dagster.landing import EndpointExtraction, Extraction
    from asp_dagster.spapi import Operation


Windows = Mapping[str, DataWindow | None]

_LOOKED_BACK = 5
"""So many materializations are looked through for one that shows what a window costs."""


@dataclass(frozen=True)
class PlannedCalls:
    """The calls of one operation.

    Attributes:
        operation: The operation, with its usage plan.
        calls: How many; none if that cannot be known before.
        is_least: Whether they may be many more.
    """

    operation: "Operation"
    calls: int | None
    is_least: bool = False

    @property
    def hours(self) -> float:
        """How long Amazon's usage plan lets them take, from a full bucket on."""
        return seconds_at_least(self.calls or 0, self.operation) / 3600

    def with_more_than(self, other: "PlannedCalls | None") -> "PlannedCalls":
        """Return these calls and others of the same operation."""
        if other is None:
            return self
        known = [count for count in (self.calls, other.calls) if count is not None]
        is_least = self.is_least or other.is_least
        return PlannedCalls(self.operation, sum(known) if known else None, is_least=is_least)

    def __str__(self) -> str:
        """Say it: `getOrders 60 calls (0.7 h)`."""
        if self.calls is None:
            return f"{self.operation.name} not known yet"
        return f"{self.operation.name} {self.calls} calls ({self.hours:.1f} h)"


@dataclass(frozen=True)
class Plan:
    """What a run is going to cost.

    Attributes:
        windows: How many windows it asks for.
        calls: The calls of each operation.
    """

    windows: int
    calls: Sequence[PlannedCalls]

    @property
    def is_least(self) -> bool:
        """Whether it may cost much more: nothing is known of earlier runs."""
        return any(each.is_least for each in self.calls)

    @property
    def hours(self) -> float:
        """How long it takes: operations have a quota each, and wait at the same time."""
        return max((each.hours for each in self.calls), default=0.0)

    def __add__(self, other: Self) -> "Plan":
        """Return what both cost together: they draw on the same quota."""
        calls: dict[Operation, PlannedCalls] = {}
        for each in [*self.calls, *other.calls]:
            calls[each.operation] = each.with_more_than(calls.get(each.operation))
        return Plan(self.windows + other.windows, list(calls.values()))

    def __str__(self) -> str:
        """Say it in one line."""
        bound = "at least" if self.is_least else "about"
        calls = ", ".join(map(str, self.calls))
        windows = "1 window" if self.windows == 1 else f"{self.windows} windows"
        return f"{windows}, {bound} {self.hours:.1f} h at Amazon's pace: {calls}"

    def metadata(self) -> Mapping[str, Any]:
        """Return what a materialization keeps of it."""
        calls = {each.operation.name: each.calls for each in self.calls}
        plan = {"windows": self.windows, "calls": calls, "is_least": self.is_least}
        return {"plan": dg.MetadataValue.json(plan), "planned_hours": round(self.hours, 2)}


def plan_of(
    extraction: "Extraction", windows: Windows, key: dg.AssetKey, instance: dg.DagsterInstance
) -> Plan:
    """Return what a run is going to cost."""
    calls = list(_calls(extraction, list(windows.values()), _calls_per_window(key, instance)))
    return Plan(len(windows), calls)


def _calls(
    extraction: "Extraction", windows: Sequence[DataWindow | None], known: Mapping[str, float]
) -> Iterator[PlannedCalls]:
    """Yield the calls by which some windows are landed.

    Args:
        extraction: What lands them.
        windows: The windows.
        known: How many calls of each operation a window took before; empty if that is not known.
    """
    plans = extraction.client.usage_plans
    create = plans.operation("POST", "/reports/2021-06-30/reports")
    if isinstance(extraction, landing.BulkExtraction):
        by_report = {window for group in extraction.groups for window in group}
        yield PlannedCalls(create, len(extraction.groups))
        others = [window for window in windows if window not in by_report]
        yield from _calls(extraction.api, others, known)
    elif isinstance(extraction, landing.OrdersById):
        one_order = plans.operation("GET", extraction.orders.order_path.format("1"))
        yield PlannedCalls(one_order, len(extraction.order_ids))
    elif isinstance(extraction, landing.EndpointExtraction):
        yield from _calls_of_list(extraction, windows, known)
    else:
        yield PlannedCalls(create, sum(1 for each in windows for _ in extraction.files(each)))


def _calls_of_list(
    extraction: "EndpointExtraction",
    windows: Sequence[DataWindow | None],
    known: Mapping[str, float],
) -> Iterator[PlannedCalls]:
    """Yield the calls of a list and its extensions: at least one a round where nothing is known."""
    spec, plans = extraction.spec, extraction.client.usage_plans
    listing = plans.operation(spec.method, spec.path)
    is_known = listing.name in known
    rounds = len(extraction.rounds(windows))
    calls = round(known[listing.name] * len(windows)) if is_known else rounds
    if windows:
        yield PlannedCalls(listing, calls, is_least=not is_known)
    for extension in _all(spec.extend_resources) if windows else ():
        operation = plans.operation("GET", extension.path)
        calls_of_it = round(known.get(operation.name, 0) * len(windows))
        yield PlannedCalls(operation, calls_of_it if is_known else None, is_least=not is_known)


def _all(extensions: Sequence[ExtensionSpec]) -> Iterator[ExtensionSpec]:
    for each in extensions:
        yield each
        yield from _all(each.extend_resources)


def _calls_per_window(key: dg.AssetKey, instance: dg.DagsterInstance) -> Mapping[str, float]:
    """Return the calls that a window took the last time, if all were made then, and by the API."""
    found = instance.fetch_materializations(key, limit=_LOOKED_BACK)
    for record in found.records:
        told = record.asset_materialization.metadata if record.asset_materialization else {}
        values: dict[str, Any] = {name: entry.value for name, entry in told.items()}
        is_partial = values.get("rows_resumed") or values.get("reports_planned")
        if "plan" in values and not is_partial:
            windows: int = values["plan"]["windows"]
            return {name: count / windows for name, count in values["calls_by_operation"].items()}
    return {}
