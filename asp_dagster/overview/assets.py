"""The asset `sales_overview`: materializing it draws the picture anew.

Here belong the asset, its job, and what its materialization reports. Amazon is not asked.

https://docs.dagster.io/guides/build/assets/defining-assets
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from asp_dagster.failures import clear_failures
from asp_dagster.io_managers import RawFileIOManager
from asp_dagster.pools import warehouse_pool
from asp_dagster.resources import WarehouseResource
from asp_dagster.spapi import SystemClock

if TYPE_CHECKING:  # only who draws pays for loading matplotlib and the warehouse
    from asp_dagster.landing import RawStore
    from asp_dagster.overview.figures import Overview

OVERVIEW = "sales_overview"
OVERVIEW_FILES = "overview_files"
"""The key of the resource that says where pictures and page are kept."""

_DESCRIPTION = (
    "Orders, units and sales by day and marketplace, the last days against those before, and the"
    " products that sold best: as a picture (PNG and SVG) and as an HTML page. From the warehouse"
    " alone; see docs/overview.md."
)


class OverviewConfig(dg.Config):
    """What is compared."""

    days: int = Field(
        default=30,
        ge=1,
        le=366,
        description="How many days that are over are shown, against as many before them.",
    )
    last_day: str | None = Field(
        default=None,
        description="The last day that is shown, 2026-11-30; without it, yesterday in each"
        " marketplace.",
    )


def build_overview() -> dg.Definitions:
    """Return the asset of the picture with its job."""
    asset = _build_asset()
    job = dg.define_asset_job(
        f"{OVERVIEW}_job", selection=dg.AssetSelection.assets(asset), description=_DESCRIPTION
    )
    return dg.Definitions(assets=[asset], jobs=[job])


def _build_asset() -> dg.AssetsDefinition:
    @dg.asset(
        name=OVERVIEW,
        deps=["orders", "order_items"],
        group_name="overview",
        description=_DESCRIPTION,
        kinds={"matplotlib", "dashboard"},
        required_resource_keys={"warehouse", OVERVIEW_FILES},
        pool=warehouse_pool(),
    )
    def sales_overview(
        context: dg.AssetExecutionContext, config: OverviewConfig
    ) -> dg.MaterializeResult[None]:
        last = _day(config.last_day)
        with clear_failures():
            overview = _read(context.resources.warehouse, config.days, last)
            files: RawFileIOManager = getattr(context.resources, OVERVIEW_FILES)
            metadata = _written(overview, files.get_store())
        context.log.info(overview.sentence)
        return dg.MaterializeResult(metadata={**_numbers(overview), **metadata})

    return sales_overview


def _read(warehouse: WarehouseResource, count: int, last: date | None) -> "Overview":
    # Imported here: it loads the warehouse.
    from asp_dagster.overview.queries import read_overview  # noqa: PLC0415

    return read_overview(
        warehouse.get_warehouse(),
        schema=warehouse.schema_name,
        now=SystemClock().now(),
        count=count,
        last=last,
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise dg.Failure(
            f"last_day is {text!r}, which is no date; write it as 2026-11-30.", allow_retries=False
        ) from None


def _written(overview: "Overview", store: "RawStore") -> Mapping[str, dg.MetadataValue]:
    """Write the picture and the page, each in the place of the one before."""
    from asp_dagster.overview import drawing  # noqa: PLC0415 - it loads matplotlib
    from asp_dagster.overview.page import html_page, markdown  # noqa: PLC0415 - only here

    png, svg = drawing.png(overview), drawing.svg(overview)
    page = html_page(overview, svg).encode()
    for ending, content in (("png", png), ("svg", svg), ("html", page)):
        with store.writing(f"{OVERVIEW}.{ending}") as sink:
            sink.write(content)
    return {
        "page": dg.MetadataValue.path(store.location(f"{OVERVIEW}.html")),
        "picture": dg.MetadataValue.md(markdown(overview, png)),
    }


def _numbers(overview: "Overview") -> dict[str, int | float]:
    """Count what is shown, as numbers that the UI plots."""
    before = {f"{name}_before": number for name, number in overview.totals("before").items()}
    marketplaces = {each.marketplace for each in overview.sales}
    return {"marketplaces": len(marketplaces), **overview.totals("recent"), **before}
