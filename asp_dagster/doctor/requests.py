"""The one harmless request for each API that feeds use.

Here belongs: choosing and building it. A role is seen by asking once for what a feed will ask for,
of its last hour; nothing is paged, written, or kept.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from asp_dagster.catalog.endpoints import EndpointSpec, ExtensionSpec
from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.landing import SETTLING_TIME, DataWindow
from asp_dagster.landing.placeholders import Placeholders
from asp_dagster.resources import AmazonSPResource
from asp_dagster.spapi import UsagePlans
from asp_dagster.spapi.wire import timestamp

REPORTS = "/reports/2021-06-30/reports"

# Amazon's limit of the parameter reportTypes.
_MOST_TYPES = 10
_LOOK = timedelta(hours=1)


@dataclass(frozen=True)
class HarmlessRequest:
    """A request that shows whether the application has the role.

    Attributes:
        api: Amazon's name of the API's model: `orders_2026-01-01`.
        shows: What feeds will do by it.
        method: The HTTP method.
        path: The concrete path.
        params: Query parameters.
        body: The JSON body.
    """

    api: str
    shows: str
    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


def requests_of(
    feeds: Sequence[Feed], amazon: AmazonSPResource, now: datetime
) -> Iterator[HarmlessRequest | str]:
    """Yield a request for each API of the feeds; for one that cannot be asked, a sentence why.

    Raises:
        SettingError: When a request needs a setting that is missing.
        ConfigurationError: When the marketplaces cannot be meant.
    """
    plans = UsagePlans.load()
    latest = (now - SETTLING_TIME).replace(microsecond=0)
    window = DataWindow(latest - _LOOK, latest)
    by_api: dict[str, tuple[Feed, EndpointSpec]] = {}
    for feed in feeds:
        if isinstance(feed.source, EndpointSpec):
            api = _api(plans, feed.source.method, feed.source.path)
            by_api.setdefault(api, (feed, feed.source))
    for api, (feed, spec) in by_api.items():
        yield _first_request(api, spec, _placeholders(feed, amazon, window), window)
    for path in dict.fromkeys(_extension_paths(feed.source for feed in feeds)):
        if (api := _api(plans, "GET", path)) not in by_api:
            yield f"{api} is asked for single ids ({path}): its role shows in a run only"
    yield from _listing(feeds)


def _placeholders(feed: Feed, amazon: AmazonSPResource, window: DataWindow) -> Placeholders:
    ids = amazon.marketplaces_of(feed.account) if feed.asks_for_marketplaces else ()
    seller_id = feed.account.seller_id or amazon.seller_id
    return Placeholders(window, ids, seller_id, ids[0] if ids else None)


def _first_request(
    api: str, spec: EndpointSpec, placeholders: Placeholders, window: DataWindow
) -> HarmlessRequest | str:
    if spec.values_from:
        table = spec.values_from.table
        return f"{api} is asked for values of the table {table}: its role shows in a run only"
    bounds = {
        spec.updated_at_param: timestamp(window.start),
        spec.updated_before_param: timestamp(window.last_instant),
    }
    named = {name: moment for name, moment in bounds.items() if name}
    return HarmlessRequest(
        api=api,
        shows=spec.path,
        method=spec.method,
        path=placeholders.fill_path(spec.path),
        params={**placeholders.fill(spec.params), **named},
        body=placeholders.fill(spec.body),
    )


def _extension_paths(
    specs: Iterable[EndpointSpec | ReportSpec | ExtensionSpec],
) -> Iterator[str]:
    for spec in specs:
        if not isinstance(spec, ReportSpec):
            yield from (each.path for each in spec.extend_resources)
            yield from _extension_paths(spec.extend_resources)


def _listing(feeds: Sequence[Feed]) -> Iterator[HarmlessRequest]:
    """Yield the request that lists reports of the feeds' types: it needs their roles."""
    types = sorted(
        {feed.source.report_type for feed in feeds if isinstance(feed.source, ReportSpec)}
    )
    some = types[:_MOST_TYPES]
    if some:
        rest = f" and {len(types) - len(some)} more" if len(types) > len(some) else ""
        yield HarmlessRequest(
            api="reports_2021-06-30",
            shows=f"{', '.join(some)}{rest}",
            method="GET",
            path=REPORTS,
            params={"reportTypes": some, "pageSize": 10},
        )


def _api(plans: UsagePlans, method: str, path: str) -> str:
    """Return the API that a path belongs to; one without a model stands for itself."""
    return plans.operation(method, path.replace("{}", "x")).model or path
