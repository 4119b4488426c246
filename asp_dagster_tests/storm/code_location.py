"""The real code location, with time that leaps and all data below a folder."""

from pathlib import Path

import dagster as dg

from asp_dagster.assets import RAW_IO_MANAGER
from asp_dagster.catalog.feeds import Account
from asp_dagster.components import AmazonSPApi
from asp_dagster.definitions import build_definitions
from asp_dagster.io_managers import RawFileIOManager
from asp_dagster.resources import AmazonSPResource, StateResource, WarehouseResource
from asp_dagster.simulator import Simulator
from asp_dagster.spapi import Clock, Credentials, InProcessQuota, SellingPartnerClient, UsagePlans
from asp_dagster.state import SharedQuota
from asp_dagster_tests.declaring import definitions_of

READY_FEEDS = ("fba_inventory", "outbound_orders", "vendor_direct_fulfillment_orders")
"""What runs beside the default feeds."""


def code_location(amazon: Simulator, clock: Clock, folder: Path, *ready: str) -> dg.Definitions:
    """Return the default feeds and ready ones, with a client that lives in the clock's time."""
    leaping = InProcessQuota(clock)
    credentials = Credentials(amazon.client_id, amazon.client_secret, amazon.refresh_token)

    class Leaping(AmazonSPResource):
        def _build_client(
            self,
            account: Account,  # noqa: ARG002 - there is one
            plans: UsagePlans,
            quota: SharedQuota,  # noqa: ARG002 - time leaps in ours
        ) -> SellingPartnerClient:
            return SellingPartnerClient(
                credentials,
                amazon.url,
                lwa_url=amazon.lwa_url,
                quota=leaping,
                clock=clock,
                usage_plans=plans,
            )

    resources = {
        "amazon": Leaping(
            endpoint=amazon.url,
            marketplace_ids=",".join(each.marketplace_id for each in amazon.partner.marketplaces),
        ),
        RAW_IO_MANAGER: RawFileIOManager(base_path=str(folder / "raw")),
        "warehouse": WarehouseResource(url=f"duckdb:///{folder / 'warehouse.duckdb'}"),
        "state": StateResource(url=f"sqlite:///{folder / 'state.db'}"),
    }
    feeds = [definitions_of(AmazonSPApi, {"feed": name, "pii": "include"}) for name in ready]
    return dg.Definitions.merge(build_definitions(resources), *feeds)
