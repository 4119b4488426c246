"""Examines the way to one selling partner's data.

Here belong: the looks at settings, token, marketplaces, roles and clock. A vendor is never asked
for what only sellers have: whoever loads vendors' data and nothing of sellers' is one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Account, Feed
from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.doctor.findings import Finding, Status
from asp_dagster.doctor.requests import HarmlessRequest, requests_of
from asp_dagster.landing import LandingError
from asp_dagster.resources import AmazonSPResource
from asp_dagster.spapi import (
    AccessDeniedError,
    NotFoundError,
    RequestError,
    RetryPolicy,
    SellingPartnerClient,
    SellingPartnerError,
    ThrottledError,
    region_of,
)
from asp_dagster.spapi.records import value_at
from asp_dagster.state import StateError

PARTICIPATIONS = "/sellers/v1/marketplaceParticipations"

# Amazon refuses an end of a window that is nearer than two minutes, and runs keep three.
_MOST_AHEAD = timedelta(seconds=60)
_TROUBLE = (SellingPartnerError, LandingError, StateError)
_OF_BOTH = ("/catalog/", "/definitions/", "/listings/", "/dataKiosk/", "/reports/", "/tokens/")


@dataclass(frozen=True)
class SellingPartner:
    """One selling partner, as the feeds and the settings describe it.

    Attributes:
        account: The account.
        feeds: Its feeds.
        amazon: The way to Amazon.
    """

    account: Account
    feeds: Sequence[Feed]
    amazon: AmazonSPResource

    def findings(self) -> Iterator[Finding]:
        """Yield what is found; without a token, nothing more is asked."""
        found = partial(Finding, account=self.account.name or "")
        try:
            client = self.amazon.get_client(self.account)
            client.retry = RetryPolicy(max_attempts=1)
            marketplace_ids = self._marketplace_ids()
        except _TROUBLE as error:
            yield found("settings", "failed", str(error))
            return
        yield found("settings", "ok", self._endpoint())
        try:
            client.log_in()
        except _TROUBLE as error:
            yield found("token", "failed", str(error))
            for check in ("marketplaces", "roles", "clock"):
                yield found(check, "skipped", "there is no token to ask with")
            return
        yield found("token", "ok", "Login with Amazon gave an access token")
        yield self._participations(client, marketplace_ids)
        yield from self._roles(client)
        yield self._clock(client)

    @property
    def is_vendor(self) -> bool:
        """Whether its feeds are of vendors' data, and none of sellers'."""
        audiences = set(map(_audience, self.feeds))
        return "vendor" in audiences and "seller" not in audiences

    def _marketplace_ids(self) -> Sequence[str]:
        """Return those of all feeds; without any feed, those of the settings."""
        asking = [feed.account for feed in self.feeds if feed.asks_for_marketplaces]
        accounts = asking if self.feeds else [self.account]
        ids = (each for account in accounts for each in self.amazon.marketplaces_of(account))
        return list(dict.fromkeys(ids))

    def _endpoint(self) -> str:
        endpoint = self.account.endpoint or self.amazon.endpoint or ""
        region = region_of(endpoint)
        return f"{endpoint} is {f'the {region.name} region' if region else 'no host of Amazon'}"

    def _participations(
        self, client: SellingPartnerClient, marketplace_ids: Sequence[str]
    ) -> Finding:
        found = partial(Finding, "marketplaces", account=self.account.name or "")
        if self.is_vendor:
            return found("skipped", "only sellers can be asked where they sell")
        try:
            body = client.request("GET", PARTICIPATIONS).body
        except AccessDeniedError as error:
            return found("warning", f"it cannot be told where the partner sells: {error}")
        except _TROUBLE as error:
            return found("failed", str(error))
        return found(*_compared(_participating(body), marketplace_ids))

    def _roles(self, client: SellingPartnerClient) -> Iterator[Finding]:
        found = partial(Finding, account=self.account.name or "")
        try:
            wanted = list(requests_of(self.feeds, self.amazon, client.clock.now()))
        except _TROUBLE as error:
            yield found("roles", "failed", str(error))
            return
        for each in wanted:
            if isinstance(each, str):
                yield found("role", "skipped", each)
            elif each.path != PARTICIPATIONS or self.is_vendor:
                yield self._role(client, each)

    def _role(self, client: SellingPartnerClient, asked: HarmlessRequest) -> Finding:
        found = partial(Finding, f"role of {asked.api}", account=self.account.name or "")
        try:
            client.request(asked.method, asked.path, params=asked.params, body=asked.body)
        except NotFoundError:
            return found("ok", f"there ({asked.shows})")
        except (RequestError, ThrottledError) as error:
            return found("warning", f"there, but the request was not answered: {error}")
        except _TROUBLE as error:
            return found("failed", str(error))
        return found("ok", f"there ({asked.shows})")

    def _clock(self, client: SellingPartnerClient) -> Finding:
        found = partial(Finding, "clock", account=self.account.name or "")
        ahead = client.clock_ahead
        if ahead is None:
            return found("skipped", "no answer of Amazon's told its time")
        told = (
            f"{abs(ahead.total_seconds()):.0f} s {'ahead of' if ahead > timedelta(0) else 'behind'}"
        )
        if abs(ahead) > _MOST_AHEAD:
            return found(
                "failed",
                f"this machine's clock is {told} Amazon's: let NTP set it (timedatectl set-ntp"
                " true), or windows are cut at the wrong times and signatures are refused",
            )
        return found("ok", f"{told} Amazon's")


def _participating(body: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the marketplaces the partner takes part in: the ids, and their countries."""
    payload = body.get("payload")
    entries = payload if isinstance(payload, list) else []
    return {
        str(value_at(entry, "marketplace.id")): str(value_at(entry, "marketplace.countryCode"))
        for entry in entries
        if value_at(entry, "participation.isParticipating")
    }


def _compared(there: Mapping[str, str], marketplace_ids: Sequence[str]) -> tuple[Status, str]:
    shown = ", ".join(f"{each} ({country})" for each, country in sorted(there.items())) or "none"
    if missing := [each for each in marketplace_ids if each not in there]:
        says = (
            f"the partner does not take part in {', '.join(missing)}, but in {shown}: correct"
            " ASP_MARKETPLACE_IDS or the feed's marketplaces, or the endpoint"
        )
        return "failed", says
    others = ", ".join(sorted(set(there) - set(marketplace_ids)))
    more = f"; not configured: {others}" if others else ""
    return "ok", f"the partner takes part in {', '.join(marketplace_ids) or shown}{more}"


def _audience(feed: Feed) -> str:
    """Tell whose data a feed loads: a seller's, a vendor's, or what both have."""
    source = feed.source
    if not isinstance(source, EndpointSpec):
        known = ReportTypes.load().find(source.report_type)
        return known.audience if known.is_known else "both"
    if "/vendor/" in source.path:
        return "vendor"
    return "both" if source.path.startswith(_OF_BOTH) else "seller"
