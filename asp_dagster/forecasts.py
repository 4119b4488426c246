"""What runs of a feed are going to cost, told before there is a run. Amazon is not asked.

Here belong: which runs a stretch of time takes, and what stands in for one of them: its context,
and a client that sends nothing and so needs no credentials. The plan is made as every run makes its
own, in `roads` and `plans`.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import reduce
from operator import add
from types import SimpleNamespace
from typing import Any

import dagster as dg

from asp_dagster.catalog.declarations import DeclarationError
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Account, Feed
from asp_dagster.chosen_windows import ChosenWindow
from asp_dagster.extractions import extraction_of
from asp_dagster.incremental import next_window
from asp_dagster.located import LocatedFeed
from asp_dagster.partitions import partitions_definition, windows_between
from asp_dagster.plans import Plan, PlannedCalls, Windows, plan_of
from asp_dagster.resources import AmazonSPResource, StateResource
from asp_dagster.roads import ROAD, backfill_policy, choose_road
from asp_dagster.spapi import NORTH_AMERICA, Credentials, SellingPartnerClient, UsagePlans
from asp_dagster.windows import SNAPSHOT, progress_of, reaching_back

_LISTING = ("/reports/2021-06-30/reports", "/reports/2021-06-30/documents/1")


@dataclass(frozen=True)
class Stretch:
    """The days that are asked for.

    Attributes:
        first: The first day; without it, the last, or where the feed's cursor stands.
        last: The last day, which belongs to it; without it, the latest that is over.
    """

    first: date | None = None
    last: date | None = None

    def __bool__(self) -> bool:
        """Whether any day is named."""
        return bool(self.first or self.last)

    @property
    def chosen(self) -> ChosenWindow:
        """The same, of a feed without partitions."""
        first, last = (day.isoformat() if day else "" for day in (self.first, self.last))
        return ChosenWindow(first, last)


@dataclass(frozen=True)
class Forecast:
    """What the runs of a stretch of time are going to cost.

    Attributes:
        runs: The windows of each run, by name.
        plan: What they cost together.
        roads: By which roads they come: `api`, `report`, or both.
    """

    runs: Sequence[Windows]
    plan: Plan
    roads: Sequence[str]

    @property
    def windows(self) -> Sequence[str]:
        """The names of all windows, in order."""
        return [name for run in self.runs for name in run]


@dataclass(frozen=True)
class Forecaster:
    """Foretells the runs of a feed.

    Attributes:
        located: The feed.
        resources: Those of its code location: `amazon`, `state` and, for some, `warehouse`.
        instance: What knows of earlier runs.
        now: The time.
        road: The road that is forced, if one is.
    """

    located: LocatedFeed
    resources: Mapping[str, Any]
    instance: dg.DagsterInstance
    now: datetime
    road: str | None = None

    def runs(self, stretch: Stretch) -> Sequence[Windows]:
        """Return the windows of each run that a stretch of time takes.

        Raises:
            DeclarationError: When the feed has no such days.
            WindowError: When there is nothing to ask for yet.
        """
        feed = self.located.feed
        cut = partitions_definition(feed.partitions)
        if cut is None:
            return [self._undivided(stretch)]
        windows = windows_between(cut, stretch.first, stretch.last)
        if not windows:
            raise DeclarationError(
                f"{feed.full_name} has no partition then that is over: the first begins on"
                f" {cut.start:%Y-%m-%d}."
            )
        asked = list(reaching_back(feed, windows, self.now).items())
        size = partitions_per_run(feed)
        return [dict(asked[start : start + size]) for start in range(0, len(asked), size)]

    def forecast(self, runs: Sequence[Windows]) -> Forecast:
        """Return what some runs are going to cost.

        Raises:
            Failure: When the road that is forced does not lead there.
            WarehouseError: When a table that the feed takes values from is not there.
        """
        planned = list(map(self._planned, runs))
        plan = reduce(add, (plan for _, plan in planned))
        return Forecast(runs, plan, list(dict.fromkeys(road for road, _ in planned)))

    def _planned(self, windows: Windows) -> tuple[str, Plan]:
        if self.located.is_listed:
            return "listing", _plan_of_listing()
        feed, run = self.located.feed, self._run
        extraction = extraction_of(feed, run)
        choice = choose_road(feed, extraction, windows, run, self.now)
        plan = plan_of(choice.extraction, windows, run.asset_key, run.instance)
        by_itself = "api" if isinstance(feed.source, EndpointSpec) else "report"
        return choice.metadata.get("road", by_itself), plan

    def _undivided(self, stretch: Stretch) -> Windows:
        """Return the window of a feed without partitions."""
        feed, run = self.located.feed, self._run
        chosen = stretch.chosen
        if chosen:
            chosen.check(feed)
        progress = progress_of(feed, run)
        if progress is None:
            return {SNAPSHOT: None}
        assert isinstance(feed.source, EndpointSpec)  # noqa: S101 - only endpoints are incremental
        position = progress.position if self._state.is_there else progress.beginning
        if chosen:
            window = chosen.window(feed, feed.source, position, self.now)
        else:
            window = next_window(feed, feed.source, position, self.now)
        return {window.name: window}

    @property
    def _state(self) -> StateResource:
        state: StateResource = self.resources["state"]
        return state

    @property
    def _run(self) -> "_OutsideRun":
        resources = {**self.resources, "amazon": _Unconnected(self.resources["amazon"])}
        tags = {ROAD: self.road} if self.road else {}
        return _OutsideRun(
            self.located.key,
            self.instance,
            SimpleNamespace(**resources),
            dg.DagsterRun("forecast", tags=tags),
        )


def partitions_per_run(feed: Feed) -> int:
    """Return how many partitions a run takes at most, as a backfill in the UI cuts them."""
    policy = backfill_policy(feed)
    return (policy.max_partitions_per_run if policy else None) or 1


@dataclass(frozen=True)
class _OutsideRun:
    """What stands for the context of a run."""

    asset_key: dg.AssetKey
    instance: dg.DagsterInstance
    resources: Any
    run: dg.DagsterRun
    log: logging.Logger = field(default_factory=lambda: logging.getLogger(__name__))


@dataclass(frozen=True)
class _Unconnected:
    """What stands for the resource: its clients know the usage plans, and no credentials."""

    amazon: AmazonSPResource

    def get_client(self, account: Account, **_: bool) -> SellingPartnerClient:
        endpoint = account.endpoint or self.amazon.endpoint or NORTH_AMERICA.endpoint
        return SellingPartnerClient(Credentials("", "", ""), endpoint)

    def marketplaces_of(self, account: Account) -> Sequence[str]:
        return self.amazon.named_marketplaces(account)

    @property
    def seller_id(self) -> str:
        return self.amazon.seller_id or "unknown"


def _plan_of_listing() -> Plan:
    """Return what a look for reports costs; how many are new is not known before."""
    plans = UsagePlans.load()
    look, document = (plans.operation("GET", path) for path in _LISTING)
    calls = [
        PlannedCalls(look, 1, is_least=True),
        PlannedCalls(document, None, is_least=True),
    ]
    return Plan(1, calls)
