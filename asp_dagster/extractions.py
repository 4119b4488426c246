"""What a feed's run asks of its context, and the extraction that it lands by.

Here belong: the way from a feed to what asks Amazon for it, with the resources of the run. Which
road its orders take is decided in `roads`, what is extracted in `landing`.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import dagster as dg

from asp_dagster import landing
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.report_types import ReportTypes
from asp_dagster.resources import WarehouseResource
from asp_dagster.warehouse import WarehouseError

if TYPE_CHECKING:  # only a run pays for loading what asks Amazon for data
    from asp_dagster.landing import Extraction


class RunContext(Protocol):
    """What is asked of a run. Dagster's context has it; what is planned outside a run, ours."""

    @property
    def asset_key(self) -> dg.AssetKey:
        """The raw asset."""
        ...

    @property
    def instance(self) -> dg.DagsterInstance:
        """What knows of earlier runs."""
        ...

    @property
    def resources(self) -> Any:
        """The resources, by their keys."""
        ...

    @property
    def run(self) -> dg.DagsterRun:
        """The run, with its id and its tags."""
        ...

    @property
    def log(self) -> logging.Logger:
        """The run's log."""
        ...


def extraction_of(
    feed: Feed, context: RunContext, *, max_wait: timedelta | None = None
) -> "Extraction":
    """Return what lands a feed by the API, or by its report.

    Args:
        feed: The feed, as it is to be landed.
        context: The run.
        max_wait: The longest that a request waits for quota; by default as it is set.

    Raises:
        SellingPartnerError: When a setting is missing.
        WarehouseError: When there are no values yet of the table that a feed takes them from.
    """
    resources, source = context.resources, feed.source
    amazon = resources.amazon
    has_personal_data = feed.pii == "include"
    client = amazon.get_client(feed.account, personal_data=has_personal_data, max_wait=max_wait)
    marketplace_ids = amazon.marketplaces_of(feed.account) if feed.asks_for_marketplaces else ()
    if not isinstance(source, EndpointSpec):
        known = ReportTypes.load().find(source.report_type)
        return landing.ReportExtraction(
            client,
            source,
            feed,
            marketplace_ids,
            resources.state.get_reports(),
            cool_down=known.cool_down or timedelta(0),
            reuse_age=feed.reuse_age,
            run_id=context.run.run_id,
            is_restricted=known.restricted == "yes",
            roles=known.roles,
        )
    values = _values(feed, source, resources) if source.values_from else ()
    seller_id = feed.account.seller_id or amazon.seller_id
    return landing.EndpointExtraction(client, source, marketplace_ids, seller_id, values)


def _values(feed: Feed, source: EndpointSpec, resources: Any) -> Sequence[str]:
    warehouse: WarehouseResource = resources.warehouse
    assert source.values_from is not None  # noqa: S101 - the caller has looked
    schema = feed.table_schema or warehouse.schema_name
    asked = source.values_from
    try:
        return warehouse.values(schema, asked.table, asked.column, feed.row_account)
    except WarehouseError as error:
        raise type(error)(
            f"{feed.name} asks for the values of {asked.table}.{asked.column}, which cannot be"
            f" read: load {asked.table} first. {error}"
        ) from error
