"""A report's way to its raw file as one run goes it: for tests that let runs follow each other."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asp_dagster.catalog.feeds import Feed, ReportSpec
from asp_dagster.landing import DataWindow, Landed, ReportExtraction
from asp_dagster.landing.report_memory import ReportMemory
from asp_dagster.simulator import Partner, Simulator
from asp_dagster.spapi import Clock, Credentials, SellingPartnerClient

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = DataWindow(UNTIL - timedelta(days=1), UNTIL)
BEFORE = DataWindow(UNTIL - timedelta(days=2), DAY.start)
REPORT_TYPE = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
US = "ATVPDKIKX0DER"


def small_seller(**settings: Any) -> Simulator:
    """Return a small selling partner, not running yet; its reports are made at once."""
    partner = Partner.generate(seed=11, orders=60, until=UNTIL, days=2)
    return Simulator(partner, **{"speed": 1e6, "report_seconds": 0.0, **settings})


@dataclass(frozen=True)
class Runs:
    """Runs that share a memory.

    Attributes:
        amazon: Whom they ask.
        memory: What they remember of reports.
    """

    amazon: Simulator
    memory: ReportMemory

    def land(
        self,
        window: DataWindow = DAY,
        *,
        clock: Clock | None = None,
        options: Mapping[str, str] | None = None,
        **settings: Any,
    ) -> Landed:
        """Land the report of a window, as a run of its own."""
        spec = ReportSpec(report_type=REPORT_TYPE, report_options=dict(options or {}))
        feed = Feed(name="raw_all_orders", group="reports", source=spec, raw_format="tsv")
        with self.client(clock) as client:
            extraction = ReportExtraction(client, spec, feed, [US], self.memory, **settings)
            [file] = extraction.files(window)
            landed = file.write(io.BytesIO())
            file.landed(landed)
        return landed

    def client(self, clock: Clock | None = None) -> SellingPartnerClient:
        """Return a client of the selling partner."""
        amazon = self.amazon
        credentials = Credentials(amazon.client_id, amazon.client_secret, amazon.refresh_token)
        return SellingPartnerClient(credentials, amazon.url, lwa_url=amazon.lwa_url, clock=clock)
