"""The component of an operation's records.

Here belongs: `AmazonSPApi`.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field

from asp_dagster import keys
from asp_dagster.catalog.bulk_orders import Backfill
from asp_dagster.catalog.endpoints import EndpointSpec
from asp_dagster.catalog.feeds import Feed
from asp_dagster.catalog.operations import Operations, counterpart
from asp_dagster.components.declared_feeds import TableComponent
from asp_dagster.components.ready_keys import with_ready_feed


class AmazonSPApi(TableComponent):
    """Lands the records of any list operation of the Selling Partner API, and loads them."""

    feed: str | None = Field(
        default=None,
        description="A ready feed, by name: `asp feeds` lists them. Keys that"
        " stand beside it go before the ready feed's.",
    )
    path: str = Field(description="Any path of any API: /orders/v0/orders")
    results_key: str | None = Field(
        default=None,
        description="Where the records are: Orders means payload.Orders or Orders, a dotted path"
        " is taken literally. Without it, where Amazon's table says.",
    )
    params: keys.Params = Field(default_factory=dict)
    updated_at_param: str | None = Field(
        default=None,
        description="The parameter that receives the last run's time, or the partition's start.",
    )
    updated_before_param: str | None = Field(
        default=None,
        description="The parameter that receives the window's end. Without it, the counterpart of"
        " updated_at_param, found in Amazon's models.",
    )
    lookback: keys.Lookback = timedelta(0)
    backfill: Backfill | None = Field(
        default=None,
        description="report: several partitions of the past at once come from the all-orders"
        " report, where that is quicker. For the orders of v2026-01-01 and v0 only.",
    )
    notifications: bool | None = Field(
        default=None,
        description="Whether the sensor of notifications fetches orders that have changed: true for"
        " the orders of v2026-01-01 or v0 by last update, false for none. Without it, those of"
        " v2026-01-01 in partitions are.",
    )
    extend_resources: keys.Extensions = ()
    method: Literal["GET", "POST"] = Field(
        default="GET", description="POST for a search that wants a body."
    )
    body: keys.Body = None
    paging: keys.Paging = None
    values_from: keys.Values = None
    reuse_extensions: bool | None = Field(
        default=None,
        description="Whether the extensions of a record that has not changed since it was last"
        " extended are taken from the earlier raw file. By default only order items are, which do"
        " not change with an order that does not.",
    )

    @classmethod
    def _completed(cls, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put the keys of a ready feed behind those that are written."""
        of_tables = {"tables", "columns"} if attributes.get("table") is False else {"tables"}
        return with_ready_feed(attributes, "AmazonSPApi", nested="params", of_tables=of_tables)

    def declared(self, default_name: str = "") -> Feed:
        """Return the declared endpoint and its tables."""
        source = EndpointSpec(
            path=self.path,
            results_key=self.results_key,
            params=self.params,
            updated_at_param=self.updated_at_param or None,  # Mitto writes keys without a value
            updated_before_param=self.updated_before_param or self._counterpart(),
            record_config=self.record_config,
            extend_resources=self.extend_resources,
            method=self.method,
            body=self.body,
            paging=self.paging,
            values_from=self.values_from,
            reuse_extensions=self.reuse_extensions,
        )
        common = self._with_tables(default_name)
        return Feed(
            source=source,
            raw_format="jsonl",
            lookback=self.lookback,
            backfill=self.backfill,
            notifications=self.notifications,
            **common,
        )

    def _counterpart(self) -> str | None:
        """Return the parameter for the window's end that Amazon's models have."""
        operation = Operations.load().find(self.method, self.path)
        if operation is None or not self.updated_at_param:
            return None
        return counterpart(self.updated_at_param, operation)
