"""By which road a run's orders come: the API's, a report for many partitions, or one by one.

The quicker road is computed from Amazon's usage plans, not configured; a run's tag can force one.
Here belong the choice, and what is built for it. What a road costs is said in `landing.costs`, what
it lands in `landing`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from asp_dagster import landing
from asp_dagster.catalog.bulk_orders import (
    API,
    REPORT,
    BulkOrders,
    BulkReport,
    bulk_orders,
    bulk_report,
)
from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.catalog.report_types import ReportType, ReportTypes
from asp_dagster.extractions import RunContext
from asp_dagster.landing import DataWindow

if TYPE_CHECKING:  # only a run pays for loading what asks Amazon for data
    from asp_dagster.landing import Costs, EndpointExtraction, Extraction, ReportExtraction

ROAD = "asp_dagster/road"
"""The tag of a run that forces a road: `api`, `report`, or for some orders `order_ids`."""

ORDER_IDS = "asp_dagster/order_ids"
"""The tag of a run that asks for some orders only, by their ids with commas between them."""

BY_ID = "order_ids"
"""The road of orders that are asked for by their ids, each by itself."""

_PER_DAY = "orders_per_day"
_PARTITIONS = {"hourly": 30 * 24, "daily": 30, "weekly": 4}


@dataclass(frozen=True)
class Choice:
    """The road of a run.

    Attributes:
        extraction: What lands it.
        metadata: What the materialization says of it.
    """

    extraction: "Extraction"
    metadata: Mapping[str, Any]


def backfill_policy(feed: Feed) -> dg.BackfillPolicy | None:
    """Return how a backfill is cut into runs: as many partitions in each as one report may hold.

    https://docs.dagster.io/guides/build/partitions-and-backfills/backfilling-data
    """
    if feed.backfill is None or feed.partitions is None:
        return None
    return dg.BackfillPolicy.multi_run(_PARTITIONS[feed.partitions.every])


def choose_road(
    feed: Feed,
    api: "Extraction",
    windows: Mapping[str, DataWindow | None],
    context: RunContext,
    now: datetime,
) -> Choice:
    """Return the road by which a run's windows are landed.

    Args:
        feed: The feed.
        api: The API's road, which every feed has.
        windows: What the run asks for.
        context: Dagster's.
        now: Up to when it asks for data.

    Raises:
        dg.Failure: When a tag forces a road that is none, or does not lead there.
    """
    orders, asked = bulk_orders(feed.source), _tag(context, ORDER_IDS)
    if orders is None or not isinstance(api, landing.EndpointExtraction):
        _refuse_tags(context)
        return Choice(api, {})
    dated = list(filter(None, windows.values()))
    bulk = _Bulk(api, orders, dated, _orders_per_day(context))
    if asked:
        return _by_id(feed, bulk, asked.split(","), context)
    if feed.backfill is None:
        _refuse_tags(context)
        return Choice(api, {})
    return _by_window(feed, bulk, context, now)


@dataclass(frozen=True)
class _Bulk:
    """The orders of a run.

    Attributes:
        api: The API's road to them.
        orders: Their version of the API.
        windows: The windows.
        per_day: How many a day are reckoned with.
    """

    api: "EndpointExtraction"
    orders: BulkOrders
    windows: Sequence[DataWindow]
    per_day: float

    @property
    def costs(self) -> "Costs":
        """What each road costs."""
        return landing.Costs.of(self.orders, self.api.client.usage_plans)

    def count(self, windows: Sequence[DataWindow]) -> float:
        """Return how many orders are reckoned with in some windows."""
        length = sum((window.end - window.start for window in windows), timedelta(0))
        return self.per_day * (length / timedelta(days=1))


def _by_window(feed: Feed, bulk: _Bulk, context: RunContext, now: datetime) -> Choice:
    """Return the road of a run's windows: the report's for the past ones, if that is quicker."""
    kind = bulk_report(bulk.api.spec)
    assert kind is not None  # noqa: S101 - a declaration that has none is refused at load
    known = ReportTypes.load().find(kind.report_type)
    hold_back = max(known.hold_back.of(None) or timedelta(0), feed.lookback)
    past = [window for window in bulk.windows if window.end <= now - hold_back]
    groups = landing.shared_reports(past)
    seconds = {
        API: bulk.costs.searching(len(past), bulk.count(past)) if past else 0.0,
        REPORT: bulk.costs.reporting(len(groups)),
    }
    forced = _tag(context, ROAD)
    _check_forced(forced, past, bulk.windows, hold_back)
    is_quicker = len(past) > 1 and seconds[REPORT] < seconds[API]
    if forced == API or not (is_quicker or forced == REPORT):
        return Choice(bulk.api, _metadata(API, seconds, 0))
    context.log.info(
        "%d of %d partitions come by %d reports, in about %.0f s; by the API they would take at"
        " least %.0f s, reckoned with %.0f orders a day.",
        len(past),
        len(bulk.windows),
        len(groups),
        seconds[REPORT],
        seconds[API],
        bulk.per_day,
    )
    report = _report(feed, bulk, kind, known, context)
    return Choice(
        landing.BulkExtraction(bulk.api, report, kind, groups),
        _metadata(REPORT, seconds, len(groups)),
    )


def _metadata(road: str, seconds: Mapping[str, float], reports: int) -> Mapping[str, Any]:
    return {
        "road": road,
        "reports_planned": reports,
        "quota_seconds_by_api": round(seconds[API], 1),
        "quota_seconds_by_report": round(seconds[REPORT], 1),
    }


def _report(
    feed: Feed,
    bulk: _Bulk,
    kind: BulkReport,
    known: ReportType,
    context: RunContext,
) -> "ReportExtraction":
    """Return what asks for the reports, of the marketplaces that the API would be asked for."""
    resources = context.resources
    wanted = bulk.api.spec.params.get(bulk.orders.marketplaces_param, "{marketplace_ids}")
    marketplace_ids = wanted if isinstance(wanted, str) else tuple(map(str, _list(wanted)))
    spec = ReportSpec(report_type=kind.report_type, marketplace_ids=marketplace_ids)
    return landing.ReportExtraction(
        bulk.api.client,
        spec,
        replace(feed, source=spec, raw_format="tsv", tables=(), backfill=None),
        resources.amazon.marketplaces_of(feed.account),
        resources.state.get_reports(),
        run_id=context.run.run_id,
        roles=known.roles,
    )


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]


def _by_id(feed: Feed, bulk: _Bulk, order_ids: Sequence[str], context: RunContext) -> Choice:
    """Return the road to orders that are known to have changed: one by one, if that is cheaper."""
    if len(bulk.windows) != 1 or feed.partitions is None:
        raise dg.Failure(
            f"A run with the tag {ORDER_IDS} lands its orders beside those of one partition: choose"
            " the latest, such as yesterday's.",
            allow_retries=False,
        )
    ids = [each for each in map(str.strip, order_ids) if each]
    count, forced = bulk.count(bulk.windows), _tag(context, ROAD)
    is_cheaper = bulk.costs.is_fetching_cheaper(len(ids), windows=1, orders=count)
    if forced == API or not (is_cheaper or forced == BY_ID):
        context.log.info("To search the partition is cheaper than to ask for %d orders.", len(ids))
        return Choice(bulk.api, {"road": API})
    name = _name_of_changed(context)
    extraction = landing.OrdersById(bulk.api.client, bulk.api.spec, bulk.orders, ids, name)
    return Choice(extraction, {"road": BY_ID, _PER_DAY: bulk.per_day})


def part_of(context: RunContext) -> str | None:
    """Return what a run's own file beside a partition's is called; none if it has none."""
    return _name_of_changed(context) if _tag(context, ORDER_IDS) else None


def _name_of_changed(context: RunContext) -> str:
    return f"changed-{context.run.run_id[:8]}"


def _check_forced(
    forced: str | None,
    past: Sequence[DataWindow],
    windows: Sequence[DataWindow],
    hold_back: timedelta,
) -> None:
    """Refuse a road that is none, and the report's where it does not lead yet."""
    if forced not in {None, API, REPORT}:
        raise dg.Failure(f"{ROAD} is {forced!r}; it can be api or report.", allow_retries=False)
    if forced == REPORT and len(past) < len(windows):
        raise dg.Failure(
            f"A report tells a partition's orders once it has been over for {hold_back}: leave the"
            f" latest out, or leave the tag {ROAD} out and let them come by the API.",
            allow_retries=False,
        )


def _refuse_tags(context: RunContext) -> None:
    """Refuse the tags where there are no roads to choose from."""
    for tag in (ROAD, ORDER_IDS):
        if _tag(context, tag):
            raise dg.Failure(
                f"The tag {tag} is for feeds of orders"
                f"{' with backfill: report' if tag == ROAD else ''}: leave it out.",
                allow_retries=False,
            )


def _tag(context: RunContext, name: str) -> str | None:
    return context.run.tags.get(name)


def _orders_per_day(context: RunContext) -> float:
    """Return how many orders a day the asset landed last; none if it never did.

    Then a search is reckoned with a page for each partition, the least that it takes. Runs of some
    orders only tell nothing of that, and hand on what was known before.
    """
    event = context.instance.get_latest_materialization_event(context.asset_key)
    found = event.asset_materialization.metadata if event and event.asset_materialization else {}
    values = {name: value.value for name, value in found.items()}
    if values.get("road") == BY_ID:
        return float(str(values.get(_PER_DAY, 0)))
    if not {"rows", "window_start", "window_end"} <= values.keys():
        return 0.0
    days = (float(str(values["window_end"])) - float(str(values["window_start"]))) / 86_400
    return float(str(values["rows"])) / days if days > 0 else 0.0
