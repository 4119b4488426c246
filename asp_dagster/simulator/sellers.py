"""Sellers API v1: getMarketplaceParticipations.

Here belongs: where the partner sells.

https://developer-docs.amazon.com/sp-api/docs/sellers-api-v1-reference
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from asp_dagster.simulator.marketplaces import Marketplace
from asp_dagster.simulator.operations import Operation, OperationRequest, UsagePlan
from asp_dagster.simulator.parameters import read_parameters
from asp_dagster.simulator.partner import Partner
from asp_dagster.simulator.wire import Answer, ok

_PATH = "/sellers/v1/marketplaceParticipations"


@dataclass(frozen=True)
class Sellers:
    """The operation over one partner.

    Attributes:
        partner: Whose marketplaces they are.
    """

    partner: Partner

    def operations(self) -> Iterator[Operation]:
        """Yield the operation."""
        plan = UsagePlan(0.016, 15)
        yield Operation("getMarketplaceParticipations", "GET", _PATH, plan, self.participations)

    def participations(self, request: OperationRequest) -> Answer:
        """Return the marketplaces the partner sells in."""
        read_parameters(request.query, {})
        return ok({"payload": [_participation(each) for each in self.partner.marketplaces]})


def _participation(marketplace: Marketplace) -> dict[str, Any]:
    return {
        "marketplace": {
            "id": marketplace.marketplace_id,
            "name": marketplace.name,
            "countryCode": marketplace.country_code,
            "defaultCurrencyCode": marketplace.currency,
            "defaultLanguageCode": marketplace.language,
            "domainName": f"www.{marketplace.domain}",
        },
        "storeName": "Simulated Store",
        "participation": {"isParticipating": True, "hasSuspendedListings": False},
    }
