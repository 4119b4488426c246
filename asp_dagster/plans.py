"""What a run is going to cost, told before it asks Amazon for anything.

Here belongs: the estimate, from the windows of the run, the usage plans, and what the asset's last
materialization took. Amazon is not asked for it.

https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from asp_dagster.catalog.endpoints import ExtensionSpec
from asp_dagster.landing import (
    BulkExtraction,
    DataWindow,
    EndpointExtraction,
    Extraction,
    OrdersById,
)
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
    """

    operation: Operation
    calls: int | None

    @property
    def hours(self) -> float:
        """How long Amazon's usage plan lets them take, from a full bucket on."""
        beyond = max(0, (self.calls or 0) - self.operation.burst)
        return beyond / self.operation.rate / 3600

    def __str__(self) -> str:
        """Say it: `about 60 calls of getOrders (0.7 h)`."""
        if self.calls is None:
            return f"{self.operation.name} not known yet"
        return f"{self.operation.name} {self.calls} calls ({self.hours:.1f} h)"


@dataclass(frozen=True)
class Plan:
    """What a run is going to cost.

    Attributes:
        windows: How many windows it asks for.
        calls: The calls of each operation.
        is_lower_bound: Whether nothing is known of earlier runs: then each request is counted once,
            whatever its pages.
    """

    windows: int
    calls: Sequence[PlannedCalls]
    is_lower_bound: bool

    @property
    def hours(self) -> float:
        """How long it takes: operations have a quota each, and wait at the same time."""
        return max((each.hours for each in self.calls), default=0.0)

    def __str__(self) -> str:
        """Say it in one line."""
        bound = "at least" if self.is_lower_bound else "about"
        calls = ", ".join(map(str, self.calls))
        windows = "1 window" if self.windows == 1 else f"{self.windows} windows"
        return f"{windows}, {bound} {self.hours:.1f} h at Amazon's pace: {calls}"

    def metadata(self) -> Mapping[str, Any]:
        """Return what a materialization keeps of it."""
        calls = {each.operation.name: each.calls for each in self.calls}
        plan = {"windows": self.windows, "calls": calls, "is_lower_bound": self.is_lower_bound}
        return {"plan": dg.MetadataValue.json(plan), "planned_hours": round(self.hours, 2)}


def plan_of(
    extraction: Extraction, windows: Windows, key: dg.AssetKey, instance: dg.DagsterInstance
) -> Plan:
    """Return what a run is going to cost."""
    operations = {each.name: each for each in _operations(extraction)}
    known = _calls_per_window(key, instance)
    # What another road took says nothing of this one.
    if known is None or next(iter(operations)) not in known:
        first = _requests(extraction, windows)
        calls = [
            PlannedCalls(operation, first if number == 0 else None)
            for number, operation in enumerate(operations.values())
        ]
        return Plan(len(windows), calls, is_lower_bound=True)
    calls = [
        PlannedCalls(operation, round(known.get(name, 0) * len(windows)))
        for name, operation in operations.items()
    ]
    return Plan(len(windows), calls, is_lower_bound=False)


def _operations(extraction: Extraction) -> Iterator[Operation]:
    """Yield the operations of a run: the one of its list, or the one that asks for a report."""
    plans = extraction.client.usage_plans
    if not isinstance(extraction, EndpointExtraction | OrdersById):
        yield plans.operation("POST", "/reports/2021-06-30/reports")
        return
    if isinstance(extraction, OrdersById):
        yield plans.operation("GET", extraction.orders.order_path.format("1"))
    else:
        yield plans.operation(extraction.spec.method, extraction.spec.path)
    for extension in _all(extraction.spec.extend_resources):
        yield plans.operation("GET", extension.path)


def _all(extensions: Sequence[ExtensionSpec]) -> Iterator[ExtensionSpec]:
    for each in extensions:
        yield each
        yield from _all(each.extend_resources)


def _requests(extraction: Extraction, windows: Windows) -> int:
    """Count the requests that the windows begin with."""
    match extraction:
        case EndpointExtraction():
            return len(extraction.rounds(list(windows.values())))
        case BulkExtraction():
            return len(extraction.groups)
        case OrdersById():
            return len(extraction.order_ids)
    return sum(len(list(extraction.files(window))) for window in windows.values())


def _calls_per_window(key: dg.AssetKey, instance: dg.DagsterInstance) -> Mapping[str, float] | None:
    """Return the calls that a window took the last time, if all of them were made then."""
    found = instance.fetch_materializations(key, limit=_LOOKED_BACK)
    for record in found.records:
        told = record.asset_materialization.metadata if record.asset_materialization else {}
        values: dict[str, Any] = {name: entry.value for name, entry in told.items()}
        if "plan" in values and not values["rows_resumed"]:
            windows: int = values["plan"]["windows"]
            return {name: count / windows for name, count in values["calls_by_operation"].items()}
    return None
